"""What counts as evidence, who is entitled to assess, how many are needed: pure, on frozen dataclasses.

Source: docs/domains/competency.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Ladder = Literal["user", "technician"]
Kind = Literal["course", "assessment", "certificate", "declaration"]

LADDERS: tuple[Ladder, ...] = ("user", "technician")
KINDS: tuple[Kind, ...] = ("course", "assessment", "certificate", "declaration")
LEVELS: dict[Ladder, tuple[str, ...]] = {
    "user": ("aware", "operator", "super user", "unit educator", "unit director"),
    "technician": ("assisted", "independent", "specialist", "assessor"),
}
"""The default levels of each ladder, from 1."""
ENTITLED: dict[Ladder, int] = {"user": 3, "technician": 4}
"""The least level at which a person may assess others."""
DECLARED_D = 365
"""Days for which a declaration stands."""
WATCHED_D = 1826
"""Days after the reference day within which a break is looked for."""
SOON_D = 90
"""Days within which a break is a finding."""
SHARE_PLACES = 12
"""Decimals of a share that are exact."""


@dataclass(frozen=True, slots=True)
class Skill:
    """Something a person can be entitled to.

    parent: "" if none; evidence on it counts too unless `own`. refresher_d: days for which evidence without an
    expiry of its own counts, None for good. declaration: whether a declaration of the person is asked for too.
    """

    name: str
    ladder: Ladder = "user"
    parent: str = ""
    own: bool = False
    refresher_d: int | None = None
    declaration: bool = False


def circles(skills: Mapping[str, Skill]) -> list[list[str]]:
    """Every circle of parents, each once, from its first name in order; empty if there is none."""
    seen: set[str] = set()
    found = []
    for name in skills:
        path: dict[str, int] = {}
        while name in skills and name not in seen and name not in path:
            path[name] = len(path)
            name = skills[name].parent
        if name in path:
            ring = list(path)[path[name] :]
            first = ring.index(min(ring))
            found.append(ring[first:] + ring[:first])
        seen.update(path)
    return found


def chain(skills: Mapping[str, Skill], name: str) -> list[str]:
    """The skills whose evidence counts for this one: itself, its parent, and so on while none asks for its own.

    There must be no circle.
    """
    found = [name]
    while (skill := skills.get(name)) and skill.parent and not skill.own:
        name = skill.parent
        found.append(name)
    return found


def entitling_level(level: int, ladder: Ladder) -> int:
    """The level that an assessor must hold to sign off this level."""
    return max(level, ENTITLED[ladder])


def needed(people: int | None, share: Fraction | None, group: int) -> int:
    """How many must hold the skill: so many people, or a share of the group present, rounded up."""
    if share is None:
        return people or 0
    return -((-share.numerator * group) // share.denominator)


def unknown_parents(skills: Mapping[str, Skill], names: Iterable[str]) -> set[str]:
    """Names that only occur as a parent or in other lists: skills with nothing said of them."""
    parents = {skill.parent for skill in skills.values() if skill.parent}
    return (parents | set(names)) - skills.keys()
