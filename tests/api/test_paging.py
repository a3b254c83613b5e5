"""Pages hold still while rows come and go; a cursor is good for its own list alone."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.core.keeping import writing
from pilothouse.core.models import Facility
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def _make(*keys: str) -> None:
    with writing(by=None, at=NOW, verb="make") as w:
        for key in keys:
            w.save(Facility(key=key, name=f"Hospital {key}"))


def test_rows_that_come_and_go_neither_repeat_nor_drop_one_that_stays(chief: Any, caller: Any) -> None:
    _make(*(f"F{number:02}" for number in range(20)))
    mine, seen, path = caller(chief), [], "facilities?limit=3"
    turn = 0
    while path:
        told = mine.get(path).json()
        seen += [one["key"] for one in told["items"]]
        _make(f"A{turn}", f"F{turn:02}x")
        with writing(by=None, at=NOW, verb="drop") as w:
            w.remove(Facility, list(Facility.objects.filter(key=f"A{turn - 1}").values_list("id", flat=True)))
        turn, path = turn + 1, told["next"]
    assert len(seen) == len(set(seen))
    assert {f"F{number:02}" for number in range(20)} | {"NGH", "SGH"} <= set(seen)
    assert seen == sorted(seen)


@pytest.mark.parametrize("limit", ["0", "501", "-1", "many", "9" * 40, ""])
def test_a_limit_out_of_range_is_refused(chief: Any, caller: Any, limit: str) -> None:
    response = caller(chief).get(f"facilities?limit={limit}")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "limit")


@pytest.mark.parametrize("cursor", ["x", "eyJ9:1:2", "%00", "é", "." * 3000])
def test_a_cursor_that_we_did_not_make_is_refused(chief: Any, caller: Any, cursor: str) -> None:
    assert caller(chief).get(f"facilities?cursor={cursor}").status_code == 422


def test_a_cursor_of_another_list_or_filter_is_refused(chief: Any, caller: Any) -> None:
    _make("A", "B")
    mine = caller(chief)
    cursor = mine.get("facilities?limit=1").json()["next"].split("cursor=")[1]
    assert mine.get(f"units?cursor={cursor}").status_code == 422
    assert mine.get(f"facilities?x=1&cursor={cursor}").status_code == 422
    assert mine.get(f"facilities?cursor={cursor}").status_code == 200


def test_places_one_may_not_see_are_not_there(ana: Any, ben: Any, caller: Any) -> None:
    assert [one["key"] for one in caller(ana).get("facilities").json()["items"]] == ["NGH"]
    assert [one["key"] for one in caller(ana).get("units").json()["items"]] == ["NGH-ICU", "NGH-OR"]
    assert [one["key"] for one in caller(ben).get("facilities").json()["items"]] == ["SGH"]
    assert [one["key"] for one in caller(ben).get("units").json()["items"]] == ["SGH-ICU"]
