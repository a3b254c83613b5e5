"""How fast `who` answers on a large chain, how fast it is loaded, and how long the command takes in all.

Bars: with 200 facilities, 20,000 positions, 50,000 people, 45,000 appointments, 200,000 shifts and 20,000
absences p95 of an answer (path and next in line included) under 1 ms, loading under 3 s; the command on the
demo's chain, from its start to its answer, under 0.4 s.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pilothouse.governance.chain import Chain
from pilothouse.governance.rules import who
from pilothouse.governance.sources import load_chain
from pilothouse.governance.words import SYSTEM, TOPICS, Place
from pilothouse.kernel.times import as_datetime, read_time

FACILITIES, UNITS, POSITIONS, PEOPLE = 200, 6_000, 20_000, 50_000
APPOINTMENTS, SHIFTS, ABSENCES, DELEGATIONS = 45_000, 200_000, 20_000, 2_000
DIRECTORS, FACILITY_POSITIONS = 20, 1_000
START = datetime(2026, 10, 1)
DAYS = 60
QUESTIONS = 20_000
RUNS = 9


def write_chain(folder: Path, seed: int = 1) -> None:
    """A valid chain of the size of the bars, as CSV files."""
    rng = random.Random(seed)

    def moment(spread_days: int = DAYS) -> datetime:
        return START + timedelta(minutes=15 * rng.randrange(spread_days * 96))

    def span(longest_h: int) -> str:
        begin = moment()
        end = begin + timedelta(hours=rng.randint(4, longest_h))
        return f"{begin:%Y-%m-%dT%H:%M},{end:%Y-%m-%dT%H:%M}"

    def person() -> str:
        return f"N{rng.randrange(PEOPLE)}"

    def position() -> str:
        return f"P{rng.randrange(POSITIONS)}"

    def holders() -> Iterable[str]:
        yield "N0,P0,holder,,,"
        for number in range(1, POSITIONS):
            yield f"{person()},P{number},holder,,2020-01-01,{'2026-11-05T00:00' if rng.random() < 0.1 else ''}"
        for number in range(APPOINTMENTS - POSITIONS):
            yield f"{person()},P{number % POSITIONS},deputy,{rng.randint(1, 4)},2021-01-01,"

    def mandates() -> Iterable[str]:
        yield from (f"{topic},system,,P{1 + number},,USD" for number, topic in enumerate(TOPICS))
        for facility in range(FACILITIES):
            yield from (f"{topic},facility,F{facility},P{_lead(facility)},50000,USD" for topic in TOPICS[::2])
        for unit in range(UNITS):
            yield from (f"{topic},unit,U{unit},P{1_020 + unit * 3},500,USD" for topic in ("repair", "*"))

    files: dict[str, tuple[str, Iterable[str]]] = {
        "units": ("unit,facility,name", (f"U{n},F{n % FACILITIES},Unit {n}" for n in range(UNITS))),
        "positions": ("position,title,scope_kind,scope,reports_to,helm", map(_position, range(POSITIONS))),
        "people": (
            "person,name,email,phone",
            (f"N{n},Name {n},n{n}@example.org,+1 {n}" for n in range(PEOPLE)),
        ),
        "appointments": ("person,position,kind,order,from,to", holders()),
        "mandates": ("topic,scope_kind,scope,position,limit,currency", mandates()),
        "absences": ("person,from,to", (f"{person()},{span(24 * 14)}" for _ in range(ABSENCES))),
        "roster": ("position,person,from,to", (f"{position()},{person()},{span(12)}" for _ in range(SHIFTS))),
        "delegations": (
            "position,topic,person,from,to",
            (
                f"{position()},{rng.choice((*TOPICS, '*'))},{person()},{span(24 * 14)}"
                for _ in range(DELEGATIONS)
            ),
        ),
        "settings": ("key,value", ["tz,America/New_York"]),
    }
    for kind, (header, lines) in files.items():
        (folder / f"{kind}.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def _lead(facility: int) -> int:
    return DIRECTORS + facility


def _position(number: int) -> str:
    """The helm, twenty directors below it, five positions a facility, the rest in units three deep."""
    if number == 0:
        return "P0,Helm,system,,,yes"
    if number < DIRECTORS:
        return f"P{number},Director {number},system,,P0,"
    if number < DIRECTORS + FACILITY_POSITIONS:
        facility = (number - DIRECTORS) % FACILITIES
        above = 1 + facility % (DIRECTORS - 1) if number < DIRECTORS + FACILITIES else _lead(facility)
        return f"P{number},Lead {number},facility,F{facility},P{above},"
    rank = number - DIRECTORS - FACILITY_POSITIONS
    unit = rank // 3 % UNITS
    above = _lead(unit % FACILITIES) if rank % 3 == 2 or number == POSITIONS - 1 else number + 1
    return f"P{number},Office {number},unit,U{unit},P{above},"


def _answer_times(chain: Chain, seed: int = 2) -> list[float]:
    """Seconds of each of many random questions, a third of them with an amount."""
    rng = random.Random(seed)
    questions = []
    for _ in range(QUESTIONS):
        place = rng.choice((Place("unit", f"U{rng.randrange(UNITS)}"), Place("facility", f"F{rng.randrange(FACILITIES)}"), SYSTEM))  # fmt: skip
        at = as_datetime(
            read_time("2026-10-15", chain.zone) + rng.randrange(30 * 86_400) * 1_000_000, chain.zone
        )
        amount = Decimal(rng.choice((100, 5_000, 100_000))) if rng.random() < 1 / 3 else None
        questions.append((rng.choice((*TOPICS, "robots")), place, at, amount))
    times = []
    for topic, place, at, amount in questions:
        began = time.perf_counter()
        who(chain, topic, place, at, amount)
        times.append(time.perf_counter() - began)
    return times


def _median_seconds(action: Callable[[], object], runs: int) -> float:
    """How long an action takes: the median of so many runs."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _command_seconds(folder: Path) -> float:
    command = str(Path(sys.executable).with_name("pilothouse"))
    demo = folder / "demo"
    subprocess.run(
        [command, "demo", str(demo), "--devices", "2500", "--seed", "7"], check=True, capture_output=True
    )
    question = [command, "who", "recall", "--chain", str(demo / "chain"), "--at", "2026-11-02 03:00"]
    return _median_seconds(lambda: subprocess.run(question, check=True, capture_output=True), RUNS)


def bench() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, bar)."""
    with tempfile.TemporaryDirectory(prefix="pilothouse-") as kept:
        folder = Path(kept)
        (folder / "chain").mkdir()
        write_chain(folder / "chain")
        began = time.perf_counter()
        chain = load_chain(folder / "chain").valid()
        loading = time.perf_counter() - began
        times = statistics.quantiles(_answer_times(chain), n=100)
        size = f"{POSITIONS:,} positions, {SHIFTS:,} shifts"
        return [
            (f"who: loading ({size})", f"{loading:.2f} s", "under 3 s"),
            (f"who: an answer ({size})", f"p50 {times[49] * 1e6:.0f} us, p95 {times[94] * 1e6:.0f} us, p99 {times[98] * 1e6:.0f} us", "p95 under 1 ms"),
            ("who: the command on the demo's chain", f"{_command_seconds(folder):.3f} s", "under 0.4 s"),
        ]  # fmt: skip
