"""Writing to kept tables: one transaction at a time, each a sealed revision. ADR 0011, ADR 0012.

    with writing(by=ana, at=now, verb="edit_equipment", subject="equipment:12") as w:
        w.save(device)

All that a block writes becomes one revision or nothing does. Writers queue: on SQLite by its lock, on PostgreSQL by one advisory
lock, so that revisions are numbered in the order in which they become visible and nothing can deadlock.
"""

from __future__ import annotations

import functools
import hashlib
import heapq
import itertools
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from pilothouse.core.models import Counter, Kept, Past, Person, Revision

ONE_WRITER = 7_046_117
"""The key of PostgreSQL's advisory lock under which the house writes."""
OPEN_END = 1 << 62

Row = tuple[Any, ...]
"""Values of a kept table's columns in the order of `Table.columns`. `Any`: text, whole numbers, booleans or None."""
Line = tuple[Any, ...]
"""What the seal of a revision reads of one row. `Any`: as in Row."""

_sealing = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_sealed(lines: Sequence[Line]) -> bytes:
    """Lines as the seal reads them, each a JSON array and an end of line; written at once, which is three times as fast.

    Inside a text a quotation mark has a backslash before it, so that `],["+"` parts two lines and nothing else.
    """
    if not lines:
        return b""
    text = _sealing(lines)[1:-1].replace('],["+"', ']\n["+"').replace('],["-"', ']\n["-"')
    return f"{text}\n".encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Table:
    """A kept table and its past, as SQL needs them. columns: quoted, without id and since; sealed: where in them the sealed ones stand.

    personal: where the erasable texts stand, sealed as a salted hash in the column `veil` with the salt beside; empty for most.
    """

    model: type[Kept]
    past: type[Past]
    name: str
    past_name: str
    columns: tuple[str, ...]
    sealed: tuple[int, ...]
    flags: frozenset[int]
    pick: Callable[[Row], Row]
    personal: tuple[int, ...] = ()
    salt: int = -1
    veil: int = -1

    def veiled(self, row: Row, stored: Row | None = None) -> Row:
        """The row with its salt and veil: those it has where they fit, those that stand where the texts are the same, else new.

        What was erased stays so: a row whose texts and salt are gone keeps its veil, whatever it is given.
        """
        if not self.personal:
            return row
        made = list(row)
        if stored is not None and self.is_erased(stored):
            for i in (*self.personal, self.salt, self.veil):
                made[i] = stored[i]
        elif stored is not None and all(row[i] == stored[i] for i in self.personal):
            made[self.salt], made[self.veil] = stored[self.salt], stored[self.veil]
        elif not self.is_erased(row) and not self.fits(row):
            made[self.salt] = secrets.token_hex(16)
            made[self.veil] = self._hashed(made)
        return tuple(made)

    def fits(self, row: Row) -> bool:
        """Whether the personal texts are those that were sealed, or were erased."""
        return self.is_erased(row) or (bool(row[self.salt]) and row[self.veil] == self._hashed(row))

    def is_erased(self, row: Row) -> bool:
        """Whether the personal texts were erased."""
        return bool(row[self.veil]) and not row[self.salt] and not any(row[i] for i in self.personal)

    def _hashed(self, row: Sequence[Any]) -> str:
        """`Any`: see Row."""
        told = json.dumps([row[self.salt], *(row[i] for i in self.personal)], ensure_ascii=False)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def line(self, record: int, row: Row) -> Line:
        """A row as the seal reads it."""
        values = (
            [bool(row[i]) if i in self.flags else row[i] for i in self.sealed]
            if self.flags
            else self.pick(row)
        )
        return ("+", self.name, record, *values)

    def gone(self, record: int) -> Line:
        """A removal as the seal reads it."""
        return ("-", self.name, record)


@functools.cache
def tables() -> dict[type[Kept], Table]:
    """Every kept table of the house, by model."""
    return {past.of: _table(past.of, past) for past in apps.get_models() if issubclass(past, Past)}


