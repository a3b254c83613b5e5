"""The edges of the room: lists of options, uses and limits, each with its fields and its checks."""
