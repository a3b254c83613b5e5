"""Training sessions on offer in the coming months: mostly for what is short or about to be, some for what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from pilothouse.demo.dice import Dice
from pilothouse.demo.training.holdings import BREAKS, SHORT, Holdings, Hole
from pilothouse.demo.training.skills import Skill, skills

HEADER = ("session", "skill", "level", "day", "hours", "places", "assessor")
_HOURS = {1: 1, 2: 4, 3: 8, 4: 16}
"""Hours of a session by the level it leads to."""
_MONTHS_DAYS = (7, 100)
_PEOPLE_A_SESSION = 4
"""Missing people for whom one more session of a skill is offered."""


def sessions(held: Holdings, holes: list[Hole], people: int) -> Iterator[tuple[object, ...]]:
    """The sessions, in order of their names. people: of the whole system, as a measure of what is offered besides."""
    wanted: Counter[tuple[str, int]] = Counter()
    for hole in holes:
        if hole.kind in (SHORT, BREAKS):
            wanted[hole.need.skill.name, hole.need.level] += max(1, hole.needed - hole.have)
    offered = [
        key for key, missing in sorted(wanted.items()) for _ in range(1 + missing // _PEOPLE_A_SESSION)
    ]
    offered += _besides(held.seed, people // 30)
    for number, (name, level) in enumerate(offered):
        dice, skill = Dice(held.seed).at("session", number), skills()[name]
        day = held.crew.as_of + timedelta(days=dice.between(*_MONTHS_DAYS))
        while day.weekday() > 4:
            day += timedelta(days=1)
        yield (
            f"T{number + 1:03d}",
            name,
            level,
            day,
            _HOURS[level],
            dice.between(4, 12),
            _teacher(held, skill, dice),
        )


def _besides(seed: int, count: int) -> list[tuple[str, int]]:
    """Sessions that are held anyway, whether anyone is short or not."""
    names = sorted(skills())
    dice = Dice(seed).at("besides", 0)
    return [(dice.pick(names), dice.between(1, 2)) for _ in range(count)]


def _teacher(held: Holdings, skill: Skill, dice: Dice) -> str:
    people = held.crew.educators if skill.ladder == "user" else held.crew.leads
    return dice.pick([people[key] for key in sorted(people)])