def _table(model: type[Kept], past: type[Past]) -> Table:
    fields = [f for f in model._meta.concrete_fields if f.name not in ("id", "since")]
    names = [f.name for f in fields]
    sealed = tuple(i for i, name in enumerate(names) if name not in model.unsealed)
    personal = (
        tuple(names.index(name) for name in model.unsealed if name != "salt") if "veil" in names else ()
    )
    return Table(
        model=model,
        past=past,
        name=model._meta.db_table,
        past_name=past._meta.db_table,
        columns=tuple(f'"{f.column}"' for f in fields),
        sealed=sealed,
        pick=itemgetter(*sealed) if len(sealed) > 1 else lambda row: tuple(row[i] for i in sealed),
        flags=frozenset(i for i, f in enumerate(fields) if f.get_internal_type() == "BooleanField"),
        personal=personal,
        salt=names.index("salt") if personal else -1,
        veil=names.index("veil") if personal else -1,
    )


@dataclass(slots=True)
class Writing:
    """The open transaction. number: its revision's; what it wrote is collected for the seal.

    subject and note may still be told inside the block, where a new record's number is known.
    """

    number: int
    at: datetime
    subject: str = ""
    note: str = ""
    _lines: dict[tuple[str, int], Line] = field(default_factory=dict)
    _fresh: set[tuple[str, int]] = field(default_factory=set)

    def new_ids(self, model: type[Kept], count: int = 1) -> range:
        """So many ids of a table that nobody had before."""
        counter, _ = Counter.objects.get_or_create(name=model._meta.db_table)
        Counter.objects.filter(name=counter.name).update(next=counter.next + count)
        return range(counter.next, counter.next + count)

    def insert(self, model: type[Kept], rows: Sequence[tuple[int, Row]]) -> None:
        """New rows, each with its id (of `new_ids`)."""
        table = tables()[model]
        rows = _veiled(table, rows)
        names = ("id", "since", *table.columns)
        _insert(table.name, names, [(record, self.number, *row) for record, row in rows])
        self._note(table, rows)
        self._fresh.update((table.name, record) for record, _ in rows)

    def overwrite(self, model: type[Kept], rows: Sequence[tuple[int, Row]]) -> None:
        """Rows that are there, whole: what they were moves to the past."""
        table = tables()[model]
        if table.personal:
            rows = _still_veiled(table, rows)
        self._move(table, [record for record, _ in rows])
        names = ("id", "since", *table.columns)
        _insert(table.name, names, [(record, self.number, *row) for record, row in rows], replace=True)
        self._note(table, rows)

    def remove(self, model: type[Kept], ids: Sequence[int]) -> None:
        """Rows that are no more: they stay in the past."""
        table = tables()[model]
        self._move(table, ids)
        sql, parameter = among(ids)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table.name} WHERE id {sql}", [parameter])
        for key in ((table.name, record) for record in ids):
            if key in self._fresh:  # came and went within this revision: nothing of it is left to be sealed
                del self._lines[key]
            else:
                self._lines[key] = table.gone(key[1])

    def save(self, one: Kept) -> Kept:
        """A model instance, new (without an id) or changed. An unchanged one is left alone."""
        table = tables()[type(one)]
        fields = [f for f in one._meta.concrete_fields if f.name not in ("id", "since")]
        stored = None if one.pk is None else _stored(table, one.pk)
        row = table.veiled(tuple(f.get_prep_value(getattr(one, f.attname)) for f in fields), stored)
        for i in (*table.personal, table.salt, table.veil) if table.personal else ():
            setattr(one, fields[i].attname, row[i])
        if one.pk is None:
            one.pk = self.new_ids(type(one))[0]
            self.insert(type(one), [(one.pk, row)])
        elif stored == row:
            return one
        else:
            self.overwrite(type(one), [(one.pk, row)])
        one.since = self.number
        return one

    def _move(self, table: Table, ids: Sequence[int]) -> None:
        names = ", ".join(table.columns)
        sql, parameter = among(ids)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table.past_name} (record, since, until, {names}) SELECT id, since, %s, {names} FROM {table.name} WHERE id {sql} AND since < %s",
                [self.number, parameter, self.number],
            )

    def _note(self, table: Table, rows: Sequence[tuple[int, Row]]) -> None:
        self._lines.update({(table.name, record): table.line(record, row) for record, row in rows})

    def _content(self) -> tuple[int, str]:
        lines = as_sealed([self._lines[key] for key in sorted(self._lines)])
        return len(self._lines), hashlib.sha256(lines).hexdigest()


