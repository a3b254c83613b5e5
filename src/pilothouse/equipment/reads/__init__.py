"""What the pages of the register read; every read takes the viewer first."""
