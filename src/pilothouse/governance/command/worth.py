"""What of the chain is worth a look, as a list for people and as findings for the house.

The whole chain is read and judged by the same pure rules as files are: 0.1 s for the demo's, 7 s for 20,000 positions with 200,000
shifts; so it is a page of its own and a job. Source: docs/domains/governance.md, "What is worth a finding".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from pilothouse.core.models import Facility, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.governance.chain import Chain
from pilothouse.governance.check import findings, meeting_point
from pilothouse.governance.clocks import Severity as SeverityWord
from pilothouse.governance.command.validity import in_words
from pilothouse.governance.findings import Found
from pilothouse.governance.recorded import Whole, whole
from pilothouse.governance.words import SYSTEM, BeforeTheFirstHelm, Issue, Place
from pilothouse.kernel.times import OPEN, as_datetime

KINDS: Final[Mapping[str, tuple[str, SeverityWord, str]]] = {
    "no_holder": ("Positions with no holder", "medium", "access"),
    "no_deputy": ("Positions without a deputy", "low", "access"),
    "unreachable": ("People who cannot be reached", "high", "access"),
    "left_appointed": ("People who left and are still appointed", "high", "access"),
    "many_positions": ("People with more than three positions", "low", "access"),
    "scope_too_small": ("Mandates wider than their position", "medium", "access"),
    "appointment_ends": ("Appointments that end soon with nobody after them", "medium", "access"),
    "delegation_ends": ("Delegations that end soon with nobody after them", "low", "access"),
    "roster_ends": ("Rosters that run out", "high", "access"),
    "helm_only": ("Units for which everything ends at the helm", "medium", "inventory"),
}
"""Code of the check to its heading, severity and topic."""
_TABLE: Final = {
    "no_holder": "positions", "no_deputy": "positions", "unreachable": "people", "left_appointed": "people", "many_positions": "people",
    "scope_too_small": "mandates", "appointment_ends": "appointments", "delegation_ends": "delegations", "roster_ends": "roster",
    "helm_only": "units",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worth:
    """One thing worth a look: what is so, where it is looked at, and as a finding."""

    code: str
    text: str
    url: str
    found: Found


@dataclass(frozen=True, slots=True)
class Looked:
    """All of it by heading, and where HTM and IT meet."""

    groups: tuple[tuple[str, SeverityWord, tuple[Worth, ...]], ...]
    total: int
    meet: str
    chain: bool = True


def worth_a_look(viewer: Viewer, at: datetime, revision: int | None = None) -> Looked:
    """What the viewer sees of it, by heading."""
    all_of_it = whole(revision)
    if not any(position.helm for position in all_of_it.rows.positions):
        return Looked((), 0, "", chain=False)
    chain = Chain(all_of_it.rows)
    scope = viewer.scope("see_chain")
    every = [one for one in _judged(all_of_it, chain, at) if scope.everywhere or _within(viewer, one.found)]
    groups = []
    for code, (heading, severity, _) in KINDS.items():
        if these := tuple(one for one in every if one.code == code):
            groups.append((heading, severity, these))
    meet = meeting_point(chain, at)
    return Looked(tuple(groups), len(every), meet.text if meet else "")


def _within(viewer: Viewer, found: Found) -> bool:
    return viewer.scope("see_chain").holds(facility=found.facility, unit=found.unit)


def found_now(at: datetime) -> list[Found]:
    """All of it as findings; none where there is no chain."""
    all_of_it = whole()
    if not any(position.helm for position in all_of_it.rows.positions):
        return []
    return [one.found for one in _judged(all_of_it, Chain(all_of_it.rows), at)]


def _judged(all_of_it: Whole, chain: Chain, at: datetime) -> Iterator[Worth]:
    try:
        issues = findings(chain, at)
    except BeforeTheFirstHelm:
        return
    issues += _left(all_of_it, chain, at)
    places = _Places()
    for issue in issues:
        if issue.row is not None:
            yield _worth(all_of_it, chain, issue, issue.row, places)


def _left(all_of_it: Whole, chain: Chain, at: datetime) -> list[Issue]:
    """Whoever is marked as having left and still stands in the chain: files cannot say so."""
    from pilothouse.kernel.times import as_instant

    now = as_instant(at)
    left = {p.id: p for p, record in zip(all_of_it.rows.people, all_of_it.ids["people"], strict=True) if record in all_of_it.left}  # fmt: skip
    posts: dict[str, list[str]] = {}
    for a in all_of_it.rows.appointments:
        if a.person in left and a.start <= now < a.end:
            posts.setdefault(a.person, []).append(a.position)
    return [
        Issue("finding", "left_appointed", "people", left[who].row, f"{left[who].name or who} left and is still in {', '.join(sorted(held))}")
        for who, held in posts.items()
    ]  # fmt: skip


class _Places:
    """Ids of places by key; read when first asked."""

    def __init__(self) -> None:
        self.facilities = dict(Facility.objects.values_list("key", "id"))
        self.units = {
            key: (unit, facility)
            for key, unit, facility in Unit.objects.values_list("key", "id", "facility_id")
        }

    def ids(self, place: Place) -> tuple[int | None, int | None]:
        """Facility and unit of a scope; of a unit both."""
        if place.kind == "unit":
            unit, facility = self.units[place.id or ""]
            return facility, unit
        return (self.facilities[place.id or ""], None) if place.kind == "facility" else (None, None)


def _worth(all_of_it: Whole, chain: Chain, issue: Issue, row: int, places: _Places) -> Worth:
    kind = _TABLE[issue.code]
    rows: Any = (
        all_of_it.rows.shifts if kind == "roster" else getattr(all_of_it.rows, kind)
    )  # Any: rows of the kind
    one = rows[row - 1]
    record = all_of_it.id_of(kind, row)
    position = one.id if kind == "positions" else getattr(one, "position", None)
    subject, url, scope = f"{kind}:{record}", reverse("chain_page"), SYSTEM
    if position is not None:
        number = all_of_it.id_of("positions", chain.positions[position].row)
        subject, url, scope = (
            f"position:{number}",
            reverse("position_page", args=[number]),
            chain.positions[position].scope,
        )
    elif kind == "people":
        subject, url, scope = (
            f"person:{record}",
            reverse("person_page", args=[record]),
            _post_of(chain, one.id),
        )
    elif kind == "units":
        subject, scope = f"unit:{record}", Place("unit", one.id)
    _, severity, topic = KINDS[issue.code]
    facility, unit = places.ids(scope)
    ends = getattr(one, "end", OPEN) if issue.code.endswith("_ends") else OPEN
    text = _named(in_words(issue), chain, one, position)
    found = Found(
        kind=f"chain:{issue.code}",
        key=f"{kind}:{record}",
        title=text,
        subject=subject,
        topic=topic,
        facility=facility,
        unit=unit,
        severity=severity,
        due_at=None if ends == OPEN else as_datetime(ends, chain.zone),
        detail={"code": issue.code},
    )
    return Worth(issue.code, text, url, found)


def _named(text: str, chain: Chain, one: Any, position: str | None) -> str:
    """The words of the check with titles and names beside ids. `Any`: a row of the chain."""
    person = chain.people.get(getattr(one, "person", ""))
    for key, name in (
        (position, chain.positions[position].title if position else None),
        (person and person.id, person and person.name),
    ):
        found = re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text) if key and name else None
        if found and name and name not in text:
            text = text[: found.start()] + name + text[found.end() :]
    return text[:1].upper() + text[1:]


def _post_of(chain: Chain, person: str) -> Place:
    """The scope of the first position a person is appointed to: there their trouble belongs."""
    return next(
        (chain.positions[a.position].scope for a in chain.rows.appointments if a.person == person), SYSTEM
    )
