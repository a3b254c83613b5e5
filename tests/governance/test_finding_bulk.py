"""One verb over many findings: what it takes, one revision, undone as one; and nothing where the viewer may not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pilothouse.core.errors import Conflict, Invalid, NotFound
from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Revision
from pilothouse.core.permissions import NotAllowed, Viewer, viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.findings import catch_up, many, open_findings, working
from pilothouse.governance.findings.checking import broken
from pilothouse.kernel.times import OPEN
from tests.conftest import NOW
from tests.governance.standing import Standing, found, stand_up

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain with four findings at NGH-ICU and two at SGH; the first is resolved."""
    standing = stand_up(places)
    at_ngh = [found(places, f"CVE-{n}", due_at=NOW + 60 * DAY) for n in range(4)]
    open_findings(None, [*at_ngh, *(found(places, f"SGH-{n}", "SGH") for n in range(2))], NOW)
    iris = viewer_of(standing.people["iris"], NOW)
    working.resolve(iris, m.Finding.objects.get(key="CVE-0").pk, evidence="Patched", at=NOW)
    return standing


@pytest.fixture
def helm(standing: Standing, chief: Any) -> Viewer:
    """One who may do everything."""
    return viewer_of(chief, NOW)


def ids(*keys: str) -> list[int]:
    """The findings of these keys; of none: all."""
    rows = m.Finding.objects.filter(key__in=keys) if keys else m.Finding.objects.all()
    return list(rows.order_by("id").values_list("id", flat=True))


def states() -> dict[str, tuple[str, str, str]]:
    """By key: state, owner, basis."""
    rows = m.Finding.objects.values_list("key", "state", "owner__key", "basis")
    return {key: tuple(told) for key, *told in rows}


GIVEN: dict[str, dict[str, Any]] = {
    "snooze": {"until": NOW + 3 * DAY, "reason": "The maker was asked"},
    "resolve": {"evidence": "Firmware read at the bedside"},
    "assign": {"to": 0, "note": "Please look"},
}


@pytest.mark.parametrize("verb", GIVEN)
def test_a_verb_over_many_is_one_revision_leaves_out_what_is_closed_and_is_undone_as_one(
    helm: Viewer, standing: Standing, verb: str
) -> None:
    given = {**GIVEN[verb], **({"to": standing.people["sam"].pk} if verb == "assign" else {})}
    before, revisions = states(), Revision.objects.count()
    acted = getattr(many, verb)(helm, ids(), at=SOON, **given)
    assert (len(acted.judged.ids), acted.judged.unfit, acted.judged.locked) == (5, ids("CVE-0"), [])
    assert Revision.objects.count() == revisions + 1
    assert all(after != before[key] for key, after in states().items() if key != "CVE-0")
    assert states()["CVE-0"] == before["CVE-0"]
    catch_up(SOON)
    assert list(broken(SOON)) == []
    undone = many.undo(helm, revision=acted.revision, at=SOON)
    assert (states(), undone.kept) == (before, 0)
    assert m.Ownership.objects.filter(end=OPEN).count() == 5
    assert list(broken_seals()) == []
    with pytest.raises(Conflict, match="since"):
        many.undo(helm, revision=acted.revision, at=SOON)


def test_undo_leaves_what_somebody_changed_meanwhile(helm: Viewer, standing: Standing) -> None:
    acted = many.resolve(helm, ids("CVE-1", "CVE-2"), evidence="Patched", at=SOON)
    working.reopen(helm, ids("CVE-1")[0], reason="Not quite", at=SOON)
    assert many.undo(helm, revision=acted.revision, at=SOON).kept == 1
    assert {states()[key][0] for key in ("CVE-1", "CVE-2")} == {"open"}
    with pytest.raises(NotFound):
        many.undo(viewer_of(standing.people["iris"], NOW), revision=acted.revision, at=SOON)


def test_of_what_was_found_again_only_the_last_is_reopened(helm: Viewer, places: dict[str, Any]) -> None:
    many.resolve(helm, ids("CVE-1", "CVE-2"), evidence="Patched", at=SOON)
    open_findings(None, [found(places, "CVE-1")], SOON)
    many.resolve(helm, ids("CVE-1"), evidence="Patched again", at=SOON)
    open_findings(None, [found(places, "CVE-2")], SOON)
    acted = many.reopen(helm, ids("CVE-0", "CVE-1", "CVE-2"), reason="It came back", at=SOON)
    assert acted.judged.ids == [ids("CVE-0")[0], ids("CVE-1")[1]]
    assert m.Finding.objects.exclude(state="resolved").filter(key="CVE-2").count() == 1


def test_comments_on_many_are_taken_back_as_one(helm: Viewer) -> None:
    acted = many.comment(helm, ids(), text="Asked the maker", at=SOON)
    assert m.FindingNote.objects.filter(text="Asked the maker").count() == 6
    many.undo(helm, revision=acted.revision, at=SOON)
    assert not m.FindingNote.objects.exists()


def test_what_is_wrong_is_said_once_and_nothing_is_done(helm: Viewer, standing: Standing) -> None:
    before = states()
    for verb, given in (
        ("assign", {"to": 10**9}),
        ("snooze", {"until": NOW, "reason": "x"}),
        ("snooze", {"until": NOW + 9 * DAY, "reason": " "}),
        ("resolve", {"evidence": ""}),
        ("comment", {"text": "x" * 10_001}),
    ):
        with pytest.raises(Invalid):
            getattr(many, verb)(helm, ids(), at=SOON, **given)
    assert (states(), m.FindingNote.objects.count()) == (before, 0)


