"""What is written is sealed, what was is kept, and whoever changes a row behind the house's back is found."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core.keeping import as_sealed, broken_seals, revision_at, writing
from pilothouse.core.models import Facility, FacilityPast, Person, Revision, Unit, UnitPast
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_a_changed_row_moves_to_the_past_and_the_log_verifies(places: dict[str, Any]) -> None:
    facility = places["NGH"]
    with writing(by=None, at=NOW + timedelta(hours=1), verb="rename") as w:
        facility.name = "North"
        w.save(facility)
    assert list(FacilityPast.objects.values_list("name", "since", "until")) == [("NGH hospital", 1, 2)]
    assert list(broken_seals()) == []


def test_saving_what_did_not_change_writes_nothing(places: dict[str, Any]) -> None:
    with writing(by=None, at=NOW, verb="rename") as w:
        w.save(places["NGH"])
    assert Revision.objects.count() == 1


def test_a_removed_row_stays_in_the_past(places: dict[str, Any]) -> None:
    with writing(by=None, at=NOW, verb="drop") as w:
        w.remove(Unit, [places["NGH-OR"].pk])
    assert list(UnitPast.objects.values_list("key", flat=True)) == ["NGH-OR"]
    assert list(broken_seals()) == []


def test_what_comes_and_goes_in_one_revision_leaves_the_seal_whole(places: dict[str, Any]) -> None:
    with writing(by=None, at=NOW, verb="try") as w:
        one = w.save(Facility(key="X"))
        w.remove(Facility, [one.pk])
        places["NGH"].name = "one"
        w.save(places["NGH"])
        places["NGH"].name = "two"
        w.save(places["NGH"])
    assert list(broken_seals()) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from("+-"),
            st.text('[]",+-\\\\\n{}x'),
            st.none() | st.text('[]",+-\\\\ ') | st.integers(),
        )
    )
)
def test_lines_written_at_once_are_the_lines_written_one_by_one(lines: list[tuple[Any, ...]]) -> None:
    alone = [json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines]
    assert as_sealed(lines) == "".join(alone).encode()


def test_ids_are_never_used_twice(places: dict[str, Any]) -> None:
    with writing(by=None, at=NOW, verb="drop") as w:
        w.remove(Facility, [w.save(Facility(key="X")).pk])
    with writing(by=None, at=NOW, verb="make") as w:
        assert w.save(Facility(key="Y")).pk == 4


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE core_facility SET name = 'other' WHERE key = 'NGH'",
        "DELETE FROM core_unit WHERE key = 'NGH-OR'",
        "UPDATE core_revision SET verb = 'other'",
        "DELETE FROM core_revision",
    ],
)
def test_a_change_behind_the_house_is_found(places: dict[str, Any], tamper: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(tamper)
    assert [broken.revision for broken in broken_seals()]


def test_a_clock_that_goes_back_does_not_take_the_log_with_it(places: dict[str, Any]) -> None:
    with writing(by=None, at=NOW - timedelta(days=9), verb="note", note="late") as w:
        assert w.at == NOW
    assert revision_at(NOW) == 2
    assert revision_at(NOW - timedelta(seconds=1)) == 0


def test_a_block_that_fails_leaves_nothing(places: dict[str, Any]) -> None:
    def failing() -> None:
        with writing(by=None, at=NOW, verb="fail", note="x") as w:
            w.save(Facility(key="Z"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert Revision.objects.count() == 1
    assert not Facility.objects.filter(key="Z").exists()


def person(**texts: str) -> Any:
    with writing(by=None, at=NOW, verb="make_person") as w:
        return w.save(Person(key="p1", **texts))


def test_personal_texts_are_sealed_by_a_salted_hash_that_changes_with_them() -> None:
    one = person(name="Ana", phone="4431")
    first = one.veil
    assert first
    assert one.salt
    with writing(by=None, at=NOW, verb="change") as w:
        one.phone = "4432"
        w.save(one)
    assert one.veil != first
    assert list(broken_seals()) == []


def test_the_same_texts_again_are_no_new_version() -> None:
    one = person(name="Ana")
    with writing(by=None, at=NOW, verb="change") as w:
        again = w.save(Person(id=one.pk, key="p1", name="Ana"))
    assert Revision.objects.count() == 1
    assert again.veil == one.veil


def test_a_personal_text_changed_behind_the_house_is_found() -> None:
    person(name="Ana")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_person SET name = 'Eve'")
    assert [broken.problem for broken in broken_seals()] == [
        "personal texts of core_person 1 are not those that were written"
    ]


def test_many_rows_written_over_are_kept_and_sealed_as_few_are(places: dict[str, Any]) -> None:
    with writing(by=None, at=NOW, verb="make") as w:
        ids = list(w.new_ids(Facility, 300))
        w.insert(Facility, [(number, (f"K{number}", "before")) for number in ids])
    for name in ("after", "later"):
        with writing(by=None, at=NOW, verb="rename") as w:
            w.overwrite(Facility, [(number, (f"K{number}", name)) for number in ids[:150]])
            w.overwrite(Facility, [(number, (f"K{number}", name)) for number in ids[150:]])
    assert Facility.objects.filter(name="later").count() == 300
    assert FacilityPast.objects.filter(name="after").count() == 300
    assert list(broken_seals()) == []


def test_who_has_left_sees_nothing_whatever_they_held(ana: Any) -> None:
    from pilothouse.core.permissions import viewer_of

    assert viewer_of(ana, NOW).may_somewhere("see_equipment")
    ana.left = True
    assert not viewer_of(ana, NOW).may_somewhere("see_equipment")
