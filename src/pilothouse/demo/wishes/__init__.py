"""A wish list for the demo hospitals: what could be done with each group of devices, in which year, within which limits."""
