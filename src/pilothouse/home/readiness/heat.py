"""The heat map: units against skills, people in place of people needed, with words in every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.rules import SOON_D, Skill

MOST_UNITS = 40
MOST_SKILLS = 12
STEPS = ((95, 5), (80, 4), (65, 3), (50, 2), (0, 1))
"""Least percent in place, and the step of colour."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit's needs of a skill, all shifts and levels. step: 1 to 5, or `na`; note: what is the matter, in words."""

    step: str
    text: str = ""
    note: str = ""
    said: str = ""
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A unit. short: places missing in all its needs."""

    unit: str
    short: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Heat:
    """The map. by: what the columns are; left_units, left_columns: how many more there are."""

    by: str
    columns: Sequence[str]
    rows: Sequence[Row]
    left_units: int
    left_columns: int


def heat(coverage: pa.Table, skills: Mapping[str, Skill], at: date) -> Heat:
    """The units with most shortage against the skills, or their categories where there are too many skills."""
    by, names = _columns(coverage, skills)
    table = coverage.append_column("column", names)
    met = pc.min_element_wise(table["have"], table["needed"])
    soon = pc.fill_null(pc.less_equal(table["breaks_on"], pa.scalar(at + timedelta(days=SOON_D), pa.date32())), False)  # fmt: skip
    later = pc.if_else(pc.and_not(soon, pc.greater(table["short"], 0)), table["breaks_on"], pa.scalar(None, pa.date32()))  # fmt: skip
    table = table.append_column("met", met).append_column("soon", later).append_column("alone", pc.cast(pc.equal(table["single"], "yes"), pa.int64()))  # fmt: skip
    grouped = table.group_by(["unit", "column"]).aggregate([("needed", "sum"), ("met", "sum"), ("short", "sum"), ("soon", "min"), ("alone", "sum")])  # fmt: skip
    units = _worst(grouped, "unit")
    columns = _worst(grouped, "column")
    shown = sorted(columns[:MOST_SKILLS])
    kept = grouped.filter(pc.and_(pc.is_in(grouped["unit"], value_set=pa.array(units[:MOST_UNITS], pa.string())), pc.is_in(grouped["column"], value_set=pa.array(shown, pa.string()))))  # fmt: skip
    cells = {(row["unit"], row["column"]): _cell(row) for row in kept.to_pylist()}
    short = {row["unit"]: row["short_sum_sum"] for row in grouped.group_by(["unit"]).aggregate([("short_sum", "sum")]).to_pylist()}  # fmt: skip
    rows = [Row(unit, short[unit], [cells.get((unit, column), Cell("na", said="not needed here")) for column in shown]) for unit in units[:MOST_UNITS]]  # fmt: skip
    return Heat(by, shown, rows, max(0, len(units) - MOST_UNITS), max(0, len(columns) - MOST_SKILLS))


def _columns(coverage: pa.Table, skills: Mapping[str, Skill]) -> tuple[str, pa.Array]:
    """What the columns are, and each need's."""
    encoded = coverage["skill"].combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    names = encoded.dictionary.to_pylist()
    categories = [_category(name, skills) for name in names]
    if len(names) <= MOST_SKILLS or len(set(categories)) == len(names):
        return "skill", encoded.dictionary.take(encoded.indices)
    return "category", pa.array(categories, pa.string()).take(encoded.indices)


def _category(name: str, skills: Mapping[str, Skill]) -> str:
    """The skill at the top of the parents."""
    while (skill := skills.get(name)) and skill.parent:
        name = skill.parent
    return name


def _worst(grouped: pa.Table, name: str) -> list[str]:
    """Units or columns, those with most shortage first, then by name."""
    table = grouped.group_by([name]).aggregate([("short_sum", "sum")])
    names: list[str] = table.sort_by([("short_sum_sum", "descending"), (name, "ascending")])[name].to_pylist()
    return names


def _cell(row: Mapping[str, object]) -> Cell:
    needed, met, short = (int(str(row[name])) for name in ("needed_sum", "met_sum", "short_sum"))
    soon, alone = row["soon_min"], int(str(row["alone_sum"]))
    if not needed:
        return Cell("na", said="none needed today")
    percent = 100 * met / needed
    step = next(step for least, step in STEPS if percent >= least)
    note = f"{short} short" if short else ""
    if not note and isinstance(soon, date):
        note = f"to {soon.day} {soon:%b}"
    elif not note and alone:
        note = "one alone"
    said = {"": "", "one alone": "rests on one person"}.get(note, note if short else f"breaks {soon}")
    return Cell(str(step), f"{met} of {needed}", note, said, short > 0)