def test_who_may_only_look_changes_nothing_and_what_is_hidden_is_not_counted(
    standing: Standing, person_with: Callable[..., Any]
) -> None:
    auditor = viewer_of(person_with("Aud", "auditor", "NGH"), NOW)
    judged = many.judge(auditor, "snooze", ids())
    assert (judged.ids, judged.unfit, judged.locked) == ([], [], ids("CVE-0", "CVE-1", "CVE-2", "CVE-3"))
    iris = viewer_of(standing.people["iris"], NOW)
    assert many.judge(iris, "snooze", ids()).ids == ids("CVE-1", "CVE-2", "CVE-3")
    token = viewer_of(standing.people["iris"], NOW, only=["see_findings"])
    assert many.judge(token, "snooze", ids()).ids == []


def test_the_page_says_how_many_and_which_not_then_does_it_and_undoes_it(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)
    page = client.post("/findings/", {"do": "snooze", "id": ids("CVE-0", "CVE-1", "CVE-2")}).content.decode()
    assert "Snooze 2 of 3 findings" in page
    assert f"F-{ids('CVE-0')[0]} Pumps are exposed to CVE-0</a>" in page
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    sent = {"do": "snooze", "all": "1", "query": "place=f1", "confirm": "1", "shown": "3"}
    wrong = client.post("/findings/", sent)
    assert wrong.status_code == 422
    moved = client.post("/findings/", {**sent, "shown": "7", "until": until, "reason": "Waits"})
    assert (moved.status_code, states()["CVE-1"][0]) == (409, "open")
    page = client.post(
        "/findings/", {**sent, "until": until, "reason": "Waits"}, follow=True
    ).content.decode()
    assert "3 findings snoozed" in page
    assert {key for key, told in states().items() if told[0] == "snoozed"} == {"CVE-1", "CVE-2", "CVE-3"}
    undo = re.search(r'action="(/findings/undo/\d+/)"', page)
    assert undo
    assert "Undone" in client.post(undo[1], follow=True).content.decode()
    assert states()["CVE-1"][0] == "open"


def test_the_api_lists_what_was_owned_by_whom_on_a_past_day(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    many.assign(viewer_of(chief, NOW), ids("CVE-1"), to=standing.people["sam"].pk, at=NOW + 2 * DAY)

    def owners(query: str) -> dict[str, str]:
        rows = client_of(chief).get(f"/api/v1/findings?{query}").json()["items"]
        return {row["title"]: row["owner"] for row in rows}

    title = "Pumps are exposed to CVE-1"
    assert owners("")[title] == "Sam"
    assert owners("as_of=2026-11-03")[title] == "Iris"
    assert owners("as_of=2026-10-30") == {}
    assert title not in owners(f"as_of=2026-11-03&owner={standing.people['sam'].pk}")


def test_reopening_is_offered_for_what_is_resolved(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)
    assert 'value="reopen"' not in client.get("/findings/").content.decode()
    assert 'value="reopen"' in client.get("/findings/?state=resolved").content.decode()


def test_the_preview_costs_as_many_queries_for_one_as_for_many(
    standing: Standing, places: dict[str, Any], chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/findings/", {"do": "resolve", "all": "1"}).status_code == 200
        return len(queries)

    few = asked()
    open_findings(None, [found(places, f"MORE-{n}") for n in range(60)], NOW)
    assert asked() == few


def test_the_api_previews_does_and_undoes(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)

    def call(verb: str, **body: Any) -> Any:
        told = client.post(
            f"/api/v1/findings/bulk/{verb}",
            json.dumps(body),
            "application/json",
            headers={"X-CSRFToken": "x"},
        )
        return told.status_code, told.json()

    _, told = call("resolve", ids=ids(), evidence="Patched", preview=True)
    assert (told["chosen"], told["taken"], told["revision"]) == (6, 5, None)
    assert told["left_out"] == [{"number": 1, "why": "is resolved already", "ids": ids("CVE-0")}]
    assert states()["CVE-1"][0] == "open"
    _, told = call("resolve", filter="place=f1", evidence="Patched")
    assert (told["taken"], states()["CVE-1"][0], states()["SGH-0"][0]) == (3, "resolved", "open")
    assert call("undo", revision=told["revision"])[1]["undone"] == 3
    assert call("resolve", evidence="x")[0] == 422
    assert call("resolve", filter="colour=red", evidence="x")[0] == 422
    assert call("undo", revision=1)[0] == 404


def test_undo_asks_what_one_may_now(helm: Viewer, standing: Standing) -> None:
    acted = many.snooze(helm, ids(), at=SOON, **GIVEN["snooze"])
    noted = many.comment(helm, ids(), text="Seen", at=SOON)
    before = states()
    reader = viewer_of(helm.person, NOW, {"see_equipment"})
    for revision in (acted.revision, noted.revision):
        with pytest.raises((NotAllowed, NotFound, Conflict)):
            many.undo(reader, revision=revision, at=SOON)
    assert states() == before
    assert many.undo(helm, revision=noted.revision, at=SOON).judged.chosen == len(ids())
