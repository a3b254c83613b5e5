"""How long coverage takes for a large system, and how near the best a plan of training is in the time it has.

Bars: 500 units x 3 shifts x 2,000 models x 20,000 people with 1,000,000 pieces of evidence, breaks-on included, under
5 s (all 3,000,000 combinations are needs); a plan for 5,000 people and 200 sessions within 1 % of its bound in 60 s,
checked, on worlds of several shapes.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.engine import Lists, coverage, holdings, known
from pilothouse.competency.rules import Skill
from pilothouse.competency.sweeping import WHOLE
from pilothouse.competency.training import plan
from pilothouse.kernel.duck import engine

AT = date(2026, 11, 2)
_TODAY = AT.toordinal() - date(1970, 1, 1).toordinal()
UNITS, SHIFTS, MODELS, PEOPLE, EVIDENCE = 500, ("day", "evening", "night"), 2_000, 20_000, 1_000_000


def _days(since: object, missing: object = None) -> pa.Array:
    """Days from the reference day as dates; where `missing`, null."""
    numbers = (_TODAY + np.asarray(since)).astype(np.int32)
    return pa.array(numbers, pa.int32(), mask=missing).cast(pa.date32())


def _names(word: str, many: int) -> pa.Array:
    return pa.array([f"{word} {at:05d}" for at in range(many)])


def large(needed: int, seed: int = 1) -> Lists:
    """The large system: everybody in one unit and shift, a fifth of the evidence withdrawn or expired, some to come.

    needed: how many of the 3,000,000 combinations of unit, shift and model are needs.
    """
    dice = np.random.default_rng(seed)
    people, units, shifts, models = _names("P", PEOPLE), _names("Unit", UNITS), pa.array(SHIFTS), _names("Model", MODELS)  # fmt: skip
    unit = units.take(pa.array(dice.integers(0, UNITS, PEOPLE)))
    assigned = pa.table({"person": people, "unit": unit, "ladder": pa.array(["user"] * PEOPLE), "from": _days(-dice.integers(0, 2000, PEOPLE)), "to": _days(dice.integers(1, 3000, PEOPLE), dice.random(PEOPLE) < 0.7)})  # fmt: skip
    roster = pa.table({"person": people, "unit": unit, "shift": shifts.take(pa.array(dice.integers(0, 3, PEOPLE))), "from": _days(-dice.integers(0, 2000, PEOPLE)), "to": _days(dice.integers(1, 3000, PEOPLE), dice.random(PEOPLE) < 0.5)})  # fmt: skip
    away = dice.integers(-10, 300, 4000)
    absences = pa.table({"person": people.take(pa.array(dice.integers(0, PEOPLE, 4000))), "from": _days(away), "to": _days(away + dice.integers(1, 30, 4000))})  # fmt: skip
    kinds = pa.array(["course", "assessment", "certificate"])
    evidence = pa.table({
        "person": people.take(pa.array(dice.integers(0, PEOPLE, EVIDENCE))), "skill": models.take(pa.array(dice.integers(0, MODELS, EVIDENCE))),
        "level": pa.array(dice.integers(1, 6, EVIDENCE)), "kind": kinds.take(pa.array(dice.integers(0, 3, EVIDENCE))),
        "got": _days(-dice.integers(-100, 1500, EVIDENCE)), "expires": _days(dice.integers(-300, 1500, EVIDENCE), dice.random(EVIDENCE) < 0.5),
        "assessor": people.take(pa.array(dice.integers(0, PEOPLE, EVIDENCE))), "withdrawn": _days(dice.integers(-300, 1500, EVIDENCE), dice.random(EVIDENCE) < 0.98),
    })  # fmt: skip
    every = UNITS * len(SHIFTS) * MODELS
    at = np.sort(dice.choice(every, needed, replace=False)) if needed < every else np.arange(every)
    by_share = dice.random(needed) < 0.1
    needs = pa.table({
        "unit": units.take(pa.array(at // (len(SHIFTS) * MODELS))), "shift": shifts.take(pa.array(at // MODELS % len(SHIFTS))), "skill": models.take(pa.array(at % MODELS)),
        "level": pa.array(dice.integers(1, 4, needed)), "people": pa.array(dice.integers(1, 3, needed), mask=by_share), "share": pa.array(np.full(needed, WHOLE // 40), mask=~by_share),
    })  # fmt: skip
    skills = {f"Model {at:05d}": Skill(f"Model {at:05d}", refresher_d=730) for at in range(0, MODELS, 2)}
    return Lists(assigned, evidence, needs, skills, roster, absences)


def covered(needed: int) -> dict[str, float]:
    """Seconds of coverage of the large system from relations to relations; people.csv apart; peak memory."""
    lists = large(needed)
    with engine(1_500) as con:
        began, worked = time.perf_counter(), time.process_time()
        facts = known(con, lists)
        found = coverage(facts, lists.needs, AT)
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        began = time.process_time()
        held = holdings(con, facts, lists.evidence, AT).num_rows
        people = time.process_time() - began
    met = pc.sum(pc.equal(found.table["short"], 0)).as_py()
    breaks = pc.sum(pc.is_valid(found.table["breaks_on"])).as_py() - (needed - met)
    return {"seconds": seconds, "processor_s": processor, "met": met, "breaks": breaks, "people_s": people, "held": held, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A world to train in. seats, hours, people, levels: least and one above the most, drawn evenly."""

    units: int = 100
    skills: int = 60
    needs_of_unit: int = 20
    shifts: int = 1
    days: int = 90
    seats: tuple[int, int] = (5, 20)
    hours: tuple[int, int] = (1, 9)
    people: tuple[int, int] = (1, 4)
    levels: tuple[int, int] = (1, 4)
    total: int = 4_000
    share: float = 0.0
    parents: bool = False


