"""Receipts over three years: known true rates, two suppliers who turn bad, one slandered, and rows wrong on purpose."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from pilothouse.demo.scale import scale
from pilothouse.demo.supply.market import SPELLINGS, Lane, Market, categories, suppliers
from pilothouse.demo.supply.receipts import Receipts
from pilothouse.demo.supply.write import write_parts
from tests.cli.running import Ended, pilothouse
from tests.demo.reading import table

AS_OF = date(2026, 11, 2)
TAGS = tuple(f"{number:07d}" for number in range(500))
Lines = list[dict[str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full three years, as a demo of 2,500 devices has them."""
    demo = tmp_path_factory.mktemp("demo")
    (demo / "truth").mkdir()
    write_parts(demo / "parts", demo / "truth", seed=7, as_of=AS_OF, count=scale(2500).receipts, tags=TAGS)
    return demo


@pytest.fixture(scope="module")
def scored(folder: Path) -> tuple[Ended, Path]:
    out = folder / "scores"
    return pilothouse(
        "suppliers", "score", folder / "parts" / "receipts.csv", "--at", AS_OF, "--out", out
    ), out


def key(line: dict[str, str]) -> tuple[str, str, str]:
    return line["supplier"], line["category"], line["condition"]


def test_the_sizes_are_those_stated(folder: Path) -> None:
    receipts = table(folder / "parts" / "receipts.csv")
    assert len(receipts) == 30_000
    assert len(suppliers()) == 40
    assert len(categories()) == 25
    sold = {lane.category.name for lane in Market(7).lanes}
    assert sold == {category.name for category in categories()}
    assert {line["category"] for line in receipts} - {""} == sold
    assert {line["supplier"] for line in receipts} - {""} == {one.name for one in suppliers()} | set(
        SPELLINGS
    )


@pytest.mark.parametrize("seed", range(4))
def test_true_rates_lie_in_the_range_of_their_condition(seed: int) -> None:
    ranges = {"maker": (0.005, 0.01), "third": (0.01, 0.02), "refurbisher": (0.02, 0.04), "workshop": (0.03, 0.06)}  # fmt: skip
    for lane in Market(seed).lanes:
        least, most = ranges[lane.supplier.kind]
        assert least <= lane.rates.doa <= most
        assert (lane.turned == lane.rates) == (lane.supplier.story != "turned")


def test_what_is_drawn_follows_the_true_rates() -> None:
    """Over all honest lanes, the failures are as many as their true rates say, within four standard errors."""
    receipts = Receipts(3, AS_OF, 30_000, TAGS)
    found: Counter[str] = Counter()
    expected: dict[str, float] = defaultdict(float)
    for number in range(receipts.count):
        made = receipts.receipt(number)
        lane = _lane(receipts.market, made.supplier, made.category)
        if lane.supplier.story in ("turned", "slandered") or made.received is None:
            continue
        rejected = made.outcome in ("wrong", "damaged", "incomplete", "counterfeit")
        found["reject"] += rejected
        expected["reject"] += lane.rates.reject
        if made.outcome in ("ok", "doa", "failed"):
            found["doa"] += made.outcome == "doa"
            expected["doa"] += lane.rates.doa
        if made.installed and (AS_OF - made.installed).days >= 90:
            assert made.outcome_on is not None
            days = (made.outcome_on - made.installed).days
            failed = made.outcome == "failed"
            found["early30"] += failed and days <= 30
            found["early90"] += failed and days <= 90
            expected["early30"] += lane.rates.early30
            expected["early90"] += lane.rates.early90
    for rate, sum_of_rates in expected.items():
        assert abs(found[rate] - sum_of_rates) < 4 * sum_of_rates**0.5, rate


def _lane(market: Market, supplier: str, category: str) -> Lane:
    name = SPELLINGS[0] if supplier in SPELLINGS else supplier
    return next(
        lane for lane in market.lanes if lane.supplier.name == name and lane.category.name == category
    )


def test_a_receipt_does_not_depend_on_the_others() -> None:
    receipts = Receipts(7, AS_OF, 30_000, TAGS)
    alone = receipts.receipt(20_000)
    assert [receipts.receipt(number) for number in range(19_990, 20_001)][-1] == alone


def test_no_right_row_knows_the_future_or_runs_backwards() -> None:
    for made in Receipts(1, AS_OF, 5_000, TAGS):
        done = [
            day for day in (made.ordered, made.received, made.installed, made.outcome_on) if day is not None
        ]
        assert done == sorted(done)
        assert done[-1] <= AS_OF
        assert made.received or made.promised or made.cancelled
        assert not (made.received is None and made.outcome)


