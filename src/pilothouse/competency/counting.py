"""Names as numbers, and which evidence counts from which day to which.

Source: docs/domains/competency.md, "What counts".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pilothouse.competency.rules import DECLARED_D, ENTITLED, Skill, chain, unknown_parents
from pilothouse.competency.spans import OPEN, Ints, Spans, united

Column: TypeAlias = Any
"""An Arrow array, whole or in pieces; pyarrow has no types."""


@dataclass(frozen=True, slots=True)
class Names:
    """Distinct names in order of their letters; a name's number is its place."""

    texts: pa.Array

    def __len__(self) -> int:
        return len(self.texts)

    def codes(self, column: Column, missing: int = -1) -> Ints:
        """The number of each text; `missing` for null and for a name that is not among these."""
        encoded = _whole(column).dictionary_encode()
        lookup = pc.index_in(encoded.dictionary, value_set=self.texts)
        found = pc.fill_null(lookup.cast(pa.int64()).take(encoded.indices), missing)
        numbers: Ints = found.to_numpy(zero_copy_only=False)
        return numbers

    def taken(self, codes: Ints) -> pa.Array:
        """The names of these numbers."""
        return self.texts.take(pa.array(codes))


def names(*columns: Column) -> Names:
    """Every name that stands in one of the columns."""
    distinct = pa.chunked_array([pc.unique(column).cast(pa.string()) for column in columns], pa.string())
    filled = pc.unique(distinct).drop_null()
    return Names(filled.take(pc.sort_indices(filled.cast(pa.binary()))))


@dataclass(frozen=True, slots=True)
class Skills:
    """All skills that occur, by number.

    chain_skill, chain_ancestor: whose evidence counts for which, distance 0 (itself) upward. asks: needs a
    declaration.
    """

    names: Names
    technician: NDArray[np.bool_]
    asks: NDArray[np.bool_]
    refresher: Ints
    chain_skill: Ints
    chain_ancestor: Ints
    chain_distance: Ints


def coded_skills(said: Mapping[str, Skill], *columns: Column) -> Skills:
    """The skills said and those that only occur in other lists. There must be no circle."""
    every = names(*columns, pa.array(list(said), pa.string()), pa.array(sorted(unknown_parents(said, ())), pa.string()))  # fmt: skip
    texts = every.texts.to_pylist()
    number = {text: place for place, text in enumerate(texts)}
    rows = [said.get(text) or Skill(text) for text in texts]
    chains = [[number[name] for name in chain(said, text)] for text in texts]
    lengths = np.array([len(one) for one in chains], np.int64)
    return Skills(
        every,
        np.array([row.ladder == "technician" for row in rows], bool),
        np.array([row.declaration for row in rows], bool),
        np.array([OPEN if row.refresher_d is None else row.refresher_d for row in rows], np.int64),
        np.repeat(np.arange(len(texts), dtype=np.int64), lengths),
        np.array([ancestor for one in chains for ancestor in one], np.int64),
        np.array([step for one in chains for step in range(len(one))], np.int64),
    )


def ordinals(column: Column, empty: int) -> Ints:
    """Days as ordinals; null is `empty`."""
    days = _whole(column).cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    since = pc.fill_null(pc.add(days, _EPOCH), empty)
    numbers: Ints = since.to_numpy(zero_copy_only=False)
    return numbers


_EPOCH = date(1970, 1, 1).toordinal()


def dates(days: Ints) -> pa.Array:
    """Ordinals as dates; OPEN, and what lies beyond the year 9999, is null."""
    return pa.array((days - _EPOCH).astype(np.int32), pa.int32(), mask=days > date.max.toordinal()).cast(pa.date32())  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counting:
    """The evidence that counts, and the declarations.

    id: its place in the relation of evidence. Counts on the days start <= d < end. declared: by person * number of
    skills + skill, the days on which a declaration stands. never: id and reason of what can never count.
    """

    id: Ints
    person: Ints
    skill: Ints
    level: Ints
    start: Ints
    end: Ints
    declared: Spans
    never: Mapping[str, Ints]


