"""Filling a table that is empty: its indexes are made when it is full, which is three times as fast as keeping them up row by row.

Between the two, reads are right and slow. A process that is killed there leaves the table without indexes, until the next filling
ends; `pilothouse check` names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection, transaction

from pilothouse.core.models import Kept


@contextmanager
def filling(model: type[Kept], more: Mapping[str, str] | None = None) -> Iterator[None]:
    """Around many writings. more: indexes that the model does not tell, by name, each with its statement."""
    indexes = _indexes(model) | dict(more or {})
    if not model.objects.exists():
        _run([f'DROP INDEX IF EXISTS "{name}"' for name in indexes])
    try:
        yield
    finally:
        missing = indexes.keys() - present(model)
        _run([sql for name, sql in indexes.items() if name in missing])


def missing(model: type[Kept]) -> list[str]:
    """Names of the model's indexes that the database does not have."""
    return sorted(_indexes(model).keys() - present(model))


def present(model: type[Kept]) -> set[str]:
    """Names of the indexes that the table has."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return {name for name, of in found.items() if of["index"]}


def _indexes(model: type[Kept]) -> dict[str, str]:
    editor = connection.schema_editor()
    return {one.name: str(one.create_sql(model, editor)) for one in model._meta.indexes}


def _run(statements: list[str]) -> None:
    if statements:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
