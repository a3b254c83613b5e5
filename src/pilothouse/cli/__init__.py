"""The command line: thin front doors over the engines, plain files in and plain files out."""
