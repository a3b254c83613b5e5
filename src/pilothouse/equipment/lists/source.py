"""The rows of the register's list, now and as it was: picked by key, then read by id."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.db import connection, transaction

from pilothouse.core.keeping import among, revision_at
from pilothouse.core.listing import Asked, Cursor, Page
from pilothouse.core.listing.rows import paged
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.lists.conditions import Cond, Word, in_text, place, read_filters, read_words
from pilothouse.equipment.lists.picking import NOW, Key, Picked, Side, Wanted, order_by, past_sides, pick
from pilothouse.equipment.models import Equipment

CHUNK: Final = 5_000
FIELDS: Final = [f for f in Equipment._meta.concrete_fields if f.name not in ("id", "since", "search")]
Device = namedtuple("Device", ["id", "since", *(f.attname for f in FIELDS)])  # type: ignore[misc]
"""A row of the list, as it is or was. `Any` within: texts, whole numbers or None."""
_COLUMNS: Final = ", ".join(f'e."{f.column}"' for f in FIELDS)
_ATTRIBUTES: Final = {f.column: f.attname for f in FIELDS}
WHOLE: Final = frozenset({"sources"})
"""Columns sorted by that hold whole numbers; all others hold texts."""


def sides_of(asked: Asked) -> tuple[Side, ...]:
    """Where the rows stand at the moment asked for."""
    return (NOW,) if asked.as_of is None else past_sides(revision_at(asked.as_of))


def conditions(asked: Asked) -> tuple[list[Cond], tuple[Word, ...]]:
    """The scope and what the address asks for, and the words to be found."""
    conds = [*place(asked.viewer.scope("see_equipment")), *read_filters(asked.filters)]
    return conds, read_words(asked.text)


class Register:
    """The rows of the register; a `Source` of `core.listing`."""

    def page(self, asked: Asked) -> Page:
        """The page that is asked for."""
        conds, words = conditions(asked)
        keys = asked.by.keys
        cursor = asked.before or asked.after
        sound = cursor is not None and _sound(keys, cursor)
        backwards = sound and asked.before is not None
        start = (*cursor.keys, cursor.id) if cursor is not None and sound else None
        size = asked.listing.size
        wanted = Wanted(tuple(conds), words, keys, asked.down != backwards, start, size + 1, _apart(asked))
        sides = sides_of(asked)
        picked = [pick(side, wanted) for side in sides]
        keyed = [(key, n) for n, one in enumerate(picked) for key in one.keys]
        found = sorted(keyed, key=lambda one: wanted.rank(one[0]), reverse=wanted.down)[: size + 1]
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        rows = _read(sides, found)
        total, at_least = _total(asked, conds, words, picked)
        kept = asked if sound else _first(asked)
        return paged(rows, [(key[:-1], key[-1]) for key, _ in found], kept, more, total, at_least)

    def chunks(self, asked: Asked) -> Iterator[Sequence[Any]]:
        """All rows in the order asked for, read as they are sent. `Any`: devices."""
        conds, words = conditions(asked)
        order = order_by(asked.by.keys, "id", asked.down, _apart(asked))
        parts: list[str] = []
        params: list[Any] = []
        for side in sides_of(asked):
            every = [*side.alive, *conds, *in_text(words)]
            where = " AND ".join(cond.sql.replace("{}", "e.") for cond in every) or "1 = 1"
            parts.append(f"SELECT e.{side.id} AS id, e.since, {_COLUMNS} FROM {side.table} e WHERE {where}")
            params += [value for cond in every for value in cond.params]
        return streamed(f"SELECT * FROM ({' UNION ALL '.join(parts)}) e ORDER BY {order}", params)

    def chosen(self, asked: Asked, ids: Iterable[int]) -> list[Any]:
        """Those of the ids that the viewer may see, in the order asked for. `Any`: devices."""
        keys = [Device._fields.index(_ATTRIBUTES.get(key, key)) for key in (*asked.by.keys, "id")]
        scope = place(asked.viewer.scope("see_equipment"))
        sql, parameter = among(ids)
        where = " AND ".join([f"e.id {sql}", *(cond.sql.replace("{}", "e.") for cond in scope)])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT e.id, e.since, {_COLUMNS} FROM equipment_equipment e WHERE {where}",
                [parameter, *(value for cond in scope for value in cond.params)],
            )
            rows = [Device._make(row) for row in cursor.fetchall()]
        rows.sort(key=lambda row: [row[i] for i in keys], reverse=asked.down)
        return sorted(rows, key=lambda row: row[keys[0]] == "") if _apart(asked) else rows


def streamed(sql: str, params: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Rows of a query in pieces, of one state of the database, without holding them all. `Any`: devices."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with transaction.atomic():
            yield from _pieces(sql, params)
    else:
        yield from _pieces(sql, params)


def _pieces(sql: str, params: Sequence[Any]) -> Iterator[Sequence[Any]]:
    cursor = connection.chunked_cursor()
    try:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(CHUNK):
            yield list(map(Device._make, rows))
    finally:
        cursor.close()


def _apart(asked: Asked) -> bool:
    """Whether what is unknown must be brought to the end: downwards the empty text stands there by itself."""
    return not asked.down and asked.by.keys[0] not in WHOLE


def _sound(keys: Sequence[str], cursor: Cursor) -> bool:
    """Whether the cursor can be of this list's order."""
    kinds = [int if key in WHOLE else str for key in keys]
    return [type(key) for key in cursor.keys] == kinds


def _first(asked: Asked) -> Asked:
    return asked.sorted_by(asked.sort)


def _read(sides: Sequence[Side], found: Sequence[tuple[Key, int]]) -> list[Any]:
    """The rows of the keys, in their order: one query a side."""
    rows: dict[tuple[int, int], Any] = {}
    for number, side in enumerate(sides):
        ids = [key[-1] for key, n in found if n == number]
        if ids:
            sql, parameter = among(ids)
            alive = " AND ".join(cond.sql.replace("{}", "e.") for cond in side.alive) or "1 = 1"
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT e.{side.id}, e.since, {_COLUMNS} FROM {side.table} e WHERE e.{side.id} {sql} AND {alive}",
                    [parameter, *(value for cond in side.alive for value in cond.params)],
                )
                rows.update(((row[0], number), Device._make(row)) for row in cursor.fetchall())
    return [rows[key[-1], number] for key, number in found]


def _total(
    asked: Asked, conds: Sequence[Cond], words: Sequence[Word], picked: Sequence[Picked]
) -> tuple[int, bool]:
    """How many rows there are: exact from the counts by place and stage where these know the filter."""
    at_least = any(one.at_least for one in picked)
    if asked.as_of is None and at_least and not words and all(cond.count is not None for cond in conds):
        return devices(conds), False
    return sum(one.total for one in picked), at_least


def counted_in(viewer: Viewer, room: int) -> int:
    """The devices the viewer sees in a room and its bays; one query, and one for the room's spellings."""
    conds = [*place(viewer.scope("see_equipment")), *read_filters({"room": (str(room),)})]
    where = " AND ".join(cond.sql.replace("{}", "e.") for cond in conds)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM equipment_equipment e WHERE {where}", [value for cond in conds for value in cond.params])  # fmt: skip
        return int(cursor.fetchone()[0])


def devices(conds: Sequence[Cond]) -> int:
    """The devices that conditions over place and stage find, from the counts."""
    where = " AND ".join((cond.count or "1 = 0").replace("{}", "e.") for cond in conds) or "1 = 1"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(e.n), 0) FROM equipment_equipmentcount e WHERE {where}",
            [value for cond in conds for value in cond.params],
        )
        return int(cursor.fetchone()[0])
