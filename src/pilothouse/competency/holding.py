"""Who holds which skill at which level, and when.

Source: docs/domains/competency.md, "Who holds a skill".
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import duckdb
import numpy as np
import pyarrow as pa

from pilothouse.competency.counting import Counting, Skills
from pilothouse.competency.spans import Ints, Spans, common, expanded, meeting, together, united


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
    return together(spans.take(~asks[key]), declared)


def _ancestors(skills: Skills, skill: Ints) -> tuple[Ints, Ints]:
    """For each wanted skill every skill whose evidence counts for it: place among the wanted, ancestor."""
    lo, hi = np.searchsorted(skills.chain_skill, skill), np.searchsorted(skills.chain_skill, skill + 1)
    wanted, nth = expanded(hi - lo)
    return wanted, skills.chain_ancestor[lo[wanted] + nth]


@dataclass(frozen=True, slots=True)
class Held:
    """What each person holds on a day, by person and skill: the highest level, until when, the evidence it rests on.

    distance: of that evidence's skill; 0 if it is on the skill itself.
    """

    person: Ints
    skill: Ints
    level: Ints
    until: Ints
    evidence: Ints
    distance: Ints


def held_on(con: duckdb.DuckDBPyConnection, counting: Counting, skills: Skills, at: int) -> Held:
    """Everything that is held on the day, of all skills that occur. until: the first later day without it, or OPEN."""
    con.register("counting", pa.table({name: getattr(counting, name) for name in ("id", "person", "skill", "level", "start", "end")}))  # fmt: skip
    con.register("coded_chains", pa.table({"skill": skills.chain_skill, "ancestor": skills.chain_ancestor, "distance": skills.chain_distance}))  # fmt: skip
    con.execute(files("pilothouse.competency").joinpath("sql", "held_today.sql").read_text(encoding="utf-8").format(at=at))  # fmt: skip
    basis = con.execute("SELECT person, skill, level, id, distance FROM basis ORDER BY person, skill").fetchnumpy()  # fmt: skip
    later = con.execute('SELECT person, skill, start, "end" FROM carrying').fetchnumpy()
    for name in ("counting", "coded_chains"):
        con.unregister(name)
    many = len(skills.names)
    key = basis["person"] * many + basis["skill"]
    spans = united(later["person"] * many + later["skill"], later["start"], later["end"])
    asked = skills.asks[spans.key % many] if many else np.zeros(0, bool)
    declared = spans.take(asked)
    spans = together(spans.take(~asked), common(declared, declared.key, counting.declared))
    at_day = np.full(len(key), at, np.int64)
    mine, its = meeting(key, at_day, at_day + 1, spans)
    return Held(basis["person"][mine], basis["skill"][mine], basis["level"][mine], spans.end[its], basis["id"][mine], basis["distance"][mine])  # fmt: skip
