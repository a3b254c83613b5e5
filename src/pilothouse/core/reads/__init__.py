"""What core reads for its pages: `viewer` first, what is hidden is not found."""
