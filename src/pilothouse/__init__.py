"""Pilothouse: the room from which a hospital steers its medical equipment."""

__version__ = "0.1.0"
