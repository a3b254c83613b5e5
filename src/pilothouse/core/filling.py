"""Filling a table that is empty: its indexes are made when it is full, which is three times as fast as keeping them up row by row.

Between the two, reads are right and slow. A process that is killed there leaves the table without indexes, until the next filling
ends; `pilothouse check` names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

from pilothouse.core.keeping import one_writer
from pilothouse.core.models import Kept


@contextmanager
def filling(model: type[Kept], more: Mapping[str, str] | None = None) -> Iterator[None]:
    """Around many writings. more: indexes that the model does not tell, by name, each with its statement.

    Other writers wait while one index is made, never for all of them.
    """
    indexes = _indexes(model, more)
    with one_writer(), connection.cursor() as cursor:
        if not model.objects.exists():
            for name in indexes:
                cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
    try:
        yield
    except BaseException:
        with suppress(
            DatabaseError
        ):  # what went wrong first is told; what is missing, the next filling makes
            _make(model, indexes)
        raise
    _make(model, indexes)


def missing(model: type[Kept], more: Mapping[str, str] | None = None) -> list[str]:
    """Names of the indexes that the database does not have. more: as in `filling`."""
    return sorted(_indexes(model, more).keys() - present(model))


def present(model: type[Kept]) -> set[str]:
    """Names of the indexes that the table has."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return {name for name, of in found.items() if of["index"]}


def _indexes(model: type[Kept], more: Mapping[str, str] | None) -> dict[str, str]:
    editor = connection.schema_editor()
    return {one.name: str(one.create_sql(model, editor)) for one in model._meta.indexes} | dict(more or {})


def _make(model: type[Kept], indexes: Mapping[str, str]) -> None:
    """Those that are missing, each by itself: another filling may end at the same moment."""
    for name, sql in indexes.items():
        with one_writer(), connection.cursor() as cursor:
            if name not in present(model):
                cursor.execute(sql)
