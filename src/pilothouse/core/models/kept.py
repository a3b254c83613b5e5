"""Tables that forget nothing: what is overwritten or removed moves to a table of the past. ADR 0011."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models


class Text(models.TextField):
    """Text that is never null and sorts by code point on both databases, whatever the server's locale is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("default", "")
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    def db_type(self, connection: Any) -> str | None:
        """`text`, on PostgreSQL with the collation C."""
        kind = super().db_type(connection)
        return f'{kind} COLLATE "C"' if connection.vendor == "postgresql" else kind


class Kept(models.Model):
    """A row as it is now. since: the revision that wrote it. Written only through `keeping.Writing`.

    Columns hold text, whole numbers or booleans, so that both databases give back what was sealed.
    """

    id = models.BigIntegerField(primary_key=True)
    since = models.BigIntegerField(db_index=True)

    unsealed: ClassVar[tuple[str, ...]] = ()
    """Columns that may be erased: the audit seals a salted hash of them instead."""
    needs: ClassVar[Mapping[str, str]] = {}
    """Columns, or fields of a document in one, that the log shows only to who holds this permission for the whole system."""

    class Meta:
        abstract = True


class Past(models.Model):
    """A row as it was from the revision `since` until the revision `until`, at which it was overwritten or removed."""

    pk = models.CompositePrimaryKey("record", "since")
    record = models.BigIntegerField()
    since = models.BigIntegerField()
    until = models.BigIntegerField(db_index=True)

    of: ClassVar[type[Kept]]

    class Meta:
        abstract = True
