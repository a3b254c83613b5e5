"""The audit log: who may see which entries, what an entry wrote, and up to where the log was verified.

With `see_audit` for the whole system: everything. Without: the entries of one subject that the viewer may see, and of what they wrote
only that subject's own row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Model, QuerySet

from pilothouse.core import ports
from pilothouse.core.attachments import may_see, parts
from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import Row, Table, tables
from pilothouse.core.models import Person, Revision, Setting
from pilothouse.core.permissions import Viewer
from pilothouse.core.reads.people import moment
from pilothouse.kernel.times import ALWAYS, OPEN

MOST_ROWS: Final = 200
"""Rows of one entry that are shown; an import writes thousands."""
LONGEST: Final = 300
HIDDEN: Final = frozenset({"salt", "veil", "search"})
"""Columns that say nothing to a reader: seals of personal texts, and what a search compares."""
VERIFIED: Final = "log_verified"


def entries(viewer: Viewer, subject: str = "") -> QuerySet[Revision]:
    """The entries that the viewer may see; raises NotFound without `see_audit` unless it is of a subject they may see."""
    rows = Revision.objects.select_related("by")
    if viewer.may("see_audit"):
        return rows
    if not subject or not may_see(viewer, subject):
        raise NotFound("There is nothing here, or you may not see it")
    return rows.filter(subject=subject)


def entry_of(viewer: Viewer, number: int) -> Revision:
    """One entry; raises NotFound."""
    found = Revision.objects.select_related("by").filter(pk=number).first()
    if found is None or not (viewer.may("see_audit") or may_see(viewer, str(found.subject))):
        raise NotFound("There is no such entry")
    return found


def subject_titles(subjects: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What subjects are called, and where they are looked at; one read for each room. What no room answers for stays as it is."""
    by_kind: dict[str, set[int]] = {}
    for subject in set(subjects):
        try:
            kind, number = parts(subject)
        except NotFound:
            continue
        by_kind.setdefault(kind, set()).add(number)
    told: dict[str, tuple[str, str]] = {}
    for room in ports.subjects:
        numbers = by_kind.get(room.kind)
        if numbers:
            told |= {f"{room.kind}:{number}": title for number, title in room.titles(numbers).items()}
    return told


