"""Sources into the engine: every row typed, every distinct spelling read once, then rows, nodes and keys by SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.identifiers import (
    Identifier,
    has_other_script,
    one_slip,
    read_host,
    read_mac,
    read_serial,
    read_tag,
    read_uid,
    tag_number,
    tags_in_host,
)
from pilothouse.equipment.makers import MakerNames
from pilothouse.equipment.model_names import read_model
from pilothouse.imports.fields import Field
from pilothouse.imports.sources import Source
from pilothouse.intake.hubs import set_aside
from pilothouse.intake.queries import statements
from pilothouse.kernel.text import fold

FILE_SHIFT: Final = 40
"""rid = ordinal * 2^40 + row: rids sort as files and rows do."""

_SQL_TYPE: Final = {"many": "VARCHAR[]", "date": "TIMESTAMP", "money": "DECIMAL(18, 4)"}
_READERS: Final[Mapping[str, Callable[[str], Identifier]]] = {"serial": read_serial, "mac": read_mac, "tag": read_tag, "uid": read_uid, "host": read_host}  # fmt: skip


def stage(con: duckdb.DuckDBPyConnection, sources: Sequence[Source], makers: MakerNames) -> None:
    """Leave the tables of `sql/staging.sql` and `sql/hubs.sql` in con.

    That is `typed`, `source_files`, `spelt`, `rows`, `row_serials`, `row_macs`, `nodes`, `keys`, `host_tags`, `hubs` and
    `set_aside`.
    """
    sql = statements("staging")
    _source_files(con, sources)
    _typed(con, sources)
    _spelt(con, makers)
    _misspelt_makers(con)
    for name in ("rows", "read_serials", "read_macs"):
        con.execute(sql[name])
    set_aside(con, FILE_SHIFT)
    for name in ("row_serials", "row_macs"):
        con.execute(sql[name])
    _makers_of_two_names(con)
    for name in ("nodes", "keys"):
        con.execute(sql[name])
    _host_words(con)
    con.execute(sql["host_tags"])


def _source_files(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE source_files (ordinal INTEGER, file VARCHAR, kind VARCHAR, as_of TIMESTAMP)"
    )
    for s in sources:
        as_of = s.as_of.isoformat() if s.as_of else None
        con.execute("INSERT INTO source_files VALUES (?, ?, ?, CAST(CAST(? AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP))", [s.ordinal, s.file, s.kind, as_of])  # fmt: skip


def _typed(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """All rows under each other, with every field's column; null where a file has none."""
    selects = []
    for source in sources:
        con.register(f"source_{source.ordinal}", source.table)
        columns = ", ".join(_column(field, field.name in source.mapping) for field in FIELDS)
        selects.append(f'SELECT {source.ordinal} AS ordinal, ({source.ordinal}::BIGINT << {FILE_SHIFT}) + "row" AS rid, "row", coalesce("key", \'\') AS key, {columns} FROM source_{source.ordinal}')  # fmt: skip
    con.execute(f"CREATE OR REPLACE TABLE typed AS {' UNION ALL '.join(selects)}")
    for source in sources:
        con.unregister(f"source_{source.ordinal}")


def _column(field: Field, present: bool) -> str:
    """The SQL of one field's column. Times are UTC and lose their zone, so that they compare and print plainly."""
    kind = _SQL_TYPE.get(field.kind, "VARCHAR")
    if not present:
        return f"NULL::{kind} AS {field.name}"
    if field.kind == "date":
        return f"({field.name} AT TIME ZONE 'UTC')::TIMESTAMP AS {field.name}"
    if field.kind in ("many", "money"):
        return f"{field.name}::{kind} AS {field.name}"
    return f"nullif(trim({field.name}), '') AS {field.name}"


def _spelt(con: duckdb.DuckDBPyConnection, makers: MakerNames) -> None:
    """The table spelt(field, text, maker, key, doubt): each distinct text read once."""
    con.execute(
        "CREATE OR REPLACE TABLE spelt (field VARCHAR, text VARCHAR, maker VARCHAR, key VARCHAR, doubt VARCHAR)"
    )
    wanted = con.sql(statements("staging")["spellings_wanted"]).to_arrow_table()
    for field in pc.unique(wanted.column("field")).to_pylist():
        of_field = wanted.filter(pc.equal(wanted.column("field"), field))
        texts, named = of_field.column("text").to_pylist(), of_field.column("maker").to_pylist()
        found = _read(field, texts, named, makers)
        columns = [
            pa.array([field] * len(texts), pa.string()),
            pa.array(texts, pa.string()),
            pa.array(named, pa.string()),
        ]
        columns += [
            pa.array([f.key for f in found], pa.string()),
            pa.array([f.doubt for f in found], pa.string()),
        ]
        con.register("spelt_now", pa.table(columns, ["field", "text", "maker", "key", "doubt"]))
        con.execute("INSERT INTO spelt SELECT * FROM spelt_now")
        con.unregister("spelt_now")