def count(con: duckdb.DuckDBPyConnection, evidence: pa.Table, persons: Names, skills: Skills) -> Counting:
    """Which of the evidence counts, and when. evidence: person, skill, level, kind, got, expires, assessor, withdrawn."""
    con.register("coded_evidence", _coded(evidence, persons, skills))
    con.register("coded_skills", pa.table({"skill": np.arange(len(skills.names)), "technician": skills.technician, "asks": skills.asks, "refresher": skills.refresher}))  # fmt: skip
    con.register("coded_chains", pa.table({"skill": skills.chain_skill, "ancestor": skills.chain_ancestor}))
    con.execute(_sql("judged").format(open=OPEN, declared=DECLARED_D))
    edges = con.execute(_sql("entitlements").format(**ENTITLED)).fetchnumpy()
    judged = con.sql("SELECT id, person, skill, level, kind, got, ends, never FROM judged ORDER BY id").to_arrow_table()  # fmt: skip
    for name in ("coded_evidence", "coded_skills", "coded_chains"):
        con.unregister(name)
    column = {name: judged[name].to_numpy() for name in ("id", "person", "skill", "level", "got", "ends")}
    kind = pc.index_in(judged["kind"], value_set=pa.array(["declaration", "assessment"])).fill_null(2).to_numpy()  # fmt: skip
    sound = pc.equal(judged["never"], "").to_numpy()
    plain = sound & (kind == 2)
    entitled = _entitled(plain, edges["assessment"], edges["support"])
    counts = plain | entitled
    asked = sound & (kind == 0)
    never = {reason: np.flatnonzero(pc.equal(judged["never"], reason).to_numpy()) for reason in ("unasked", "expired", "withdrawn", "unnamed", "self")}  # fmt: skip
    never["not entitled"] = np.flatnonzero(sound & (kind == 1) & ~entitled)
    declared = united(column["person"][asked] * len(skills.names) + column["skill"][asked], column["got"][asked], np.minimum(column["ends"][asked], OPEN))  # fmt: skip
    taken = {name: column[name][counts] for name in column}
    return Counting(taken["id"], taken["person"], taken["skill"], taken["level"], taken["got"], taken["ends"], declared, never)  # fmt: skip


def _coded(evidence: pa.Table, persons: Names, skills: Skills) -> pa.Table:
    """The evidence in numbers, as sql/judged.sql takes it."""
    return pa.table({
        "id": np.arange(evidence.num_rows),
        "person": persons.codes(evidence["person"]),
        "skill": skills.names.codes(evidence["skill"]),
        "level": evidence["level"].cast(pa.int64()),
        "kind": evidence["kind"],
        "got": ordinals(evidence["got"], 0),
        "expires": _days(evidence["expires"]),
        "withdrawn": _days(evidence["withdrawn"]),
        "assessor": persons.codes(evidence["assessor"]),
    })  # fmt: skip


def _days(column: Column) -> pa.Array:
    """Ordinals, null as null."""
    return pc.add(_whole(column).cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), _EPOCH)


def _entitled(plain: NDArray[np.bool_], assessment: Ints, support: Ints) -> NDArray[np.bool_]:
    """Which assessments some counting evidence supports, directly or along a chain of assessors.

    Evidence supports only what was got on a later day, so that there are no rings; each round goes one assessor
    further, over the edges of what the last one found.
    """
    entitled = np.zeros(len(plain), bool)
    order = np.argsort(support, kind="stable")
    assessment, support = assessment[order], support[order]
    begins = np.searchsorted(support, np.arange(len(plain) + 1))
    found = assessment[plain[support]]
    while len(found := np.unique(found[~entitled[found]])):
        entitled[found] = True
        counts = begins[found + 1] - begins[found]
        whose = np.repeat(begins[found] - (np.cumsum(counts) - counts), counts)
        found = assessment[whose + np.arange(counts.sum())]
    return entitled


def _whole(column: Column) -> pa.Array:
    """One array of a column in pieces."""
    if isinstance(column, pa.Array):
        return column
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _sql(name: str) -> str:
    return files("pilothouse.competency").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def reasons(counting: Counting) -> Sequence[tuple[int, str]]:
    """What can never count: place in the evidence and reason, by place."""
    found = [(int(one), reason) for reason, places in counting.never.items() for one in places]
    return sorted(found)
