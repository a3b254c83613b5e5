"""How many pairs wait, for the navigation."""

from __future__ import annotations

from collections.abc import Mapping

from pilothouse.core.permissions import Viewer
from pilothouse.intake import reviewing

MOST = 1_000
"""Counted up to here: a number in the navigation costs the same however many wait."""


class Counter:
    """The room's number."""

    def waiting(self, viewer: Viewer) -> Mapping[str, int]:
        """By the name of the page. One query."""
        if not viewer.may_somewhere("review_links"):
            return {}
        return {"review": len(reviewing.open_pairs(viewer).values_list("pk", flat=True).order_by()[:MOST])}
