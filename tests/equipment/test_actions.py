"""What people do to devices: it wins, it is kept, it can be taken back, and only by who may."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Job, Revision, Unit
from pilothouse.core.permissions import NotAllowed, Viewer, viewer_of
from pilothouse.core.working import Worker
from pilothouse.equipment import actions
from pilothouse.equipment.jobs import PLACE, ask_to_place
from pilothouse.equipment.models import Claim, Equipment, EquipmentCount, EquipmentPast, Redirect
from tests.conftest import NOW
from tests.equipment.registers import MONITOR, PUMP, registered

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def helm(chief: Any) -> Viewer:
    return viewer_of(chief, NOW)


@pytest.fixture
def technician(ana: Any) -> Viewer:
    return viewer_of(ana, NOW)


def now(record: int) -> Equipment:
    return Equipment.objects.get(pk=record)


def test_what_is_set_by_hand_wins_and_moves_the_device(places: dict[str, Any], helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    assert (now(pump).room, now(pump).unit_id) == ("B5", places["NGH-ICU"].pk)
    actions.set_by_hand([pump], {"room": "B4", "unit": "NGH-OR"}, by=helm, at=LATER)
    assert (now(pump).room, now(pump).unit_id, now(pump).firmware) == ("B4", places["NGH-OR"].pk, "9.0")
    counts = EquipmentCount.objects.filter(n__gt=0).values_list("unit_id", "n")
    assert list(counts) == [(places["NGH-OR"].pk, 1)]
    assert list(broken_seals()) == []


def test_clearing_asks_the_sources_again(helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"room": "B4", "firmware": "11"}, by=helm, at=LATER)
    actions.set_by_hand([pump], {"room": ""}, by=helm, at=LATER)
    assert (now(pump).room, now(pump).firmware) == ("B5", "11")


def test_the_second_to_save_sees_what_the_first_saved(helm: Viewer, technician: Viewer) -> None:
    (pump,) = registered([PUMP])
    read_at = now(pump).since
    actions.set_by_hand([pump], {"room": "B4"}, by=technician, at=LATER, read_at=read_at)
    with pytest.raises(Stale) as refused:
        actions.set_by_hand([pump], {"room": "B9"}, by=helm, at=LATER, read_at=read_at)
    assert refused.value.present["room"] == "B4"
    assert refused.value.since == now(pump).since
    assert now(pump).room == "B4"


def test_setting_what_is_set_writes_nothing(helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER)
    before = Revision.objects.count()
    assert actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER).revision == 0
    assert Revision.objects.count() == before


@pytest.mark.parametrize(
    ("values", "field"),
    [({"mac": "00:11"}, "mac"), ({"installed": "3/4/2024"}, "installed"), ({"price": "cheap"}, "price"), ({"serial": "1.2E+11"}, "serial"), ({"seen": "2026-01-01"}, "seen"), ({"stage": "retired"}, "stage"), ({"name": "x" * 501}, "name")],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_at_its_field(
    helm: Viewer, values: dict[str, str], field: str
) -> None:
    (pump,) = registered([PUMP])
    with pytest.raises(Invalid) as refused:
        actions.set_by_hand([pump], values, by=helm, at=LATER)
    assert list(refused.value.fields) == [field]


def test_hidden_devices_are_not_found_and_visible_ones_not_changed(technician: Viewer, ben: Any) -> None:
    pump, monitor = registered([PUMP, MONITOR])
    nurse = viewer_of(ben, NOW)
    with pytest.raises(NotFound):
        actions.set_by_hand([pump, monitor], {"room": "1"}, by=technician, at=LATER)
    with pytest.raises(NotAllowed):
        actions.retire([monitor], by=nurse, at=LATER)
    with pytest.raises(NotFound):
        actions.merge(pump, [monitor], by=technician, at=LATER)
    assert Revision.objects.filter(verb="set_by_hand").count() == 0


def test_a_retired_device_comes_back_even_where_its_source_retired_it(helm: Viewer) -> None:
    gone = {"aims": {**PUMP["aims"], "tag": "A9", "status": "Disposed"}}
    pump, disposed = registered([PUMP, gone])
    actions.retire([pump, disposed], by=helm, at=LATER)
    assert [now(pump).stage, now(disposed).stage] == ["retired", "retired"]
    actions.bring_back([pump, disposed], by=helm, at=LATER)
    assert [now(pump).status, now(disposed).status] == ["In use", "In use"]
    assert list(broken_seals()) == []


def test_a_device_added_by_hand_stands_where_its_maker_may_add(
    technician: Viewer, places: dict[str, Any]
) -> None:
    made = actions.add_by_hand({"tag": "N1", "unit": "NGH-ICU"}, by=technician, at=LATER).made
    assert now(made).unit_id == places["NGH-ICU"].pk
    for values in ({"tag": "N2", "unit": "SGH-ICU"}, {"tag": "N3"}):
        with pytest.raises(Invalid):
            actions.add_by_hand(values, by=technician, at=LATER)
    with pytest.raises(Invalid):
        actions.add_by_hand({"room": "1", "unit": "NGH-ICU"}, by=technician, at=LATER)


def test_merging_moves_claims_leaves_the_way_and_can_be_undone(helm: Viewer) -> None:
    pump, other = registered([{"aims": PUMP["aims"]}, {"xdome": PUMP["xdome"]}])
    done = actions.merge(pump, [other], by=helm, at=LATER)
    assert (now(pump).mac, now(pump).sources) == ("00:09:fb:00:00:01", 2)
    assert actions.current_id(other) == pump
    assert not Equipment.objects.filter(pk=other).exists()
    actions.undo(done.revision, by=helm, at=LATER)
    assert (now(pump).mac, now(other).mac) == ("", "00:09:fb:00:00:01")
    assert actions.current_id(other) is None
    again = Revision.objects.latest("id").pk
    actions.undo(again, by=helm, at=LATER)
    assert (now(pump).mac, actions.current_id(other)) == ("00:09:fb:00:00:01", pump)
    assert list(broken_seals()) == []


def test_splitting_makes_a_device_of_its_own_and_can_be_undone(helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER)
    hand, xdome = (Claim.objects.get(source__key=key).pk for key in ("hand", "xdome"))
    with pytest.raises(Invalid):
        actions.split(pump, [hand], by=helm, at=LATER)
    with pytest.raises(Invalid):
        actions.split(
            pump, list(Claim.objects.exclude(pk=hand).values_list("pk", flat=True)), by=helm, at=LATER
        )
    with pytest.raises(Conflict):
        actions.split(pump, [9999], by=helm, at=LATER)
    done = actions.split(pump, [xdome], by=helm, at=LATER)
    assert (now(pump).mac, now(pump).room, now(done.made).mac) == ("", "B4", "00:09:fb:00:00:01")
    actions.undo(done.revision, by=helm, at=LATER)
    assert now(pump).mac == "00:09:fb:00:00:01"
    assert actions.current_id(done.made) == pump


def test_undo_takes_back_only_what_nobody_changed_since(helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    first = actions.set_by_hand([pump], {"room": "B4", "owner": "Ana"}, by=helm, at=LATER)
    actions.set_by_hand([pump], {"firmware": "12"}, by=helm, at=LATER)
    actions.undo(first.revision, by=helm, at=LATER)
    assert (now(pump).room, now(pump).owner, now(pump).firmware) == ("B5", "", "12")
    second = actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER)
    third = actions.set_by_hand([pump], {"room": "B7"}, by=helm, at=LATER)
    with pytest.raises(actions.InTheWay) as refused:
        actions.undo(second.revision, by=helm, at=LATER)
    assert refused.value.revisions == (third.revision,)
    assert "set by hand by Chief" in str(refused.value)
    actions.undo(third.revision, by=helm, at=LATER)
    actions.undo(second.revision, by=helm, at=LATER)
    assert now(pump).room == "B5"


def test_a_device_added_by_hand_goes_again_unless_something_came(helm: Viewer) -> None:
    first = actions.add_by_hand({"tag": "N1"}, by=helm, at=LATER)
    actions.undo(first.revision, by=helm, at=LATER)
    assert not Equipment.objects.filter(pk=first.made).exists()
    second = actions.add_by_hand({"tag": "N2"}, by=helm, at=LATER)
    (other,) = registered([MONITOR], at=LATER)
    actions.merge(second.made, [other], by=helm, at=LATER)
    with pytest.raises(actions.InTheWay):
        actions.undo(second.revision, by=helm, at=LATER)


def test_who_may_not_change_it_may_not_undo_it(helm: Viewer, technician: Viewer, ben: Any) -> None:
    _, monitor = registered([PUMP, MONITOR])
    done = actions.set_by_hand([monitor], {"room": "B4"}, by=helm, at=LATER)
    with pytest.raises(NotFound):
        actions.undo(done.revision, by=technician, at=LATER)
    with pytest.raises(NotAllowed):
        actions.undo(done.revision, by=viewer_of(ben, NOW), at=LATER)
    with pytest.raises(Conflict):
        actions.undo(Revision.objects.get(verb="import").pk, by=helm, at=LATER)
    with pytest.raises(NotFound):
        actions.undo(10_000, by=helm, at=LATER)


def test_devices_follow_when_places_change(places: dict[str, Any], helm: Viewer) -> None:
    (pump, _) = registered([PUMP, MONITOR])
    assert actions.place_devices(by=None, at=LATER) == 0
    with writing(by=None, at=LATER, verb="rename") as w:
        unit = places["NGH-ICU"]
        unit.name = "Intensive care"
        w.save(unit)
        w.save(Unit(key="NGH-NEW", name="ICU of NGH", facility=places["NGH"]))
    assert actions.place_devices(by=None, at=LATER) == 1
    assert now(pump).unit is not None
    assert now(pump).unit.key == "NGH-NEW"


def test_many_devices_are_set_in_a_constant_number_of_queries(helm: Viewer, django_assert_max_num_queries: Any) -> None:  # fmt: skip
    ids = registered([{"aims": {**PUMP["aims"], "tag": f"A{n}"}} for n in range(300)])
    with django_assert_max_num_queries(40):
        done = actions.set_by_hand(ids, {"owner": "Ana"}, by=helm, at=LATER)
    with django_assert_max_num_queries(60):
        actions.undo(done.revision, by=helm, at=LATER)
    assert set(Equipment.objects.values_list("owner", flat=True)) == {""}


@pytest.mark.parametrize("seed", range(6))
def test_no_claim_is_lost_by_any_sequence(helm: Viewer, seed: int) -> None:
    """Merges, splits, edits and undos in any order: every source's claim stays, at a device that is there."""
    chance = random.Random(seed)
    registered([{key: {**doc, "tag": f"T{n}"} for key, doc in PUMP.items()} for n in range(5)])
    known = dict(Claim.objects.values_list("pk", "doc"))
    for _ in range(40):
        ids = list(Equipment.objects.values_list("pk", flat=True))
        try:
            match chance.choice(["merge", "split", "set", "undo", "undo"]):
                case "merge":
                    keep, *others = chance.sample(ids, min(len(ids), chance.choice([2, 2, 3])))
                    actions.merge(keep, others, by=helm, at=LATER)
                case "split":
                    device = chance.choice(ids)
                    of = list(Claim.objects.filter(equipment_id=device).values_list("pk", flat=True))
                    actions.split(device, chance.sample(of, max(1, len(of) // 2)), by=helm, at=LATER)
                case "set":
                    actions.set_by_hand(chance.sample(ids, 1), {"room": f"R{chance.randrange(3)}"}, by=helm, at=LATER)  # fmt: skip
                case "undo":
                    last = Revision.objects.latest("id").pk
                    actions.undo(chance.randrange(max(1, last - 6), last + 1), by=helm, at=LATER)
        except (Invalid, Conflict):
            pass
        claims = Claim.objects.exclude(source__key="hand")
        assert dict(claims.values_list("pk", "doc")) == known
        there = set(Equipment.objects.values_list("pk", flat=True))
        assert set(Claim.objects.values_list("equipment_id", flat=True)) <= there
        for old in Redirect.objects.values_list("old", flat=True):
            assert old not in there
        lost = set(EquipmentPast.objects.values_list("record", flat=True)) - there
        assert all(actions.current_id(old) in there for old in lost)
    assert sum(EquipmentCount.objects.values_list("n", flat=True)) == Equipment.objects.count()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO equipment_search(equipment_search) VALUES ('integrity-check')")
    assert list(broken_seals()) == []


def test_places_are_read_again_in_the_background(places: dict[str, Any], helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    with writing(by=None, at=LATER, verb="rename") as w:
        unit = places["NGH-ICU"]
        unit.name = "Intensive care"
        w.save(unit)
        for _ in range(2):
            ask_to_place(by=None, at=LATER)
    assert Job.objects.filter(kind=PLACE).count() == 1
    with writing(by=None, at=LATER, verb="make") as w:
        new = w.save(Unit(key="NGH-NEW", name="ICU of NGH", facility=places["NGH"]))
    Worker(now=lambda: LATER + timedelta(minutes=1)).work_off()
    assert Job.objects.get(kind=PLACE).result["moved"] == 1
    assert now(pump).unit_id == new.pk
