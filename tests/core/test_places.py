"""Facilities and units by hand: who may, what follows, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.core import places as actions
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Job, Unit
from pilothouse.core.permissions import NotAllowed, Viewer, viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.command.validity import Refused
from pilothouse.governance.findings import catch_up, open_findings
from pilothouse.governance.findings.checking import broken
from pilothouse.kernel.times import OPEN, as_instant
from tests.conftest import NOW
from tests.governance.standing import Standing, found, stand_up

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def helm(chief: Any) -> Viewer:
    """Who may do everything."""
    return viewer_of(chief, NOW)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain, with a finding at NGH-ICU and one at NGH-OR."""
    standing = stand_up(places)
    open_findings(None, [found(places), found(places, "CVE-2", "NGH-OR")], NOW)
    return standing


def owned() -> dict[str, list[str]]:
    """By key: the owner, and the facility the finding is in."""
    catch_up(SOON)
    return {key: told for key, *told in m.Finding.objects.values_list("key", "owner__key", "facility__key")}


def test_a_facility_and_a_unit_are_added_and_the_register_is_told(helm: Viewer) -> None:
    made = actions.add_facility(by=helm, at=NOW, key="EGH", name=" East  General ").place
    unit = actions.add_unit(by=helm, at=NOW, facility=made.pk, key="EGH-ICU", name="ICU").place
    assert (made.name, unit.facility_id, unit.end) == ("East General", made.pk, OPEN)
    assert Job.objects.filter(kind="place_devices").count() == 1
    for key in ("EGH-ICU", "two words", "", "x" * 61):
        with pytest.raises(Invalid):
            actions.add_unit(by=helm, at=NOW, facility=made.pk, key=key, name="ICU")
    assert list(broken_seals()) == []


def test_a_unit_that_moves_takes_its_findings_along_and_the_chain_names_their_owner_anew(
    helm: Viewer, standing: Standing, places: dict[str, Any]
) -> None:
    assert owned()["CVE-2"] == ["nora", "NGH"]
    theatre = places["NGH-OR"]
    actions.change_unit(theatre.pk, by=helm, at=SOON, since=theatre.since, facility=places["SGH"].pk)
    assert owned() == {"CVE-1": ["iris", "NGH"], "CVE-2": ["hugo", "SGH"]}
    assert list(broken(SOON)) == []


def test_what_stands_in_a_unit_that_closes_goes_to_its_facility_and_comes_back_when_it_opens(
    helm: Viewer, standing: Standing, places: dict[str, Any]
) -> None:
    icu = places["NGH-ICU"]
    done = actions.change_unit(icu.pk, by=helm, at=SOON, since=icu.since, end=as_instant(SOON))
    assert owned()["CVE-1"][0] == "nora"
    actions.change_unit(icu.pk, by=helm, at=SOON, since=done.revision, end=OPEN)
    assert owned()["CVE-1"][0] == "iris"


def test_a_facility_closes_with_all_its_units(helm: Viewer, places: dict[str, Any]) -> None:
    where = places["SGH"]
    actions.close_facility(where.pk, by=helm, at=SOON, since=where.since, end=as_instant(SOON))
    assert set(Unit.objects.filter(facility=where).values_list("end", flat=True)) == {as_instant(SOON)}
    with pytest.raises(Conflict):
        actions.close_facility(where.pk, by=helm, at=SOON, since=where.since, end=as_instant(SOON))


def test_the_last_unit_does_not_leave_a_facility_that_the_chain_names(
    helm: Viewer, standing: Standing, places: dict[str, Any]
) -> None:
    for key in ("NGH-ICU", "NGH-OR"):
        one = Unit.objects.get(key=key)
        if key == "NGH-OR":
            with pytest.raises(Refused, match="NGH"):
                actions.change_unit(one.pk, by=helm, at=SOON, since=one.since, facility=places["SGH"].pk)
        else:
            actions.change_unit(one.pk, by=helm, at=SOON, since=one.since, facility=places["SGH"].pk)
    assert Unit.objects.get(key="NGH-OR").facility == places["NGH"]


def test_the_second_of_two_savers_overwrites_nothing(helm: Viewer, places: dict[str, Any]) -> None:
    icu = places["NGH-ICU"]
    actions.change_unit(icu.pk, by=helm, at=NOW, since=icu.since, name="Intensive care")
    with pytest.raises(Stale):
        actions.change_unit(icu.pk, by=helm, at=NOW, since=icu.since, name="ITU")
    now = Unit.objects.get(pk=icu.pk)
    with writing(by=None, at=NOW, verb="begin") as w:
        now.start = as_instant(NOW)
        w.save(now)
    with pytest.raises(Invalid):
        actions.change_unit(icu.pk, by=helm, at=NOW, since=now.since, end=as_instant(NOW - DAY))