SHAPES = {
    "seats are scarce": Shape(),
    "hours are scarce": Shape(total=600),
    "one day": Shape(days=1, seats=(10, 40), total=1_000_000),
    "three shifts": Shape(shifts=3, levels=(2, 4)),
    "categories": Shape(parents=True, units=30, needs_of_unit=40),
    "few units, by share": Shape(units=20, days=5, people=(10, 60), share=0.3),
    "everything at hand": Shape(total=1_000_000, seats=(200, 500), people=(5, 15)),
    "much is missing": Shape(people=(8, 30), seats=(20, 60), total=12_000),
}


def school(
    shape: Shape, seed: int = 1, people: int = 5_000, sessions: int = 200
) -> tuple[Lists, pa.Table, date]:
    """People with some evidence, needs, and sessions after the reference day; and the horizon."""
    dice = np.random.default_rng(seed)
    persons, units, skills = _names("P", people), _names("Unit", shape.units), _names("Skill", shape.skills)
    many = people * 6
    unit = units.take(pa.array(dice.integers(0, shape.units, people)))
    assigned = pa.table({"person": persons, "unit": unit, "ladder": pa.array(["user"] * people), "from": _days(np.full(people, -1000)), "to": _days(dice.integers(1, 3000, people), dice.random(people) < 0.9)})  # fmt: skip
    evidence = pa.table({
        "person": persons.take(pa.array(dice.integers(0, people, many))), "skill": skills.take(pa.array(dice.integers(0, shape.skills, many))), "level": pa.array(dice.integers(1, 4, many)),
        "kind": pa.array(["course"] * many), "got": _days(-dice.integers(0, 1500, many)), "expires": _days(dice.integers(-300, 900, many), dice.random(many) < 0.3),
        "assessor": pa.nulls(many, pa.string()), "withdrawn": pa.nulls(many, pa.date32()),
    })  # fmt: skip
    shifts = [None] if shape.shifts == 1 else list(SHIFTS[: shape.shifts])
    needs = []
    for one in units.to_pylist():
        for skill in dice.choice(shape.skills, shape.needs_of_unit, replace=False):
            for shift in shifts:
                level, by_share = int(dice.integers(*shape.levels)), dice.random() < shape.share
                needs.append((one, shift, skills[int(skill)].as_py(), level, None if by_share else int(dice.integers(*shape.people)), int(dice.integers(1, 9)) * WHOLE // 10 if by_share else None))  # fmt: skip
    kinds = (("unit", pa.string()), ("shift", pa.string()), ("skill", pa.string()), ("level", pa.int64()), ("people", pa.int64()), ("share", pa.int64()))  # fmt: skip
    table = pa.table(
        {name: pa.array([row[at] for row in needs], kind) for at, (name, kind) in enumerate(kinds)}
    )
    offered = pa.table({
        "session": _names("S", sessions), "skill": skills.take(pa.array(dice.integers(0, shape.skills, sessions))), "level": pa.array(dice.integers(1, 4, sessions)),
        "day": _days(dice.integers(1, shape.days + 1, sessions)), "hours": pa.array(dice.integers(*shape.hours, sessions) * 1000), "places": pa.array(dice.integers(*shape.seats, sessions)),
    })  # fmt: skip
    roster = None
    if shape.shifts > 1:
        roster = pa.table({"person": persons, "unit": unit, "shift": pa.array(SHIFTS).take(pa.array(dice.integers(0, shape.shifts, people))), "from": _days(np.full(people, -10)), "to": pa.nulls(people, pa.date32())})  # fmt: skip
    away = dice.integers(0, shape.days, people)
    absences = pa.table({"person": persons.take(pa.array(dice.integers(0, people, people))), "from": _days(away), "to": _days(away + dice.integers(1, 15, people))})  # fmt: skip
    parents = {name: Skill(name, parent=skills[at // 10 * 10].as_py() if shape.parents and at % 10 else "", refresher_d=730 if at % 2 else None) for at, name in enumerate(skills.to_pylist())}  # fmt: skip
    return Lists(assigned, evidence, table, parents, roster, absences), offered, date.fromordinal(AT.toordinal() + shape.days + 1)  # fmt: skip


def trained(name: str) -> tuple[str, str]:
    """A plan of one shape: its figures in words, and its gap in percent. The independent check is part of the time."""
    shape = SHAPES[name]
    lists, sessions, horizon = school(shape)
    with engine(500) as con:
        began, worked = time.perf_counter(), time.process_time()
        made = plan(con, lists, sessions, shape.total * 1000, horizon)
        wall, processor = time.perf_counter() - began, time.process_time() - worked
    return f"{100 * made.gap:.2f} % ({made.closed:,} of at most {made.bound:,} closed), {processor:.0f} s of processor, {wall:.0f} s", name  # fmt: skip


def bench() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, bar)."""
    rows = []
    for needed, bar in ((3_000_000, "under 5 s"), (90_000, "")):
        # A process of its own, so that its peak memory is its own.
        run = subprocess.run([sys.executable, "-m", "benchmarks.competency", str(needed)], check=True, capture_output=True, text=True)  # fmt: skip
        told = json.loads(run.stdout)
        rows.append((f"coverage: {needed:,} needs, 20,000 people, 1,000,000 pieces of evidence", f"{told['seconds']:.1f} s ({told['processor_s']:.1f} s of processor), {told['met']:,} met, {told['breaks']:,} of them break; people.csv {told['people_s']:.1f} s more ({told['held']:,} lines); {told['peak_mb']:,.0f} MB", bar))  # fmt: skip
    for name in SHAPES:
        measured, _ = trained(name)
        rows.append(
            (f"training plan, 5,000 people x 200 sessions, {name}", f"gap {measured}", "within 1 %, 60 s")
        )
    return rows


if __name__ == "__main__":
    print(json.dumps(covered(int(sys.argv[1]))))
