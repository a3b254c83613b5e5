"""Whatever happens in whatever order: each open finding has exactly one owner, and it is whom the pure chain names unless a person did.

A machine opens, assigns, snoozes, resolves, reopens and undoes, lets people be away, leave, take shifts and offices, and lets time
pass; after each step what the tables say is compared with the rules of files.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pilothouse.core.errors import Conflict, Invalid
from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Unit
from pilothouse.core.permissions import house_viewer
from pilothouse.governance import models as m
from pilothouse.governance.chain import Chain
from pilothouse.governance.findings import catch_up, close_missing, open_findings, working
from pilothouse.governance.findings.checking import broken
from pilothouse.governance.recorded import whole
from pilothouse.governance.rules import who
from pilothouse.governance.words import SYSTEM, Place
from pilothouse.kernel.times import OPEN, as_instant
from tests.conftest import NOW
from tests.governance.standing import found, stand_up

pytestmark = pytest.mark.django_db

PLACES = ("NGH-ICU", "NGH-OR", "SGH-ED", "NGH", "SGH")
PEOPLE = ("hugo", "dora", "nora", "iris", "sam")
OFFICES = ("HTM", "NGH-HTM", "ICU-SEC")
hours = st.integers(1, 30).map(lambda n: timedelta(hours=n))


class House(RuleBasedStateMachine):
    """One small house in a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now: datetime = NOW

    def teardown(self) -> None:
        """Nothing of it stays."""
        try:
            assert list(broken_seals()) == []
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @initialize()
    def stand(self) -> None:
        from pilothouse.core.models import Facility

        with writing(by=None, at=NOW, verb="make_places") as w:
            self.places: dict[str, Any] = {}
            for facility, units in {"NGH": ("ICU", "OR"), "SGH": ("ICU", "ED")}.items():
                self.places[facility] = w.save(Facility(key=facility, name=facility))
                for unit in units:
                    key = f"{facility}-{unit}"
                    self.places[key] = w.save(Unit(key=key, name=unit, facility=self.places[facility]))
        self.standing = stand_up(self.places)
        self.viewer = house_viewer(self.standing.people["fin"])

    def one(self, index: int) -> int | None:
        """A finding, if there is any."""
        ids = list(m.Finding.objects.order_by("id").values_list("id", flat=True))
        return ids[index % len(ids)] if ids else None

    def act(self, verb: Callable[..., int], index: int, **given: Any) -> None:
        """What cannot be done is refused and changes nothing."""
        finding = self.one(index)
        if finding is None:
            return
        with suppress(Conflict, Invalid):
            self.last = finding, verb(self.viewer, finding, at=self.now, **given)

    @rule(
        key=st.sampled_from("abcd"),
        place=st.sampled_from(PLACES),
        topic=st.sampled_from(("cybersecurity", "recall")),
    )
    def find(self, key: str, place: str, topic: str) -> None:
        open_findings(
            None, [found(self.places, key, place, topic=topic, due_at=NOW + timedelta(days=9))], self.now
        )

    @rule(still=st.sets(st.sampled_from("abcd")))
    def find_no_more(self, still: set[str]) -> None:
        close_missing("exposure", still, self.now, "gone")

    @rule(index=st.integers(0, 9), to=st.sampled_from(PEOPLE))
    def assign(self, index: int, to: str) -> None:
        self.act(working.assign, index, to=self.standing.people[to].pk)

    @rule(index=st.integers(0, 9))
    def hand_back(self, index: int) -> None:
        self.act(working.hand_back, index)

    @rule(index=st.integers(0, 9), span=hours)
    def snooze(self, index: int, span: timedelta) -> None:
        self.act(working.snooze, index, until=self.now + span, reason="x")

    @rule(index=st.integers(0, 9))
    def resolve(self, index: int) -> None:
        self.act(working.resolve, index, evidence="x")

    @rule(index=st.integers(0, 9))
    def reopen(self, index: int) -> None:
        self.act(working.reopen, index, reason="x")

    @precondition(lambda self: hasattr(self, "last"))
    @rule()
    def undo(self) -> None:
        finding, revision = self.last
        with suppress(Conflict):
            working.undo(self.viewer, finding, revision=revision, at=self.now)

    @rule(person=st.sampled_from(("fin", *PEOPLE)), after=hours, span=hours)
    def be_away(self, person: str, after: timedelta, span: timedelta) -> None:
        start = as_instant(self.now + after - timedelta(hours=10))
        with writing(by=None, at=self.now, verb="absence") as w:
            w.save(
                m.Absence(
                    person=self.standing.people[person],
                    start=start,
                    end=start + int(span.total_seconds()) * 10**6,
                )
            )

    @rule(office=st.sampled_from(OFFICES), person=st.sampled_from(PEOPLE), after=hours)
    def appoint(self, office: str, person: str, after: timedelta) -> None:
        """The holder goes at some hour to come, another begins."""
        position, change = self.standing.positions[office], as_instant(self.now + after)
        with writing(by=None, at=self.now, verb="appoint") as w:
            for one in m.Appointment.objects.filter(position=position, kind="holder", end=OPEN):
                if one.start < change:
                    one.end = change
                    w.save(one)
                else:
                    w.remove(m.Appointment, [one.pk])
            w.save(
                m.Appointment(
                    person=self.standing.people[person], position=position, kind="holder", start=change
                )
            )

    @rule(
        office=st.sampled_from(OFFICES),
        person=st.sampled_from(PEOPLE),
        span=hours,
        topic=st.sampled_from(("", "*", "recall")),
    )
    def stand_in(self, office: str, person: str, span: timedelta, topic: str) -> None:
        """A shift, or a delegation of a topic."""
        given = {
            "position": self.standing.positions[office],
            "person": self.standing.people[person],
            "start": as_instant(self.now),
            "end": as_instant(self.now + span),
        }
        with writing(by=None, at=self.now, verb="roster") as w:
            w.save(m.Delegation(topic=topic, **given) if topic else m.Shift(**given))

    @rule(person=st.sampled_from(PEOPLE))
    def leave(self, person: str) -> None:
        """For good: gone from the offices too."""
        who_leaves = self.standing.people[person]
        with writing(by=None, at=self.now, verb="leave") as w:
            who_leaves.left = True
            w.save(who_leaves)
            for model in (m.Appointment, m.Shift, m.Delegation):
                w.remove(model, list(model.objects.filter(person=who_leaves).values_list("id", flat=True)))

    @rule(place=st.sampled_from(("NGH-ICU", "SGH-ED")))
    def close_unit(self, place: str) -> None:
        with writing(by=None, at=self.now, verb="close_unit") as w:
            unit = Unit.objects.get(key=place)
            unit.end = as_instant(self.now + timedelta(hours=5))
            w.save(unit)

    @rule(span=hours)
    def time_passes(self, span: timedelta) -> None:
        self.now += span

    @invariant()
    def one_owner_whom_the_chain_names(self) -> None:
        if not hasattr(self, "standing"):
            return
        catch_up(self.now)
        assert list(broken(self.now)) == []
        chain = Chain(whole().rows)
        for one in m.Finding.objects.exclude(state="resolved").select_related(
            "owner", "position", "facility", "unit"
        ):
            (now,) = m.Ownership.objects.filter(finding=one, end=OPEN)
            assert (now.person_id, now.position_id, now.basis) == (one.owner_id, one.position_id, one.basis)
            if one.basis == "assigned":
                assert chain.away_until(one.owner.key, as_instant(self.now)) is None
                assert not one.owner.left
            else:
                answer = who(chain, one.topic, self._place(chain, one), self.now)
                assert (one.owner.key, one.position.key, one.basis) == (
                    answer.person,
                    answer.position,
                    "chain",
                )
        for one in m.Finding.objects.filter(state="snoozed"):
            assert one.snoozed_until > as_instant(self.now)

    def _place(self, chain: Chain, one: Any) -> Place:
        """The narrowest place of a finding that exists now."""
        for kind, where in (("unit", one.unit), ("facility", one.facility)):
            if where is not None and chain.has_place(Place(kind, where.key), as_instant(self.now)):  # type: ignore[arg-type]  # of a pair
                return Place(kind, where.key)  # type: ignore[arg-type]  # of a pair
        return SYSTEM


