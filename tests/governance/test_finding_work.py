"""What people do with one finding: permitted, never over somebody else's change, and undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Revision
from pilothouse.core.permissions import NotAllowed, Viewer, viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.findings import catch_up, open_findings, working
from pilothouse.kernel.times import OPEN, as_instant
from tests.conftest import NOW
from tests.governance.standing import Standing, away, found, stand_up

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain with one finding, due in 14 days."""
    standing = stand_up(places)
    open_findings(None, [found(places, due_at=NOW + 14 * DAY)], NOW)
    return standing


@pytest.fixture
def helm(standing: Standing, chief: Any) -> Viewer:
    """One who may do everything."""
    return viewer_of(chief, NOW)


def only() -> Any:
    """The one finding there is."""
    return m.Finding.objects.get()


def act(helm: Viewer, verb: str, **rest: Any) -> int:
    """One action on the one finding."""
    done: int = getattr(working, verb)(helm, only().pk, at=rest.pop("at", SOON), **rest)
    return done


def test_a_snoozed_clock_stands_still(helm: Viewer) -> None:
    act(helm, "snooze", until=NOW + 3 * DAY, reason="The maker was asked")
    one = only()
    assert (one.state, one.reason) == ("snoozed", "The maker was asked")
    assert one.due_at == as_instant(NOW + 17 * DAY - timedelta(hours=1))
    act(helm, "wake_finding", at=NOW + 2 * DAY)
    one = only()
    assert (one.state, one.snoozed_until, one.reason) == ("open", OPEN, "")
    assert one.due_at == as_instant(NOW + 16 * DAY - timedelta(hours=1))
    assert json.loads(one.pauses) == [[as_instant(SOON), as_instant(NOW + 2 * DAY)]]


def test_a_snoozed_finding_wakes_on_its_day(helm: Viewer) -> None:
    catch_up(NOW)
    act(helm, "snooze", until=NOW + 3 * DAY, reason="The maker was asked")
    catch_up(NOW + 2 * DAY)
    assert only().state == "snoozed"
    assert catch_up(NOW + 4 * DAY)
    assert only().state == "open"
    assert only().due_at == as_instant(NOW + 17 * DAY - timedelta(hours=1))


def test_a_snooze_can_be_made_longer_and_needs_a_later_day_and_a_reason(helm: Viewer) -> None:
    act(helm, "snooze", until=NOW + 3 * DAY, reason="The maker was asked")
    act(helm, "snooze", until=NOW + 5 * DAY, reason="The maker asks for time")
    assert len(json.loads(only().pauses)) == 1
    with pytest.raises(Invalid, match="after today"):
        act(helm, "snooze", until=NOW, reason="x")
    with pytest.raises(Invalid, match="why"):
        act(helm, "snooze", until=NOW + 9 * DAY, reason=" ")


def test_resolving_needs_evidence_and_ends_the_ownership(helm: Viewer) -> None:
    with pytest.raises(Invalid, match="proves"):
        act(helm, "resolve", evidence="")
    act(helm, "resolve", evidence="Firmware 22D32 read at the bedside")
    assert (only().state, only().closed_at) == ("resolved", as_instant(SOON))
    assert not m.Ownership.objects.filter(end=OPEN).exists()
    with pytest.raises(Conflict, match="already"):
        act(helm, "resolve", evidence="again")


def test_what_is_reopened_gets_the_owner_of_now(helm: Viewer, standing: Standing) -> None:
    act(helm, "resolve", evidence="Patched")
    away(standing.people["iris"], NOW, NOW + 9 * DAY)
    act(helm, "reopen", reason="It came back", at=NOW + DAY)
    assert (only().state, only().owner.key) == ("open", "nora")
    assert m.Ownership.objects.filter(end=OPEN).count() == 1


def test_what_was_found_again_since_is_not_reopened(helm: Viewer, places: dict[str, Any]) -> None:
    first = only().pk
    act(helm, "resolve", evidence="Patched")
    open_findings(None, [found(places)], NOW + DAY)
    with pytest.raises(Conflict, match="F-2"):
        working.reopen(helm, first, reason="It came back", at=NOW + DAY)


def test_assigning_and_handing_back(helm: Viewer, standing: Standing) -> None:
    act(helm, "assign", to=standing.people["hugo"].pk)
    one = only()
    assert (one.owner.key, one.position.key, one.basis) == ("hugo", "HTM", "assigned")
    act(helm, "hand_back", at=NOW + DAY)
    assert (only().owner.key, only().basis) == ("iris", "chain")
    assert list(m.Ownership.objects.order_by("start").values_list("person__key", flat=True)) == [
        "iris",
        "hugo",
        "iris",
    ]
    with pytest.raises(Conflict, match="not assigned"):
        act(helm, "hand_back")


