"""Whatever is done with the chain of command in whatever order, it stays valid and everybody has an answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Facility, Person, Revision, Unit
from pilothouse.core.permissions import NotAllowed, Viewer, house_viewer, viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.asking import ask, ask_many
from pilothouse.governance.check import errors
from pilothouse.governance.command import actions
from pilothouse.governance.command.checks import broken_invariants
from pilothouse.governance.command.undoing import undo
from pilothouse.governance.command.validity import Refused
from pilothouse.governance.command.versions import version_of_position
from pilothouse.governance.recorded import whole
from pilothouse.kernel.errors import PilothouseError
from pilothouse.kernel.times import DAY, OPEN, as_instant
from tests.conftest import NOW
from tests.governance.hospital import FILES, chain_of
from tests.governance.test_tables import bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path: Path) -> dict[str, Any]:
    """The small hospital in the tables: positions and people by key. `Any`: rows."""
    bring(chain_of(tmp_path, FILES).rows)
    return {one.key: one for model in (m.Position, Person) for one in model.objects.all()}


@pytest.fixture
def helmsman(db: None) -> Viewer:
    """Who may edit everything."""
    with writing(by=None, at=NOW, verb="make_person") as w:
        return house_viewer(w.save(Person(key="operator", name="Operator")))


def test_a_second_holder_is_refused_in_the_words_of_the_check(
    chain: dict[str, Any], helmsman: Viewer
) -> None:
    with pytest.raises(Refused, match="HTM has two holders from always: fay and dee"):
        actions.appoint(chain["HTM"].pk, chain["fay"].pk, by=helmsman, at=NOW)
    assert m.Appointment.objects.filter(position=chain["HTM"], kind="holder").count() == 1


def test_a_successor_takes_over_at_a_moment(chain: dict[str, Any], helmsman: Viewer) -> None:
    times = actions.Times(as_instant(NOW) + DAY)
    done = actions.appoint(chain["COO"].pk, chain["fay"].pk, by=helmsman, at=NOW, times=times, succeed=True)
    assert done.says == "Fay Fox holds Chief operating officer from Tue 3 Nov 2026, 09:00"
    assert ask("access", at=NOW).person != "fay"
    assert ask("access", at=NOW, facility=None).position == "HTM"
    holders = m.Appointment.objects.filter(position=chain["COO"], kind="holder").order_by("start")
    assert [one.end for one in holders] == [times.start, OPEN]


def test_the_helms_last_holder_can_only_be_succeeded(chain: dict[str, Any], helmsman: Viewer) -> None:
    last = m.Appointment.objects.get(position=chain["COO"])
    with pytest.raises(Refused, match="nobody holds the helm COO from"):
        actions.end_appointment(last.pk, by=helmsman, at=NOW, end=as_instant(NOW))


def test_a_position_cannot_report_below_itself(chain: dict[str, Any], helmsman: Viewer) -> None:
    with pytest.raises(Refused, match="in a circle: HTM → CN-ICU → BIOMED → HTM"):
        actions.change_position(chain["HTM"].pk, by=helmsman, at=NOW, reports_to=chain["CN-ICU"].pk)


def test_a_second_mandate_is_refused_unless_it_succeeds(chain: dict[str, Any], helmsman: Viewer) -> None:
    icu = Unit.objects.get(key="ICU").pk
    question: dict[str, Any] = {"by": helmsman, "at": NOW, "topic": "repair", "unit": icu}
    with pytest.raises(Refused, match="repair in unit ICU has two mandates"):
        actions.give_mandate(chain["HTM"].pk, **question)
    actions.give_mandate(chain["HTM"].pk, **question, succeed=True, times=actions.Times(as_instant(NOW)))
    assert ask("repair", unit=icu, at=NOW).position == "HTM"


def test_who_read_an_older_version_overwrites_nothing(chain: dict[str, Any], helmsman: Viewer) -> None:
    seen = version_of_position(chain["HTM"].pk)
    times = actions.Times(as_instant(NOW))
    actions.appoint(
        chain["HTM"].pk, chain["fay"].pk, by=helmsman, at=NOW, succeed=True, times=times, seen=seen
    )
    with pytest.raises(Stale):
        actions.appoint(
            chain["HTM"].pk, chain["ana"].pk, by=helmsman, at=NOW, succeed=True, times=times, seen=seen
        )
    assert ask("maintenance", at=NOW).person == "fay"


def test_a_change_is_taken_back_and_that_again(chain: dict[str, Any], helmsman: Viewer) -> None:
    before = whole().rows
    times = actions.Times(as_instant(NOW))
    done = actions.appoint(chain["HTM"].pk, chain["fay"].pk, by=helmsman, at=NOW, succeed=True, times=times)
    after = whole().rows
    taken_back = undo(done.revision, by=helmsman, at=NOW)
    assert whole().rows == before
    undo(taken_back, by=helmsman, at=NOW)
    assert whole().rows == after
    assert list(broken_seals()) == []


def test_what_was_changed_since_is_not_taken_back(chain: dict[str, Any], helmsman: Viewer) -> None:
    first = actions.change_position(chain["HTM"].pk, by=helmsman, at=NOW, title="Head of HTM")
    actions.change_position(chain["HTM"].pk, by=helmsman, at=NOW, title="HTM lead")
    with pytest.raises(Conflict, match="1 row of this change was changed since"):
        undo(first.revision, by=helmsman, at=NOW)


def test_a_whole_import_is_taken_back(tmp_path: Path, helmsman: Viewer) -> None:
    rows = chain_of(tmp_path, FILES).rows
    done = bring(rows)
    undo(done.revision, by=helmsman, at=NOW)
    assert not m.Position.objects.exists()
    assert set(Person.objects.filter(left=True).values_list("key", flat=True)) == {p.id for p in rows.people}
    assert bring(rows).moves
    assert errors(whole().rows) == []


def test_outsider_cannot_edit_the_chain(ana: Any, ben: Any, chain: dict[str, Any]) -> None:
    for person in (ana, ben):
        viewer = viewer_of(person, NOW)
        with pytest.raises(NotAllowed):
            actions.change_position(chain["HTM"].pk, by=viewer, at=NOW, title="Mine")


def test_a_manager_of_one_house_edits_that_house_only(places: Any, person_with: Any, chief: Any) -> None:
    at: dict[str, Any] = {"at": NOW}
    helm = viewer_of(chief, NOW)
    top = actions.found_chain(by=helm, **at, key="COO", title="COO", person=chief.pk).row.pk
    manager = viewer_of(person_with("Mia", "htm_manager", "NGH"), NOW)
    unit = places["NGH-ICU"].pk
    done = actions.add_position(by=manager, **at, key="CN", title="Charge nurse", reports_to=top, unit=unit)
    assert done.row.pk
    with pytest.raises(NotAllowed):
        actions.add_position(
            by=manager, **at, key="X", title="Other", reports_to=top, unit=places["SGH-ICU"].pk
        )
    with pytest.raises(NotAllowed):
        actions.change_position(done.row.pk, by=manager, **at, place=(places["SGH"].pk, None))


def test_everybody_may_say_that_they_are_away(ben: Any, chain: dict[str, Any]) -> None:
    viewer = viewer_of(ben, NOW)
    times = actions.Times(as_instant(NOW), as_instant(NOW) + DAY)
    actions.note_absence(ben.pk, by=viewer, at=NOW, times=times)
    with pytest.raises(NotAllowed):
        actions.note_absence(chain["dee"].pk, by=viewer, at=NOW, times=times)


def test_a_change_reads_a_constant_number_of_rows(
    chain: dict[str, Any], helmsman: Viewer, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(32):
        actions.appoint(chain["CN-ICU"].pk, chain["fay"].pk, by=helmsman, at=NOW, kind="deputy", rank=2)


def test_the_check_of_the_house_names_what_is_broken(chain: dict[str, Any]) -> None:
    assert list(broken_invariants(NOW)) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_appointment SET kind = 'deputy' WHERE position_id = %s", [chain["COO"].pk]
        )
    assert list(broken_invariants(NOW)) == ["chain of command: the helm COO has no holder at any time"]


HOURS = [as_instant(NOW) + hour * 3_600_000_000 for hour in range(-2, 4)]
moments = st.sampled_from(HOURS)
some = st.integers(0, 9)


class Changes(RuleBasedStateMachine):
    """Any sequence of actions; those that would break the chain are refused and change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.clock = NOW

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def found(self) -> None:
        with writing(by=None, at=NOW, verb="make") as w:
            self.people = [w.save(Person(key=f"p{n}", name=f"Person {n}")) for n in range(5)]
            house = w.save(Facility(key="F", name="House"))
            self.units = [w.save(Unit(key=f"U{n}", facility=house)) for n in range(2)]
            self.places = [(None, None), (house.pk, None), *((None, unit.pk) for unit in self.units)]
        self.by = house_viewer(self.people[0])
        first = actions.found_chain(by=self.by, at=NOW, key="P0", title="Helm", person=self.people[0].pk)
        self.revisions = [first.revision]
        self.made = 1

    def do(self, verb: Any, *args: Any, **options: Any) -> None:
        self.clock += timedelta(seconds=1)
        before = Revision.objects.count()
        try:
            with transaction.atomic():
                done = verb(*args, by=self.by, at=self.clock, **options)
        except (Refused, Conflict, Invalid, NotFound, Stale):
            assert Revision.objects.count() == before
        else:
            self.revisions.append(done if isinstance(done, int) else done.revision)

    def one(self, model: Any, number: int) -> int:
        ids = list(model.objects.order_by("id").values_list("id", flat=True))
        return ids[number % len(ids)] if ids else 0

    @rule(above=some, place=some)
    def add_position(self, above: int, place: int) -> None:
        self.made += 1
        facility, unit = self.places[place % 4]
        key = f"P{self.made}"
        self.do(actions.add_position, key=key, title=key, reports_to=self.one(m.Position, above), facility=facility, unit=unit)  # fmt: skip

    @rule(which=some, above=some)
    def move(self, which: int, above: int) -> None:
        self.do(actions.change_position, self.one(m.Position, which), reports_to=self.one(m.Position, above))

    @rule(which=some, end=st.one_of(moments, st.just(OPEN)))
    def close_position(self, which: int, end: int) -> None:
        self.do(actions.change_position, self.one(m.Position, which), end=end)

    @rule(which=some, who=some, kind=st.sampled_from(["holder", "deputy"]), start=moments, length=st.integers(0, 4), succeed=st.booleans())  # fmt: skip
    def appoint(self, which: int, who: int, kind: str, start: int, length: int, succeed: bool) -> None:
        end = start + length * 3_600_000_000 if length else OPEN
        rank = length or None if kind == "deputy" else None
        self.do(actions.appoint, self.one(m.Position, which), self.people[who % 5].pk, kind=kind, rank=rank, times=actions.Times(start, end), succeed=succeed)  # fmt: skip

    @rule(which=some, end=moments)
    def end_appointment(self, which: int, end: int) -> None:
        self.do(actions.end_appointment, self.one(m.Appointment, which), end=end)

    @rule(
        which=some, topic=st.sampled_from(["recall", "*"]), place=some, start=moments, succeed=st.booleans()
    )
    def give_mandate(self, which: int, topic: str, place: int, start: int, succeed: bool) -> None:
        facility, unit = self.places[place % 4]
        self.do(actions.give_mandate, self.one(m.Position, which), topic=topic, facility=facility, unit=unit, times=actions.Times(start), succeed=succeed)  # fmt: skip

    @rule(which=some, end=moments)
    def end_mandate(self, which: int, end: int) -> None:
        self.do(actions.end_mandate, self.one(m.Mandate, which), end=end)

    @rule(who=some, start=moments, length=st.integers(1, 4))
    def absence(self, who: int, start: int, length: int) -> None:
        self.do(actions.note_absence, self.people[who % 5].pk, times=actions.Times(start, start + length * 3_600_000_000))  # fmt: skip

    @rule(which=some, who=some, start=moments, shift=st.booleans())
    def hand_over(self, which: int, who: int, start: int, shift: bool) -> None:
        verb = actions.put_on_duty if shift else actions.delegate
        self.do(verb, self.one(m.Position, which), self.people[who % 5].pk, times=actions.Times(start, start + 7_200_000_000))  # fmt: skip

    @rule(which=some)
    def take_back(self, which: int) -> None:
        self.do(undo, self.revisions[which % len(self.revisions)])

    @invariant()
    def the_chain_is_valid_and_everybody_has_an_answer(self) -> None:
        if not hasattr(self, "places"):
            return
        if not m.Position.objects.exists():  # the very founding was taken back
            self.found_again()
        assert errors(whole().rows) == []
        assert m.Position.objects.filter(helm=True).count() == 1
        asked = [(topic, *place) for topic in ("recall", "access") for place in self.places]
        assert all(ask_many(asked, NOW + timedelta(days=1)))
        assert list(broken_invariants(NOW + timedelta(days=1))) == []

    def found_again(self) -> None:
        self.made += 1
        self.do(actions.found_chain, key=f"P{self.made}", title="Helm", person=self.people[0].pk)


def test_any_sequence_of_actions_keeps_the_chain_valid() -> None:
    run_state_machine_as_test(
        Changes,
        settings=settings(
            max_examples=12 if connection.vendor == "sqlite" else 4,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_errors_are_of_the_family_that_pages_tell() -> None:
    assert issubclass(Refused, PilothouseError)
