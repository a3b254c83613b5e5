"""Suppliers that may be one under two spellings: asked, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files

import duckdb
import pyarrow as pa

from pilothouse.kernel.text import fold

_LEGAL_FORMS = frozenset(["inc", "incorporated", "corp", "corporation", "co", "company", "llc", "ltd", "limited", "plc", "lp", "llp", "gmbh", "ag", "kg", "ohg", "se", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "ab", "as", "asa", "oy", "oyj", "aps", "pty", "pte", "kk", "the"])  # fmt: skip
MOST_NAMES = 5_000
"""Distinct names up to which all pairs are compared."""


def similar(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Pairs of spellings that resemble each other: supplier, row, resembles, resembles_row, why.

    Takes the relation `receipts`; the first row of each spelling is told.
    """
    return _pairs(con, _known(con))


def near(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> list[tuple[str, str]]:
    """Of these names of another list, those that the receipts do not have but nearly: each with the receipts' spelling."""
    known = _known(con)
    asked = sorted(set(names) - {name for name, _ in known})[:MOST_NAMES]
    pairs = _pairs(con, [*known, *((name, _ASKED + place) for place, name in enumerate(asked))]).to_pylist()
    return [(pair["supplier"], pair["resembles"]) for pair in pairs if pair["row"] >= _ASKED > pair["resembles_row"]]  # fmt: skip


_ASKED = 1 << 60
"""Names of another list have rows from here on."""


def _known(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """The suppliers of the receipts with their first rows, the earliest MOST_NAMES."""
    rows = con.execute('SELECT supplier, min("row") FROM receipts GROUP BY supplier ORDER BY 2, 1').fetchall()
    return [(name, row) for name, row in rows[:MOST_NAMES]]


def _pairs(con: duckdb.DuckDBPyConnection, names: Sequence[tuple[str, int]]) -> pa.Table:
    con.register("supplier_names", pa.table({"supplier": pa.array([name for name, _ in names], pa.string()), "row": pa.array([row for _, row in names], pa.int64()), "core": pa.array([_core(name) for name, _ in names], pa.string())}))  # fmt: skip
    query = files("pilothouse.parts").joinpath("sql", "similar.sql").read_text(encoding="utf-8")
    table: pa.Table = con.sql(query).to_arrow_table()
    con.unregister("supplier_names")
    return table


def _core(name: str) -> str:
    """A name folded, without legal forms and blanks."""
    return "".join(word for word in fold(name).split() if word not in _LEGAL_FORMS)