events = st.lists(
    st.tuples(
        st.sampled_from(("away", "shift", "delegation", "office")),
        st.sampled_from(PEOPLE),
        st.sampled_from(OFFICES),
        st.integers(0, 40),
        st.integers(1, 20),
    ),
    max_size=12,
)


@given(planned=events, stops=st.lists(st.integers(1, 70), max_size=3))
@settings(
    max_examples=10 if connection.vendor == "postgresql" else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_however_late_the_worker_is_each_hour_had_the_owner_whom_the_chain_named_then(
    planned: list[tuple[str, str, str, int, int]], stops: list[int]
) -> None:
    house = House()
    try:
        house.stand()
        open_findings(
            None, [found(house.places, place, place, topic="cybersecurity") for place in PLACES], NOW
        )
        for kind, person, office, begin, hours_long in planned:
            _plan(house, kind, person, office, begin, hours_long)
        for hour in sorted({0, *stops, 70}):
            catch_up(NOW + timedelta(hours=hour))
        chain = Chain(whole().rows)
        for one in m.Finding.objects.select_related("facility", "unit"):
            spans = list(m.Ownership.objects.filter(finding=one).values_list("start", "end", "person__key"))
            for hour in range(70):
                at = NOW + timedelta(hours=hour)
                (owner,) = (key for start, end, key in spans if start <= as_instant(at) < end)
                assert owner == who(chain, one.topic, house._place(chain, one), at).person
    finally:
        house.teardown()


def _plan(house: House, kind: str, person: str, office: str, begin: int, hours_long: int) -> None:
    """Something that begins and ends later, known from the start."""
    start, end = (as_instant(NOW + timedelta(hours=hour)) for hour in (begin, begin + hours_long))
    one, position = house.standing.people[person], house.standing.positions[office]
    with writing(by=None, at=NOW, verb="plan") as w:
        if kind == "away":
            w.save(m.Absence(person=one, start=start, end=end))
        elif kind == "shift":
            w.save(m.Shift(person=one, position=position, start=start, end=end))
        elif kind == "delegation":
            w.save(m.Delegation(person=one, position=position, topic="*", start=start, end=end))
        else:
            held = m.Appointment.objects.filter(position=position, kind="holder", end=OPEN).first()
            if held is not None and held.start < start:
                held.end = start
                w.save(held)
                w.save(m.Appointment(person=one, position=position, kind="holder", start=start))


def test_each_open_finding_has_one_owner_whatever_happens() -> None:
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=8 if connection.vendor == "postgresql" else 25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
