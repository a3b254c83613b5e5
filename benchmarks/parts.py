"""How honest the suppliers' estimates and alarms are in simulated worlds, and how long 5,000,000 receipts take.

Bars: 90 % intervals hold the truth in 88 to 94 % (20 suppliers a group), 87 to 96 % (5), at least 87 % (one rare
category); squared error of the estimate at most a third of the raw rate's where a supplier has under 30 items; at
least 1,000 items to a false alarm; choice by expected cost never dearer on average than the cheapest price;
5,000,000 receipts scored in under 10 s and 2 GB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import date

import numpy as np

from pilothouse.kernel.duck import engine
from pilothouse.parts.engine import score
from pilothouse.parts.estimation import Counts, estimate, learn
from pilothouse.parts.rules import Cost, Need, Offer, cost, failing, ranked
from pilothouse.parts.watching import Chart, chart, run_length

WORLDS = ((0.02, 50), (0.02, 200), (0.04, 100), (0.01, 100), (0.10, 30))
"""Mean and concentration of the Beta that true rates are drawn from."""
RARE = ((0.01, 100), (0.02, 50), (0.02, 200))
RECEIPTS = 5_000_000


def covered(suppliers: int, worlds: tuple[tuple[float, int], ...], items: tuple[int, int], groups: int, seed: int = 1) -> tuple[float, float, float, float]:  # fmt: skip
    """Share of true rates inside the interval: over all worlds, least and most of a world; then the ratio of squared errors.

    items: least and most items of a supplier, even in their logarithm. groups: of each world.
    """
    dice = np.random.default_rng(seed)
    shares, squared, raw_squared = [], 0.0, 0.0
    for mean, concentration in worlds:
        held = 0
        for _ in range(groups):
            p = dice.beta(mean * concentration, (1 - mean) * concentration, suppliers)
            n = np.exp(dice.uniform(np.log(items[0]), np.log(items[1]), suppliers)).astype(int)
            x = dice.binomial(n, p)
            counts = Counts.of(n, x)
            found = estimate(learn(counts), counts)
            held += int(((found.low <= p) & (p <= found.high)).sum())
            few = n < 30
            squared += float(((found.mean - p)[few] ** 2).sum())
            raw_squared += float(((x / n - p)[few] ** 2).sum())
        shares.append(held / (groups * suppliers))
    return sum(shares) / len(shares), min(shares), max(shares), squared / raw_squared


def _run_lengths(chart_: Chart, p: float, runs: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Items to the alarm of many simulated charts, when the true rate is p."""
    dice = np.random.default_rng(seed)
    total, lengths = np.zeros(runs, np.int64), np.zeros(runs, np.int64)
    going = np.arange(runs)
    item = 0
    while len(going):
        item += 1
        bad = dice.random(len(going)) < p
        total[going] = np.where(bad, total[going] + chart_.up, np.maximum(total[going] - chart_.down, 0))
        crossed = total[going] >= chart_.threshold
        lengths[going[crossed]] = item
        going = going[~crossed]
    return lengths


def alarms(p0: float, runs: int = 3_000) -> tuple[float, float, int, int]:
    """Simulated mean items to a false alarm and its standard error; median items to find doubled and tripled odds."""
    made = chart(p0)
    false = _run_lengths(made, p0, runs, 1)
    found = [int(np.median(_run_lengths(made, o * p0 / (1 - p0 + o * p0), runs, o))) for o in (2, 3)]
    return float(false.mean()), float(false.std() / np.sqrt(runs)), found[0], found[1]


def saved(downtime_per_day: float, needs: int = 600, seed: int = 1) -> tuple[float, float, float]:
    """Mean true cost saved by choosing on expected cost instead of price, as a share of the price, with its 95 % interval."""
    dice = np.random.default_rng(seed)
    savings = []
    for _ in range(needs):
        doa, early = dice.beta(1.5, 48.5, 8), dice.beta(1.5, 48.5, 8)
        n = np.exp(dice.uniform(np.log(5), np.log(400), 8)).astype(int)
        told = []
        for p in (doa, early):
            counts = Counts.of(n, dice.binomial(n, p))
            told.append(estimate(learn(counts), counts).mean)
        need = Need(downtime_per_day, 200.0)
        offers = [Offer(i, str(i), "", "", "", float(dice.uniform(800, 1_200)), 20.0, float(dice.integers(1, 15)), float(dice.choice([0, 0.5, 1]))) for i in range(4)]  # fmt: skip
        expected = [cost(need, one, told[0][i], told[1][i]) for i, one in enumerate(offers)]
        true: list[Cost] = [cost(need, one, doa[i], early[i]) for i, one in enumerate(offers)]
        cheapest = min(range(4), key=lambda i: offers[i].price)
        best = ranked(offers, expected)[0]
        savings.append((true[cheapest].expected - true[best].expected) / 1_000)
        assert all(failing(one.p_doa, one.p_early90) < 1 for one in true)
    mean, error = float(np.mean(savings)), 1.96 * float(np.std(savings)) / np.sqrt(needs)
    return mean, mean - error, mean + error


