"""A list's rows from a queryset: filtered and sorted by the database, paged by key without an offset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from pilothouse.core.listing.asked import Asked, Cursor, Key
from pilothouse.core.listing.kinds import Filter, Listing, Page, Row

COUNTED = 10_000
"""A total is counted up to here; beyond it the page says `10,000+`."""
CHUNK = 2_000


class Rows:
    """The rows of a queryset; the viewer's scope stands in it already."""

    def __init__(self, listing: Listing, rows: QuerySet[Any]) -> None:
        self.listing = listing
        self.rows = rows

    def page(self, asked: Asked) -> Page:
        """The page that is asked for: two queries."""
        found = self.filtered(asked)
        total = found[: COUNTED + 1].count()
        backwards = asked.before is not None
        names, down = _keys(asked), asked.down != backwards
        rows = found.annotate(**{f"sort_{i}": F(name) for i, name in enumerate(names)})
        ordered = rows.order_by(*(_order(name, down) for name in names), "-pk" if down else "pk")
        start = asked.before or asked.after
        size = self.listing.size
        try:
            behind = ordered.filter(_beyond(names, start, down)) if start is not None else ordered
            got = list(behind[: size + 1])
        except (ValueError, TypeError, ValidationError, OverflowError):
            return self.page(replace(asked, after=None, before=None))  # the cursor of another list
        more, got = len(got) > size, got[:size]
        if backwards:
            got.reverse()
        return paged(
            got,
            [self._cursor_of(row, len(names)) for row in got],
            asked,
            more,
            min(total, COUNTED),
            total > COUNTED,
        )

    def chunks(self, asked: Asked) -> Iterator[Sequence[Row]]:
        """All rows in pieces."""
        names = _keys(asked)
        ordered = self.filtered(asked).order_by(
            *(_order(name, asked.down) for name in names), "-pk" if asked.down else "pk"
        )
        piece: list[Row] = []
        for row in ordered.iterator(chunk_size=CHUNK):
            piece.append(row)
            if len(piece) == CHUNK:
                yield piece
                piece = []
        if piece:
            yield piece

    def filtered(self, asked: Asked) -> QuerySet[Any]:
        """The rows that fit the filter, in no order."""
        rows = self.rows
        for one in self.listing.filters:
            if any(name in asked.filters for name in one.names):
                rows = _narrowed(rows, one, asked)
        if asked.text:
            for word in asked.text.split()[:10]:
                fits = Q()
                for name in self.listing.search:
                    fits |= Q(**{f"{name}__icontains": word})
                rows = rows.filter(fits)
        return rows

    def _cursor_of(self, row: Row, keys: int) -> tuple[tuple[Key, ...], int]:
        return tuple(getattr(row, f"sort_{i}") for i in range(keys)), row.pk


def paged(
    rows: Sequence[Row],
    keys: Sequence[tuple[tuple[Key, ...], int]],
    asked: Asked,
    more: bool,
    total: int,
    at_least: bool = False,
) -> Page:
    """A page of rows already in order, each with its keys and id. more: whether there are further ones in the direction walked."""
    if asked.before is not None:
        position = max(1, asked.before.position - len(rows)) if more else 1
        has_before, has_after = more, True
    else:
        position = asked.after.position + 1 if asked.after is not None else 1
        has_before, has_after = asked.after is not None, more
    if not rows:
        return Page((), 1, total, at_least)
    first, last = keys[0], keys[-1]
    return Page(
        rows=rows,
        position=position,
        total=max(total, position + len(rows) - 1),
        at_least=at_least,
        before=Cursor(position, *first) if has_before else None,
        after=Cursor(position + len(rows) - 1, *last) if has_after else None,
    )


def _keys(asked: Asked) -> tuple[str, ...]:
    return asked.by.keys


def _order(name: str, down: bool) -> Any:
    """Unknown comes last; downwards is exactly the reverse."""
    return F(name).desc(nulls_first=True) if down else F(name).asc(nulls_last=True)


def _beyond(names: Sequence[str], start: Cursor, down: bool) -> Q:
    """What lies behind a row in the order of its keys and id."""
    beyond, same = Q(pk__in=[]), Q()
    for name, value in zip(names, start.keys, strict=True):
        beyond |= same & _past_key(name, value, down)
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return beyond | (same & Q(**{"pk__lt" if down else "pk__gt": start.id}))


def _past_key(name: str, value: Key, down: bool) -> Q:
    if down:
        return Q(**{f"{name}__isnull": False}) if value is None else Q(**{f"{name}__lt": value})
    return Q(pk__in=[]) if value is None else Q(**{f"{name}__gt": value}) | Q(**{f"{name}__isnull": True})


def _narrowed(rows: QuerySet[Any], one: Filter, asked: Asked) -> QuerySet[Any]:
    """The rows that fit one filter; a value that the field cannot hold fits none."""
    try:
        return rows.filter(_condition(one, asked))
    except (ValueError, TypeError, ValidationError, OverflowError):
        return rows.none()


def _condition(one: Filter, asked: Asked) -> Q:
    if one.kind == "span":
        return _span(one, *(asked.filters.get(name, ("",))[0] for name in one.names))
    values = asked.filters[one.name]
    if one.where is not None:
        return one.where(values)
    if one.kind == "text":
        return Q(**{f"{one.field}__icontains": values[0]})
    return Q(**{f"{one.field}__in": values})


def _span(one: Filter, first: str, last: str) -> Q:
    """From the one to the other, both included; a day lasts until its end."""
    if one.where is not None:
        return one.where((first, last))
    fits = Q()
    if one.input == "date":
        if first:
            fits &= Q(**{f"{one.field}__gte": _day(one, first)})
        return fits & Q(**{f"{one.field}__lt": _day(one, last, 1)}) if last else fits
    if first:
        fits &= Q(**{f"{one.field}__gte": first})
    return fits & Q(**{f"{one.field}__lte": last}) if last else fits


def _day(one: Filter, text: str, later: int = 0) -> Any:
    """A typed day as the field compares it: a day, or the moment at which it begins."""
    day = parse_date(text)
    if day is None:
        raise ValueError(text)
    day += timedelta(days=later)
    if one.moment:
        return timezone.make_aware(datetime.combine(day, time()))
    return day
