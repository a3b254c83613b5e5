"""Which devices a page holds: the plan is chosen here, not left to the database, which guesses badly when filter and sort correlate.

Three plans. **Few**: a filter that finds at most 5,000 leads, its rows are sorted. **Walk**: the index of the sort order is walked
from the cursor on until the page is full, at most as many rows as would have to be collected instead. **Gather**: what the walk
could not fill is collected by its narrowest filter and sorted. ADR 0022.

What is unknown (an empty text) stands last in either direction: upwards the index has it first, and the walk goes in two stretches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from pilothouse.core.keeping import among
from pilothouse.equipment.lists.conditions import Cond, Word, in_text, like, match

FEW: Final = 5_000
"""Up to so many rows are collected and sorted; a total beyond it is told as `5,000+`."""
BUDGET: Final = 20_000
"""Rows that are walked for one page at most."""
SURE: Final = 20_000
"""Rows up to which a filter's size is told before a plan is chosen."""
FAR: Final = 200_000
"""Rows up to which a filter's size is told when the narrowest is sought."""

_TAG: Final = ("tag",)
_NAME: Final = ("name", "tag")
_LINES: Final[Mapping[tuple[str, tuple[str, ...]], str]] = {
    ("facility_id", _TAG): "equipment_facility_tag",
    ("facility_id", _NAME): "equipment_facility_name",
    ("unit_id", _TAG): "equipment_unit_tag",
    ("device_model_id", _TAG): "equipment_device_model_tag",
    ("stage", _TAG): "equipment_stage_tag",
    ("stage", ("stage", "tag")): "equipment_stage_tag",
    ("criticality", _TAG): "equipment_criticality_tag",
    ("criticality", ("criticality", "tag")): "equipment_criticality_tag",
    ("phi", _TAG): "equipment_phi_tag",
    ("phi", ("phi", "tag")): "equipment_phi_tag",
    ("name", _TAG): "equipment_name_tag",
    ("name", _NAME): "equipment_name_tag",
    ("maker", ("maker", "model", "tag")): "equipment_maker_model_tag",
    ("maker", ("serial",)): "equipment_maker_serial",
    ("maker", _NAME): "equipment_maker_name",
    ("not located", _TAG): "",
}
"""The index that gives the rows of one value of a column in an order."""
_COLUMN: Final = re.compile(r"{}(\w+)")

Key = tuple[Any, ...]
"""What a row is sorted by, then its id. `Any`: texts and whole numbers."""


@dataclass(frozen=True, slots=True)
class Side:
    """A table that rows stand in. id: its column; alive: what makes a row count at the moment looked at; searchable: has the index."""

    table: str
    id: str
    alive: tuple[Cond, ...] = ()
    searchable: bool = True


NOW: Final = Side("equipment_equipment", "id")