def many_receipts(count: int) -> dict[str, float]:
    """Seconds and peak memory of scoring so many receipts that lie in DuckDB: 40 suppliers, 25 categories, 3 conditions."""
    with engine(1_000) as con:
        con.execute("SELECT setseed(0.5)")
        con.execute(f"""CREATE TABLE receipts AS SELECT "row", supplier, category, condition, received, promised, installed, outcome,
            CASE WHEN outcome = 'failed' THEN coalesce(installed, received) + (random() * 300)::INT END AS outcome_on,
            NULL::DATE AS cancelled, called, solved FROM (
            SELECT range + 1 AS "row", 'Supplier ' || (hash(range * 7) % 40) AS supplier, 'Category ' || (hash(range * 13) % 25) AS category,
                   ['new', 'refurbished', 'repaired'][1 + (hash(range * 3) % 3)::INT] AS condition, DATE '2023-11-01' + (range * 1000 // {count})::INT AS received,
                   CASE WHEN random() < 0.9 THEN DATE '2023-11-01' + (range * 1000 // {count})::INT + (random() * 10 - 2)::INT END AS promised,
                   CASE WHEN random() < 0.8 THEN DATE '2023-11-01' + (range * 1000 // {count})::INT + 3 END AS installed,
                   CASE WHEN random() < 0.02 THEN 'doa' WHEN random() < 0.03 THEN 'failed' WHEN random() < 0.02 THEN 'damaged' WHEN random() < 0.9 THEN 'ok' END AS outcome,
                   random() < 0.1 AS called, random() < 0.8 AS solved FROM range({count}))""")
        began, worked = time.perf_counter(), time.process_time()
        lines = score(con, date(2026, 11, 1)).num_rows
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
    return {"seconds": seconds, "processor_s": worked, "lines": lines, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip


def bench() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, bar)."""
    rows = []
    for what, suppliers, worlds, items, groups, bar in (("20 suppliers a group", 20, WORLDS, (5, 400), 120, "88 to 94 %"), ("5 suppliers a group", 5, WORLDS, (5, 400), 300, "87 to 96 %"), ("one rare category", 8, RARE, (3, 25), 200, "at least 87 %")):  # fmt: skip
        mean, least, most, ratio = covered(suppliers, worlds, items, groups)
        rows.append((f"parts: 90 % intervals, {what}", f"{100 * mean:.1f} % (worlds {100 * least:.1f} to {100 * most:.1f} %)", bar))  # fmt: skip
        if suppliers == 20:
            rows.append(("parts: squared error against the raw rate, under 30 items", f"{ratio:.2f}", "at most 0.33"))  # fmt: skip
    for p0 in (0.01, 0.02, 0.04, 0.15):
        false, error, doubled, tripled = alarms(p0)
        made = chart(p0)
        exact = run_length({made.up: p0, -made.down: 1 - p0}, made.threshold)
        rows.append((f"parts: alarm at {100 * p0:.0f} %", f"{false:,.0f} +- {error:,.0f} items to a false one (exactly {exact:,.0f}); twice the odds found in {doubled}, three times in {tripled} (medians)", "at least 1,000"))  # fmt: skip
    for downtime in (0.0, 200.0):
        mean, low, high = saved(downtime)
        rows.append((f"parts: expected cost against cheapest price, {downtime:.0f} a day of waiting", f"saves {100 * mean:.1f} % of the price ({100 * low:.1f} to {100 * high:.1f})", "never worse on average"))  # fmt: skip
    # A process of its own, so that its peak memory is its own.
    run = subprocess.run([sys.executable, "-m", "benchmarks.parts", str(RECEIPTS)], check=True, capture_output=True, text=True)  # fmt: skip
    told = json.loads(run.stdout)
    rows.append((f"parts: {RECEIPTS:,} receipts scored ({told['lines']:,} lines)", f"{told['seconds']:.1f} s ({told['processor_s']:.1f} s of processor), {told['peak_mb']:,.0f} MB", "under 10 s, under 2 GB"))  # fmt: skip
    return rows


if __name__ == "__main__":
    print(json.dumps(many_receipts(int(sys.argv[1]))))