@dataclass(frozen=True, slots=True)
class Written:
    """One row that an entry wrote. lines: (sign, column, value) as the kit's diff takes them; change: new, changed, removed."""

    table: str
    record: int
    change: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry wrote. left_out: rows beyond those that are shown."""

    rows: Sequence[Written]
    left_out: int


def what_it_wrote(viewer: Viewer, entry: Revision) -> Told:
    """The rows of an entry, each with what it was before."""
    whole = viewer.may("see_audit")
    kind, own = ("", 0) if whole else parts(str(entry.subject))
    raw: list[tuple[Table, int, Row | None, Row | None]] = []
    found = 0
    for table in sorted(tables().values(), key=lambda one: one.name) if entry.rows else ():
        if found >= entry.rows or (not whole and not table.name.endswith(f"_{kind}")):
            continue
        for record, (before, after) in _rows(table, entry.id).items():
            found += 1
            if (whole or record == own) and len(raw) < MOST_ROWS:
                raw.append((table, record, before, after))
    names = _names(raw)
    rows = [_written(viewer, table, record, before, after, names) for table, record, before, after in raw]
    return Told(rows, max(0, entry.rows - len(rows)) if whole else 0)


def _rows(table: Table, number: int) -> dict[int, tuple[Row | None, Row | None]]:
    """By record: the row before and after a revision; at most so many as are shown, and one more."""
    names, most = ", ".join(table.columns), MOST_ROWS + 1
    with connection.cursor() as cursor:

        def asked(sql: str) -> dict[int, Row]:
            cursor.execute(f"{sql} LIMIT {most}", [number])
            return {record: tuple(row) for record, *row in cursor.fetchall()}

        after = asked(f"SELECT id, {names} FROM {table.name} WHERE since = %s ORDER BY id")
        before = asked(f"SELECT record, {names} FROM {table.past_name} WHERE until = %s ORDER BY record")
        after = (
            asked(f"SELECT record, {names} FROM {table.past_name} WHERE since = %s ORDER BY record") | after
        )
    return {one: (before.get(one), after.get(one)) for one in sorted(before.keys() | after.keys())}


def _fields(table: Table) -> list[Any]:
    """`Any`: Django carries no types."""
    return [f for f in table.model._meta.concrete_fields if f.name not in ("id", "since")]


def _names(raw: Sequence[tuple[Table, int, Row | None, Row | None]]) -> dict[type[Model], dict[int, str]]:
    """What the rows that are referred to are called: one query for each table."""
    wanted: dict[type[Model], set[int]] = {}
    for table, _, before, after in raw:
        for i, field in enumerate(_fields(table)):
            if field.is_relation:
                wanted.setdefault(field.related_model, set()).update(
                    row[i] for row in (before, after) if row is not None and row[i] is not None
                )
    return {
        model: {one.pk: str(one) for one in model._default_manager.filter(pk__in=ids)}
        for model, ids in wanted.items()
        if ids
    }


def _written(
    viewer: Viewer,
    table: Table,
    record: int,
    before: Row | None,
    after: Row | None,
    names: Mapping[type[Model], Mapping[int, str]],
) -> Written:
    hidden = HIDDEN | {name for name, needed in table.model.needs.items() if not viewer.may(needed)}
    old, new = _told(table, before, names, hidden), _told(table, after, names, hidden)
    lines: list[tuple[str, str, str]] = []
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, ""), new.get(name, "")
        if was == now:
            continue
        if was:
            lines.append(("-", name, was))
        if now:
            lines.append(("+", name, now))
    change = "new" if before is None else "removed" if after is None else "changed"
    return Written(_called(table.model), record, change, tuple(lines))


def _called(model: type[Model]) -> str:
    return str(model._meta.verbose_name).capitalize()


def _told(
    table: Table, row: Row | None, names: Mapping[type[Model], Mapping[int, str]], hidden: Collection[str]
) -> dict[str, str]:
    """A row in words, by column; a document of values spread out by its fields."""
    if row is None:
        return {}
    told: dict[str, str] = {}
    for field, value in zip(_fields(table), row, strict=True):
        if field.name in hidden:
            continue
        label = field.name.replace("_", " ")
        if isinstance(value, str) and value[:1] == "{" and (spread := _spread(value)) is not None:
            told |= {f"{label}: {name}": _short(text) for name, text in spread.items() if name not in hidden}
        else:
            told[label] = _short(_in_words(field, value, names))
    return told


def _spread(value: str) -> dict[str, str] | None:
    try:
        document = json.loads(value)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return {
        name: one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
        for name, one in document.items()
    }


def _in_words(field: Any, value: Any, names: Mapping[type[Model], Mapping[int, str]]) -> str:
    """`Any`: a column of Django and its value."""
    if value is None or value == "":
        return ""
    if field.is_relation:
        return names.get(field.related_model, {}).get(value, f"number {value}")
    if field.get_internal_type() == "BooleanField":
        return "yes" if value else "no"
    if field.choices:
        return str(dict(field.choices).get(value, value))
    if field.get_internal_type() == "BigIntegerField" and abs(value) > 10**14:
        if value in (ALWAYS, OPEN):
            return "always" if value == ALWAYS else "no end"
        when = moment(value)
        return f"{when:%Y-%m-%d %H:%M}" if when else str(value)
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@dataclass(frozen=True, slots=True)
class Verified:
    """How the log stood when it was last walked. broken: what did not hold, in words."""

    revision: int
    at: str
    broken: tuple[str, ...]


def verified() -> Verified | None:
    """The last walk; None before the first."""
    value = Setting.objects.filter(name=VERIFIED).values_list("value", flat=True).first()
    if not isinstance(value, dict):
        return None
    return Verified(int(value["revision"]), str(value["at"]), tuple(value["broken"]))


class People:
    """Persons as subjects: for who may see people."""

    kind = "person"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """For who manages people, and oneself."""
        return viewer.may("manage_people") or viewer.person.pk == number

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """For who manages people."""
        return viewer.may("manage_people")

    def titles(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Names and pages."""
        return {
            one.pk: (str(one), f"/people/{one.pk}/") for one in Person.objects.filter(pk__in=list(numbers))
        }
