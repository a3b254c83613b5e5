"""Evidence out of several files as one relation, and the words for what of it can never count.

Source: docs/domains/competency.md, "What counts".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from pilothouse.competency.rules import Skill, entitling_level
from pilothouse.imports.sources import Rejected

COLUMNS = pa.schema([
    ("row", pa.int64()), ("line", pa.int64()), ("person", pa.string()), ("skill", pa.string()), ("level", pa.int64()), ("kind", pa.string()),
    ("got", pa.date32()), ("expires", pa.date32()), ("assessor", pa.string()), ("withdrawn", pa.date32()),
])  # fmt: skip
REASONS: dict[str, tuple[str, str, str]] = {
    "unasked": ("kind", "a declaration alone gives no skill, and {skill} asks for none", "a course, assessment or certificate; or declaration yes in the list of skills"),
    "expired": ("expires", "it expires on or before the day it was got", "a later day, or nothing"),
    "withdrawn": ("withdrawn", "it was withdrawn on or before the day it was got", "a later day, or nothing"),
    "unnamed": ("assessor", "an assessment without an assessor", "the name of the assessor"),
    "self": ("assessor", "a person who assessed themself", "another assessor"),
    "not entitled": ("assessor", "not entitled: {assessor} did not hold {skill} at level {level} on {got} by evidence got earlier that counts", "an assessor who did, or the evidence that says so"),
}  # fmt: skip
"""By reason of the engine: the column, what is wrong, what would be right."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of evidence. table: COLUMNS. columns: field to the file's own name of it. originals: records by row."""

    name: str
    table: pa.Table
    columns: Mapping[str, str]
    originals: Callable[[Mapping[int, int]], dict[int, str]]


def gathered(files: Sequence[File]) -> pa.Table:
    """The evidence of all files, one after another."""
    return pa.concat_tables([one.table.select(COLUMNS.names).cast(COLUMNS) for one in files] or [COLUMNS.empty_table()])  # fmt: skip


def never(
    files: Sequence[File], found: Sequence[tuple[int, str]], skills: Mapping[str, Skill]
) -> list[Rejected]:
    """What can never count, as lines of rejected.csv. found: place in the gathered evidence and reason, by place."""
    lines: list[Rejected] = []
    begin, at = 0, 0
    for one in files:
        many = one.table.num_rows
        mine = []
        while at < len(found) and found[at][0] < begin + many:
            mine.append((found[at][0] - begin, found[at][1]))
            at += 1
        lines += _told(one, mine, skills)
        begin += many
    return lines


def _told(file: File, mine: Sequence[tuple[int, str]], skills: Mapping[str, Skill]) -> list[Rejected]:
    rows = file.table.take(pa.array([place for place, _ in mine], pa.int64())).to_pylist()
    raw = file.originals({row["row"]: row["line"] for row in rows}) if rows else {}
    told = []
    for row, (_, reason) in zip(rows, mine, strict=True):
        column, problem, expected = REASONS[reason]
        skill = skills.get(row["skill"]) or Skill(row["skill"])
        problem = problem.format(skill=row["skill"], assessor=row["assessor"], got=row["got"], level=entitling_level(row["level"], skill.ladder))  # fmt: skip
        told.append(Rejected(file.name, row["row"], row["line"], file.columns.get(column, column), _shown(row[column]), f"{problem}; it never counts", expected, raw.get(row["row"], "")))  # fmt: skip
    return told


def _shown(value: str | date | None) -> str:
    return "" if value is None else str(value)
