"""A list of options, their uses and the limits as one problem; what cannot be right is named and left out.

What is not wholly known is not planned: an option with a bad use, one that requires such an option, and the rest of
its bundle are left out too, each named. Source: docs/domains/masterplan.md, "Lists".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.imports.checks import Check, failing, need
from pilothouse.imports.fields import Field
from pilothouse.imports.rejections import told
from pilothouse.imports.sources import Rejected, Source
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.masterplan.rules import Floats, Ints, Problem
from pilothouse.masterplan.sources.fields import CRITERION, LIMITS, OPTIONS, USES
from pilothouse.masterplan.sources.links import requirements, ties
from pilothouse.masterplan.sources.numbers import numbers

_YES, _NO = "('yes', 'y', 'true', '1', 'x')", "('', 'no', 'n', 'false', '0')"
_NUMBER = "a number such as 41.5"


@dataclass(frozen=True, eq=False)
class Limits:
    """The limits of one file, in its order: name, maximum, year and kind, the last two may be empty."""

    names: list[str]
    cap: Floats
    years: list[str]
    kinds: list[str]


@dataclass(frozen=True, eq=False)
class Wish:
    """The problem with the names of its parts.

    table: a line an option, in the problem's order: item, option, year, bundle, requires (texts, "" if none), row.
    parts: for each criterion its part of every option's benefit; empty if the list does not divide benefits.
    """

    problem: Problem
    table: pa.Table
    bundles: list[str]
    limits: Limits
    parts: dict[str, Floats]


def criteria(columns: Sequence[str]) -> list[Field]:
    """The fields of the columns that hold one criterion's part of the benefit: `points failure rate`."""
    return [Field(name.strip().lower(), "text", "agreement", name, (name,)) for name in columns if name.strip().lower().startswith(CRITERION)]  # fmt: skip


