"""The one way to write rows of the register: list, search index and counts follow in the same transaction. ADR 0015."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from operator import itemgetter
from typing import Final

from django.db import connection

from pilothouse.core.filling import filling, missing
from pilothouse.core.keeping import Row, Writing, among, tables
from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.models import Equipment, EquipmentCount, Stage
from pilothouse.kernel.text import ascii_fold, fold

COLUMNS: Final = tuple(f.name for f in Equipment._meta.concrete_fields if f.name not in ("id", "since"))
"""Names of the model's fields in the order of a row."""
FIELD_OF: Final[Mapping[str, str]] = {
    f.name: {"facility": "facility_text", "unit": "unit_text"}.get(f.name, f.name)
    for f in FIELDS
    if f.name != "seen"
}
"""From a field of `equipment.fields` to the model's field that holds its winning value."""
_placed: Final = itemgetter(*(COLUMNS.index(name) for name in ("facility", "unit", "stage")))
_STAGES: Final[Mapping[str, str]] = {
    word: str(stage)
    for stage, words in {
        Stage.EXPECTED: ("expected", "ordered", "on order", "planned", "pending", "received", "not yet in service", "incoming inspection"),
        Stage.IN_STOCK: ("in stock", "stock", "storage", "stored", "spare", "in storage", "warehouse", "reserve"),
        Stage.IN_USE: ("in use", "active", "in service", "installed", "operational", "deployed", "available", "yes", "use", "inuse", "online", "up"),
        Stage.IN_REPAIR: ("in repair", "repair", "under repair", "in maintenance", "out for repair", "out of service", "broken", "down", "defective"),
        Stage.ON_LOAN: ("on loan", "loan", "loaned", "rental", "rented", "loaner"),
        Stage.MISSING: ("missing", "lost", "not found", "cannot locate", "could not locate", "unable to locate"),
        Stage.RETIRED: ("retired", "disposed", "scrapped", "decommissioned", "inactive", "sold", "removed", "out of inventory", "no", "written off", "deleted"),
    }.items()
    for word in words
}  # fmt: skip


@cache
def stage_of(status: str) -> str:
    """Where in its life a device stands, by a source's own word; a word nobody knows is `unknown`."""
    return _STAGES.get(fold(status), str(Stage.UNKNOWN))


def search_text(values: Mapping[str, str]) -> str:
    """What a search compares, of the fields' values: small letters, and without accents and identifiers' punctuation as well."""
    said = values.get
    return "\n".join([spelt(value) for name, spelt in _SPELT if (value := said(name))])


def _words(value: str) -> str:
    low = value.lower()
    return low if low.isascii() else f"{low}\n{ascii_fold(low)}"


def _number(value: str) -> str:
    words = _words(value)
    low = words if words.isascii() else value.lower()
    bare = low.translate(_BARE)
    return words if bare == low else f"{words}\n{bare}"


_BARE: Final = dict.fromkeys(map(ord, string.punctuation + string.whitespace))
_shared: Final = lru_cache(20_000)(_words)
"""For what many devices have in common."""
_SPELT: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("tag", _number), ("serial", _number), ("maker", _shared), ("model", _shared), ("name", _shared),
    ("mac", _number), ("ip", _words), ("host", _words), ("uid", _words),
)  # fmt: skip
"""How each field that a search compares is spelt."""
SEARCHED: Final = tuple(name for name, _ in _SPELT)


def as_row(
    values: Mapping[str, str],
    *,
    facility: int | None,
    unit: int | None,
    device_model: int | None,
    sources: int,
) -> Row:
    """The row of winning values (by field of `equipment.fields`) at a place."""
    texts = map(values.get, _TEXTS, _EMPTY)
    stage = stage_of(values.get("status", ""))
    return (*texts, stage, facility, unit, device_model, sources, search_text(values))


_TEXTS: Final = tuple(FIELD_OF)
_EMPTY: Final = ("",) * len(_TEXTS)
assert (*FIELD_OF.values(), "stage", "facility", "unit", "device_model", "sources", "search") == COLUMNS


