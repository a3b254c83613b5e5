"""Findings in the search over everything, and their numbers in the navigation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import Q

from pilothouse.core.permissions import Viewer
from pilothouse.core.ports import Hit
from pilothouse.governance.findings.reads import counts, visible
from pilothouse.governance.findings.rows import stored
from pilothouse.governance.findings.seeing import may_act, may_see
from pilothouse.governance.models import Finding

_NUMBER: Final = re.compile(r"f-?(\d{1,15})", re.IGNORECASE)
MOST_WORDS: Final = 6


class FindingFinder:
    """Finds by number (F-12), else by words of the title; what is open stands first."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """One query; what the viewer may not see is not found."""
        found = visible(viewer).select_related("owner").order_by("closed_at", "due_at", "id")
        number = _NUMBER.fullmatch(text.strip())
        if number is not None:
            found = found.filter(pk=int(number[1]))
        else:
            fits = Q()
            for word in text.split()[:MOST_WORDS]:
                fits &= Q(title__icontains=word.replace("\0", ""))
            if not fits:
                return []
            found = found.filter(fits)
        rows = found.only("id", "title", "state", "owner__name", "owner__key")[:most]
        return [Hit("Findings", one.title, _detail(one), f"/findings/{one.pk}/") for one in rows]


def _detail(one: Finding) -> str:
    state = "resolved" if one.state == "resolved" else f"waits for {one.owner}"
    return f"F-{one.pk}, {state}"


class FindingCounter:
    """How many findings are open, and how many of them are the viewer's own."""

    def waiting(self, viewer: Viewer) -> Mapping[str, int]:
        """One query over indexes."""
        return counts(viewer)


class FindingSubjects:
    """Findings as what files are put to: for who sees them; put by who may work on them."""

    kind = "finding"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """As on its page."""
        found = stored("id = %s", [number])
        return bool(found) and may_see(viewer, found[0].row)

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Who owns it, or may work there."""
        found = stored("id = %s", [number])
        if not found or not may_see(viewer, found[0].row):
            return False
        return may_act(viewer, found[0].row, "work_findings")

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Titles and pages: one query."""
        rows = Finding.objects.filter(pk__in=list(numbers)).values_list("id", "title")
        return {number: (title, f"/findings/{number}/") for number, title in rows}
