"""Pages of a list: `limit` rows after a cursor. A cursor holds the last row's place in the order, signed, so that rows that come
or go meanwhile neither repeat nor drop one that stays. ADR 0013 tells why there are no page numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Schema

from pilothouse.core.errors import Invalid

MOST: Final = 500
USUAL: Final = 100
SALT: Final = "pilothouse.page"

T = TypeVar("T")

Limit = Annotated[int, Query(USUAL, ge=1, le=MOST, description=f"How many rows, at most {MOST}.")]
Cursor = Annotated[
    str, Query("", max_length=4_000, description="Where the page begins: taken from `next` of the page before, as it is.")
]  # fmt: skip


class Page(Schema, Generic[T]):
    """Some rows of a list in its order."""

    items: list[T]
    next: str | None = Field(None, description="The address of the page that follows; null on the last.")


def page_of(
    request: HttpRequest, rows: QuerySet[Any], order: Sequence[str], *, limit: int, cursor: str
) -> dict[str, Any]:
    """One page of a query. order: columns, "-" before one that falls; the last is unique and none is ever null.

    `Any`: rows are whatever the query gives. Raises Invalid for a cursor that is not of this list with these filters.
    """
    bound = filters_of(request)
    wanted = rows.order_by(*order)
    if cursor:
        wanted = wanted.filter(after(order, opened(cursor, bound, len(order))))
    found = list(wanted[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    last = [_value(found[-1], name.lstrip("-")) for name in order] if more else []
    return {"items": found, "next": address(request, sealed(last, bound)) if more else None}


def after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows behind one: equal in the first columns and beyond in the next. `Any`: values of the columns."""
    condition, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        condition |= same & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{column: value})
    return condition


def sealed(values: Sequence[Any], bound: str) -> str:
    """A cursor. `Any`: texts, whole numbers, times."""
    return signing.dumps({"k": [_told(value) for value in values], "f": bound}, salt=SALT, compress=True)


def opened(cursor: str, bound: str, columns: int) -> list[Any]:
    """The values in a cursor; raises Invalid for one that we did not make for this list. `Any`: as they were."""
    try:
        told = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, UnicodeError):
        told = {}
    if told.get("f") != bound or len(told.get("k", ())) != columns:
        raise Invalid(
            "The cursor is not of this list with these filters",
            {"cursor": "take `next` as it is, with the same filters and order"},
        )
    return [datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value for value in told["k"]]


def filters_of(request: HttpRequest) -> str:
    """What a cursor is bound to: the list and everything asked of it but the page."""
    asked = sorted((name, values) for name, values in request.GET.lists() if name not in ("cursor", "limit"))
    return hashlib.sha256(repr((request.path, asked)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def address(request: HttpRequest, cursor: str) -> str:
    """The same list from a cursor on."""
    asked = request.GET.copy()
    asked["cursor"] = cursor
    return f"{request.path}?{asked.urlencode()}"


def _told(value: Any) -> Any:
    return {"t": value.isoformat()} if isinstance(value, date) else value


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


__all__ = ["Cursor", "Limit", "Page", "page_of"]