def values_of(row: Row) -> dict[str, str]:
    """The winning values of a row, by field of `equipment.fields`; empty ones left out."""
    by_column = dict(zip(COLUMNS, row, strict=True))
    return {name: by_column[column] for name, column in FIELD_OF.items() if by_column[column]}


_SEARCH_ON_POSTGRESQL: Final = {
    "equipment_search": "CREATE INDEX equipment_search ON equipment_equipment USING gin (search gin_trgm_ops)"
}


def filled() -> AbstractContextManager[None]:
    """Around the writings of a list: the indexes of a register that is empty are made when it is full."""
    return filling(Equipment, _search_index())


def missing_indexes() -> list[str]:
    """Names of the register's indexes that the database does not have, as a filling that was killed leaves it."""
    return missing(Equipment, _search_index())


def _search_index() -> Mapping[str, str]:
    return _SEARCH_ON_POSTGRESQL if connection.vendor == "postgresql" else {}


def place_of(row: Row) -> tuple[int | None, int | None]:
    """Facility and unit of a row, as ids."""
    return row[COLUMNS.index("facility")], row[COLUMNS.index("unit")]


def add(w: Writing, rows: Sequence[tuple[int, Row]]) -> None:
    """New devices, with ids of `w.new_ids(Equipment, n)`."""
    w.insert(Equipment, rows)
    _index(rows)
    _count(Counter(_place(row) for _, row in rows))


def change(w: Writing, rows: Sequence[tuple[int, Row]]) -> None:
    """Devices that are there, whole; rows equal to what stands are the caller's to leave out."""
    ids = [record for record, _ in rows]
    before = stored(ids)
    _unindex(ids)
    w.overwrite(Equipment, rows)
    _index(rows)
    delta = Counter(_place(row) for _, row in rows)
    delta.subtract(_place(row) for row in before.values())
    _count(delta)


def drop(w: Writing, ids: Sequence[int]) -> None:
    """Devices that are no more (merged into others, or made by a run that is undone)."""
    before = stored(ids)
    _unindex(ids)
    w.remove(Equipment, ids)
    delta: Counter[tuple[int, int, str]] = Counter()
    delta.subtract(_place(row) for row in before.values())
    _count(delta)


def stored(ids: Iterable[int]) -> dict[int, Row]:
    """The rows that stand, by id."""
    columns = ", ".join(tables()[Equipment].columns)
    condition, parameter = among(ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {columns} FROM equipment_equipment WHERE id {condition}", [parameter])
        return {record: tuple(row) for record, *row in cursor.fetchall()}


def _place(row: Row) -> tuple[int, int, str]:
    facility, unit, stage = _placed(row)
    return facility or 0, unit or 0, stage


def _count(delta: Mapping[tuple[int, int, str], int]) -> None:
    """Add to the counts by place and stage."""
    changed = [(*place, n) for place, n in delta.items() if n]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {EquipmentCount._meta.db_table} (facility_id, unit_id, stage, n) VALUES (%s, %s, %s, %s)"
            f" ON CONFLICT (facility_id, unit_id, stage) DO UPDATE SET n = {EquipmentCount._meta.db_table}.n + excluded.n",
            changed,
        )


_SEARCH_COLUMN: Final = COLUMNS.index("search")


def _index(rows: Sequence[tuple[int, Row]]) -> None:
    """SQLite's search index follows by hand; PostgreSQL's by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO equipment_search (rowid, search) VALUES (%s, %s)",
                [(record, row[_SEARCH_COLUMN]) for record, row in rows],
            )


def _unindex(ids: Sequence[int]) -> None:
    """An index without content of its own must be told what it forgets, before the row changes."""
    if connection.vendor == "sqlite":
        condition, parameter = among(ids)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO equipment_search (equipment_search, rowid, search)"
                f" SELECT 'delete', id, search FROM equipment_equipment WHERE id {condition}",
                [parameter],
            )
