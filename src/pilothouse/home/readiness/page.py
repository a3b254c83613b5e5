"""The page: one file that asks nothing of anyone. Source of what it says: docs/domains/competency.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.rules import ENTITLED, LEVELS, SOON_D, WATCHED_D
from pilothouse.competency.summary import findings
from pilothouse.core.grid import Cell, Column, Grid, View
from pilothouse.core.page import Part, Place, Shell, Tab, drawn, table
from pilothouse.core.words import are, count, counted, day
from pilothouse.home.readiness import gaps
from pilothouse.home.readiness.facts import ReadinessFacts
from pilothouse.home.readiness.heat import heat

TEMPLATES = Path(__file__).parent / "templates"
MOST_NEEDS = 60_000
"""So many needs the page's table holds, the worst first; all of them stand in coverage.csv."""
STATES = ("short today", f"breaks within {SOON_D} days", "met")
ALONE = ("one person", "nobody or several")


def readiness(facts: ReadinessFacts) -> str:
    """The page as text."""
    found = findings(facts.coverage, facts.at)
    alone, people = gaps.alone(found["single"])
    wanted = _wanted(facts, found)
    taught, skills = gaps.teaching(wanted, facts.held, facts.skills)
    context = {
        "facts": facts, "map": heat(facts.coverage, facts.skills, facts.at), "soon_d": SOON_D,
        "breaks": gaps.breaks(found["soon"], facts.at), "soon": found["soon"].num_rows, "short": found["short"].num_rows,
        "alone": alone, "people": people, "singles": found["single"].num_rows, "taught": taught, "skills": skills,
        "needs": facts.coverage.num_rows, "table": table(_grid(facts, found), "Table of needs") if facts.coverage.num_rows else "",
        "made": _made(facts),
    }  # fmt: skip
    return drawn(_shell(facts, found), TEMPLATES, "readiness/page.html", context)


def _wanted(facts: ReadinessFacts, found: dict[str, pa.Table]) -> pa.Table:
    """The needs that are short, break soon or rest on one person, each once, in the order of the list."""
    places = np.unique(np.concatenate([one["place"].to_numpy() for one in found.values()]))
    return facts.coverage.append_column("place", pa.array(np.arange(facts.coverage.num_rows))).take(pa.array(places, pa.int64()))  # fmt: skip


def _shell(facts: ReadinessFacts, found: dict[str, pa.Table]) -> Shell:
    dated = day(facts.at)
    numbers = {name: count(one.num_rows) for name, one in found.items()}
    places = (
        Place("map", "Units and skills"),
        Place("breaks", "Breaks soon", numbers["soon"]),
        Place("alone", "One person alone", numbers["single"]),
        Place("teach", "Who can teach whom"),
        Place("needs", "All needs", count(facts.coverage.num_rows)),
        Place("made", "How this was made"),
    )
    tabs = (Tab("map", "Map", "place"), Tab("breaks", "Breaks", "clock"), Tab("alone", "Alone", "person"), Tab("teach", "Teach", "check"), Tab("needs", "Needs", "list"))  # fmt: skip
    return Shell("Readiness", f"As of {dated}", f"Pilothouse, readiness as of {dated}", _opening(facts, found), places=places, tabs=tabs)  # fmt: skip


def _opening(facts: ReadinessFacts, found: dict[str, pa.Table]) -> tuple[Part, ...]:
    """The sentence that holds the page's numbers, in at most 40 words."""
    many, (short, soon, single) = facts.coverage.num_rows, (found[name].num_rows for name in ("short", "soon", "single"))  # fmt: skip
    if not many:
        return (Part("No need was given."),)
    missing = pc.sum(found["short"]["short"]).as_py() or 0
    parts = [Part(f"Of {counted(many, 'need')}, ")]
    if short:
        parts += [Part(f"{count(short)} {are(short)} short", "needs", (("state", STATES[0]),)), Part(f" today, by {counted(missing, 'person', 'people')} in all. ")]  # fmt: skip
    else:
        parts += [Part("none is short today. ")]
    parts += [Part(counted(soon, "more", "more") if short else count(soon), "breaks"), Part(f" {'breaks' if soon == 1 else 'break'} within {SOON_D} days; "), Part(count(single), "needs", (("alone", ALONE[0]),)), Part(f" {'rests' if single == 1 else 'rest'} on one person alone.")]  # fmt: skip
    return tuple(parts)