def read_limits(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[Limits, list[Rejected]]:
    """The limits of one file, and what was rejected."""
    need(source, ("limit", "max"))
    _listed(con, source, LIMITS, "listed_limits", ("max",))
    con.execute("CREATE OR REPLACE VIEW read_limits AS SELECT *, count(*) OVER (PARTITION BY \"limit\") AS times FROM listed_limits")  # fmt: skip
    rejected, out = failing(con, source, LIMITS, "read_limits", _LIMIT_CHECKS)
    rows = con.execute('SELECT "row", "limit", max, coalesce(year, \'\'), coalesce(kind, \'\') FROM read_limits ORDER BY "row"').fetchall()  # fmt: skip
    kept = [row for row in rows if row[0] not in out]
    if not kept:
        raise UnreadableInput(
            f"{source.file}: no limit can be taken from it; a line each: limit,max,year,kind{told(rejected)}"
        )
    return Limits([r[1] for r in kept], np.array([r[2] for r in kept], float), [r[3] for r in kept], [r[4] for r in kept]), rejected  # fmt: skip


def read_wish(con: duckdb.DuckDBPyConnection, options: Source, uses: Source, limits: Limits) -> tuple[Wish, list[Rejected]]:  # fmt: skip
    """The problem that the lists describe, and what of them was rejected.

    Raises UnreadableInput for a list without a column that each needs, or without a single option that can be taken.
    """
    need(options, ("item", "option", "benefit"))
    need(uses, ("item", "option", "limit", "amount"))
    points = [Field(name, "text", "agreement", name, (name,)) for name in options.mapping if name.startswith(CRITERION)]  # fmt: skip
    _listed(con, options, (*OPTIONS, *points), "listed_options", ("benefit", *(f.name for f in points)))
    _listed(con, uses, USES, "listed_uses", ("amount",))
    con.register("known_limits", pa.table({"name": pa.array(limits.names, pa.string()), "place": np.arange(len(limits.names))}))  # fmt: skip
    con.execute(_READ_OPTIONS)
    rejected, out = failing(
        con, options, (*OPTIONS, *points), "read_options", [*_OPTION_CHECKS, *_sums(points)]
    )
    con.execute(_READ_USES)
    more, bad = failing(con, uses, USES, "read_uses", _USE_CHECKS)
    rejected += more
    con.register("bad_uses", pa.table({"use_row": pa.array(sorted(bad), pa.int64())}))
    con.register("out_options", pa.table({"option_row": pa.array(sorted(out), pa.int64())}))
    con.execute(_TAINTED)
    more, tainted = failing(con, options, OPTIONS, "tainted", _TAINTED_CHECKS)
    rejected += more
    out |= tainted
    needed, more = requirements(con, options, out)
    rejected += more
    rejected += ties(con, options, needed, out)
    con.register("out_options", pa.table({"option_row": pa.array(sorted(out), pa.int64())}))
    if len(out) == options.table.num_rows:
        raise UnreadableInput(f"{options.file}: not one of its options can be taken{told(rejected)}")
    _refuse_without_promised(con, options, rejected)
    return _wish(con, options, limits, needed, [f.name for f in points]), rejected


def _refuse_without_promised(con: duckdb.DuckDBPyConnection, options: Source, rejected: Sequence[Rejected]) -> None:  # fmt: skip
    """Raise UnreadableInput if an option is left out that must be in every plan, or the last one of an item that must
    have one: what was left would be no plan of what is wanted."""
    lost = con.execute(f"""SELECT "row" FROM read_options o JOIN out_options ON option_row = "row"
        WHERE lower(coalesce(committed, '')) IN {_YES} OR (lower(coalesce(must, '')) IN {_YES}
            AND NOT EXISTS (FROM read_options i WHERE i.item = o.item AND i."row" NOT IN (SELECT option_row FROM out_options)))""").fetchall()  # fmt: skip
    rows = {row for (row,) in lost}
    if rows:
        why = [one for one in rejected if one.file == options.file and one.row in rows]
        bad = [one for one in rejected if one.file != options.file]
        raise UnreadableInput(f"{options.file}: an option that is committed, or the last of an item that must have one, cannot be taken, so no plan is made; put it right, or take back the commitment{told([*why, *bad])}")  # fmt: skip


def _sums(points: Sequence[Field]) -> list[Check]:
    """Parts of a benefit add up to it."""
    if not points:
        return []
    total = " + ".join(f'coalesce("{field.name}", 0)' for field in points)
    none = [Check(field.name, f'"{field.name}_wrong"', "this is no number", _NUMBER) for field in points]
    size = " + ".join(f'abs(coalesce("{field.name}", 0))' for field in points)
    return [*none, Check("benefit", f"abs(benefit - ({total})) > 1e-6 * (abs(benefit) + {size})", "the parts of the benefit do not add up to it", "a benefit that is the sum of the columns of points")]  # fmt: skip


def _listed(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[Field], name: str, numeric: Sequence[str]) -> None:  # fmt: skip
    """Leave the list as a table: row, line, each field as text (null if empty) and F_raw; numbers and F_wrong."""
    if not source.table.num_rows:
        raise UnreadableInput(f"{source.file}: not a single record stands in it")
    columns = {"row": source.table["row"], "line": source.table["line"]}
    for field in fields:
        has = field.name in source.mapping
        text = source.table[f"{field.name}_raw"] if has else pa.array([""] * 0, pa.string())
        text = text if has else pa.nulls(source.table.num_rows, pa.string())
        columns[f"{field.name}_raw"] = text
        if field.name in numeric:
            columns[field.name], columns[f"{field.name}_wrong"] = numbers(_whole(text))
        else:
            columns[field.name] = _text(text)
    con.register(name, pa.table(columns))


def _whole(text: pa.ChunkedArray | pa.Array) -> pa.Array:
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _text(raw: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(raw)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


# The order of a problem: items as they first appear, options of an item by row.
_READ_OPTIONS = """CREATE OR REPLACE TABLE read_options AS SELECT *, count(*) OVER (PARTITION BY item, "option") AS times,
    min("row") OVER (PARTITION BY item) AS first_row FROM listed_options"""
_READ_USES = """CREATE OR REPLACE TABLE read_uses AS SELECT u.*, o."row" AS option_row, l.place, i.item IS NOT NULL AS known_item,
    count(*) OVER (PARTITION BY u.item, u."option", u."limit") AS times
    FROM listed_uses u LEFT JOIN (SELECT item, "option", min("row") AS "row" FROM read_options GROUP BY ALL) o USING (item, "option")
    LEFT JOIN known_limits l ON l.name = u."limit" LEFT JOIN (SELECT DISTINCT item FROM read_options) i ON i.item = u.item"""
_TAINTED = """CREATE OR REPLACE TABLE tainted AS SELECT o.*, u.uses, u.bad FROM read_options o
    LEFT JOIN (SELECT item, "option", count(*) AS uses, count(use_row) AS bad FROM read_uses LEFT JOIN bad_uses ON use_row = "row" GROUP BY ALL) u USING (item, "option")
    WHERE o."row" NOT IN (SELECT option_row FROM out_options)"""

_LIMIT_CHECKS = (
    Check("limit", '"limit" IS NULL', "no limit is named", "a name of its own for each limit"),
    Check("limit", "times > 1", "several limits have this name", "each limit once"),
    Check("max", "max_wrong", "this is no number", _NUMBER),
    Check("max", "max IS NULL", "no maximum is given", "a number of zero or more"),
    Check("max", "max < 0", "a maximum below zero", "a number of zero or more"),
    Check("year", "year IS NOT NULL AND NOT regexp_full_match(year, '[12][0-9]{3}')", "this is no year", "a year such as 2027, or nothing"),
)  # fmt: skip
_OPTION_CHECKS = (
    Check("item", "item IS NULL", "no item is named", "the item whose option this is"),
    Check("option", '"option" IS NULL', "no option is named", "a name of its own for each option of an item"),
    Check("option", "times > 1", "this item has several options of this name", "each option of an item once"),
    Check("benefit", "benefit_wrong", "this is no number", _NUMBER),
    Check("benefit", "benefit IS NULL", "no benefit is given", _NUMBER),
    Check("year", "year IS NOT NULL AND NOT regexp_full_match(year, '[12][0-9]{3}')", "this is no year", "a year such as 2027, or nothing"),
    Check("must", f"lower(coalesce(must, '')) NOT IN {_YES} AND lower(coalesce(must, '')) NOT IN {_NO}", "this is neither yes nor no", "yes, no or nothing"),
    Check("committed", f"lower(coalesce(committed, '')) NOT IN {_YES} AND lower(coalesce(committed, '')) NOT IN {_NO}", "this is neither yes nor no", "yes, no or nothing"),
)  # fmt: skip
_USE_CHECKS = (
    Check("item", "item IS NULL", "no item is named", "an item of the list of options"),
    Check("option", '"option" IS NULL', "no option is named", "an option of the list of options"),
    Check("item", "NOT known_item", "no option of this item is listed", "an item of the list of options"),
    Check("option", "option_row IS NULL", "this item has no such option", "an option of the list of options"),
    Check("limit", '"limit" IS NULL', "no limit is named", "a limit of the list of limits"),
    Check("limit", "place IS NULL", "this limit does not exist, or was rejected", "a limit of the list of limits"),
    Check("limit", "times > 1", "this option uses this limit in several lines", "one line with the whole amount"),
    Check("amount", "amount_wrong", "this is no number", _NUMBER),
    Check("amount", "amount IS NULL", "no amount is given", "a number of zero or more"),
    Check("amount", "amount < 0", "an amount below zero", "a number of zero or more"),
)  # fmt: skip
_TAINTED_CHECKS = (
    Check("option", "uses IS NULL", "no use of a limit is listed, so what it takes is not known", "a line in the list of uses; with amount 0 if it takes nothing"),
    Check("option", "bad > 0", "one of its uses was rejected, so what it takes is not known", "the line of its use put right"),
)  # fmt: skip


def _wish(con: duckdb.DuckDBPyConnection, options: Source, limits: Limits, needed: list[tuple[int, int]], points: Sequence[str]) -> Wish:  # fmt: skip
    parts = "".join(f', coalesce("{name}", 0) AS "{name}"' for name in points)
    kept = con.sql(f"""SELECT "row", item, "option", coalesce(year, '') AS year, benefit, coalesce(bundle, '') AS bundle, coalesce(requires, '') AS requires,
        lower(coalesce(must, '')) IN {_YES} AS must, lower(coalesce(committed, '')) IN {_YES} AS committed, first_row {parts}
        FROM read_options WHERE "row" NOT IN (SELECT option_row FROM out_options) ORDER BY first_row, "row" """).to_arrow_table()  # fmt: skip
    rows: Ints = kept["row"].to_numpy()
    first = kept["first_row"].to_numpy()
    start = np.append(np.flatnonzero(np.append(True, first[1:] != first[:-1])), len(first))
    must = np.logical_or.reduceat(_flags(kept["must"]), start[:-1])
    codes, bundles = _codes(kept["bundle"])
    place = np.full(int(rows.max()) + 1, -1)
    place[rows] = np.arange(len(rows))
    got = con.execute("SELECT option_row, place, amount FROM read_uses WHERE amount > 0 AND option_row IS NOT NULL AND option_row NOT IN (SELECT option_row FROM out_options)").fetchnumpy()  # fmt: skip
    option, limit, amount = place[got["option_row"]], got["place"], got["amount"]
    order = np.lexsort((limit, option))
    use_start = np.searchsorted(option[order], np.arange(len(rows) + 1))
    needs = np.array(
        [(place[a], place[b]) for a, b in needed if a < len(place) and place[a] >= 0], np.int64
    ).reshape(-1, 2)
    problem = Problem(
        start.astype(np.int64), kept["benefit"].to_numpy().astype(float), must, codes, _flags(kept["committed"]), needs,
        use_start.astype(np.int64), limit[order].astype(np.int64), amount[order].astype(float), limits.cap,
    )  # fmt: skip
    table = kept.select(["item", "option", "year", "bundle", "requires", "row"])
    return Wish(
        problem, table, bundles, limits, {name: kept[name].to_numpy().astype(float) for name in points}
    )


def _flags(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(column.to_numpy(zero_copy_only=False), bool) if isinstance(column, pa.Array) else np.asarray(column.to_numpy(), bool)  # fmt: skip


def _codes(bundle: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Each option's bundle by number, -1 without, and the names."""
    named = pc.if_else(pc.equal(bundle, ""), pa.scalar(None, pa.string()), bundle)
    encoded = _whole(named).dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, encoded.dictionary.to_pylist()