@contextmanager
def one_writer() -> Iterator[None]:
    """A transaction in which nobody else writes: SQLite's own lock, an advisory one on PostgreSQL. ADR 0012."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_WRITER])
        yield


@contextmanager
def writing(
    *, by: Person | None, at: datetime, verb: str, subject: str = "", note: str = ""
) -> Iterator[Writing]:
    """One transaction that writes. verb: the action's name; subject: `room:id`; note: what the reader a year later needs.

    A block that wrote no row leaves a revision only if it has a subject or a note. The time is never before the last revision's.
    """
    with one_writer():
        last = Revision.objects.order_by("-id").values_list("id", "at", "seal").first() or (0, at, "")
        open_one = Writing(last[0] + 1, max(at, last[1]), subject, note)
        yield open_one
        rows, content = open_one._content()
        if rows or open_one.subject or open_one.note:
            entry = Revision(
                id=open_one.number,
                at=open_one.at,
                by=by,
                verb=verb,
                subject=open_one.subject,
                note=open_one.note,
                rows=rows,
                content=content,
            )
            entry.seal = sealed(entry, last[2])  # type: ignore[assignment]
            entry.save(force_insert=True)


def sealed(entry: Revision, before: str) -> str:
    """The seal of an entry behind the seal before it."""
    told = [
        before,
        entry.id,
        entry.at.isoformat(),
        entry.by_id,
        entry.verb,
        entry.subject,
        entry.note,
        entry.rows,
        entry.content,
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def revision_at(at: datetime) -> int:
    """The last revision recorded by a moment; 0 when there is none. "As it was" is read by its number."""
    return (
        Revision.objects.filter(at__lte=at).order_by("-at", "-id").values_list("id", flat=True).first() or 0
    )


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry of the audit log that does not hold, with what is wrong in words."""

    revision: int
    problem: str


def broken_seals() -> Iterator[Broken]:
    """Walk the whole log and every kept row once; yields nothing when all is as it was written."""
    with _one_snapshot():
        yield from _walked()
        yield from _torn_veils()


def _torn_veils() -> Iterator[Broken]:
    """Personal texts that are not those that were written."""
    for table in (one for one in tables().values() if one.personal):
        names = ", ".join(table.columns)
        sql = f"SELECT since, id, {names} FROM {table.name} UNION ALL SELECT since, record, {names} FROM {table.past_name}"
        with _streaming() as cursor:
            cursor.execute(sql)
            while chunk := cursor.fetchmany(5_000):
                for since, record, *row in chunk:
                    if not table.fits(tuple(row)):
                        yield Broken(
                            since, f"personal texts of {table.name} {record} are not those that were written"
                        )


def _walked() -> Iterator[Broken]:
    before, expected = "", 1
    contents = _contents()
    upcoming = next(contents, None)
    for entry in Revision.objects.order_by("id").iterator(chunk_size=2_000):
        while upcoming is not None and upcoming[0] < entry.id:
            yield Broken(upcoming[0], "rows name a revision that is not in the log")
            upcoming = next(contents, None)
        rows, content = 0, hashlib.sha256().hexdigest()
        if upcoming is not None and upcoming[0] == entry.id:
            _, rows, content = upcoming
            upcoming = next(contents, None)
        if (rows, content) != (entry.rows, entry.content):
            yield Broken(
                entry.id, f"its rows are not those that were written ({rows:,} found, {entry.rows:,} written)"
            )
        if sealed(entry, before) != entry.seal:
            yield Broken(entry.id, "its seal does not fit the entry before it")
        if entry.id != expected:
            yield Broken(entry.id, f"revision {expected:,} is missing before it")
        before, expected = entry.seal, entry.id + 1
    if upcoming is not None:
        yield Broken(upcoming[0], "rows name a revision that is not in the log")


def _contents() -> Iterator[tuple[int, int, str]]:
    """For each revision that wrote: its number, how many rows, and their hash, from the tables themselves."""
    ordered = sorted(tables().values(), key=lambda table: table.name)
    lines = heapq.merge(*(_lines_of(table) for table in ordered), key=lambda line: line[:3])
    for number, group in itertools.groupby(lines, key=lambda line: line[0]):
        seal, rows = hashlib.sha256(), 0
        while some := [line for _, _, _, line in itertools.islice(group, 2_000)]:
            seal.update(as_sealed(some))
            rows += len(some)
        yield number, rows, seal.hexdigest()


