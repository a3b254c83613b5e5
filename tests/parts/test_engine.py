"""Scorecards out of receipts: against a slow second implementation of every rate, and the leaning of small groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.kernel.duck import engine
from pilothouse.parts.choosing import choose
from pilothouse.parts.engine import Outside, cells, count, judge, score, share
from pilothouse.parts.estimation import Counts, learn
from pilothouse.parts.rates import OUTCOMES, RATES, REJECTS
from pilothouse.parts.rules import Need, Offer
from pilothouse.parts.watching import chart, watched_rate

AT = date(2026, 6, 1)


@dataclass(frozen=True)
class Receipt:
    row: int
    supplier: str = "Acme"
    category: str = "board"
    condition: str = "new"
    promised: date | None = None
    received: date | None = date(2026, 1, 10)
    installed: date | None = None
    outcome: str | None = None
    outcome_on: date | None = None
    cancelled: date | None = None
    called: bool = False
    solved: bool | None = None


def relation(receipts: Sequence[Receipt]) -> pa.Table:
    kinds = {"row": pa.int64(), "called": pa.bool_(), "solved": pa.bool_(), **dict.fromkeys(("promised", "received", "installed", "outcome_on", "cancelled"), pa.date32())}  # fmt: skip
    return pa.table({name: pa.array([getattr(one, name) for one in receipts], kinds.get(name, pa.string())) for name in Receipt.__dataclass_fields__})  # fmt: skip


def scored(receipts: Sequence[Receipt], **options: Any) -> list[dict[str, Any]]:
    with engine(200, 1) as con:
        con.register("receipts", relation(receipts))
        lines: list[dict[str, Any]] = score(con, AT, **options).to_pylist()
        return lines


def verdicts(one: Receipt) -> tuple[dict[str, bool], set[str]]:
    """For one receipt: by rate in which it counts whether it is a hit; and the rates it waits for."""
    hits: dict[str, bool] = {}
    if one.received is None or one.received > AT:
        if one.promised and one.promised < AT and not (one.cancelled and one.cancelled <= AT):
            hits["on_time"] = False
        return hits, set()
    outcome = one.outcome
    if one.outcome_on and one.outcome_on > AT:
        outcome = "ok" if outcome == "failed" else None
    hits["reject"] = outcome in REJECTS
    if one.promised:
        hits["on_time"] = one.received <= one.promised
    if outcome in ("ok", "doa", "failed"):
        hits["doa"] = outcome == "doa"
    if one.called and one.solved is not None:
        hits["support"] = one.solved
    waiting = set()
    watched = one.installed and one.installed <= AT and outcome not in ("doa", *REJECTS)
    if watched and one.installed and not (outcome == "failed" and one.outcome_on is None):
        for days in (30, 90):
            if (AT - one.installed).days >= days:
                hits[f"early{days}"] = outcome == "failed" and one.outcome_on is not None and (one.outcome_on - one.installed).days <= days  # fmt: skip
            else:
                waiting.add(f"early{days}")
    return hits, waiting


days = st.integers(-200, 40).map(lambda n: AT + timedelta(days=n))
receipts = st.lists(
    st.builds(Receipt, st.just(0), st.sampled_from(["Acme", "Best", "Cura"]), st.sampled_from(["board", "pump"]), st.sampled_from(["new", "repaired", ""]),
              st.none() | days, st.none() | days, st.none() | days, st.none() | st.sampled_from(OUTCOMES), st.none() | days, st.none() | days, st.booleans(), st.none() | st.booleans()),
    max_size=25,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(receipts)
def test_every_count_equals_the_slow_reading_of_the_definitions(drawn: list[Receipt]) -> None:
    listed = [Receipt(**{**vars(one), "row": place + 1}) for place, one in enumerate(drawn)]
    n: Counter[tuple[str, ...]] = Counter()
    x: Counter[tuple[str, ...]] = Counter()
    late: Counter[tuple[str, ...]] = Counter()
    for one in listed:
        hits, waiting = verdicts(one)
        key = (one.supplier, one.category, one.condition)
        for name, hit in hits.items():
            n[(*key, name)] += 1
            x[(*key, name)] += hit
        for name in waiting:
            late[(*key, name)] += 1
    with engine(200, 1) as con:
        con.register("receipts", relation(listed))
        judge(con, AT)
        keys = cells(con)
        counted = count(con, keys)
        for rate in RATES:
            found = counted[rate.name]
            for place, own in enumerate(keys):
                cell = (*own, rate.name)
                assert (found.n[place], found.x[place], found.waiting[place]) == (n[cell], x[cell], late[cell])  # fmt: skip
        shared = share(con, AT).fetchall()
    pooled: Counter[tuple[str, ...]] = Counter()
    for supplier, category, condition, _, name, items, _ in shared:
        pooled[supplier, category, condition, name] += items
    assert +n == pooled


def test_an_alarm_has_the_day_of_the_last_crossing_in_order_of_time() -> None:
    """Ninety good items and then a run of dead ones: the day is that of one of the last, whatever the order of rows."""
    day = date(2025, 1, 1)
    good = [Receipt(i, received=day + timedelta(days=i), outcome="ok") for i in range(1, 91)]
    dead = [Receipt(i, received=day + timedelta(days=i), outcome="doa") for i in range(91, 99)]
    others = [Receipt(200 + i, supplier=f"S{i % 4}", received=day, outcome="ok" if i % 50 else "doa") for i in range(400)]  # fmt: skip
    lines = scored([*reversed(dead), *good, *others])
    alarm = {line["supplier"]: line["alarm"] for line in lines if line["rate"] == "doa"}
    assert date(2025, 4, 1) < alarm["Acme"] <= date(2025, 4, 9)
    assert alarm["S1"] is None


def slow_alarms(listed: Sequence[Receipt]) -> dict[tuple[str, ...], date | None]:
    """The last alarm of every supplier, category, condition and rate: item by item, in plain loops.

    Only p0 is taken from the room, learnt from the counts of the group, of its category, or of all.
    """
    items: dict[tuple[str, ...], list[tuple[date, int, bool]]] = {}
    for one in listed:
        hits, _ = verdicts(one)
        for name, hit in hits.items():
            items.setdefault((one.supplier, one.category, one.condition, name), []).append((when(one, name), one.row, hit))  # fmt: skip
    last: dict[tuple[str, ...], date | None] = {}
    for cell, seen in items.items():
        _, category, condition, name = cell
        told = [key for key in items if key[3] == name]
        leans = [[key for key in told if key[1:3] == (category, condition)], [key for key in told if key[1] == category], told]  # fmt: skip
        peers = next((peers for peers in leans if len(peers) >= 2), told)
        counts = Counts.of([len(items[key]) for key in peers], [sum(hit for *_, hit in items[key]) for key in peers])  # fmt: skip
        mean, bad_is = learn(counts).mean, name not in ("on_time", "support")
        made = chart(watched_rate(mean if bad_is else 1 - mean))
        total, last[cell] = 0, None
        for day, _, hit in sorted(seen):
            total = total + made.up if hit == bad_is else max(total - made.down, 0)
            if total >= made.threshold:
                total, last[cell] = 0, day + timedelta(days={"early30": 30, "early90": 90}.get(name, 0))
    return last


def when(one: Receipt, rate: str) -> date:
    """The day by which an item takes its place in the order of a rate."""
    days: dict[str, date | None] = {name: getattr(one, name) for name in ("received", "installed", "outcome_on")}  # fmt: skip
    known = {name: day for name, day in days.items() if day and day <= AT}
    if rate.startswith("early"):
        return known["installed"]
    if rate == "doa":
        own = known.get("outcome_on") if one.outcome != "failed" else None
        return own or known.get("installed") or known["received"]
    if "received" in known:
        return known["received"]
    assert one.promised
    return one.promised + timedelta(days=1)


runs = st.lists(
    st.tuples(st.sampled_from(["Acme", "Best", "Cura"]), st.sampled_from(["ok", "doa", "failed", "damaged"]), st.booleans(), st.none() | st.booleans(), days, st.integers(1, 30)),
    min_size=2, max_size=10,
)  # fmt: skip
"""Runs of like items of a supplier: outcome, late, support solved, first day, how many days one each."""


def items_of(drawn: Sequence[tuple[str, str, bool, bool | None, date, int]]) -> list[Receipt]:
    """The runs among 150 ordinary items of four others, in mixed order of rows."""
    ordinary = [("S" + str(place), "ok", False, True, AT - timedelta(days=190), 40) for place in range(4)]
    listed = []
    for place, (supplier, outcome, late, solved, first, many) in enumerate([*drawn, *ordinary]):
        for turn in range(many):
            day = first + timedelta(days=turn)
            failed = day + timedelta(days=turn * 2) if outcome == "failed" else None
            row = (turn * 37 + place * 11) % 997
            listed.append(Receipt(row, supplier, promised=day - timedelta(days=late), received=day, installed=None if outcome in REJECTS else day, outcome=outcome, outcome_on=failed, called=solved is not None, solved=solved))  # fmt: skip
    listed.sort(key=lambda one: one.row)
    return [Receipt(**{**{name: getattr(one, name) for name in Receipt.__dataclass_fields__}, "row": place + 1}) for place, one in enumerate(listed)]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(runs)
def test_every_alarm_equals_the_slow_loop_over_items(drawn: list[tuple[str, str, bool, bool | None, date, int]]) -> None:  # fmt: skip
    listed = items_of(drawn)
    told = {(line["supplier"], line["category"], line["condition"], line["rate"]): line["alarm"] for line in scored(listed)}  # fmt: skip
    slow = slow_alarms(listed)
    assert {cell: alarm for cell, alarm in told.items() if alarm} == {cell: alarm for cell, alarm in slow.items() if alarm}  # fmt: skip


def test_runs_of_bad_items_do_cross() -> None:
    """So that the property above is not about lists without an alarm."""
    listed = items_of([("Acme", "doa", True, False, AT - timedelta(days=100), 30), ("Best", "damaged", False, None, AT - timedelta(days=60), 30)])  # fmt: skip
    rates = {(supplier, rate) for (supplier, _, _, rate), alarm in slow_alarms(listed).items() if alarm}
    assert {("Acme", "doa"), ("Acme", "on_time"), ("Acme", "support"), ("Best", "reject")} <= rates


def test_what_failed_after_the_reference_day_keeps_its_place_among_the_items_of_that_day() -> None:
    """A later failure is ok on the day, and where it stands in time must not tell that it failed."""
    dead = [Receipt(i, received=date(2026, 1, 1) + timedelta(days=i), outcome="doa") for i in range(1, 10)]
    others = [Receipt(100 + i, f"S{i % 4}", outcome="ok") for i in range(200)]
    late = [Receipt(500 + i, installed=date(2026, 1, 2), outcome="failed", outcome_on=AT + timedelta(days=9)) for i in range(99)]  # fmt: skip
    fine = [Receipt(500 + i, installed=date(2026, 1, 2), outcome="ok") for i in range(99)]
    first, second = (next(line for line in scored([*dead, *listed, *others]) if line["rate"] == "doa") for listed in (late, fine))  # fmt: skip
    assert first == second


def test_one_receipt_of_two_centuries_ago_does_not_upset_the_order_of_the_others() -> None:
    """65,536 days after it, in the middle of a run of dead items, numbers of 16 bits would begin anew."""
    first = date(2025, 1, 1)
    middle = first + timedelta(days=90)
    items = [Receipt(i, received=first + timedelta(days=i), outcome="doa" if 86 <= i < 94 else "ok") for i in range(180)]  # fmt: skip
    others = [Receipt(200 + i, supplier=f"S{i % 4}", received=first, outcome="ok" if i % 50 else "doa") for i in range(400)]  # fmt: skip
    old = Receipt(1_000, "Old", received=middle - timedelta(days=2**16), outcome="ok", category="lamp")
    with_old, without = ({line["supplier"]: line["alarm"] for line in scored([*items, *others, *more]) if line["rate"] == "doa"} for more in ([old], []))  # fmt: skip
    assert without["Acme"]
    assert with_old["Acme"] == without["Acme"]


def test_a_failure_counts_in_ninety_days_only_when_all_had_ninety_days_to_fail() -> None:
    fresh = Receipt(
        1, installed=AT - timedelta(days=60), outcome="failed", outcome_on=AT - timedelta(days=50)
    )
    lines = {line["rate"]: line for line in scored([fresh, Receipt(2, supplier="Best", outcome="ok")])}
    acme = {line["rate"]: line for line in scored([fresh]) if line["supplier"] == "Acme"}
    assert (acme["early30"]["n"], acme["early30"]["x"], acme["early30"]["waiting"]) == (1, 1, 0)
    assert (acme["early90"]["n"], acme["early90"]["x"], acme["early90"]["waiting"]) == (0, 0, 1)
    assert lines["doa"]["waiting"] == 0


def ordinary(category: str, condition: str, suppliers: int, start: int, dead: int = 2) -> list[Receipt]:
    return [Receipt(start + i, f"S{i % suppliers}", category, condition, outcome="doa" if i < dead * suppliers else "ok") for i in range(100 * suppliers)]  # fmt: skip


def test_a_group_of_one_leans_on_its_category_and_then_on_everything() -> None:
    category = ordinary("board", "new", 6, 0, dead=20)
    elsewhere = ordinary("pump", "new", 6, 5_000, dead=1)
    alone = [Receipt(9_000, "Acme", "board", "repaired", outcome="ok")]
    stranger = [Receipt(9_001, "Acme", "cable", "new", outcome="ok")]
    lines = scored([*category, *elsewhere, *alone, *stranger])
    mean = {(line["category"], line["condition"]): line for line in lines if line["supplier"] == "Acme" and line["rate"] == "doa"}  # fmt: skip
    assert 0.1 < mean["board", "repaired"]["mean"] < 0.25
    assert mean["cable", "new"]["mean"] < mean["board", "repaired"]["mean"]
    assert mean["board", "repaired"]["worse"] is None


def test_without_one_item_of_a_rate_nothing_is_estimated() -> None:
    support = next(line for line in scored([Receipt(1, outcome="ok")]) if line["rate"] == "support")
    assert (support["n"], support["raw"], support["mean"], support["worse"]) == (0, None, None, None)


def test_no_receipt_gives_an_empty_table_and_the_same_seed_the_same_numbers() -> None:
    assert scored([]) == []
    listed = ordinary("board", "new", 4, 0)
    assert scored(listed, seed=3) == scored(listed, seed=3)
    assert scored(listed, seed=3) != scored(listed, seed=4)


def test_outside_counts_stand_apart_and_only_lean_on_the_estimate() -> None:
    listed = ordinary("board", "new", 4, 0)
    key = (("S1", "board", "new"), "doa")
    plain = {(line["supplier"], line["rate"]): line for line in scored(listed)}
    pooled = {
        (line["supplier"], line["rate"]): line for line in scored(listed, pool={key: Outside(3_000, 60)})
    }
    told, before = pooled["S1", "doa"], plain["S1", "doa"]
    assert (told["n"], told["x"], told["n_pool"], told["x_pool"]) == (100, before["x"], 3_000, 60)
    assert told["high"] - told["low"] < before["high"] - before["low"]
    assert pooled["S2", "doa"]["n_pool"] == 0


def test_a_pool_for_all_suppliers_changes_neither_the_group_nor_its_alarms() -> None:
    """The group is learnt from own items: a newcomer's estimate and every alarm stay as they were without the pool."""
    listed = [*ordinary("board", "new", 5, 0, dead=3), Receipt(9_000, "Newcomer")]
    pool = {((f"S{i}", "board", "new"), "doa"): Outside(5_000, 150) for i in range(5)}
    plain, told = ({(line["supplier"], line["rate"]): line for line in scored(listed, pool=each)} for each in (None, pool))  # fmt: skip
    assert told["Newcomer", "doa"] == plain["Newcomer", "doa"]
    assert {key: line["alarm"] for key, line in told.items()} == {key: line["alarm"] for key, line in plain.items()}  # fmt: skip
    assert told["S1", "doa"]["mean"] != plain["S1", "doa"]["mean"]