def past_sides(revision: int) -> tuple[Side, Side]:
    """The two tables as they were at a revision: rows that still stand, and rows that were replaced since."""
    since = Cond("{}since <= %s", (revision,))
    return (
        Side("equipment_equipment", "id", (since,)),
        Side(
            "equipment_equipmentpast",
            "record",
            (Cond("{}until > %s", (revision,)), Cond("{}since <= %s", (revision,), indexed=False)),
            searchable=False,
        ),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page. keys: columns sorted by; down: how they are walked; start: the row behind which it begins.

    apart: rows whose first key is empty stand behind all others of an upward order, before them when that is walked backwards.
    """

    conds: tuple[Cond, ...]
    words: tuple[Word, ...]
    keys: tuple[str, ...]
    down: bool
    start: Key | None
    size: int
    apart: bool = False

    def rank(self, key: Key) -> Key:
        """By which the rows' keys are sorted, `down` or up. `Any` within: texts and whole numbers."""
        return (key[0] == "", *key) if self.apart else key


@dataclass(frozen=True, slots=True)
class Picked:
    """The keys of a page's rows, and how many rows the filter finds in all; at_least: and more."""

    keys: list[Key]
    total: int
    at_least: bool = False


def pick(side: Side, wanted: Wanted) -> Picked:
    """The rows of one side."""
    conds, rest = (*side.alive, *wanted.conds), in_text(wanted.words)
    sizes = [(_size(side, cond, SURE) if cond.indexed else SURE) for cond in conds]
    if sizes and min(sizes) <= FEW:
        lead = conds[sizes.index(min(sizes))]
        return _gathered(side, wanted, lead, [*(c for c in conds if c is not lead), *rest])
    if wanted.words and side.searchable:
        ids = _found(wanted.words)
        if len(ids) <= FEW:
            return _gathered(side, wanted, _by_ids(side, ids), conds)
    if not conds and not rest:
        return Picked(_walked(side, wanted, None, (), 0)[0], FEW, True)
    line = next((c for c in conds if (c.column, wanted.keys) in _LINES), None)
    others = [*(c for c in conds if c is not line), *rest]
    budget = _budget(side, wanted, [n for cond, n in zip(conds, sizes, strict=True) if cond is not line])
    keys, complete = _walked(side, wanted, line, others, budget)
    if not complete:
        return _gathered(side, wanted, *_narrowest(side, conds, wanted.words))
    total = FEW if len(conds) + len(rest) == 1 else _sampled(side, conds, rest)
    return Picked(keys, total, True)


def _budget(side: Side, wanted: Wanted, sizes: Sequence[int]) -> int:
    """How many rows to walk before it is better to collect what the narrowest condition finds.

    At most as many as that would be, and twice as many as it takes where filter and order have nothing to do with each other.
    """
    narrowest = min(sizes, default=SURE)
    if narrowest >= SURE:
        return BUDGET
    everything = _ask(f"SELECT coalesce(max({side.id}), 0) FROM {side.table}", ())[0][0]
    return max(1, min(BUDGET, narrowest, 2 * wanted.size * everything // narrowest))


def _size(side: Side, cond: Cond, most: int) -> int:
    """How many rows a condition finds, counted up to one more than `most`."""
    where, params = _lead(cond)
    return _ask(
        f"SELECT count(*) FROM (SELECT 1 FROM {side.table} e WHERE {where} LIMIT {most + 1}) x", params
    )[0][0]


def _found(words: Sequence[Word]) -> list[int]:
    """The ids that the search index finds, at most one more than few."""
    if connection.vendor == "postgresql":
        sql, params = _like(words)
        return [
            row[0]
            for row in _ask(f"SELECT e.id FROM equipment_equipment e WHERE {sql} LIMIT {FEW + 1}", params)
        ]
    sql = f"SELECT rowid FROM equipment_search WHERE equipment_search MATCH %s LIMIT {FEW + 1}"
    return [row[0] for row in _ask(sql, [match(words)])]


def _like(words: Sequence[Word]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    params: list[Any] = []
    for word in words:
        parts.append(f"({' OR '.join(['e.search LIKE %s'] * len(word.spellings))})")
        params += map(like, word.spellings)
    return " AND ".join(parts), params


def _by_ids(side: Side, ids: Sequence[int]) -> Cond:
    sql, parameter = among(ids)
    return Cond(f"{{}}{side.id} {sql}", (parameter,))


def _by_index(words: Sequence[Word]) -> Cond:
    """All that the search index finds."""
    if connection.vendor == "postgresql":
        sql, params = _like(words)
        return Cond(sql.replace("e.", "{}"), tuple(params))
    return Cond(
        "{}id IN (SELECT rowid FROM equipment_search WHERE equipment_search MATCH %s)", (match(words),)
    )


def _narrowest(side: Side, conds: Sequence[Cond], words: Sequence[Word]) -> tuple[Cond | None, list[Cond]]:
    """What is to lead when everything that fits must be collected, and what remains to be asked of each row.

    PostgreSQL joins what several indexes find by itself; SQLite is told to, so that it looks at fewer rows.
    """
    ranked = sorted((_size(side, cond, FAR), i) for i, cond in enumerate(conds) if cond.indexed)
    leads = [conds[i] for size, i in ranked if size <= FAR] or [conds[i] for _, i in ranked[:1]]
    rest = [*conds, *in_text(words)]
    if words and side.searchable:
        by_index = _by_index(words)
        leads.insert(1 if ranked and ranked[0][0] <= FAR else 0, by_index)
        rest = [*conds, by_index]
    if not leads:
        return None, rest
    lead, *others = leads
    rest = [cond for cond in rest if cond is not lead]
    if others and connection.vendor == "sqlite" and side.id == "id":
        rest = [_within(side, others[0]), *(cond for cond in rest if cond is not others[0])]
    return lead, rest


def _within(side: Side, cond: Cond) -> Cond:
    """A condition as a set of ids that its index gives: a row that is not in it need not be looked at."""
    return Cond(
        f"{{}}{side.id} IN (SELECT e.{side.id} FROM {side.table} e WHERE {cond.sql.replace('{}', 'e.')})",
        cond.params,
    )


def _gathered(side: Side, wanted: Wanted, lead: Cond | None, rest: Sequence[Cond]) -> Picked:
    """Collect the ids and keys of all that fits, then sort. The fence keeps PostgreSQL from walking the sort index instead."""
    where, params = _where(lead, rest)
    names = ", ".join(f"e.{key}" for key in wanted.keys)
    behind, more = _behind(wanted)
    sql = (
        f"WITH m AS MATERIALIZED (SELECT e.{side.id} AS id, {names} FROM {side.table} e WHERE {where})"
        f" SELECT {', '.join(wanted.keys)}, id, (SELECT count(*) FROM m) FROM m WHERE {behind}"
        f" ORDER BY {order_by(wanted.keys, 'id', wanted.down, wanted.apart)} LIMIT {wanted.size}"
    )
    rows = _ask(sql, [*params, *more])
    if rows:
        return Picked([row[:-1] for row in rows], rows[0][-1])
    if wanted.start is None:
        return Picked([], 0)
    return Picked([], _ask(f"SELECT count(*) FROM {side.table} e WHERE {where}", params)[0][0])


def _walked(
    side: Side, wanted: Wanted, line: Cond | None, rest: Sequence[Cond], budget: int
) -> tuple[list[Key], bool]:
    """Walk the index from the cursor on until the page is full, the list at its end or the budget of a stretch spent.

    Gives the keys, and whether these are all that the page holds.
    """
    where, params = _where(line, ())
    order = order_by(wanted.keys, side.id, wanted.down)
    keys = ", ".join(f"e.{key}" for key in (*wanted.keys, side.id))
    kept, last = _where(None, rest)
    found: list[Key] = []
    for within, more in _stretches(side, wanted):
        size = wanted.size - len(found)
        walk = f"FROM {_table(side, wanted, line)} WHERE {where} AND {within} ORDER BY {order}"
        if rest:
            read = _columns((*wanted.keys, side.id), rest)
            sql = f"SELECT {keys} FROM (SELECT {read} {walk} LIMIT {budget}) e WHERE {kept} LIMIT {size}"
        else:
            sql = f"SELECT {keys} {walk} LIMIT {size}"
        found += _ask(sql, [*params, *more, *last])
        if len(found) == wanted.size:
            break
        if rest and _ask(f"SELECT 1 {walk} LIMIT 1 OFFSET {budget}", [*params, *more]):
            return found, False
    return found, True


def _stretches(side: Side, wanted: Wanted) -> list[tuple[str, list[Any]]]:
    """The parts of the index that follow the cursor, in the order of the list, each as a condition that leads the walk."""
    first = wanted.keys[0]
    if not wanted.apart:
        return [_beyond((*wanted.keys, side.id), wanted)]
    known: tuple[str, list[Any]] = (f"e.{first} > ''", [])
    unknown: tuple[str, list[Any]] = (f"e.{first} = ''", [])
    whole = [unknown, known] if wanted.down else [known, unknown]
    if wanted.start is None:
        return whole
    if wanted.start[0] == "":
        behind, params = _beyond((*wanted.keys[1:], side.id), wanted)
        return [(f"{unknown[0]} AND {behind}", params), *whole[whole.index(unknown) + 1 :]]
    behind, params = _beyond((*wanted.keys, side.id), wanted)
    within = f"{known[0]} AND {behind}" if wanted.down else behind
    return [(within, params), *whole[whole.index(known) + 1 :]]


def _table(side: Side, wanted: Wanted, line: Cond | None) -> str:
    """The table to walk; SQLite, which may know nothing of a fresh index, is told which to take."""
    index = _LINES[line.column, wanted.keys] if line is not None else ""
    told = f" INDEXED BY {index}" if index and side.searchable and connection.vendor == "sqlite" else ""
    return f"{side.table} e{told}"


def _sampled(side: Side, conds: Sequence[Cond], rest: Sequence[Cond]) -> int:
    """A number of rows that fit, at least: those among the first rows that one condition finds."""
    lead = next((c for c in conds if c.indexed), None)
    where, params = _where(lead, ())
    asked = [*(c for c in conds if c is not lead), *rest]
    kept, more = _where(None, asked)
    sql = f"SELECT count(*) FROM (SELECT {_columns((side.id,), asked)} FROM {side.table} e WHERE {where} LIMIT {FEW}) e WHERE {kept}"
    return _ask(sql, [*params, *more])[0][0]


def _columns(names: Sequence[str], conds: Sequence[Cond]) -> str:
    """The columns that a walk must read: no more, for SQLite reads what is named."""
    told = [*names, *(name for cond in conds for name in _COLUMN.findall(cond.sql))]
    return ", ".join(f"e.{name}" for name in dict.fromkeys(told))


def _lead(cond: Cond) -> tuple[str, Sequence[Any]]:
    return cond.sql.replace("{}", "e."), cond.params


def _where(lead: Cond | None, rest: Sequence[Cond]) -> tuple[str, list[Any]]:
    """The conditions as SQL. SQLite is kept from leading with any but the lead by a plus before the others' columns."""
    plain = "+e." if connection.vendor == "sqlite" else "e."
    parts = [lead.sql.replace("{}", "e.")] if lead is not None else []
    parts += [cond.sql.replace("{}", plain) for cond in rest]
    params = [*(lead.params if lead is not None else ()), *(value for cond in rest for value in cond.params)]
    return " AND ".join(parts) or "1 = 1", params


def _beyond(names: Sequence[str], wanted: Wanted) -> tuple[str, list[Any]]:
    """Rows of the index behind the cursor, by the last of its keys."""
    if wanted.start is None:
        return "1 = 1", []
    told = ", ".join(f"e.{name}" for name in names)
    marks = ", ".join(["%s"] * len(names))
    return f"({told}) {'<' if wanted.down else '>'} ({marks})", list(wanted.start[-len(names) :])


def _behind(wanted: Wanted) -> tuple[str, list[Any]]:
    """Rows that were collected, behind the cursor."""
    if wanted.start is None:
        return "1 = 1", []
    names = [_blank(wanted.keys[0])] if wanted.apart else []
    start = [int(wanted.start[0] == "")] if wanted.apart else []
    marks = ", ".join(["%s"] * len((*start, *wanted.start)))
    told = ", ".join([*names, *wanted.keys, "id"])
    return f"({told}) {'<' if wanted.down else '>'} ({marks})", [*start, *wanted.start]


def order_by(keys: Sequence[str], record: str, down: bool, apart: bool = False) -> str:
    """The order of rows as SQL has it; apart: what is unknown behind all others, which no index knows."""
    terms = [*([_blank(keys[0])] if apart else []), *keys, record]
    return ", ".join(f"{term} DESC" if down else term for term in terms)


def _blank(column: str) -> str:
    return f"CASE WHEN {column} = '' THEN 1 ELSE 0 END"


def _ask(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
