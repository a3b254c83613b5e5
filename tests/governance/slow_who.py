"""Who answers, said slowly: the second implementation, a transcript of docs/domains/governance.md.

No index, no sorting ahead, nothing remembered: every question reads all rows again. It shares the words
(dataclasses) with the fast one and nothing else, so that a mistake in one shows against the other.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pilothouse.governance.words import (
    Answer,
    BeforeTheFirstHelm,
    NextInLine,
    PassedOver,
    Place,
    Position,
    Rows,
    Step,
)
from pilothouse.kernel.times import OPEN, Instant, as_datetime, as_instant


class SlowChain:
    """The rows that exist at one instant, read anew for every question."""

    def __init__(self, rows: Rows, at: Instant) -> None:
        self.rows = rows
        self.at = at
        self.positions = {p.id: p for p in rows.positions}
        self.helm = next(p for p in rows.positions if p.helm)
        self.mandates = [m for m in rows.mandates if m.start <= at < m.end]
        self.appointments = [a for a in rows.appointments if a.start <= at < a.end]
        self.shifts = [s for s in rows.shifts if s.start <= at < s.end]
        self.delegations = [d for d in rows.delegations if d.start <= at < d.end]

    def away_until(self, person: str) -> Instant | None:
        """The end of this person's absence at the instant, joined with all that overlap or touch it."""
        absences = [a for a in self.rows.absences if a.person == person]
        if not any(a.start <= self.at < a.end for a in absences):
            return None
        end = self.at
        while True:
            reached = [a.end for a in absences if a.start <= end < a.end]
            if not reached:
                return end
            end = max(reached)

    def scopes(self, place: Place) -> list[Place]:
        """The scopes a place lies in, narrowest first."""
        if place.kind == "system":
            return [Place("system")]
        if place.kind == "facility":
            return [place, Place("system")]
        facility = next(u.facility for u in self.rows.units if u.id == place.id)
        return [place, Place("facility", facility), Place("system")]

    def mandated(self, topic: str, place: Place, amount: Decimal | None) -> Position:
        """Step 1."""
        for wanted in (topic, "*"):
            for scope in self.scopes(place):
                for mandate in self.mandates:
                    small = amount is not None and mandate.limit is not None and mandate.limit < amount
                    if mandate.topic == wanted and mandate.scope == scope and not small:
                        return self.positions[mandate.position]
        return self.helm

    def people(self, position: Position, topic: str) -> list[tuple[str, str]]:
        """Step 2 before anyone is left out: (how, person), first to last."""
        if not position.start <= self.at < position.end:
            return []
        found: list[tuple[str, str]] = []
        for wanted in (topic, "*"):
            delegations = [d for d in self.delegations if d.position == position.id and d.topic == wanted]
            delegations.sort(key=lambda d: (d.start, d.row), reverse=True)
            found += [("delegate", d.person) for d in delegations]
        shifts = [s for s in self.shifts if s.position == position.id]
        shifts.sort(key=lambda s: (s.start, s.row), reverse=True)
        found += [("shift", s.person) for s in shifts]
        mine = [a for a in self.appointments if a.position == position.id]
        found += [("holder", a.person) for a in mine if a.kind == "holder"]
        deputies = [a for a in mine if a.kind == "deputy"]
        deputies.sort(key=lambda a: (a.order is None, a.order or 0, a.start, a.row))
        found += [("deputy", a.person) for a in deputies]
        return found

    def too_small(self, position: Position, topic: str, amount: Decimal | None) -> bool:
        """With an amount: every mandate this position holds for the topic (its own or `*`) is smaller."""
        if amount is None or position.helm:
            return False
        held = [m for m in self.mandates if m.position == position.id and m.topic in (topic, "*")]
        return bool(held) and all(m.limit is not None and m.limit < amount for m in held)

    def climb(
        self, topic: str, place: Place, amount: Decimal | None, named: list[str]
    ) -> tuple[str | None, Position, list[Step]]:
        """Steps 1 to 3 with `named` treated as absent: the person, the last position, the path."""
        position = self.mandated(topic, place, amount)
        path: list[Step] = []
        while True:
            passed: list[PassedOver] = []
            person = None
            why = "vacant"
            if self.too_small(position, topic, amount):
                why = "mandate too small"
            else:
                for how, candidate in self.people(position, topic):
                    until = self.away_until(candidate)
                    if until is None and candidate not in named:
                        person, why = candidate, f"answers ({how})"
                        break
                    why = "away"
                    if until is not None and candidate not in [p.person for p in passed]:
                        end = None if until == OPEN else as_datetime(until, self.rows.zone)
                        passed.append(PassedOver(candidate, end))
            path.append(Step(position.id, why, tuple(passed)))
            if person is not None or position.helm:
                return person, position, path
            assert position.reports_to is not None
            position = self.positions[position.reports_to]


def slow_who(rows: Rows, topic: str, place: Place, at: datetime, amount: Decimal | None = None) -> Answer:
    """The answer, and who is next in line, by asking again and again."""
    chain = SlowChain(rows, as_instant(at))
    helm_holders = [a for a in chain.appointments if a.position == chain.helm.id and a.kind == "holder"]
    if not helm_holders or not chain.helm.start <= chain.at < chain.helm.end:
        raise BeforeTheFirstHelm
    person, position, path = chain.climb(topic, place, amount, [])
    away = person is None
    if person is None:
        person = helm_holders[0].person
        path[-1] = Step(chain.helm.id, "answers (holder)", path[-1].people)
    named = [person]
    following: list[NextInLine] = []
    while not away and len(following) < 3:
        another, where, _ = chain.climb(topic, place, amount, named)
        if another is None:
            break
        named.append(another)
        following.append(NextInLine(another, where.id))
    who = next(p for p in rows.people if p.id == person)
    return Answer(
        topic=topic,
        place=place,
        at=as_datetime(chain.at, rows.zone),
        person=who.id,
        name=who.name,
        email=who.email,
        phone=who.phone,
        position=position.id,
        title=position.title,
        away=away,
        path=tuple(path),
        next=tuple(following),
    )