def _lines_of(table: Table) -> Iterator[tuple[int, str, int, Line]]:
    """(revision, table, record, line) in that order: rows as they were written, and removals."""
    names = ", ".join(table.columns)
    sql = f"""
        SELECT since AS number, id AS record, 0 AS gone, {names} FROM {table.name}
        UNION ALL SELECT since, record, 0, {names} FROM {table.past_name}
        UNION ALL SELECT p.until, p.record, 1, {", ".join(f"p.{name}" for name in table.columns)} FROM {table.past_name} p
        WHERE NOT EXISTS (SELECT 1 FROM {table.name} c WHERE c.id = p.record AND c.since = p.until)
          AND NOT EXISTS (SELECT 1 FROM {table.past_name} n WHERE n.record = p.record AND n.since = p.until)
        ORDER BY number, record
    """
    with _streaming() as cursor:
        cursor.execute(sql)
        while chunk := cursor.fetchmany(5_000):
            for number, record, gone, *row in chunk:
                yield (
                    number,
                    table.name,
                    record,
                    table.gone(record) if gone else table.line(record, tuple(row)),
                )


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Reads see one state of the database, whoever writes meanwhile. SQLite's open cursors hold theirs by themselves."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _streaming() -> Iterator[Any]:
    """A cursor that does not hold the whole answer. `Any`: a cursor of either driver."""
    cursor = connection.chunked_cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def _stored(table: Table, record: int) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE id = %s", [record])
        row = cursor.fetchone()
    return None if row is None else tuple(bool(v) if i in table.flags else v for i, v in enumerate(row))


def _still_veiled(table: Table, rows: Sequence[tuple[int, Row]]) -> Sequence[tuple[int, Row]]:
    """Rows as they may be written over those that stand: who was erased is not written again, whoever sends their texts anew."""
    standing = _rows_of(table, [record for record, _ in rows])
    made = [(record, table.veiled(row, standing.get(record))) for record, row in rows]
    return [
        (record, row)
        for record, row in made
        if record not in standing or not table.is_erased(row) or row != standing[record]
    ]


def _rows_of(table: Table, ids: Sequence[int]) -> dict[int, Row]:
    """The rows that stand, by id."""
    sql, parameter = among(ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {', '.join(table.columns)} FROM {table.name} WHERE id {sql}", [parameter])
        return {
            record: tuple(bool(v) if i in table.flags else v for i, v in enumerate(row))
            for record, *row in cursor.fetchall()
        }


def _veiled(table: Table, rows: Sequence[tuple[int, Row]]) -> Sequence[tuple[int, Row]]:
    return [(record, table.veiled(row)) for record, row in rows] if table.personal else rows


def among(values: Iterable[int] | Iterable[str]) -> tuple[str, Any]:
    """SQL behind a column, and its one parameter, for "is one of these". `Any`: a list, or its JSON."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(values))


def _insert(table: str, names: Sequence[str], rows: Sequence[Row], *, replace: bool = False) -> None:
    """Insert rows, or write them over those with the same id."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 100:
            _copy(cursor, table, names, rows, replace=replace)
            return
        over = (
            f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names if n != 'id')}"
            if replace
            else ""
        )
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}){over}", rows
        )


def _copy(cursor: Any, table: str, names: Sequence[str], rows: Sequence[Row], *, replace: bool) -> None:
    """Many rows into PostgreSQL; over those that stand by way of a table that this transaction alone sees. `Any`: a cursor."""
    columns = ", ".join(names)
    target = f"over_{table}" if replace else table
    if replace:
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {target} (LIKE {table}) ON COMMIT DROP")
    with cursor.copy(f"COPY {target} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    if replace:
        over = ", ".join(f"{name} = new.{name}" for name in names if name != "id")
        cursor.execute(f"UPDATE {table} SET {over} FROM {target} new WHERE {table}.id = new.id")
        cursor.execute(f"TRUNCATE {target}")


@contextmanager
def long_writing() -> Iterator[None]:
    """For a job that writes a great deal: SQLite reads its file instead of mapping it and caches half as much, so that memory stays small."""
    if connection.vendor != "sqlite":
        yield
        return
    small = {"mmap_size": 0, "cache_size": -32_768}
    with connection.cursor() as cursor:
        # A database in memory has no answer to some of these.
        usual = {
            name: (cursor.execute(f"PRAGMA {name}").fetchone() or (value,))[0]
            for name, value in small.items()
        }
        for name, value in small.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        try:
            yield
        finally:
            for name, value in usual.items():
                cursor.execute(f"PRAGMA {name} = {value}")
