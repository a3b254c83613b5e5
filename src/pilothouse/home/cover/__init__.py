"""The cover: one front page that leads to the reports in a folder."""

from pilothouse.home.cover.page import Bound, bind

__all__ = ["Bound", "bind"]
