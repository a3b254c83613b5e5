"""The API of the chain: who answers, and changes that name the version they were made on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.world import World, chain

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(places: dict[str, Any], chief: Any) -> dict[str, Any]:
    world = World(places, chief)
    chain(world, chief)
    return world.seen


def test_anybody_may_ask_who_decides(
    office: dict[str, Any], places: dict[str, Any], ben: Any, caller: Any
) -> None:
    told = caller(ben).get(f"who?topic=recall&unit={places['SGH-ICU'].pk}&at=2026-11-04T09:00:00Z").json()
    assert (told["person"], told["position"], told["place"]) == (
        "chief",
        "sgh",
        {"kind": "unit", "id": "SGH-ICU"},
    )


def test_without_a_chain_that_is_said(places: dict[str, Any], ben: Any, caller: Any) -> None:
    answer = caller(ben).get("who?topic=recall")
    assert answer.status_code == 422
    assert "no chain of command yet" in answer.json()["detail"]


def test_a_change_needs_the_version_that_was_read(office: dict[str, Any], chief: Any, caller: Any) -> None:
    mine, path = caller(chief), f"chain/positions/{office['position']}"
    tag = mine.get(path).headers["ETag"]
    assert mine.call("PATCH", path, {"title": "x"}).status_code == 428
    assert mine.call("PATCH", path, {"title": "HTM south"}, **{"If-Match": tag}).status_code == 200
    stale = mine.call("PATCH", path, {"title": "other"}, **{"If-Match": tag})
    assert stale.status_code == 412
    assert stale.headers["ETag"] == mine.get(path).headers["ETag"]
    assert mine.get(path, **{"If-None-Match": stale.headers["ETag"]}).status_code == 304


def test_who_may_not_edit_the_chain_is_refused(office: dict[str, Any], ben: Any, caller: Any) -> None:
    path = f"chain/positions/{office['position']}/mandates"
    assert caller(ben).post(path, {"topic": "parts"}).status_code == 403


def test_an_office_is_made_filled_and_ended(
    office: dict[str, Any], chief: Any, ana: Any, caller: Any
) -> None:
    mine = caller(chief)
    made = mine.post(
        "chain/positions", {"key": "lab", "title": "Laboratory", "reports_to": office["position"]}
    )
    assert made.status_code == 201
    path = f"chain/positions/{made.json()['id']}"
    term = mine.post(f"{path}/appointments", {"person": ana.pk})
    assert term.status_code == 201
    ended = mine.post(f"chain/appointments/{term.json()['id']}/end", {"ends_at": "2099-01-01T00:00:00Z"})
    assert ended.status_code == 200
    (one,) = mine.get(path).json()["appointments"]
    assert (one["name"], one["ends_at"]) == ("Ana", "2099-01-01T00:00:00Z")