@pytest.mark.parametrize("supplier", ["S1", "Newcomer"])
def test_the_choice_stands_on_the_scorecards_estimate(supplier: str) -> None:
    listed = [*ordinary("board", "new", 6, 0), *(Receipt(5_000 + i, f"S{i % 6}", installed=date(2026, 1, 20), outcome="ok") for i in range(60))]  # fmt: skip
    offers = [Offer(1, "A", supplier, "board", "new", 1_000, 10, 3, 1), Offer(2, "B", "S2", "board", "new", 900, 10, 30, 1)]  # fmt: skip
    with engine(200, 1) as con:
        con.register("receipts", relation(listed))
        first, second = choose(con, AT, Need(100, 50), offers)
        scores = {(line["supplier"], line["rate"]): line["mean"] for line in score(con, AT).to_pylist()}
    assert (first.offer.name, first.rank, second.rank) == ("A", 1, 2)
    assert first.low < first.cost.expected < first.high
    assert second.cost.p_doa == pytest.approx(scores["S2", "doa"], rel=1e-6)
    if supplier == "S1":
        assert first.n > 0
        assert first.cost.p_early90 == pytest.approx(scores["S1", "early90"], rel=1e-6)
    else:
        assert first.n == 0
        assert 0 < first.cost.p_doa < 0.1
