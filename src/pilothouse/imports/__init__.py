"""A source, its mapping of columns to fields, and the contracts of the files we read and write."""
