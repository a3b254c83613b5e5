"""Who answers for a topic, here, now: the pure rules.

No clock, no files, no database. The chain must be valid (`governance.check` finds no error); its invariants
are not tested again here. Source: docs/domains/governance.md, "The answer".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from pilothouse.governance.chain import NOTHING, Chain
from pilothouse.governance.places import unknown_place
from pilothouse.governance.words import (
    ANY_TOPIC,
    Answer,
    Appointment,
    BeforeTheFirstHelm,
    How,
    Mandate,
    NextInLine,
    PassedOver,
    Place,
    Position,
    Step,
)
from pilothouse.kernel.times import OPEN, Instant, as_datetime, as_instant

NEXT_IN_LINE = 3
VACANT, AWAY, TOO_SMALL = "vacant", "away", "mandate too small"


def who(chain: Chain, topic: str, place: Place, at: datetime, amount: Decimal | None = None) -> Answer:
    """The one person who answers for `topic` at `place` at the moment `at` (a datetime with a zone).

    amount: the sum in question, in the currency of the limits. Raises UnknownPlace for a unit or facility
    that does not exist then, BeforeTheFirstHelm before anyone held the helm.
    """
    instant = as_instant(at)
    if not chain.has_place(place, instant):
        raise unknown_place(chain, place, instant)
    holder = helm_holder(chain, instant)
    question = _Question(chain, topic, instant, amount)
    mandate = mandate_for(chain, topic, place, instant, amount)
    path, person = question.climb(chain.helm if mandate is None else chain.positions[mandate.position])
    position = chain.positions[path[-1].position]
    answering = chain.people[holder.person if person is None else person]
    following = () if person is None else tuple(islice(question.line(position), 1, 1 + NEXT_IN_LINE))
    return Answer(
        topic=topic,
        place=place,
        at=as_datetime(instant, chain.zone),
        person=answering.id,
        name=answering.name,
        email=answering.email,
        phone=answering.phone,
        position=position.id,
        title=position.title,
        away=person is None,
        path=path,
        next=following,
    )


def helm_holder(chain: Chain, at: Instant) -> Appointment:
    """Who holds the helm; raises BeforeTheFirstHelm."""
    holder = chain.holders[chain.helm.id].latest_at(at)
    if holder is None or not chain.helm.start <= at < chain.helm.end:
        first = as_datetime(chain.first_helm(), chain.zone).isoformat()
        asked = as_datetime(at, chain.zone).isoformat()
        raise BeforeTheFirstHelm(
            f"at {asked} nobody held the helm ({chain.helm.id}) yet; the chain begins at {first}"
        )
    return holder


def mandate_for(
    chain: Chain, topic: str, place: Place, at: Instant, amount: Decimal | None = None
) -> Mandate | None:
    """Step 1: the narrowest mandate for the topic, else the narrowest for `*`; None: the helm's.

    A mandate whose limit is below the amount counts as absent.
    """
    scopes = chain.scopes(place)
    for wanted in (topic, ANY_TOPIC):
        for scope in scopes:
            mandate: Mandate | None = chain.mandates.get((wanted, scope), NOTHING).latest_at(at)
            if mandate is not None and not _is_below(mandate, amount):
                return mandate
    return None


def _is_below(mandate: Mandate, amount: Decimal | None) -> bool:
    return amount is not None and mandate.limit is not None and mandate.limit < amount


@dataclass(frozen=True, slots=True)
class _Question:
    """Steps 2 and 3 for one topic, instant and amount."""

    chain: Chain
    topic: str
    at: Instant
    amount: Decimal | None

    def climb(self, start: Position) -> tuple[tuple[Step, ...], str | None]:
        """The path up to the first position where somebody is there, and who.

        None: nobody is, not even at the helm, whose holder then answers all the same (step 4).
        """
        path: list[Step] = []
        person: str | None = None
        for position in self.chain.upwards(start):
            step, person = self._ask(position)
            path.append(step)
            if person is not None:
                return tuple(path), person
        path[-1] = Step(path[-1].position, "answers (holder)", path[-1].people)
        return tuple(path), None

    def line(self, start: Position) -> Iterator[NextInLine]:
        """Everyone who is there from a position upwards, each once, in the order in which they answer.

        To ask anew with everyone already named treated as absent is to walk on along this line.
        """
        named: set[str] = set()
        for position in self.chain.upwards(start):
            if self._is_too_small(position):
                continue
            for _, person in self._people(position):
                if person not in named and self.chain.away_until(person, self.at) is None:
                    named.add(person)
                    yield NextInLine(person, position.id)

    def _ask(self, position: Position) -> tuple[Step, str | None]:
        """How a position fares: the step of the path, and who of it answers."""
        if self._is_too_small(position):
            return Step(position.id, TOO_SMALL, ()), None
        away: dict[str, PassedOver] = {}
        for how, person in self._people(position):
            until = self.chain.away_until(person, self.at)
            if until is None:
                return Step(position.id, f"answers ({how})", tuple(away.values())), person
            if person not in away:
                shown = None if until == OPEN else as_datetime(until, self.chain.zone)
                away[person] = PassedOver(person, shown)
        return Step(position.id, AWAY if away else VACANT, tuple(away.values())), None

    def _people(self, position: Position) -> Iterator[tuple[How, str]]:
        """Step 2: everyone a position has at the instant, first to last, whether away or not.

        Outside its own time a position has nobody.
        """
        chain, at, name = self.chain, self.at, position.id
        if not position.start <= at < position.end:
            return
        for topic in dict.fromkeys((self.topic, ANY_TOPIC)):
            for delegation in chain.delegations.get((name, topic), NOTHING).at(at):
                yield "delegate", delegation.person
        for shift in chain.shifts.get(name, NOTHING).at(at):
            yield "shift", shift.person
        for appointment in chain.holders.get(name, NOTHING).at(at):
            yield "holder", appointment.person
        for appointment in chain.deputies.get(name, ()):
            if appointment.start <= at < appointment.end:
                yield "deputy", appointment.person

    def _is_too_small(self, position: Position) -> bool:
        """Whether every mandate the position holds for the topic, its own or `*`, is below the amount."""
        if self.amount is None or position.helm:
            return False
        held = [
            mandate
            for mandate in self.chain.mandates_of.get(position.id, NOTHING).at(self.at)
            if mandate.topic in (self.topic, ANY_TOPIC)
        ]
        return bool(held) and all(_is_below(mandate, self.amount) for mandate in held)
