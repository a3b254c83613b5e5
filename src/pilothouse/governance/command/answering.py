"""The chain of command's answers to the ports: a person's positions, search over positions, what `position:12` stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from pilothouse.core.keeping import among
from pilothouse.core.permissions import Viewer
from pilothouse.core.ports import Hit, PersonBlock
from pilothouse.governance import models as m
from pilothouse.governance.command.actions import may_edit_person
from pilothouse.governance.command.seeing import seen_sql
from pilothouse.governance.loading import chain_zone, lines_of
from pilothouse.governance.ports import Block, Subject
from pilothouse.kernel.times import ALWAYS, OPEN, as_datetime, as_instant

MOST = 30


class PersonPanel:
    """On a person's page: the positions they are in and when they are away."""

    def blocks(self, viewer: Viewer, person: int) -> list[PersonBlock]:
        """Nothing for who may not see the chain, or where there is nothing to say."""
        now = timezone.now()
        if not viewer.may_somewhere("see_chain"):
            return []
        may_say = may_edit_person(viewer, person, now)
        posts, away = _posts(viewer, person, now), _absences(person, now)
        if not (posts or away or may_say):
            return []
        context = {
            "posts": posts,
            "away": away,
            "may_say": may_say,
            "url": reverse("person_away", args=[person]),
        }
        return [PersonBlock("In the chain of command", "governance/person_block.html", context)]


def _posts(viewer: Viewer, person: int, at: datetime) -> list[dict[str, Any]]:
    """`Any`: what the template takes."""
    now = as_instant(at)
    found = lines_of(
        f"""SELECT p.id, p.title, p.key, a.kind, a.start, a."end" FROM governance_appointment a JOIN governance_position p ON p.id = a.position_id
        WHERE a.person_id = %s AND a."end" > %s AND {seen_sql(viewer)} ORDER BY a.kind DESC, p.title LIMIT {MOST}""",
        [person, now],
    )
    zone = chain_zone()
    return [
        {
            "title": title or key,
            "url": reverse("position_page", args=[position]),
            "kind": kind,
            "start": as_datetime(start, zone) if start > now else None,
            "end": None if end == OPEN else as_datetime(end, zone),
        }
        for position, title, key, kind, start, end in found
    ]


def _absences(person: int, at: datetime) -> list[dict[str, Any]]:
    """Now and to come. `Any`: what the template takes."""
    zone = chain_zone()
    rows = m.Absence.objects.filter(person=person, end__gt=as_instant(at)).order_by("start")[:MOST]
    return [
        {
            "start": None if row.start == ALWAYS else as_datetime(row.start, zone),
            "end": None if row.end == OPEN else as_datetime(row.end, zone),
            "url": reverse("chain_end", args=["absence", row.pk]),
        }
        for row in rows
    ]


class Finder:
    """Positions by title or key."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """One query, over some thousands of rows at most; titles that begin with the text first."""
        typed = text.replace("\0", "").strip().lower()
        if len(typed) < 2 or not viewer.may_somewhere("see_chain"):
            return []
        like = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found = lines_of(
            f"""SELECT p.id, p.title, p.key, h.name FROM governance_position p
            LEFT JOIN governance_appointment a ON a.position_id = p.id AND a.kind = 'holder' AND a.start <= %s AND a."end" > %s
            LEFT JOIN core_person h ON h.id = a.person_id
            WHERE (LOWER(p.title) LIKE %s ESCAPE '\\' OR LOWER(p.key) LIKE %s ESCAPE '\\') AND {seen_sql(viewer)}
            ORDER BY CASE WHEN LOWER(p.title) LIKE %s ESCAPE '\\' THEN 0 ELSE 1 END, p.title, p.id LIMIT %s""",
            [*[as_instant(timezone.now())] * 2, like, like, like[1:], most],
        )
        return [
            Hit("Positions", title or key, name or "empty", reverse("position_page", args=[position]))
            for position, title, key, name in found
        ]


class Positions:
    """What `position:12` stands for in the audit log, at attachments and at findings."""

    kind = "position"
    kinds = frozenset({"position"})

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """Whether the viewer sees the position."""
        return bool(_seen(viewer, [number]))

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Whether the viewer may edit the chain there."""
        found = _seen(viewer, [number])
        scope = viewer.scope("edit_chain")
        return any(
            scope.holds(facility=facility or above, unit=unit) for _, _, _, facility, unit, above in found
        )

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Title and address of each."""
        one, ids = among(list(numbers))
        found = lines_of(f"SELECT id, title, key FROM governance_position WHERE id {one}", [ids])
        return {
            number: (title or key, reverse("position_page", args=[number])) for number, title, key in found
        }

    def subject(self, viewer: Viewer, kind: str, number: int) -> Subject | None:
        """The position a finding is about."""
        found = _seen(viewer, [number]) if kind == self.kind else []
        if not found:
            return None
        _, title, key, *_ = found[0]
        return Subject(title or key, reverse("position_page", args=[number]), [("Key", key)])

    def blocks(
        self, viewer: Viewer, finding_kind: str, subject: int, detail: Mapping[str, Any]
    ) -> Sequence[Block]:
        """Nothing: the position's own page shows it. `Any`: JSON."""
        return ()


def _seen(viewer: Viewer, numbers: list[int]) -> list[Any]:  # Any: lines of an answer
    if not viewer.may_somewhere("see_chain"):
        return []
    one, ids = among(numbers)
    return lines_of(
        f"SELECT p.id, p.title, p.key, p.facility_id, p.unit_id, u.facility_id FROM governance_position p LEFT JOIN core_unit u ON u.id = p.unit_id WHERE p.id {one} AND {seen_sql(viewer)}",
        [ids],
    )
