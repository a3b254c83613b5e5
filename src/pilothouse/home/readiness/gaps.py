"""What needs somebody: what breaks within 90 days, who stands alone, who could teach whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.rules import ENTITLED, Skill
from pilothouse.competency.summary import place, what
from pilothouse.core.words import day, listed

MOST = 25
"""Lines of a list; the table below holds all."""
NAMES = 4


@dataclass(frozen=True, slots=True)
class Break:
    """A need met today that will not be. holders: who holds it today."""

    day: str
    days: int
    place: str
    what: str
    have: str
    holders: str


@dataclass(frozen=True, slots=True)
class Alone:
    """A person on whom needs rest alone."""

    person: str
    needs: int
    what: str


@dataclass(frozen=True, slots=True)
class Teaching:
    """A skill that somewhere is short, soon short, or with one person: who may sign off, and whom to teach where.

    missing: places short today. entitled: names, empty if nobody is entitled.
    """

    skill: str
    level: int
    missing: int
    entitled: str
    many: int
    where: str


def breaks(soon: pa.Table, at: object) -> list[Break]:
    """The first needs to break, the earliest first."""
    return [
        Break(day(row["breaks_on"]), (row["breaks_on"] - at).days, place(row), what(row), f"{row['have']} of {row['needed']}", _few(row["holders"].split(";")))
        for row in soon.slice(0, MOST).to_pylist()
    ]  # fmt: skip


def alone(single: pa.Table) -> tuple[list[Alone], int]:
    """The people on whom most rests, and how many there are in all."""
    grouped = single.group_by(["holders"], use_threads=False).aggregate(
        [("place", "count"), ("place", "min")]
    )
    ordered = grouped.sort_by([("place_count", "descending"), ("place_min", "ascending")])
    top = ordered.slice(0, MOST).to_pylist()
    mine = single.filter(pc.is_in(single["holders"], value_set=pa.array([row["holders"] for row in top], pa.string())))  # fmt: skip
    by_person: dict[str, list[str]] = {}
    for row in mine.slice(0, 5_000).to_pylist():
        by_person.setdefault(row["holders"], []).append(f"{place(row)}: {what(row)}")
    found = [Alone(row["holders"], row["place_count"], _few(by_person.get(row["holders"], []), row["place_count"], "; ")) for row in top]  # fmt: skip
    return found, ordered.num_rows


def teaching(wanted: pa.Table, held: pa.Table, skills: Mapping[str, Skill]) -> tuple[list[Teaching], int]:
    """The skills that need teaching most, and how many there are in all. wanted: needs short, soon short or single."""
    grouped = wanted.group_by(["skill"], use_threads=False).aggregate([("short", "sum"), ("level", "max"), ("place", "count"), ("place", "min")])  # fmt: skip
    ordered = grouped.sort_by([("short_sum", "descending"), ("place_count", "descending"), ("place_min", "ascending")])  # fmt: skip
    found = []
    for row in ordered.slice(0, MOST).to_pylist():
        skill = skills.get(row["skill"]) or Skill(row["skill"])
        least = max(ENTITLED[skill.ladder], row["level_max"])
        able = held.filter(pc.and_(pc.equal(held["skill"], row["skill"]), pc.greater_equal(held["level"], least)))["person"].to_pylist()  # fmt: skip
        there = wanted.filter(pc.equal(wanted["skill"], row["skill"]))
        found.append(Teaching(row["skill"], least, row["short_sum"], _few(able), len(able), _where(there)))
    return found, ordered.num_rows


def _where(needs: pa.Table) -> str:
    """The places, each with how many there do not hold it yet."""
    told = []
    for row in needs.slice(0, NAMES).to_pylist():
        told.append(f"{place(row)}: {max(0, row['present'] - row['have'])}")
    return _few(told, needs.num_rows, "; ")


def _few(names: Sequence[str], many: int = 0, mark: str = ", ") -> str:
    """The first names, and how many more."""
    many = max(many, len(names))
    shown = list(names[:NAMES])
    if many > len(shown):
        return f"{mark.join(shown)} and {many - len(shown):,} more"
    return listed(shown) if mark == ", " else mark.join(shown)
