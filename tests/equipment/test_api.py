"""The register by API: the same list as the page, changes on the version that was read, and nothing of what is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.equipment.registers import MONITOR, PUMP, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(places: dict[str, Any]) -> list[int]:
    return registered([PUMP, MONITOR])


def test_the_list_is_the_page_of_the_viewer(
    two: list[int], ana: Any, ben: Any, chief: Any, caller: Any
) -> None:
    assert [one["tag"] for one in caller(ana).get("equipment").json()["items"]] == ["A1001"]
    assert [one["tag"] for one in caller(ben).get("equipment").json()["items"]] == ["M2002"]
    assert [one["tag"] for one in caller(chief).get("equipment?sort=-tag").json()["items"]] == [
        "M2002",
        "A1001",
    ]
    assert [one["id"] for one in caller(chief).get("equipment?q=DE4711055").json()["items"]] == [two[1]]


def test_pages_follow_each_other(two: list[int], chief: Any, caller: Any) -> None:
    mine = caller(chief)
    first = mine.get("equipment?limit=1").json()
    second = mine.get(first["next"]).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == two
    assert second["next"] is None


@pytest.mark.parametrize("query", ["colour=red", "sort=price", "as_of=tomorrow"])
def test_a_filter_that_is_not_known_is_refused(two: list[int], chief: Any, caller: Any, query: str) -> None:
    assert caller(chief).get(f"equipment?{query}").status_code == 422


def test_a_hidden_device_is_not_found(two: list[int], ben: Any, caller: Any) -> None:
    mine = caller(ben)
    for path in ("", "/claims", "/history", "/exposures"):
        assert mine.get(f"equipment/{two[0]}{path}").status_code == 404
    assert mine.call("PATCH", f"equipment/{two[0]}", {"values": {"room": "1"}}).status_code == 404


def test_prices_are_for_those_who_may_see_them(two: list[int], ana: Any, chief: Any, caller: Any) -> None:
    assert "price" not in caller(ana).get(f"equipment/{two[0]}").json()["values"]
    assert caller(chief).get(f"equipment/{two[0]}").json()["values"]["price"] == "2950"
    assert not [
        one for one in caller(ana).get(f"equipment/{two[0]}/claims").json() if one["field"] == "price"
    ]


def test_two_who_save_the_same_device_are_told(two: list[int], ana: Any, chief: Any, caller: Any) -> None:
    path, mine, other = f"equipment/{two[0]}", caller(ana), caller(chief)
    tag = mine.get(path).headers["ETag"]
    assert mine.call("PATCH", path, {"values": {"room": "B9"}}).status_code == 428
    assert other.call("PATCH", path, {"values": {"room": "B7"}}, **{"If-Match": tag}).status_code == 200
    stale = mine.call("PATCH", path, {"values": {"room": "B9"}}, **{"If-Match": tag})
    assert (stale.status_code, stale.json()["present"]["room"]) == (412, "B7")
    assert mine.get(path).json()["values"]["room"] == "B7"


def test_a_device_is_retired_and_merged_and_its_old_id_leads_on(
    two: list[int], chief: Any, caller: Any
) -> None:
    mine = caller(chief)
    assert mine.post(f"equipment/{two[0]}/retire", {"note": "scrapped"}).status_code == 200
    assert mine.get(f"equipment/{two[0]}").json()["stage"] == "retired"
    assert mine.post(f"equipment/{two[0]}/merge", {"others": [two[1]]}).status_code == 200
    told = mine.get(f"equipment/{two[1]}").json()
    assert (told["id"], told["merged_from"]) == (two[0], two[1])


def test_a_wrong_value_is_told_by_its_field(two: list[int], chief: Any, caller: Any) -> None:
    mine, path = caller(chief), f"equipment/{two[0]}"
    tag = mine.get(path).headers["ETag"]
    answer = mine.call("PATCH", path, {"values": {"purchased": "soon", "seen": "x"}}, **{"If-Match": tag})
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"purchased", "seen"}