def test_who_works_at_one_house_changes_its_places_alone(
    places: dict[str, Any], person_with: Callable[..., Any], ana: Any
) -> None:
    htm = viewer_of(person_with("Hilde", "htm_manager", "NGH"), NOW)
    icu, other = places["NGH-ICU"], places["SGH-ICU"]
    actions.change_unit(icu.pk, by=htm, at=NOW, since=icu.since, name="Intensive care")
    with pytest.raises(NotFound):
        actions.change_unit(other.pk, by=htm, at=NOW, since=other.since, name="Mine")
    icu = Unit.objects.get(pk=icu.pk)
    with pytest.raises(NotAllowed):
        actions.change_unit(icu.pk, by=htm, at=NOW, since=icu.since, facility=places["SGH"].pk)
    with pytest.raises(NotAllowed):
        actions.add_facility(by=htm, at=NOW, key="EGH", name="East")
    with pytest.raises(NotAllowed):
        actions.add_unit(by=viewer_of(ana, NOW), at=NOW, facility=places["NGH"].pk, key="X", name="X")


def test_the_pages_show_what_hangs_on_a_place_and_save(
    standing: Standing, places: dict[str, Any], chief: Any, ana: Any, ben: Any, client_of: Any
) -> None:
    icu, client = places["NGH-ICU"], client_of(chief)
    url = f"/places/units/{icu.pk}/"
    page = client.get(url).content.decode()
    for told in ("1 open finding", "1 office", "1 mandate"):
        assert told in page
    sent = {"since": icu.since, "name": "Intensive care", "facility": places["NGH"].pk, "end": ""}
    assert client.post(url, sent).status_code == 302
    assert Unit.objects.get(pk=icu.pk).name == "Intensive care"
    assert client.post(url, sent).status_code == 409
    assert '<form class="form"' not in client_of(ana).get(url).content.decode()
    assert client_of(ana).post(url, sent).status_code == 403
    assert client_of(ben).get(url).status_code == 404
    assert client.get("/places/facilities/new/").status_code == 200
    made = client.post("/places/facilities/new/", {"key": "EGH", "name": "East General"})
    assert client.get(made["Location"]).status_code == 200
    unit = client.post(made["Location"], {"key": "EGH-ICU", "name": "ICU", "start": "2026-11-01"})
    assert unit["Location"] == f"/places/units/{Unit.objects.get(key='EGH-ICU').pk}/"
    where = f"/places/facilities/{places['SGH'].pk}/"
    closed = {"since": places["SGH"].since, "end": "2026-11-30"}
    assert client.post(f"{where}close/", closed).status_code == 302
    assert "closes" in client.get(f"/places/units/{places['SGH-ICU'].pk}/").content.decode()
    assert client.post(where, {"since": places["SGH"].since, "name": "South"}).status_code == 302


def test_a_place_costs_as_many_queries_whatever_hangs_on_it(
    standing: Standing, places: dict[str, Any], chief: Any, client_of: Any
) -> None:
    client = client_of(chief)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/places/facilities/{places['NGH'].pk}/").status_code == 200
        return len(queries)

    few = asked()
    with writing(by=None, at=NOW, verb="more") as w:
        for n in range(30):
            w.save(Unit(key=f"U{n}", name=f"U{n}", facility=places["NGH"]))
    open_findings(None, [found(places, f"MORE-{n}") for n in range(30)], NOW)
    catch_up(NOW)
    asked()
    assert asked() <= few


def test_the_api_adds_changes_moves_and_closes(places: dict[str, Any], chief: Any, client_of: Any) -> None:
    client = client_of(chief)

    def call(method: str, path: str, tag: str = "", **body: Any) -> Any:
        headers = {"X-CSRFToken": "x", **({"If-Match": tag} if tag else {})}
        return client.generic(
            method, f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers
        )

    made = call("POST", "facilities", key="EGH", name="East")
    assert made.status_code == 201
    unit = call("POST", "units", key="EGH-ICU", name="ICU", facility=made.json()["id"])
    assert (unit.status_code, unit.json()["facility"]["key"]) == (201, "EGH")
    path = f"units/{unit.json()['id']}"
    assert call("PATCH", path, name="x").status_code == 428
    moved = call("PATCH", path, client.get(f"/api/v1/{path}")["ETag"], facility=places["SGH"].pk)
    assert moved.json()["facility"]["key"] == "SGH"
    assert call("PATCH", path, '"1"', name="x").status_code == 412
    ended = call("PATCH", path, moved["ETag"], ends_at="2027-01-01T00:00:00Z")
    assert ended.json()["ends_at"].startswith("2027-01-01")
    assert call("PATCH", path, ended["ETag"], ends_at=None).json()["ends_at"] is None
    where = f"facilities/{places['SGH'].pk}"
    tag = client.get(f"/api/v1/{where}")["ETag"]
    renamed = call("PATCH", where, tag, name="South")
    closed = call("POST", f"{where}/close", renamed["ETag"], ends_at="2027-02-01T00:00:00Z")
    assert (closed.status_code, Unit.objects.get(key="SGH-ED").end) == (200, 1801440000000000)
