"""The edges of the room: lists of receipts, offers, demand and counts, each with its fields and its checks."""