def test_everything_the_house_rejects_was_wrong_on_purpose(folder: Path, scored: tuple[Ended, Path]) -> None:
    ended, out = scored
    wrong = {(line["row"], line["column"]) for line in table(folder / "truth" / "receipts_wrong.csv")}
    assert ended.code == 1
    assert {(line["row"], line["column"]) for line in table(out / "rejected.csv")} == wrong
    assert len(wrong) >= 55


def test_those_who_turn_bad_raise_an_alarm_after_their_day(folder: Path, scored: tuple[Ended, Path]) -> None:
    turned = {line["supplier"]: line["turned_on"] for line in table(folder / "truth" / "suppliers.csv") if line["story"] == "turned"}  # fmt: skip
    assert len(turned) == 2
    for supplier, day in turned.items():
        alarms = [line for line in table(scored[1] / "scorecards.csv") if line["supplier"] == supplier and line["alarm"]]  # fmt: skip
        assert len(alarms) >= 3
        assert all(line["alarm"] > day for line in alarms)


def test_the_slandered_one_looks_bad_and_is_not_judged_so(folder: Path, scored: tuple[Ended, Path]) -> None:
    [name] = [one.name for one in suppliers() if one.story == "slandered"]
    [true] = [line for line in table(folder / "truth" / "part_rates.csv") if line["supplier"] == name]
    [doa] = [line for line in table(scored[1] / "scorecards.csv") if key(line) == key(true) and line["rate"] == "doa"]  # fmt: skip
    assert float(doa["raw"]) > 8 * float(true["doa"])
    assert float(doa["worse"]) < 0.95
    assert float(doa["low"]) < float(true["doa"]) < float(doa["high"])
    assert not doa["alarm"]


def test_three_spellings_are_asked_about(scored: tuple[Ended, Path]) -> None:
    asked = {line["supplier"] for line in table(scored[1] / "similar.csv")}
    asked |= {line["resembles"] for line in table(scored[1] / "similar.csv")}
    assert asked == set(SPELLINGS)


def test_intervals_hold_most_true_rates(folder: Path, scored: tuple[Ended, Path]) -> None:
    true = {key(line): line for line in table(folder / "truth" / "part_rates.csv") if not line["from"] and not line["to"]}  # fmt: skip
    held = [
        float(line["low"]) <= float(true[key(line)][line["rate"]]) <= float(line["high"])
        for line in table(scored[1] / "scorecards.csv")
        if key(line) in true
    ]
    assert len(held) > 1500
    assert sum(held) > 0.86 * len(held)


def test_the_cheapest_offer_is_not_the_one_to_take(folder: Path) -> None:
    parts = folder / "parts"
    ended = pilothouse("suppliers", "choose", parts / "offers.csv", "--events", parts / "receipts.csv", "--downtime-per-day", 320, "--labour", 120, "--at", AS_OF, "--out", folder / "choice.csv")  # fmt: skip
    assert ended.code == 1  # for the rows wrong on purpose
    chosen = table(folder / "choice.csv")
    assert len(chosen) >= 6
    assert chosen[0]["offer"] != min(chosen, key=lambda line: float(line["price"]))["offer"]


def test_spares_outside_counts_and_pool_are_taken_without_a_rejected_row(folder: Path) -> None:
    parts = folder / "parts"
    spares = pilothouse("suppliers", "spares", parts / "demand.csv", "--depot", parts / "depot.csv", "--holding", 0.2, "--out", folder / "spares.csv")  # fmt: skip
    assert spares.code == 0
    assert {line["place"] for line in table(folder / "spares.csv")} == {"NGH", "LSM", "RCH", "depot"}
    pooled = pilothouse("suppliers", "score", parts / "receipts.csv", "--pool", parts / "counts-elsewhere.csv", "--at", AS_OF, "--out", folder / "pooled")  # fmt: skip
    assert pooled.code == 1
    assert {line["file"] for line in table(folder / "pooled" / "rejected.csv")} == {str(parts / "receipts.csv")}  # fmt: skip
    assert "not used" not in pooled.err


def test_a_small_fleet_has_few_receipts() -> None:
    assert [scale(devices).receipts for devices in (1, 60, 250, 2500, 1_000_000)] == [300, 720, 3000, 30_000, 30_000]  # fmt: skip