def test_nobody_is_assigned_who_is_away_or_unknown(helm: Viewer, standing: Standing) -> None:
    away(standing.people["sam"], NOW, NOW + DAY)
    with pytest.raises(Invalid, match="away"):
        act(helm, "assign", to=standing.people["sam"].pk)
    with pytest.raises(Invalid, match="person"):
        act(helm, "assign", to=999)


def test_a_severity_set_by_hand_stays(helm: Viewer, places: dict[str, Any]) -> None:
    act(helm, "change_severity", severity="low", reason="Not on the network")
    open_findings(None, [found(places, severity="critical", title="Worse")], NOW + DAY)
    assert (only().severity, only().title) == (4, "Worse")
    with pytest.raises(Invalid):
        act(helm, "change_severity", severity="grave", reason="x")


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("snooze", {"until": NOW + 3 * DAY, "reason": "x"}),
        ("resolve", {"evidence": "x"}),
        ("change_severity", {"severity": "low", "reason": "x"}),
        ("assign", {"to": 0}),
    ],
)
def test_each_can_be_undone_until_somebody_changes_it(
    helm: Viewer, standing: Standing, verb: str, given: dict[str, Any]
) -> None:
    if "to" in given:
        given = {"to": standing.people["sam"].pk}
    before = m.Finding.objects.values_list(
        "state", "due_at", "severity", "owner", "basis", "reason", "evidence"
    ).get()
    done = act(helm, verb, **given)
    assert done == only().since
    act(helm, "undo", revision=done)
    assert (
        m.Finding.objects.values_list(
            "state", "due_at", "severity", "owner", "basis", "reason", "evidence"
        ).get()
        == before
    )
    assert m.Ownership.objects.filter(end=OPEN).count() == 1
    with pytest.raises(Conflict, match="since"):
        act(helm, "undo", revision=done)
    assert list(broken_seals()) == []


def test_only_who_did_it_undoes_it(helm: Viewer, ana: Any) -> None:
    done = act(helm, "resolve", evidence="x")
    with pytest.raises(NotAllowed):
        working.undo(viewer_of(ana, NOW), only().pk, revision=done, at=SOON)


def test_two_people_at_once_overwrite_nothing(helm: Viewer, standing: Standing) -> None:
    seen = only().since
    act(helm, "change_severity", severity="low", reason="x", seen=seen)
    with pytest.raises(Stale) as stale:
        act(helm, "resolve", evidence="x", seen=seen)
    assert stale.value.since == only().since
    assert only().state == "open"


def test_comments_need_no_version_and_are_taken_back_by_who_said_them(helm: Viewer, ana: Any) -> None:
    note = act(helm, "comment", text="  Asked the maker.\x00 ")
    assert m.FindingNote.objects.get().text == "Asked the maker."
    with pytest.raises(NotFound):
        working.take_back_comment(viewer_of(ana, NOW), note, at=SOON)
    working.take_back_comment(helm, note, at=SOON)
    assert not m.FindingNote.objects.exists()
    assert m.FindingNotePast.objects.count() == 1
    with pytest.raises(Invalid):
        act(helm, "comment", text="x" * 10_001)


def test_an_outsider_does_not_even_learn_that_it_exists(
    standing: Standing, ben: Any, person_with: Callable[..., Any]
) -> None:
    before = Revision.objects.count()
    for verb, given in (
        ("comment", {"text": "x"}),
        ("resolve", {"evidence": "x"}),
        ("assign", {"to": ben.pk}),
    ):
        with pytest.raises(NotFound):
            getattr(working, verb)(viewer_of(ben, NOW), only().pk, at=SOON, **given)
    assert Revision.objects.count() == before


def test_who_may_look_may_not_work(standing: Standing, person_with: Callable[..., Any]) -> None:
    auditor = viewer_of(person_with("Aud", "auditor"), NOW)
    with pytest.raises(NotAllowed):
        working.comment(auditor, only().pk, text="x", at=SOON)


def test_whoever_owns_it_may_work_on_it_without_any_role(standing: Standing) -> None:
    iris = viewer_of(standing.people["iris"], NOW)
    working.comment(iris, only().pk, text="Mine", at=SOON)
    working.resolve(iris, only().pk, evidence="Done", at=SOON)
    with_token = viewer_of(standing.people["iris"], NOW, only=["see_equipment"])
    with pytest.raises(NotFound):
        working.comment(with_token, only().pk, text="x", at=SOON)
