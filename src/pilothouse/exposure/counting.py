"""Exposure's number in the navigation: names that wait for a decision."""

from __future__ import annotations

from collections.abc import Mapping

from pilothouse.core.permissions import Viewer
from pilothouse.exposure.reads.names import undecided


class Counter:
    """One query, and none for those who are not asked."""

    def waiting(self, viewer: Viewer) -> Mapping[str, int]:
        """By the name of a page's address."""
        return {"name_list": undecided().count()} if viewer.may("confirm_names") else {}
