"""Who holds which skill at which level, and when.

Source: docs/domains/competency.md, "Who holds a skill".
"""

from __future__ import annotations

import numpy as np

from pilothouse.competency.counting import Counting, Skills
from pilothouse.competency.spans import Ints, Spans, common, expanded, united


def held(counting: Counting, skills: Skills, skill: Ints, level: Ints) -> Spans:
    """When who holds each wanted skill at its level; key is person * number wanted + place among the wanted.

    skill, level: the wanted, by number.
    """
    many = len(skill)
    order = np.argsort(counting.skill, kind="stable")
    sorted_skill = counting.skill[order]
    wanted, ancestor = _ancestors(skills, skill)
    lo, hi = np.searchsorted(sorted_skill, ancestor), np.searchsorted(sorted_skill, ancestor + 1)
    whose, nth = expanded(hi - lo)
    rows = order[lo[whose] + nth]
    demand = wanted[whose]
    enough = counting.level[rows] >= level[demand]
    rows, demand = rows[enough], demand[enough]
    spans = united(counting.person[rows] * many + demand, counting.start[rows], counting.end[rows])
    asks = skills.asks[skill]
    if not asks.any():
        return spans
    key = spans.key % many
    asked = spans.take(asks[key])
    persons, demands = asked.key // many, asked.key % many
    declared = common(asked, persons * len(skills.names) + skill[demands], counting.declared)
    free = spans.take(~asks[key])
    return united(*(np.concatenate([getattr(free, name), getattr(declared, name)]) for name in ("key", "start", "end")))  # fmt: skip


def _ancestors(skills: Skills, skill: Ints) -> tuple[Ints, Ints]:
    """For each wanted skill every skill whose evidence counts for it: place among the wanted, ancestor."""
    lo, hi = np.searchsorted(skills.chain_skill, skill), np.searchsorted(skills.chain_skill, skill + 1)
    wanted, nth = expanded(hi - lo)
    return wanted, skills.chain_ancestor[lo[wanted] + nth]
