"""A small hospital's readiness for the tests of its page."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from pilothouse.competency.engine import coverage, holdings, known
from pilothouse.home.readiness import ReadinessFacts, readiness
from pilothouse.kernel.duck import engine
from tests.competency.slow_coverage import Assigned, Need, Proof, SkillRow, World
from tests.competency.worlds import AT, lists


def world(units: int = 4) -> World:
    """In every unit: pumps with one holder, ventilators short and nobody to teach, monitors that break in 30 days."""
    people, proofs, needs = [], [], []
    for at in range(units):
        unit = f"Ward {at:02d}"
        ana, ben = f"Ana {at}", f"Ben {at}"
        people += [Assigned(ana, unit), Assigned(ben, unit)]
        proofs += [
            Proof(ana, "pump", 3, "course", AT - timedelta(100)),
            Proof(ben, "monitor", 2, "course", AT - timedelta(100), AT + timedelta(30)),
            Proof(ana, "monitor", 2, "course", AT - timedelta(100)),
        ]
        needs += [Need(unit, None, "pump", 2, 1), Need(unit, "night", "ventilator", 2, 2), Need(unit, None, "monitor", 2, 2)]  # fmt: skip
    return World(tuple(people), tuple(proofs), tuple(needs), (SkillRow("pump", parent="infusion"),))


def facts(of: World, at: date = AT, rejected: int = 0) -> ReadinessFacts:
    """What the page of a world is made of."""
    told = lists(of)
    with engine(200, 1) as con:
        known_facts = known(con, told)
        found = coverage(known_facts, told.needs, at)
        held = holdings(con, known_facts, told.evidence, at)
    table = found.table.append_column("present", pa.array(found.present))
    return ReadinessFacts(
        at, table, held, told.skills, [("People", "people.csv"), ("Needs", "needs.csv")], rejected
    )


def written(path: Path, of: World) -> Path:
    """The page of a world as a file."""
    path.write_text(readiness(facts(of)), encoding="utf-8")
    return path
