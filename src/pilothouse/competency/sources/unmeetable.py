"""Needs that nobody can ever meet, and shares of nobody: named with their row, and kept.

Source: docs/domains/competency.md, "Needs that cannot be met".
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from pilothouse.competency.engine import Coverage
from pilothouse.competency.rules import LEVELS, WATCHED_D, Skill
from pilothouse.competency.sources.fields import NEEDS
from pilothouse.imports.checks import Check, failing
from pilothouse.imports.sources import Rejected, Source

_KEPT = "; the need is kept and stays short"
_YEARS = f"within {WATCHED_D:,} days"


def unmeetable(con: duckdb.DuckDBPyConnection, source: Source, needs: pa.Table, found: Coverage, skills: Mapping[str, Skill]) -> list[Rejected]:  # fmt: skip
    """A line for each need that cannot be met whoever is trained. needs: the table that was judged."""
    technician = pa.array(
        [name for name, skill in skills.items() if skill.ladder == "technician"], pa.string()
    )
    highest = {ladder: len(names) for ladder, names in LEVELS.items()}
    con.register("judged_needs", pa.table({
        "row": needs["row"], "line": needs["line"], "skill": needs["skill"], "level": needs["level"], "people": needs["people"],
        "share": needs["share"], "most": found.most, "nobody": found.empty.astype(bool), "needed": found.table["needed"],
        **{f"{name}_raw": source.table[f"{name}_raw"].take(_places(source, needs)) if name in source.mapping else pa.nulls(needs.num_rows, pa.string()) for name in ("unit", "level", "people", "share")},
    }))  # fmt: skip
    con.register("technician_skills", pa.table({"skill": technician}))
    top = f"CASE WHEN skill IN (SELECT skill FROM technician_skills) THEN {highest['technician']} ELSE {highest['user']} END"  # fmt: skip  # numbers of this module
    checks = (
        Check("level", f"level > {top} AND coalesce(people, share) > 0", f"no level of its ladder is so high: nobody can hold it{_KEPT}", f"1 to {highest['user']} for users, 1 to {highest['technician']} for technicians"),
        Check("unit", "people > 0 AND most = 0", f"nobody is ever present there {_YEARS}: nobody can meet it{_KEPT}", "a unit, and a shift, that somebody is assigned to"),
        Check("people", "people > most", f"more than are ever present there at once {_YEARS}: nobody can meet it{_KEPT}", "no more people than are there"),
        Check("share", "share > 0 AND nobody", f"a share of nobody: no one of the skill's ladder is ever present there {_YEARS}; the need is kept, none are needed", "a unit, and a shift, that somebody of the ladder is assigned to"),
    )  # fmt: skip
    lines, _ = failing(con, source, NEEDS, "judged_needs", checks)
    for name in ("judged_needs", "technician_skills"):
        con.unregister(name)
    return sorted(lines, key=lambda one: one.row or 0)


def _places(source: Source, needs: pa.Table) -> pa.Array:
    """Where each need stands in the list as it was read."""
    return pa.array(np.searchsorted(source.table["row"].to_numpy(), needs["row"].to_numpy()))
