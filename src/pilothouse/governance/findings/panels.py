"""What a device's page says of the findings about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from pilothouse.core.permissions import Viewer
from pilothouse.equipment.models import Redirect
from pilothouse.equipment.ports import Knot, Moment, PanelBlock
from pilothouse.governance.findings.lines import RELATED, Line, line_of, sure
from pilothouse.governance.findings.owners import catch_up
from pilothouse.governance.findings.seeing import seen_q
from pilothouse.governance.models import Finding, FindingEver

MOST: Final = 50


class FindingPanel:
    """Findings whose subject is the device, or one that was merged into it."""

    def panels(self, viewer: Viewer, equipment_id: int, as_of_revision: int | None) -> list[PanelBlock]:
        """Open ones with owner and clock; none when there is none. Two queries, three with the check whether owners are of today."""
        now = timezone.now()
        if as_of_revision is None:
            catch_up(now)
            found = Finding.objects.filter(_about(viewer, equipment_id))
        else:
            found = FindingEver.objects.filter(
                _about(viewer, equipment_id), since__lte=as_of_revision, until__gt=as_of_revision
            )
        lines = _lines(found.exclude(state="resolved"), viewer)
        if not lines:
            return []
        return [
            PanelBlock("Findings", "governance/finding/panel.html", {"lines": lines}, knots=_knots(lines))
        ]

    def timeline(self, viewer: Viewer, equipment_id: int) -> list[Moment]:
        """When each was opened and resolved."""
        rows = (
            Finding.objects.filter(_about(viewer, equipment_id))
            .order_by("-opened_at", "-id")
            .values_list("pk", "title", "state", "opened_at", "closed_at")
        )
        told = []
        for number, title, state, opened_at, closed_at in rows[:MOST]:
            url = f"/findings/{number}/"
            told.append(Moment(sure(opened_at), f"Found: {title}", url, "owner"))
            if state == "resolved":
                told.append(Moment(sure(closed_at), f"Resolved: {title}", url))
        return sorted(told, key=lambda moment: moment.at, reverse=True)


def _knots(lines: Sequence[Line]) -> tuple[Knot, ...]:
    """The most urgent finding, and who owns it."""
    first = lines[0]
    told = first.number if len(lines) == 1 else f"{len(lines)} open"
    return (Knot("finding", told, first.url), Knot("owner", first.owner, first.url, "now"))


def _about(viewer: Viewer, equipment_id: int) -> Q:
    merged = Redirect.objects.filter(new=equipment_id).values("old")
    this = Q(subject=equipment_id) | Q(subject__in=merged)
    return seen_q(viewer) & Q(subject_kind="equipment") & this


def _lines(found: QuerySet[Any], viewer: Viewer) -> list[Line]:
    """`Any`: findings as they stand, or as they were."""
    now = timezone.now()
    return [
        line_of(row, viewer, now) for row in found.select_related(*RELATED).order_by("due_at", "id")[:MOST]
    ]
