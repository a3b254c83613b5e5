"""Every open finding has one owner, whom the chain names unless a person did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Revision, Unit
from pilothouse.core.permissions import viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.findings import (
    NobodyAtTheHelm,
    catch_up,
    close_missing,
    open_findings,
    reown,
    working,
)
from pilothouse.governance.findings.rows import Record
from pilothouse.kernel.times import as_instant
from tests.conftest import NOW
from tests.governance.standing import Standing, away, found, owners, stand_up

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain."""
    return stand_up(places)


def only() -> Any:
    """The one finding there is."""
    return m.Finding.objects.get()


def test_the_columns_of_a_row_are_those_of_the_table() -> None:
    names = [f.name for f in m.Finding._meta.concrete_fields if f.name not in ("id", "since")]
    assert list(Record._fields) == names


def test_each_finding_is_given_to_whom_the_chain_names(places: dict[str, Any], standing: Standing) -> None:
    opened = open_findings(
        None,
        [
            found(places, "1"),
            found(places, "2", "NGH-OR"),
            found(places, "3", "SGH-ED"),
            found(places, "4", "NGH"),
        ],
        NOW,
    )
    assert len(opened.new) == 4
    assert list(owners()) == [
        ("1", "iris", "chain"),
        ("2", "nora", "chain"),
        ("3", "hugo", "chain"),
        ("4", "nora", "chain"),
    ]
    assert set(m.Ownership.objects.values_list("finding_id", flat=True)) == set(opened.new)
    assert list(broken_seals()) == []


def test_the_same_thing_is_found_once_and_told_what_changed(
    places: dict[str, Any], standing: Standing
) -> None:
    open_findings(None, [found(places)], NOW)
    again = open_findings(None, [found(places)], NOW + HOUR)
    assert (again.new, again.changed, again.unchanged) == ([], 0, 1)
    worse = open_findings(None, [found(places, severity="critical", detail={"devices": 3})], NOW + HOUR)
    assert worse.changed == 1
    assert (only().severity, only().detail) == (1, '{"devices":3}')


def test_what_moves_to_another_place_finds_another_owner(places: dict[str, Any], standing: Standing) -> None:
    open_findings(None, [found(places)], NOW)
    open_findings(None, [found(places, place="SGH-ED")], NOW + HOUR)
    assert only().owner.key == "hugo"
    spans = list(m.Ownership.objects.order_by("start").values_list("person__key", "start", "end"))
    assert [span[0] for span in spans] == ["iris", "hugo"]
    assert spans[0][2] == spans[1][1] == as_instant(NOW + HOUR)


def test_what_is_no_longer_found_is_resolved_and_may_be_found_anew(
    places: dict[str, Any], standing: Standing
) -> None:
    open_findings(None, [found(places, "1"), found(places, "2")], NOW)
    assert close_missing("exposure", {"2"}, NOW + HOUR, "The advisory no longer names it") == 1
    assert close_missing("recall", set(), NOW + HOUR, "") == 0
    assert m.Finding.objects.get(key="1").state == "resolved"
    assert not m.Ownership.objects.filter(
        finding__key="1", end=m.FindingPast._meta.get_field("due_at").default
    ).exists()
    assert len(open_findings(None, [found(places, "1")], NOW + 2 * HOUR).new) == 1


def test_an_absence_hands_over_at_its_begin_and_back_at_its_end(
    places: dict[str, Any], standing: Standing
) -> None:
    open_findings(None, [found(places)], NOW)
    away(standing.people["iris"], NOW + HOUR, NOW + 3 * HOUR)
    catch_up(NOW)
    assert only().owner.key == "iris"
    assert catch_up(NOW + HOUR)
    assert only().owner.key == "nora"
    assert not catch_up(NOW + 2 * HOUR)
    assert catch_up(NOW + 3 * HOUR)
    assert only().owner.key == "iris"