def _grid(facts: ReadinessFacts, found: dict[str, pa.Table]) -> Grid:
    """Every need, the worst first."""
    coverage = facts.coverage
    state = np.full(coverage.num_rows, 2)
    for at, name in ((1, "soon"), (0, "short")):
        state[found[name]["place"].to_numpy()] = at
    order = np.argsort(state, kind="stable")[:MOST_NEEDS]
    kept = coverage.take(pa.array(order))
    words = pa.array(STATES).take(pa.array(state[order]))
    shown = pa.table({
        "unit": kept["unit"], "shift": pc.fill_null(kept["shift"].cast(pa.string()), "any"), "skill": kept["skill"], "level": kept["level"],
        "skill_level": pc.binary_join_element_wise("level ", kept["level"].cast(pa.string()), ""), "needed": kept["needed"], "have": kept["have"],
        "short": kept["short"], "breaks_on": pc.fill_null(kept["breaks_on"].cast(pa.string()), "not seen"), "state": words, "rank": pa.array(state[order]),
        "alone": pc.if_else(pc.equal(kept["single"], "yes"), *ALONE),
        "holders": pc.if_else(pc.equal(kept["holders"], ""), "nobody", pc.replace_substring(kept["holders"], ";", "; ")),
    })  # fmt: skip
    views = [View("All needs", {}, coverage.num_rows)]
    views += [View(name[0].upper() + name[1:], {"state": name}, int((state == at).sum())) for at, name in enumerate(STATES[:2])]  # fmt: skip
    views.append(View("Rests on one person", {"alone": ALONE[0]}, found["single"].num_rows))
    return Grid(
        id="needs", noun="need", file="coverage.csv", table=shown, total=coverage.num_rows, search="Unit, skill, person", lines=2, views=tuple(views),
        columns=(
            Column("unit", "Unit", filter=True), Column("shift", "Shift", filter=True), Column("skill", "Skill", filter=True), Column("level", "Level", filter=True),
            Column("skill_level", "Level in words", aside=True), Column("needed", "Needed"), Column("have", "Have"), Column("short", "Short"),
            Column("breaks_on", "Breaks on"), Column("state", "State", filter=True), Column("rank", "Rank", aside=True), Column("alone", "Rests on", filter=True), Column("holders", "Holders"),
        ),
        cells=(
            Cell("thing", "Skill", ("skill", "skill_level"), 24, "top"), Cell("text", "Unit", ("unit",), 14, "row"), Cell("text", "Shift", ("shift",), 8, "end"),
            Cell("number", "Needed", ("needed",), 7), Cell("number", "Have", ("have",), 6), Cell("number", "Short", ("short",), 6), Cell("text", "Breaks on", ("breaks_on",), 10),
            Cell("text", "State", ("state",), 12, "row", sort="rank"), Cell("words", "Holders", ("holders",), 13, "hide"),
        ),
    )  # fmt: skip


def _made(facts: ReadinessFacts) -> list[tuple[str, str]]:
    """Where the page comes from and what its words mean."""
    ladders = "; ".join(f"{ladder}: {', '.join(f'{at} {name}' for at, name in enumerate(names, 1))}" for ladder, names in LEVELS.items())  # fmt: skip
    rest = [
        ("Counts", "Evidence counts from the day it was got until it expires or is withdrawn; an assessment only if its assessor was entitled by earlier evidence."),
        ("Needed", "So many people, or a share of those present on the skill's ladder, rounded up. Present: assigned to the unit, not absent, and on the shift where a roster was given."),
        ("Breaks on", f"The first later day, within {WATCHED_D:,} days, on which too few hold it with all that is known today. Nobody's future training is assumed."),
        ("May assess", f"Holds the skill at level {ENTITLED['user']} (users) or {ENTITLED['technician']} (technicians), or at the level asked for if that is higher."),
        ("Levels", ladders),
    ]  # fmt: skip
    if facts.rejected:
        rest.insert(0, ("Not taken", f"{counted(facts.rejected, 'value or row', 'values or rows')} could not be taken or can never count; rejected.csv says why."))  # fmt: skip
    return [*facts.sources, *rest]