def _read(
    field: str, texts: Sequence[str], named: Sequence[str | None], makers: MakerNames
) -> list[Identifier]:
    if field in _READERS:
        return list(map(_READERS[field], texts))
    if field == "maker":
        keys = [makers.resolve(text) for text in texts]
    else:
        keys = [read_model(t, makers.resolve(maker), maker) for t, maker in zip(texts, named, strict=True)]
    return [Identifier(k) if k else _unnamed(text) for k, text in zip(keys, texts, strict=True)]


def _unnamed(text: str) -> Identifier:
    """A maker or model that has no key: nothing, or a name in a script that is not compared."""
    return Identifier("", "not Latin script" if has_other_script(text) else "placeholder")


def _misspelt_makers(con: duckdb.DuckDBPyConnection) -> None:
    """Let a rare maker that is a frequent one misspelt, or with more words, count as that one.

    For comparing rows only: which maker an advisory means is decided by confirmed names alone.
    """
    rows = con.execute(
        "SELECT s.text, s.key, count(*) FROM typed t JOIN spelt s ON s.field = 'maker' AND s.text = t.maker "
        "WHERE s.key <> '' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    met: dict[str, int] = {}
    for _, key, count in rows:
        met[key] = met.get(key, 0) + count
    by_letter: dict[str, dict[str, str]] = {}
    for text, key, _ in rows:
        if met[key] >= OFTEN and (folded := fold(text)):
            by_letter.setdefault(folded[0], {})[folded] = key
    usual = {
        text: found
        for text, key, _ in rows
        if (found := usual_maker(fold(text), met[key], by_letter.get(fold(text)[:1], {}), met))
    }
    if usual:
        con.executemany(
            "UPDATE spelt SET key = ? WHERE field = 'maker' AND text = ?", [[k, t] for t, k in usual.items()]
        )


def usual_maker(rare: str, count: int, spellings: Mapping[str, str], met: Mapping[str, int]) -> str | None:
    """The frequent maker that a folded rare spelling stands for; None if there is none.

    count: rows of the rare one. spellings: folded texts with their makers' keys. met: rows by key. `"frseenius"` may
    stand for `"fresenius kabi"` where that is met OFTEN times as often.
    """
    usual = {key for text, key in spellings.items() if met[key] >= OFTEN * count and is_misspelt(rare, text)}
    return max(usual, key=lambda key: (met[key], key), default=None)


def is_misspelt(rare: str, usual: str) -> bool:
    """Whether a folded maker's name may be another one misspelt: wholly, in its first word, or with words behind it."""
    if len(usual) < 4 or rare[:1] != usual[:1]:
        return False
    if rare.startswith(f"{usual} "):
        return True
    one, other = rare.split()[0], usual.split()[0]
    near = (len(usual) >= 5 and one_slip(rare, usual)) or (len(other) >= 5 and one_slip(one, other))
    return near or (
        min(len(one), len(other)) >= 5 and SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.83
    )


OFTEN: Final = 10
"""How many times as often the right spelling of a maker is met, at least."""


def _makers_of_two_names(con: duckdb.DuckDBPyConnection) -> None:
    """Let makers who share serials and models count as one, by the name met most: a brand, its owner, a longer name.

    For comparing rows only, as above. Long serials alone are asked: short ones coincide.
    """
    sql = statements("staging")
    pairs = con.execute(sql["shared_makers"], {"enough": SHARED_BY_ONE_MAKER}).fetchall()
    if not pairs:
        return
    one_name = usual_names(pairs, dict(con.execute(sql["makers_met"]).fetchall()))
    _strings(con, "one_name", ("maker", "usual"), list(one_name.items()))
    con.execute("UPDATE rows SET maker = usual FROM one_name WHERE rows.maker = one_name.maker")


def usual_names(pairs: Sequence[tuple[str, str]], met: Mapping[str, int]) -> dict[str, str]:
    """For each maker in pairs of names of one maker, the name of its group that is met most.

    met: rows by name.
    """
    group: dict[str, frozenset[str]] = {}
    for pair in pairs:
        joined = frozenset(pair).union(*(group.get(name, ()) for name in pair))
        group |= dict.fromkeys(joined, joined)
    return {name: max(names, key=lambda n: (met.get(n, 0), n)) for name, names in group.items()}


SHARED_BY_ONE_MAKER: Final = 3
"""So many serials, each of one model in both, and two makers' names are one maker's."""


def _host_words(con: duckdb.DuckDBPyConnection) -> None:
    """What may be tags in each host name, and each tag's number, for `host_tags`."""
    hosts = [h for (h,) in con.execute("SELECT DISTINCT host FROM rows WHERE host IS NOT NULL").fetchall()]
    tags = [t for (t,) in con.execute("SELECT DISTINCT tag FROM rows WHERE tag IS NOT NULL").fetchall()]
    found = [(host, candidate) for host in hosts for candidate in tags_in_host(host)] if tags else []
    _strings(con, "host_candidates", ("host", "candidate"), found)
    _strings(con, "tag_numbers", ("tag", "number"), [(tag, tag_number(tag)) for tag in tags])


def _strings(
    con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, str], rows: Sequence[tuple[str, str]]
) -> None:
    """A table of two columns of text."""
    table = pa.table({c: pa.array([row[i] for row in rows], pa.string()) for i, c in enumerate(columns)})
    con.register("strings_now", table)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM strings_now")
    con.unregister("strings_now")
