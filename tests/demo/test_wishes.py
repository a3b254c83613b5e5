"""The wish list: two thousand options of the demo fleet, limits that bind in different years, and what is planted."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import highspy
import numpy as np
import pytest

from pilothouse.demo.fleet import Fleet
from pilothouse.demo.places import FACILITIES, UNITS
from pilothouse.demo.scale import scale
from pilothouse.demo.wishes.write import write_plan
from pilothouse.demo.worlds import WORLDS
from tests.demo.reading import table

AS_OF = date(2026, 11, 2)
Line = dict[str, str]


def written(demo: Path, devices: int, as_of: date = AS_OF) -> Path:
    (demo / "truth").mkdir(parents=True)
    fleet, size = Fleet(7, "ordinary", WORLDS["ordinary"].habits, devices, as_of), scale(devices)
    short = {"NGH-ICU": 3, "LSM-3N": 6}
    write_plan(demo / "plan", demo / "truth", seed=7, as_of=as_of, fleet=fleet, count=size.options, devices=devices, share=size.share, short=short)  # fmt: skip
    return demo


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("demo") / "whole", 2500)


@pytest.fixture(scope="module")
def options(folder: Path) -> list[Line]:
    return table(folder / "plan" / "options.csv")


def key(line: Line) -> tuple[str, str]:
    return line["item"], line["option"]


def relaxed(folder: Path, limits_file: str) -> tuple[float, dict[str, float]]:
    """The best of the plan in fractions, without bundles and requirements: points, and by limit the part that is used."""
    plan = folder / "plan"
    options, limits = table(plan / "options.csv"), table(plan / limits_file)
    place = {key(line): number for number, line in enumerate(options)}
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no types
    solver.setOptionValue("output_flag", False)
    for number, line in enumerate(options):
        solver.addVar(1.0 if line["committed"] else 0.0, 1.0)
        solver.changeColCost(number, -float(line["benefit"]))
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for use in table(plan / "uses.csv"):
        rows[use["limit"]].append((place[key(use)], float(use["amount"])))
    items: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(options):
        items[line["item"]].append(number)
    must = {line["item"] for line in options if line["must"]}
    for limit in limits:
        used = rows[limit["limit"]]
        solver.addRow(-highspy.kHighsInf, float(limit["max"]), len(used), np.array([one for one, _ in used], np.int32), np.array([amount for _, amount in used]))  # fmt: skip
    for item, numbers in items.items():
        solver.addRow(1.0 if item in must else 0.0, 1.0, len(numbers), np.array(numbers, np.int32), np.ones(len(numbers)))  # fmt: skip
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    activity = solver.getSolution().row_value
    return -solver.getInfo().objective_function_value, {line["limit"]: activity[number] / float(line["max"]) for number, line in enumerate(limits)}  # fmt: skip


def test_the_sizes_are_those_stated(folder: Path, options: list[Line]) -> None:
    assert len(options) == 2000
    assert len({key(line) for line in options}) == 2000
    limits = table(folder / "plan" / "limits.csv")
    assert Counter(line["kind"] for line in limits if line["kind"] != "away") == dict.fromkeys(("capital", "service money", "technician hours", "training hours"), 5)  # fmt: skip
    assert {line["year"] for line in limits} == {"2027", "2028", "2029", "2030", "2031"}
    assert {line["limit"].split()[1] for line in limits if line["kind"] == "away"} <= {
        unit.key for unit in UNITS
    }


def test_every_reference_is_known(folder: Path, options: list[Line]) -> None:
    known = {f"{item}/{option}" for item, option in map(key, options)}
    limits = {line["limit"] for line in table(folder / "plan" / "limits.csv")}
    uses = table(folder / "plan" / "uses.csv")
    assert {line["requires"] for line in options} - {""} <= known
    assert {line["limit"] for line in uses} == limits
    assert {"/".join(key(line)) for line in uses} <= known
    assert {key(line) for line in uses} == {key(line) for line in options}
    assert all(float(line["amount"]) > 0 for line in uses if line["option"] != "watch")
    assert len({(*key(line), line["limit"]) for line in uses}) == len(uses)


def test_the_items_are_those_of_the_demo(options: list[Line]) -> None:
    places = {unit.key for unit in UNITS} | {facility.key for facility in FACILITIES}
    assert all(places & set(line["item"].split()) for line in options)


def test_points_of_the_criteria_add_up_to_the_benefit(options: list[Line]) -> None:
    for line in options:
        parts = [float(part) for name, part in line.items() if name.startswith("points ")]
        assert sum(parts) == pytest.approx(float(line["benefit"]), abs=1e-9)


def test_there_are_bundles_musts_commitments_and_requirements(options: list[Line]) -> None:
    bundles = Counter(line["bundle"] for line in options if line["bundle"])
    assert len(bundles) >= 4
    assert min(bundles.values()) >= 3
    assert sum(line["committed"] == "yes" for line in options) == 3
    assert len({line["item"] for line in options if line["must"]}) >= 5
    assert sum(bool(line["requires"]) for line in options) > 200
    assert any(float(line["benefit"]) < 0 for line in options)


def test_a_must_can_always_be_met_for_nothing(folder: Path, options: list[Line]) -> None:
    used = {key(line) for line in table(folder / "plan" / "uses.csv") if float(line["amount"])}
    free = {line["item"] for line in options if key(line) not in used}
    assert {line["item"] for line in options if line["must"]} <= free


def test_different_limits_bind_in_different_years(folder: Path) -> None:
    _, used = relaxed(folder, "limits.csv")
    tight = {limit.rsplit(" ", 1)[0]: set() for limit in used if not limit.startswith("away")}  # type: dict[str, set[str]]
    for limit, part in used.items():
        if not limit.startswith("away") and part > 0.999:
            tight[limit.rsplit(" ", 1)[0]].add(limit[-4:])
    assert all(tight.values())
    assert len({frozenset(years) for years in tight.values()}) >= 3
    assert sum(part < 0.9 for limit, part in used.items() if not limit.startswith("away")) >= 3
    assert any(part > 0.999 for limit, part in used.items() if limit.startswith("away"))


def test_ten_percent_less_money_costs_points(folder: Path) -> None:
    whole, lean = (
        {line["limit"]: line for line in table(folder / "plan" / name)}
        for name in ("limits.csv", "limits-lean.csv")
    )
    assert whole.keys() == lean.keys()
    for limit, line in whole.items():
        part = float(lean[limit]["max"]) / float(line["max"])
        assert part == pytest.approx(0.9 if line["kind"] in ("capital", "service money") else 1, rel=0.02)
    assert relaxed(folder, "limits-lean.csv")[0] < 0.97 * relaxed(folder, "limits.csv")[0]


def test_what_is_planted_is_as_told(folder: Path, options: list[Line]) -> None:
    by_key = {key(line): line for line in options}
    uses: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for use in table(folder / "plan" / "uses.csv"):
        uses[key(use)][use["limit"]] = float(use["amount"])
    caps = {line["limit"]: float(line["max"]) for line in table(folder / "plan" / "limits.csv")}
    planted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in table(folder / "truth" / "plan_planted.csv"):
        planted[line["planted"]].append(key(line))
    assert len(planted["bargain"]) == 3
    assert len(planted["dearer"]) >= 3
    for item, option in planted["dearer"]:
        better = (item, option.replace("replace dearer", "replace"))
        assert float(by_key[better]["benefit"]) > float(by_key[item, option]["benefit"])
        assert all(uses[better][limit] <= amount for limit, amount in uses[item, option].items())
    for one in planted["giant"]:
        assert any(amount > caps[limit] for limit, amount in uses[one].items())
    for name in ("must", "committed", "bundle", "requires"):
        assert set(planted[name]) == {key(line) for line in options if line[name]}


@pytest.mark.parametrize("devices", [1, 40, 300])
def test_a_small_fleet_has_a_plan_too(tmp_path: Path, devices: int) -> None:
    demo = written(tmp_path / "demo", devices, date(2024, 2, 29))
    points, _ = relaxed(demo, "limits-lean.csv")
    assert points > 0
    assert {line["year"] for line in table(demo / "plan" / "limits.csv")} == {"2025", "2026", "2027", "2028", "2029"}  # fmt: skip
