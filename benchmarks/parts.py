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

import duckdb
import numpy as np

from pilothouse.kernel.duck import engine
from pilothouse.parts.engine import Key, Outside, score
from pilothouse.parts.estimation import Counts, estimate, learn
from pilothouse.parts.rates import RATE_NAMES
from pilothouse.parts.rules import Cost, Need, Offer, cost, failing, ranked
from pilothouse.parts.watching import SMALLEST, Chart, chart, run_length, watched_rate

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


def _run_lengths(made: Chart, p: float, runs: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Items to the alarm of many simulated charts, when the true rate is p: all together, from bad item to bad item."""
    dice = np.random.default_rng(seed)
    total, lengths = np.zeros(runs, np.int64), np.zeros(runs, np.int64)
    going = np.arange(runs)
    while len(going):
        until = dice.geometric(p, len(going))  # items up to the next bad one, itself included
        lengths[going] += until
        total[going] = np.maximum(total[going] - made.down * (until - 1), 0) + made.up
        going = going[total[going] < made.threshold]
    return lengths


def alarms(rate: float, runs: int = 120_000) -> tuple[float, float, int, int]:
    """Simulated mean items to a false alarm at a group's rate and its standard error; median items to find twice and three times the rate."""
    made = chart(watched_rate(rate))
    false = _run_lengths(made, rate, runs, 1)
    found = [int(np.median(_run_lengths(made, times * rate, 20_000, times))) for times in (2, 3)]
    return float(false.mean()), float(false.std() / np.sqrt(runs)), found[0], found[1]


def least_run() -> tuple[float, int]:
    """The least exact average of items to a false alarm over every rate that can be watched, and how many those are."""
    rates = [round(digits * 10.0**power, 12) for power in (-6, -5, -4, -3) for digits in range(100, 1_000)]
    runs = [chart(rate).run for rate in rates if rate >= SMALLEST]
    return min(runs), len(runs)


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


def many_receipts(count: int, *, pooled: bool = False) -> dict[str, float]:
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
        pool = _pool(con) if pooled else None
        began, worked = time.perf_counter(), time.process_time()
        lines = score(con, date(2026, 11, 1), pool=pool).num_rows
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
    return {"seconds": seconds, "processor_s": worked, "lines": lines, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip


def _pool(con: duckdb.DuckDBPyConnection) -> dict[tuple[Key, str], Outside]:
    """Outside counts for every cell and rate: three times the size, each of its own rate."""
    dice = np.random.default_rng(1)
    keys = con.execute("SELECT DISTINCT supplier, category, condition FROM receipts ORDER BY ALL").fetchall()
    return {((key[0], key[1], key[2]), rate): Outside(5_000, int(dice.binomial(5_000, dice.beta(1, 49)))) for key in keys for rate in RATE_NAMES}  # fmt: skip


def bench() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, bar)."""
    rows = []
    for what, suppliers, worlds, items, groups, bar in (("20 suppliers a group", 20, WORLDS, (5, 400), 120, "88 to 94 %"), ("5 suppliers a group", 5, WORLDS, (5, 400), 300, "87 to 96 %"), ("one rare category", 8, RARE, (3, 25), 200, "at least 87 %")):  # fmt: skip
        mean, least, most, ratio = covered(suppliers, worlds, items, groups)
        rows.append((f"parts: 90 % intervals, {what}", f"{100 * mean:.1f} % (worlds {100 * least:.1f} to {100 * most:.1f} %)", bar))  # fmt: skip
        if suppliers == 20:
            rows.append(("parts: squared error against the raw rate, under 30 items", f"{ratio:.2f}", "at most 0.33"))  # fmt: skip
    for rate in (0.00537, 0.01, 0.0234, 0.04, 0.151):
        false, error, doubled, tripled = alarms(rate)
        made = chart(watched_rate(rate))
        exact = run_length({made.up: rate, -made.down: 1 - rate}, made.threshold)
        rows.append((f"parts: alarm at {100 * rate:.3g} %, simulated", f"{false:,.0f} +- {error:,.0f} items to a false one (exactly {exact:,.0f}); twice the rate found in {doubled}, three times in {tripled} (medians)", "at least 1,000"))  # fmt: skip
    least, many = least_run()
    rows.append((f"parts: alarm, least exact average over all {many:,} rates to three digits", f"{least:,.1f} items to a false one", "at least 1,000"))  # fmt: skip
    for downtime in (0.0, 200.0):
        mean, low, high = saved(downtime)
        rows.append((f"parts: expected cost against cheapest price, {downtime:.0f} a day of waiting", f"saves {100 * mean:.1f} % of the price ({100 * low:.1f} to {100 * high:.1f})", "never worse on average"))  # fmt: skip
    for how, bar in (("", "under 10 s, under 2 GB"), ("pooled", "under 15 s, under 2 GB")):
        # A process of its own, so that its peak memory is its own.
        run = subprocess.run([sys.executable, "-m", "benchmarks.parts", str(RECEIPTS), how], check=True, capture_output=True, text=True)  # fmt: skip
        told = json.loads(run.stdout)
        rows.append((f"parts: {RECEIPTS:,} receipts scored ({told['lines']:,} lines){', every cell with outside counts' if how else ''}", f"{told['seconds']:.1f} s ({told['processor_s']:.1f} s of processor), {told['peak_mb']:,.0f} MB", bar))  # fmt: skip
    return rows


if __name__ == "__main__":
    print(json.dumps(many_receipts(int(sys.argv[1]), pooled="pooled" in sys.argv)))
