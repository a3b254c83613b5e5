"""The register's list shows what a slow, obvious way finds: filters, orders, pages, scope, search and the past."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from pilothouse.core.keeping import Row, writing
from pilothouse.core.permissions import viewer_of
from pilothouse.equipment import fleet
from pilothouse.equipment.lists import picking
from pilothouse.equipment.lists.counts import counts_by_place
from pilothouse.equipment.models import DeviceModel, Equipment
from pilothouse.equipment.search import EquipmentFinder as Finder
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Values = dict[str, Any]
DAY = timedelta(days=1)


@pytest.fixture
def models(db: None) -> list[int]:
    with writing(by=None, at=NOW, verb="make_models") as w:
        return [
            w.save(DeviceModel(key=f"m{n}", name=f"Model {n}", category=("Pump", "Monitor")[n % 2])).pk
            for n in range(4)
        ]


def _values(rng: random.Random, units: dict[str, Any], models: list[int]) -> Values:
    unit = rng.choice([*units, ""])
    model = rng.randrange(4)
    serial = f"{rng.choice('AB')}-{rng.randrange(500):03}"
    return {
        "tag": f"{unit[:3] or 'T'}-{rng.randrange(300):03}" if rng.random() < 0.7 else "",
        "serial": serial,
        "name": rng.choice(("Pump", "Pump, infusion", "Monitor", "Drägerwerk ventilator")),
        "maker": ("BD", "Philips")[model % 2],
        "model": f"Model {model}",
        "status": rng.choice(("in use", "retired", "missing")),
        "criticality": rng.choice(("High", "")),
        "mac": rng.choice(("", "00:1A:2b:00:00:01")),
        "ip": rng.choice(("", "10.0.0.7")),
        "room": rng.choice(("", "101")),
        "unit": unit and units[unit].name,
        "at": units.get(unit),
        "device_model": models[model],
        "sources": rng.randrange(1, 4),
    }


def _row(values: Values) -> Row:
    place = values["at"]
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    return fleet.as_row(
        texts,
        facility=place and place.facility_id,
        unit=place and place.pk,
        device_model=values["device_model"],
        sources=values["sources"],
    )


LIMITS = {"gathered": (5_000, 20_000), "mixed": (20, 15), "walked": (0, 7)}


@pytest.fixture
def history(
    request: Any, places: dict[str, Any], models: list[int], monkeypatch: pytest.MonkeyPatch
) -> list[dict[int, Values]]:
    """The register after each of five days: id to values. The plans' limits are so small that each is chosen."""
    few, budget = LIMITS[getattr(request, "param", "mixed")]
    for name, value in (("FEW", few), ("BUDGET", budget), ("SURE", few * 2), ("FAR", few * 3)):
        monkeypatch.setattr(picking, name, value)
    rng = random.Random(few)
    units = {key: place for key, place in places.items() if "-" in key}
    days: list[dict[int, Values]] = [{}]
    for day in range(5):
        now = dict(days[-1])
        with writing(by=None, at=NOW + day * DAY, verb="fill") as w:
            new = {record: _values(rng, units, models) for record in w.new_ids(Equipment, 40)}
            fleet.add(w, [(record, _row(values)) for record, values in new.items()])
            changed = {
                record: _values(rng, units, models) for record in rng.sample(sorted(now), len(now) // 3)
            }
            fleet.change(w, [(record, _row(values)) for record, values in changed.items()])
            gone = rng.sample(sorted(set(now) - set(changed)), len(now) // 10)
            fleet.drop(w, gone)
        now |= new | changed
        days.append({record: values for record, values in now.items() if record not in gone})
    return days


def _walked(client: Any, address: str, back: bool = False) -> Iterator[str]:
    """Every page forwards, then every page backwards."""
    page, seen = client.get(address).content.decode(), 1
    yield page
    while following := re.search(r'href="([^"]*)" rel="next"', page):
        page, seen = client.get(following[1].replace("&amp;", "&")).content.decode(), seen + 1
        yield page
    while back and (previous := re.search(r'href="([^"]*)" rel="prev"', page)):
        page, seen = client.get(previous[1].replace("&amp;", "&")).content.decode(), seen - 1
    assert seen == 1 or not back


def _ids(page: str) -> list[int]:
    return [int(text) for text in re.findall(r'<tr data-id="(\d+)"', page)]


def _found(values: Values, *words: str) -> bool:
    """Whether every word is somewhere in what is searched."""
    told = [values[name].lower() for name in ("tag", "serial", "maker", "model", "name", "mac", "ip")]
    return all(
        any(word in one or word in "".join(c for c in one if c.isalnum()) for one in told) for word in words
    )


ORDERS: dict[str, Callable[[Values], tuple[Any, ...]]] = {
    "tag": lambda v: (v["tag"],),
    "name": lambda v: (v["name"], v["tag"]),
    "serial": lambda v: (v["serial"],),
    "unit": lambda v: (v["unit"], v["tag"]),
    "sources": lambda v: (v["sources"], v["tag"]),
    "criticality": lambda v: (v["criticality"], v["tag"]),
    "maker": lambda v: (v["maker"], v["model"], v["tag"]),
}
FILTERS: dict[str, Callable[[Values], bool]] = {
    "": lambda v: True,
    "stage=in_use": lambda v: v["status"] == "in use",
    "stage=retired&stage=missing&maker=BD": lambda v: v["status"] != "in use" and v["maker"] == "BD",
    "criticality=unknown&name=Monitor": lambda v: not v["criticality"] and v["name"] == "Monitor",
    "unit=none": lambda v: v["at"] is None,
    "located=no": lambda v: v["at"] is None and not v["room"],
    "located=yes&network=no": lambda v: bool(v["at"] or v["room"]) and not v["mac"] and not v["ip"],
    "network=yes&sources.from=2&sources.to=2": lambda v: bool(v["mac"] or v["ip"]) and v["sources"] == 2,
    "category=Pump": lambda v: v["model"] in ("Model 0", "Model 2"),
    "maker=nobody": lambda v: False,
    "unit=x&stage=in_use": lambda v: False,
    "q=pump": lambda v: _found(v, "pump"),
    "q=pump+philips&stage=in_use": lambda v: _found(v, "pump", "philips") and v["status"] == "in use",
    "q=A-12": lambda v: _found(v, "a12"),
    "q=001A.2B00": lambda v: _found(v, "001a2b00"),
    "q=drager": lambda v: "Dräger" in v["name"],
    "q=zzz": lambda v: False,
    "q=no": lambda v: True,
}


@pytest.mark.parametrize(
    ("history", "order"),
    [
        *(("mixed", order) for order in ORDERS),
        *((limits, order) for limits in ("gathered", "walked") for order in ("tag", "name")),
    ],
    indirect=["history"],
)
def test_the_list_is_what_the_slow_way_finds(
    history: list[dict[int, Values]], chief: Any, client_of: Any, order: str
) -> None:
    client = client_of(chief)
    turn = list(ORDERS).index(order)
    for number, (filtered, fits) in enumerate(FILTERS.items()):
        if number and order != "tag" and (number + turn) % 3:
            continue  # each filter is tried in the order of tags and in two or three others
        for down in ("", "-"):
            for when, then in (("", history[-1]), ("&as_of=2026-11-04", history[3])):
                expected = sorted(
                    (record for record in then if fits(then[record])),
                    key=lambda record: (*ORDERS[order](then[record]), record),
                    reverse=bool(down),
                )
                expected.sort(key=lambda record: ORDERS[order](then[record])[0] == "")  # unknown comes last
                pages = list(
                    _walked(client, f"/equipment/?{filtered}&sort={down}{order}{when}", order == "tag")
                )
                found = [record for page in pages for record in _ids(page)]
                assert found == expected, (filtered, down, when)


def test_a_person_sees_only_where_they_hold_a_role(
    history: list[dict[int, Values]], places: dict[str, Any], ana: Any, ben: Any, client_of: Any
) -> None:
    for person, key in ((ana, "NGH"), (ben, "SGH-ICU")):
        place = places[key]
        mine = [
            record
            for record, v in history[-1].items()
            if v["at"] is not None and place.pk == (v["at"].pk if "-" in key else v["at"].facility_id)
        ]
        client = client_of(person)
        for filtered in ("", "q=pump", "stage=in_use&sort=name"):
            fits = FILTERS[filtered.partition("&sort")[0]]
            pages = list(_walked(client, f"/equipment/?{filtered}"))
            assert sorted(record for page in pages for record in _ids(page)) == sorted(
                record for record in mine if fits(history[-1][record])
            )
        viewer = viewer_of(person, NOW)
        assert sum(sum(stages.values()) for stages in counts_by_place(viewer).values()) == len(mine)
        hits = Finder().find(viewer, "pump", 500)
        assert {int(hit.url.split("/")[2]) for hit in hits} <= set(mine)


def test_a_nurse_manager_takes_nothing_away(
    history: list[dict[int, Values]], ben: Any, client_of: Any
) -> None:
    assert client_of(ben).get("/equipment/?export=csv").status_code == 403


def test_an_export_is_exactly_the_filter_then_and_now(
    history: list[dict[int, Values]], ana: Any, places: dict[str, Any], client_of: Any
) -> None:
    for when, then in (("", history[-1]), ("&as_of=2026-11-03", history[2])):
        files = [client_of(ana).get(f"/equipment/?q=pump&sort={sort}&export=csv&all=1{when}") for sort in ("-serial", "tag")]  # fmt: skip
        rows, by_tag = (list(csv.DictReader(io.StringIO(sent.getvalue().decode()))) for sent in files)
        mine = [
            v
            for v in then.values()
            if v["at"] is not None and v["at"].facility_id == places["NGH"].pk and _found(v, "pump")
        ]
        assert [row["Serial"] for row in rows] == sorted((v["serial"] for v in mine), reverse=True)
        assert Counter(row["Tag"] for row in rows) == Counter(v["tag"] for v in mine)
        assert [row["Tag"] for row in by_tag] == sorted((v["tag"] for v in mine), key=lambda tag: (not tag, tag))  # fmt: skip


def test_counts_by_place_are_those_of_that_day(history: list[dict[int, Values]], chief: Any) -> None:
    viewer = viewer_of(chief, NOW)
    for day, then in enumerate(history[1:]):
        as_of = NOW + day * DAY + timedelta(hours=1)
        expected: Counter[tuple[int, int, str]] = Counter()
        for v in then.values():
            place = v["at"]
            expected[
                (place.facility_id, place.pk, fleet.stage_of(v["status"]))
                if place
                else (0, 0, fleet.stage_of(v["status"]))
            ] += 1
        found = {
            (*place, stage): n
            for place, stages in counts_by_place(viewer, as_of if day < 4 else None).items()
            for stage, n in stages.items()
        }
        assert found == dict(expected)


def test_the_page_of_places_counts_and_links(
    history: list[dict[int, Values]],
    chief: Any,
    client_of: Any,
    places: dict[str, Any],
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(chief)
    client.get("/places/")
    with django_assert_max_num_queries(18):
        page = client.get("/places/").content.decode()
    unit = places["NGH-ICU"]
    total = sum(v["at"] is unit for v in history[-1].values())
    edit = rf'<a class="more" href="/places/units/{unit.pk}/">Edit<span class="sr"> ICU of NGH</span></a>'
    number = f'</th><td class="num" data-p="end">{total}<'
    assert re.search(rf'\?unit={unit.pk}">ICU of NGH</a> {edit}{number}', page)


def test_the_total_is_exact_where_only_places_and_states_are_asked(
    history: list[dict[int, Values]], chief: Any, client_of: Any
) -> None:
    page = client_of(chief).get("/equipment/?stage=in_use").content.decode()
    total = sum(v["status"] == "in use" for v in history[-1].values())
    assert f"of {total}</span>" in page


def test_the_list_costs_few_queries_whatever_is_in_it(
    history: list[dict[int, Values]], chief: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(chief)
    client.get("/equipment/")
    for filtered in FILTERS:
        with django_assert_max_num_queries(36):
            client.get(f"/equipment/?{filtered}&sort=name")


@pytest.mark.parametrize("address", [
    "unit=99999999999999999999999", "unit=-1", "unit=1%20OR%201=1", "sources.from=x", "sources.from=999999999999", "q=%22%22%22", "q=%25%25%25", "q=___", "q=a%20OR%20b*", "q=%5C%5C%5C",
    "stage=%27;DROP", "sort=-tag&after=WzEsMSwxXQ", "sort=sources&after=WzEsMSwieCIsInkiXQ", "q=" + "pump " * 60, "as_of=1970-01-05", "as_of=9999-99-99", "panel=filters", "located=maybe", "network=1",
])  # fmt: skip
def test_no_address_breaks_the_list(
    history: list[dict[int, Values]], chief: Any, client_of: Any, address: str
) -> None:
    assert client_of(chief).get(f"/equipment/?{address}").status_code == 200


def test_search_puts_the_device_with_that_very_tag_first(
    places: dict[str, Any], models: list[int], chief: Any
) -> None:
    rng = random.Random(1)
    units = {key: place for key, place in places.items() if "-" in key}
    with writing(by=None, at=NOW, verb="fill") as w:
        rows = [
            (record, _values(rng, units, models) | {"tag": f"HTM-{n:04}", "serial": f"S{n}"})
            for n, record in enumerate(w.new_ids(Equipment, 120))
        ]
        fleet.add(w, [(record, _row(values)) for record, values in rows])
    viewer = viewer_of(chief, NOW)
    for typed in ("HTM-0077", "htm0077", "htm 0077"):
        assert "HTM-0077" in Finder().find(viewer, typed, 5)[0].detail
    assert "serial S77" in Finder().find(viewer, "S77", 5)[0].detail
    assert Finder().find(viewer, "0", 5) == []
