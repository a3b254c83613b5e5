"""What of a valid chain is worth a look, judged at one moment: pure rules.

Source: docs/domains/governance.md, "What is worth a finding".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from pilothouse.governance.chain import NOTHING, Chain
from pilothouse.governance.check.validity import shown
from pilothouse.governance.rules import helm_holder, who
from pilothouse.governance.words import (
    SYSTEM,
    TOPICS,
    Appointment,
    Delegation,
    Issue,
    Person,
    Place,
    Position,
)
from pilothouse.kernel.times import DAY, OPEN, Instant, as_datetime, as_instant

TEST_MAX_AGE = 90 * DAY
MOST_POSITIONS = 3
SUCCESSION_NOTICE = 30 * DAY
ROSTER_NOTICE = 7 * DAY
HTM_TOPIC, IT_TOPIC = "maintenance", "cybersecurity"

Temporary = TypeVar("Temporary", Appointment, Delegation)


def findings(chain: Chain, at: datetime) -> list[Issue]:
    """Everything worth a look at the moment `at`; raises BeforeTheFirstHelm before anyone held the helm."""
    instant = as_instant(at)
    helm_holder(chain, instant)
    return [
        *_positions(chain, instant),
        *_people(chain, instant),
        *_mandates(chain, instant),
        *_endings(chain, instant),
        *_rosters(chain, instant),
        *_units(chain, at),
    ]


def _finding(chain: Chain, code: str, file: str, row: int, text: str) -> Issue:
    return Issue("finding", code, chain.rows.file(file), row, text)


def _existing(chain: Chain, at: Instant) -> Iterator[Position]:
    return (position for position in chain.rows.positions if position.start <= at < position.end)


def _appointed(chain: Chain, at: Instant) -> Iterator[Appointment]:
    """The appointments valid at the instant, to positions that exist then."""
    existing = {position.id for position in _existing(chain, at)}
    return (a for a in chain.rows.appointments if a.start <= at < a.end and a.position in existing)


def _positions(chain: Chain, at: Instant) -> Iterator[Issue]:
    """Positions with no holder, and those that answer for something without a deputy."""
    held = {a.position for a in _appointed(chain, at) if a.kind == "holder"}
    deputised = {a.position for a in _appointed(chain, at) if a.kind == "deputy"}
    mandates = Counter(m.position for m in chain.rows.mandates if m.start <= at < m.end)
    for position in _existing(chain, at):
        if position.id not in held:
            yield _finding(chain, "no_holder", "positions", position.row, f"{position.id} has no holder")
        if mandates[position.id] and position.id not in deputised:
            count = "a mandate" if mandates[position.id] == 1 else f"{mandates[position.id]} mandates"
            text = f"{position.id} answers for {count} and has no deputy"
            yield _finding(chain, "no_deputy", "positions", position.row, text)


def _people(chain: Chain, at: Instant) -> Iterator[Issue]:
    """People in a position who cannot be reached, and people with too many positions."""
    held: defaultdict[str, set[str]] = defaultdict(set)
    for appointment in _appointed(chain, at):
        held[appointment.person].add(appointment.position)
    for person in chain.rows.people:
        if person.id not in held:
            continue
        if trouble := _unreachable(chain, person, at):
            text = f"{person.name or person.id} is in {_listed(held[person.id])} and {trouble}"
            yield _finding(chain, "unreachable", "people", person.row, text)
        if len(held[person.id]) > MOST_POSITIONS:
            text = f"{person.name or person.id} is in {len(held[person.id])} positions: {_listed(held[person.id])}"
            yield _finding(chain, "many_positions", "people", person.row, text)


def _listed(positions: set[str]) -> str:
    return ", ".join(sorted(positions))


def _unreachable(chain: Chain, person: Person, at: Instant) -> str | None:
    """Why a person counts as not reachable; None if they do not. A test later than the moment is not known yet."""
    if not (person.email or person.phone):
        return "has neither an email nor a phone on file"
    tested = person.tested_on
    if tested is not None and tested > at:
        return None
    if person.test_ok is False:
        return "did not answer when last tested"
    if tested is not None and at - tested > TEST_MAX_AGE:
        return f"was last tested on {as_datetime(tested, chain.zone).date()}, more than 90 days ago"
    return None


def _mandates(chain: Chain, at: Instant) -> Iterator[Issue]:
    """Mandates whose position's scope does not contain the mandate's."""
    for mandate in chain.rows.mandates:
        scope = chain.positions[mandate.position].scope
        if mandate.start <= at < mandate.end and scope not in chain.scopes(mandate.scope):
            text = (
                f"{mandate.topic} in {_where(mandate.scope)} is answered by {mandate.position}, whose scope is "
                f"only {_where(scope)}"
            )
            yield _finding(chain, "scope_too_small", "mandates", mandate.row, text)


def _where(place: Place) -> str:
    return f"{place.kind} {place.id}" if place.id else "the system"


def _endings(chain: Chain, at: Instant) -> Iterator[Issue]:
    """Appointments and delegations that end soon with nobody after them."""
    for a in _ending(
        list(_appointed(chain, at)), chain.rows.appointments, at, lambda a: (a.position, a.kind)
    ):
        text = f"{a.person} is {a.kind} of {a.position} until {shown(a.end, chain.rows)}, and nobody follows"
        yield _finding(chain, "appointment_ends", "appointments", a.row, text)
    valid = [d for d in chain.rows.delegations if d.start <= at < d.end]
    for d in _ending(valid, chain.rows.delegations, at, lambda d: (d.position, d.topic)):
        text = f"{d.position} has handed {d.topic} to {d.person} until {shown(d.end, chain.rows)}, and nobody follows"
        yield _finding(chain, "delegation_ends", "delegations", d.row, text)


def _ending(
    valid: list[Temporary],
    every: tuple[Temporary, ...],
    at: Instant,
    key: Callable[[Temporary], tuple[str, str]],
) -> Iterator[Temporary]:
    """Those of `valid` that end within the notice while no other row of their key is valid at their end."""
    soon = [row for row in valid if row.end <= at + SUCCESSION_NOTICE]
    keys = {key(row) for row in soon}
    others: defaultdict[tuple[str, str], list[Temporary]] = defaultdict(list)
    for row in every:
        if key(row) in keys:
            others[key(row)].append(row)
    for row in soon:
        if not any(other.start <= row.end < other.end for other in others[key(row)]):
            yield row


def _rosters(chain: Chain, at: Instant) -> Iterator[Issue]:
    """Rosters (the shifts of one position) that run out soon, or have run out."""
    for position in _existing(chain, at):
        shifts = chain.shifts.get(position.id)
        if shifts is None:
            continue
        last = max(shifts, key=lambda shift: (shift.end, shift.row))
        if last.end != OPEN and last.end <= at + ROSTER_NOTICE:
            verb = "ends" if last.end > at else "has ended"
            text = f"the roster of {position.id} {verb} at {shown(last.end, chain.rows)}"
            yield _finding(chain, "roster_ends", "roster", last.row, text)


def _units(chain: Chain, at: datetime) -> Iterator[Issue]:
    """Units for which every topic ends at the helm."""
    instant = as_instant(at)
    topics = sorted(chain.topics_at(instant).union(TOPICS))
    for unit in chain.rows.units:
        if not unit.start <= instant < unit.end:
            continue
        place = Place("unit", unit.id)
        if all(who(chain, topic, place, at).position == chain.helm.id for topic in topics):
            text = f"every topic of the unit {unit.id} ends at the helm {chain.helm.id}"
            yield _finding(chain, "helm_only", "units", unit.row, text)


def meeting_point(chain: Chain, at: datetime) -> Issue | None:
    """Where HTM and IT meet: the lowest position that both report to, directly or not; said, not a finding.

    HTM is whoever the system's mandate for maintenance names, IT for cybersecurity. None if either is missing.
    One that stands above the other is itself the meeting point.
    """
    instant = as_instant(at)
    names = []
    for topic in (HTM_TOPIC, IT_TOPIC):
        mandate = chain.mandates.get((topic, SYSTEM), NOTHING).latest_at(instant)
        if mandate is None:
            return None
        names.append(str(mandate.position))
    htm, it = names
    above_it = {position.id for position in chain.upwards(chain.positions[it])}
    meeting = next(p for p in chain.upwards(chain.positions[htm]) if p.id in above_it)
    title = f" ({meeting.title})" if meeting.title else ""
    text = f"HTM ({htm}) and IT ({it}) meet at {meeting.id}{title}"
    return Issue("note", "htm_and_it_meet", chain.rows.file("positions"), meeting.row, text)
