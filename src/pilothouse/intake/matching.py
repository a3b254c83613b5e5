"""The whole register asked again: which devices may be one. Joins nothing by itself; a person is asked."""

from __future__ import annotations

from datetime import datetime

from pilothouse.core.permissions import Viewer, need
from pilothouse.intake import joining
from pilothouse.kernel.progress import SILENT, Progress


def match(*, by: Viewer, at: datetime, progress: Progress = SILENT) -> int:
    """Keep every pair of devices that the linker would join, or doubts, and about which nobody has decided; how many are new."""
    need(by, "review_links")
    return joining.note_pairs(joining.pairs_of_register(progress), None, at)
