"""What an address asks of a list: filter, sort order, page and columns. The address is the view, so every link comes from here."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from pilothouse.core.listing.kinds import Column, Listing
from pilothouse.core.permissions import Viewer

LONGEST = 200
"""Characters of a filter's value that are read."""
MOST_VALUES = 200
"""Values of one filter that are read."""
BIGGEST = (1 << 63) - 1
Key = str | int | bool | float | None | date | datetime | Decimal


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row by what it is sorted by, and its id; position: its number in the list, from 1."""

    position: int
    keys: tuple[Key, ...]
    id: int

    def __str__(self) -> str:
        told = json.dumps([self.position, self.id, *map(_told, self.keys)], separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """The cursor an address holds; None for anything else."""
    try:
        padded = text + "=" * (-len(text) % 4)
        position, record, *keys = json.loads(
            base64.urlsafe_b64decode(padded).decode("utf-8", "surrogatepass")
        )
        if type(position) is not int or type(record) is not int or not -BIGGEST <= record <= BIGGEST:
            return None
        return Cursor(max(1, min(position, BIGGEST)), tuple(map(_heard, keys)), record)
    except (ValueError, TypeError, KeyError, binascii.Error, ArithmeticError, RecursionError):
        return None


def _told(key: Key) -> Any:
    if isinstance(key, datetime):
        return {"t": key.isoformat()}
    if isinstance(key, date):
        return {"d": key.isoformat()}
    return {"n": str(key)} if isinstance(key, Decimal) else key


_KINDS: Mapping[str, Callable[[str], Key]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
}


def _heard(key: Any) -> Key:
    if isinstance(key, dict):
        ((kind, value),) = key.items()
        return _KINDS[kind](value)
    if isinstance(key, str):
        key.encode("utf-8")
        if "\0" in key:
            raise ValueError("a zero byte")
        return key
    if key is None or (isinstance(key, int | float) and abs(key) <= BIGGEST):
        return key
    raise ValueError("no key of a row")


@dataclass(frozen=True)
class Asked:
    """A list as an address asks for it, for a viewer. Only what the list knows is kept; everything else is as if it were not there.

    filters: values by name in the address (`role`, `due.from`). after, before: the row beyond which the page begins or ends.
    """

    listing: Listing
    viewer: Viewer
    path: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    sort: str = ""
    after: Cursor | None = None
    before: Cursor | None = None
    columns: tuple[str, ...] = ()
    as_of: datetime | None = None
    as_of_text: str = ""

    @property
    def by(self) -> Column:
        """The column that is sorted by."""
        return self.listing.by_name[(self.sort or self.listing.sort).lstrip("-")]

    @property
    def down(self) -> bool:
        """Whether it is sorted downwards."""
        return (self.sort or self.listing.sort).startswith("-")

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.filters or self.text)

    @property
    def query(self) -> str:
        """The view: filter and sort order as an address has them, without the page."""
        pairs = [(name, value) for name, values in self.filters.items() for value in values]
        if self.text:
            pairs.append(("q", self.text))
        if self.sort and self.sort != self.listing.sort:
            pairs.append(("sort", self.sort))
        return urlencode(pairs)

    def address(self, **more: object) -> str:
        """The view's address with what is named besides."""
        extra = [(name, str(value)) for name, value in more.items() if value not in (None, "")]
        if self.as_of_text:
            extra.append(("as_of", self.as_of_text))
        query = "&".join(part for part in (self.query, urlencode(extra)) if part)
        return f"{self.path}?{query}" if query else self.path

    def without(self, *names: str) -> Asked:
        """The same without these filters."""
        kept = {name: values for name, values in self.filters.items() if name not in names}
        return replace(self, filters=kept, text="" if "q" in names else self.text, after=None, before=None)

    def sorted_by(self, sort: str) -> Asked:
        """The same in another order, from its first page on."""
        return replace(self, sort=sort, after=None, before=None)


def read_asked(
    listing: Listing,
    viewer: Viewer,
    path: str,
    sent: QueryDict,
    columns: Sequence[str] = (),
    as_of: datetime | None = None,
) -> Asked:
    """What was sent, made sound: names that are not known and values too long are left out."""
    filters: dict[str, tuple[str, ...]] = {}
    for one in listing.filters:
        for name in one.names:
            values = tuple(dict.fromkeys(filter(None, map(_clean, sent.getlist(name)[:MOST_VALUES]))))
            if values:
                filters[name] = values if one.several and one.kind == "choice" else values[-1:]
    sort = sent.get("sort", "")
    by = listing.by_name.get(sort.removeprefix("-"))
    known = tuple(name for name in columns if name in listing.by_name)
    return Asked(
        listing=listing,
        viewer=viewer,
        path=path,
        filters=filters,
        text=_clean(sent.get("q", "")),
        sort=sort if by is not None and by.keys else "",
        after=read_cursor(sent.get("after", "")),
        before=read_cursor(sent.get("before", "")),
        columns=known or listing.shown,
        as_of=as_of,
        as_of_text=sent.get("as_of", "")[:40] if as_of else "",
    )


def _clean(value: str) -> str:
    """A typed value without what no value holds: zero bytes, lone surrogates, blanks around."""
    return value[:LONGEST].replace("\0", "").encode("utf-8", "ignore").decode().strip()
