"""Composes the rooms: the whole run on files, and its report."""
