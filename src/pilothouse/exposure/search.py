"""Exposure's part of the search over everything: advisories by number, CVE, title, maker or product."""

from __future__ import annotations

from django.urls import reverse

from pilothouse.core import words
from pilothouse.core.permissions import Viewer
from pilothouse.core.ports import Hit
from pilothouse.exposure.reads.advisories import advisories, may_look
from pilothouse.kernel.text import fold


class Finder:
    """Every word must fit, in the advisory's numbers as typed or in its words as they are folded."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """One query; those that touch the viewer's devices first."""
        typed = text.lower().split()[:8]
        if not typed or not may_look(viewer) or max(map(len, typed)) < 3:
            return []
        rows = advisories(viewer)
        for word in typed:
            rows = rows.filter(search__contains=word) if "-" in word else rows.filter(search__contains=fold(word) or word)  # fmt: skip
        found = rows.order_by("-affected", "-possible", "-released", "id")[:most]
        return [
            Hit("Advisories", row.tracking, _detail(row.title, row.affected, row.possible), reverse("advisory_page", args=[row.pk]))
            for row in found
        ]  # fmt: skip


def _detail(title: str, affected: int, possible: int) -> str:
    if affected:
        return f"{title}, {words.counted(affected, 'device')} affected"
    return f"{title}, {words.counted(possible, 'device')} may be affected" if possible else title