def test_after_a_worker_stood_still_each_interval_begins_when_it_was_due(
    places: dict[str, Any], standing: Standing
) -> None:
    open_findings(None, [found(places)], NOW)
    away(standing.people["iris"], NOW + HOUR, NOW + 9 * HOUR)
    away(standing.people["nora"], NOW + 3 * HOUR, NOW + 5 * HOUR)
    catch_up(NOW)
    revisions = Revision.objects.count()
    catch_up(NOW + 7 * HOUR)
    told = m.Ownership.objects.order_by("start", "id").values_list("person__key", "start", "end")
    hours = [(who, *((at - as_instant(NOW)) // 3_600_000_000 for at in span)) for who, *span in told]
    assert hours[:-1] == [("iris", 0, 1), ("nora", 1, 3), ("hugo", 3, 5)]
    assert hours[-1][:2] == ("nora", 5)
    entry = Revision.objects.latest("id")
    assert (Revision.objects.count(), entry.at) == (revisions + 1, NOW + 7 * HOUR)
    assert list(broken_seals()) == []


def test_what_is_said_later_counts_from_when_it_was_said(places: dict[str, Any], standing: Standing) -> None:
    open_findings(None, [found(places)], NOW)
    catch_up(NOW)
    with writing(by=None, at=NOW + 4 * HOUR, verb="make_absence") as w:
        w.save(
            m.Absence(
                person=standing.people["iris"], start=as_instant(NOW + HOUR), end=as_instant(NOW + 6 * HOUR)
            )
        )
    catch_up(NOW + 9 * HOUR)
    told = m.Ownership.objects.order_by("start", "id").values_list("person__key", "start")
    assert list(told) == [
        ("iris", as_instant(NOW)),
        ("nora", as_instant(NOW + 4 * HOUR)),
        ("iris", as_instant(NOW + 6 * HOUR)),
    ]


def test_with_nothing_due_catching_up_is_one_query(
    places: dict[str, Any], standing: Standing, django_assert_num_queries: Callable[..., Any]
) -> None:
    open_findings(None, [found(places)], NOW)
    catch_up(NOW)
    with django_assert_num_queries(1):
        assert not catch_up(NOW + HOUR)


def test_a_changed_chain_is_noticed_by_itself(places: dict[str, Any], standing: Standing) -> None:
    open_findings(None, [found(places)], NOW)
    catch_up(NOW)
    with writing(by=None, at=NOW, verb="end_mandate") as w:
        w.remove(m.Mandate, [m.Mandate.objects.get(unit=places["NGH-ICU"]).pk])
    assert catch_up(NOW + HOUR)
    assert only().owner.key == "nora"
    with writing(by=None, at=NOW, verb="close_unit") as w:
        unit = Unit.objects.get(key="NGH-ICU")
        unit.end = as_instant(NOW + 2 * HOUR)
        w.save(unit)
    catch_up(NOW + 3 * HOUR)
    assert only().owner.key == "nora"


def test_assigned_holds_until_that_person_is_away(
    places: dict[str, Any], standing: Standing, chief: Any
) -> None:
    viewer = viewer_of(chief, NOW)
    open_findings(None, [found(places)], NOW)
    working.assign(viewer, only().pk, to=standing.people["sam"].pk, at=NOW)
    assert reown(NOW + HOUR) == 0
    assert (only().owner.key, only().basis) == ("sam", "assigned")
    away(standing.people["sam"], NOW + HOUR, NOW + 2 * HOUR)
    catch_up(NOW + HOUR)
    assert (only().owner.key, only().basis) == ("iris", "chain")
    catch_up(NOW + 3 * HOUR)
    assert only().owner.key == "iris"


def test_what_is_assigned_to_somebody_who_left_goes_to_the_chain(
    places: dict[str, Any], standing: Standing, chief: Any
) -> None:
    open_findings(None, [found(places)], NOW)
    working.assign(viewer_of(chief, NOW), only().pk, to=standing.people["sam"].pk, at=NOW)
    with writing(by=None, at=NOW, verb="leave") as w:
        standing.people["sam"].left = True
        w.save(standing.people["sam"])
    catch_up(NOW + HOUR)
    assert only().owner.key == "iris"


def test_without_a_chain_whoever_holds_the_helm_owns(places: dict[str, Any], chief: Any) -> None:
    open_findings(None, [found(places)], NOW)
    assert list(owners()) == [("CVE-1", "chief", "helm")]
    stand_up(places)
    catch_up(NOW + HOUR)
    assert list(owners()) == [("CVE-1", "iris", "chain")]


def test_without_chain_and_helm_nothing_is_opened(places: dict[str, Any], ana: Any) -> None:
    before = Revision.objects.count()
    with pytest.raises(NobodyAtTheHelm, match="role Helm"):
        open_findings(None, [found(places)], NOW)
    assert m.Finding.objects.count() == 0
    assert Revision.objects.count() == before


def test_the_database_refuses_a_finding_without_owner_and_two_owners_at_once(
    places: dict[str, Any], standing: Standing
) -> None:
    open_findings(None, [found(places)], NOW)
    one = only()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_finding SET owner_id = NULL")
    with pytest.raises(IntegrityError), transaction.atomic():
        m.Ownership.objects.create(
            finding=one, person=standing.people["sam"], basis="assigned", start=as_instant(NOW)
        )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO governance_finding SELECT * FROM governance_finding")


def test_another_room_opens_findings_within_its_own_revision(
    places: dict[str, Any], standing: Standing
) -> None:
    before = Revision.objects.count()
    with writing(by=None, at=NOW, verb="expose", note="105 pumps") as w:
        open_findings(w, [found(places)], NOW)
        close_missing("exposure", {"CVE-1"}, NOW, "gone", w=w)
        assert reown(NOW, w=w) == 0
    assert Revision.objects.count() == before + 1
