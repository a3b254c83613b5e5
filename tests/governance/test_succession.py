"""The helm moves: what changes is said first, there is never a moment without one, and never two."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core.errors import Conflict, Invalid, Stale
from pilothouse.core.permissions import NotAllowed, Viewer, viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.check import errors
from pilothouse.governance.command import actions, succession
from pilothouse.governance.command.validity import Refused
from pilothouse.governance.findings import catch_up, open_findings
from pilothouse.governance.findings.checking import broken
from pilothouse.governance.recorded import whole
from pilothouse.kernel.times import OPEN, as_instant
from tests.conftest import NOW
from tests.governance.standing import Standing, away, found, stand_up

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain; all below the helm are away, so that what was found is at the helm."""
    standing = stand_up(places)
    for key in ("hugo", "dora", "nora", "iris"):
        away(standing.people[key], NOW - DAY, NOW + 99 * DAY)
    open_findings(None, [found(places)], NOW)
    return standing


@pytest.fixture
def helm(standing: Standing, chief: Any) -> Viewer:
    """Who may edit the whole chain."""
    return viewer_of(chief, NOW)


def test_what_changes_is_said_and_then_done_and_findings_follow(helm: Viewer, standing: Standing) -> None:
    sam, now = standing.people["sam"].pk, as_instant(NOW)
    told = succession.outlook(helm, sam, start=now, now=now)
    assert told.changes[0] == "Sam holds The helm from now on; Fin no longer does."
    assert "1 open finding that waits for Fin at the helm goes to Sam" in told.changes[2]
    assert [one.split(";")[0] for one in told.warnings][1:] == [
        "Sam cannot sign in.",
        "No way to reach Sam is known.",
    ]
    assert m.Finding.objects.get().owner.key == "fin"
    succession.succeed(helm, sam, at=NOW, start=now)
    catch_up(NOW)
    assert m.Finding.objects.get().owner.key == "sam"
    assert list(broken(NOW)) == []
    held = m.Appointment.objects.filter(position__helm=True, kind="holder").order_by("start")
    assert list(held.values_list("person__key", "end")) == [("fin", now), ("sam", OPEN)]


def test_a_planned_succession_takes_effect_on_its_day(helm: Viewer, standing: Standing) -> None:
    succession.succeed(helm, standing.people["sam"].pk, at=NOW, start=as_instant(NOW + 7 * DAY))
    catch_up(NOW + 6 * DAY)
    assert m.Finding.objects.get().owner.key == "fin"
    catch_up(NOW + 8 * DAY)
    assert m.Finding.objects.get().owner.key == "sam"


def test_there_is_never_a_moment_without_a_helm_nor_two(helm: Viewer, standing: Standing) -> None:
    fin = m.Appointment.objects.get(position__helm=True, kind="holder")
    with pytest.raises(Refused):
        actions.end_appointment(fin.pk, by=helm, at=NOW, end=as_instant(NOW + DAY))
    succession.succeed(helm, standing.people["sam"].pk, at=NOW, start=as_instant(NOW + 7 * DAY))
    with pytest.raises(Invalid, match="only from"):
        succession.succeed(helm, standing.people["fin"].pk, at=NOW, start=as_instant(NOW + DAY))
    with pytest.raises(Conflict, match="already"):
        succession.succeed(helm, standing.people["sam"].pk, at=NOW, start=as_instant(NOW + 9 * DAY))
    actions.add_position(by=helm, at=NOW, key="TWO", title="Two", reports_to=fin.position_id)
    one = m.Position.objects.get(key="TWO")
    with pytest.raises(Refused):
        actions.change_position(fin.position_id, by=helm, at=NOW, reports_to=one.pk)
    assert not errors(whole().rows)


def test_who_edits_only_a_part_of_the_chain_does_not_move_the_helm(
    standing: Standing, person_with: Any, client_of: Any
) -> None:
    hilde = person_with("Hilde", "htm_manager", "NGH")
    with pytest.raises(NotAllowed):
        succession.succeed(viewer_of(hilde, NOW), standing.people["sam"].pk, at=NOW, start=as_instant(NOW))
    assert client_of(hilde).get("/chain/helm/").status_code == 403


def test_the_page_asks_shows_and_moves_and_can_be_undone(
    standing: Standing, chief: Any, client_of: Any
) -> None:
    client = client_of(chief)
    assert 'href="/chain/helm/"' in client.get(f"/chain/{standing.positions['HELM'].pk}/").content.decode()
    sent = {"person": "sam", "begins": "", "since": succession.helm().since}
    page = client.post("/chain/helm/", sent).content.decode()
    assert "What changes" in page
    assert succession.helm().holder.key == "fin"
    done = client.post("/chain/helm/", {**sent, "confirm": "1"}, follow=True).content.decode()
    assert "Sam holds The helm" in done
    assert succession.helm().holder.key == "sam"
    again = client.post("/chain/helm/", {**sent, "person": "fin", "confirm": "1"})
    assert (again.status_code, succession.helm().holder.key) == (422, "sam")


def test_the_api_previews_and_moves_with_the_version_that_was_read(
    standing: Standing, chief: Any, client_of: Any
) -> None:
    client = client_of(chief)

    def call(tag: str = "", **body: Any) -> Any:
        headers = {"X-CSRFToken": "x", **({"If-Match": tag} if tag else {})}
        url = "/api/v1/chain/helm/succeed"
        return client.post(url, json.dumps(body), "application/json", headers=headers)

    read = client.get("/api/v1/chain/helm")
    assert read.json()["name"] == "Fin"
    sam = standing.people["sam"].pk
    assert call(person=sam, preview=True).json()["revision"] is None
    assert call(person=sam).status_code == 428
    assert call('"1"', person=sam).status_code == 412
    later = (timezone.now() + DAY).isoformat()
    assert call(read["ETag"], person=sam, starts_at=later).json()["revision"] > 0
    assert succession.helm().holder.key == "sam"


def test_the_second_of_two_is_told(helm: Viewer, standing: Standing) -> None:
    seen = succession.helm().since
    succession.succeed(helm, standing.people["sam"].pk, at=NOW, start=as_instant(NOW), seen=seen)
    with pytest.raises(Stale):
        succession.succeed(helm, standing.people["hugo"].pk, at=NOW, start=as_instant(NOW + DAY), seen=seen)
