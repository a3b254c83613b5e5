"""The board paper: one page from a master plan."""
