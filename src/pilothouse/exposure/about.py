"""Exposure's part of a finding's page: what the advisory is, which devices of the finding's facility it means, where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse

from pilothouse.core import words
from pilothouse.core.permissions import Viewer
from pilothouse.exposure.models import Advisory
from pilothouse.exposure.reads.advisories import epss_words, kinds_here, may_look, units_here
from pilothouse.governance.ports import Block, Subject

MOST_KINDS: Final = 15
MOST_UNITS: Final = 8
WIDEST: Final = 160


class About:
    """Three queries for a page, and none for whom advisories are not."""

    kinds = frozenset({"exposure", "advisory"})

    def subject(self, viewer: Viewer, kind: str, number: int) -> Subject | None:
        """The advisory that a finding is about."""
        if kind != "advisory" or not may_look(viewer):
            return None
        one = Advisory.objects.filter(pk=number).first()
        if one is None:
            return None
        score = f"{one.severity.capitalize()}, CVSS {one.score / 10:.1f}" if one.score else words.UNKNOWN
        facts = (("Severity", score), ("Known exploited", "yes" if one.kev else "not in KEV"), ("Publisher", one.publisher))  # fmt: skip
        return Subject(f"{one.tracking} {one.title}", reverse("advisory_page", args=[number]), facts)

    def blocks(self, viewer: Viewer, finding_kind: str, subject: int, detail: Mapping[str, Any]) -> Sequence[Block]:  # fmt: skip
        """Devices by version and reason, and by unit. `Any`: JSON."""
        facility = detail.get("facility")
        if finding_kind != "exposure" or not isinstance(facility, int) or not may_look(viewer):
            return []
        kinds, counts = kinds_here(viewer, subject, facility)
        units = units_here(viewer, subject, facility) if facility else []
        context = {
            "said": _sentence(counts, str(detail.get("epss", ""))),
            "kinds": kinds[:MOST_KINDS],
            "more": max(0, len(kinds) - MOST_KINDS),
            "url": reverse("advisory_devices", args=[subject]),
        }
        found = [Block("Devices here", "exposure/finding_devices.html", context)]
        if units:
            shown, most = units[:MOST_UNITS], units[0][1]
            drawn = [(name, n, round(WIDEST * n / most)) for name, n in shown]
            others = sum(n for _, n in units[MOST_UNITS:])
            found.append(Block("Where they are", "exposure/finding_places.html", {"places": drawn, "others": others}))  # fmt: skip
        return found


def _sentence(counts: Mapping[str, int], epss: str) -> str:
    told = [f"{words.count(counts[status])} {said}" for status, said in (("affected", "affected"), ("possible", "may be"), ("not_affected", "named and not affected")) if counts[status]]  # fmt: skip
    return f"{', '.join(told) or 'None that you may see'}. Probability of exploitation within 30 days: {epss_words(epss)}"
