"""Skills and what each kind of unit needs of them, read from the tables beside the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil

from pilothouse.demo.facts import several, table
from pilothouse.demo.places import UNITS, Unit

DAY, NIGHT = "day", "night"
FULL_STAFF = 900
"""People for whom the table of needs was made."""
DAY_ONLY = frozenset({"CLIN", "REHAB", "ENDO", "DIAL", "CATH", "PHARM", "SPD"})
"""Units that are closed at night."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill; parent empty: none. own: evidence on the parent does not count. refresher_days: it lasts so long."""

    name: str
    ladder: str
    parent: str
    own: bool
    refresher_days: int
    declaration: bool

    def above(self) -> Iterator[Skill]:
        """This skill and those whose evidence counts for it."""
        yield self
        one = self
        while one.parent and not one.own:
            one = skills()[one.parent]
            yield one


@dataclass(frozen=True, slots=True)
class Need:
    """What one unit needs: so many people, or such a share of the staff (0: by people), holding a skill at a level."""

    unit: Unit
    shift: str
    skill: Skill
    level: int
    people: int
    share: float


@cache
def skills() -> dict[str, Skill]:
    """Every skill by its name, in the order of the table."""
    return {
        row["skill"]: Skill(row["skill"], row["ladder"], row["parent"], row["own"] == "yes", int(row["refresher_days"]), row["declaration"] == "yes")
        for row in table("skills.csv")
    }  # fmt: skip


@cache
def needs(people: int) -> tuple[Need, ...]:
    """The needs of all units, unit by unit, in the order of the table: of fewer people where few work."""
    share = min(1.0, people / FULL_STAFF)
    return tuple(need for unit in UNITS for need in _needs_of(unit, share))


def _needs_of(unit: Unit, staff: float) -> Iterator[Need]:
    for row in table("needs.csv"):
        where = several(row["units"])
        if not {"*", unit.code, unit.key} & set(where):
            continue
        for shift in _shifts(row["shift"], unit):
            yield Need(
                unit, shift, skills()[row["skill"]], int(row["level"]), ceil(int(row["people"] or 0) * staff), float(row["share"] or 0)
            )  # fmt: skip


def _shifts(shift: str, unit: Unit) -> tuple[str, ...]:
    if shift != "each":
        return (shift,)
    return (DAY,) if unit.code in DAY_ONLY else (DAY, NIGHT)
