"""Coverage in words: what is short today, what breaks soon, where one person stands alone. Source: docs/domains/competency.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.rules import SOON_D
from pilothouse.core.words import are, counted, day


def place(row: Mapping[str, object]) -> str:
    """Unit and shift in words."""
    return f"{row['unit']}, {row['shift']}" if row["shift"] else str(row["unit"])


def what(row: Mapping[str, object]) -> str:
    """Skill and level in words."""
    return f"{row['skill']} at level {row['level']}"


def findings(table: pa.Table, at: date) -> dict[str, pa.Table]:
    """The lines of coverage that are findings, worst first: short today, breaking within 90 days, single points."""
    soon = pa.scalar(at + timedelta(days=SOON_D), pa.date32())
    short = pc.greater(table["short"], 0)
    breaks = pc.fill_null(pc.less_equal(table["breaks_on"], soon), False)
    places = pa.array(np.arange(table.num_rows))
    found = table.append_column("place", places)
    return {
        "short": found.filter(short).sort_by([("short", "descending"), ("place", "ascending")]),
        "soon": found.filter(pc.and_not(breaks, short)).sort_by([("breaks_on", "ascending"), ("place", "ascending")]),
        "single": found.filter(pc.equal(table["single"], "yes")),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A heading, its first lines, and how many there are in all."""

    heading: str
    lines: Sequence[str] = ()
    many: int = 0


def summary(table: pa.Table, at: date, most: int = 5) -> list[Told]:
    """What a ward manager reads first. most: lines under each heading."""
    found = findings(table, at)
    short, soon, single = found["short"], found["soon"], found["single"]
    many = table.num_rows
    missing = pc.sum(short["short"]).as_py() or 0
    told: list[Told] = []

    def tell(heading: str, rows: pa.Table, line: Callable[[Mapping[str, Any]], str]) -> None:
        told.append(Told(heading, [line(row) for row in rows.slice(0, most).to_pylist()], rows.num_rows))

    if short.num_rows:
        tell(f"On {day(at)}, {counted(short.num_rows, 'need')} of {many:,} {are(short.num_rows)} short, {counted(missing, 'place')} in all:", short, lambda row: f"{place(row)}: {what(row)}: {row['have']} of {row['needed']}")  # fmt: skip
    else:
        told.append(Told(f"On {day(at)}, {'the one need is' if many == 1 else f'all {many:,} needs are'} met." if many else "No need was given."))  # fmt: skip
    if soon.num_rows:
        tell(f"{counted(soon.num_rows, 'need')} met today {'breaks' if soon.num_rows == 1 else 'break'} within {SOON_D} days:", soon, lambda row: f"{day(row['breaks_on'])}: {place(row)}: {what(row)}")  # fmt: skip
    if single.num_rows:
        tell(f"{counted(single.num_rows, 'need')} {'rests' if single.num_rows == 1 else 'rest'} on one person alone:", single, lambda row: f"{row['holders']}: {place(row)}: {what(row)}")  # fmt: skip
    return told
