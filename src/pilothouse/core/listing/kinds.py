"""What a list is made of: its columns, filters, views and verbs, and where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal, Protocol

from django.db.models import Q
from django.utils.safestring import SafeString, mark_safe

from pilothouse.core.permissions import Viewer

if TYPE_CHECKING:
    from pilothouse.core.listing.asked import Asked, Cursor

Row = Any
"""A model's instance, or whatever else a list's own read yields."""
Option = tuple[str, str]
"""A value as it stands in the address, and what it is called."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. cell: a row's content, escaped unless it is safe markup; text: the same for an export (None: the cell, if it is text).

    sort: the ORM's names of what is sorted by, empty if it is not sorted by. head: the row's name and link. kind: "num" aligns
    right, "code" is what machines gave us, "lane" is a bar on an axis that `mark` draws in the head, "" is text.
    bare: its words need no label when the table folds. fold: where it stands when the table folds. shown: unless chosen otherwise.
    """

    name: str
    label: str
    cell: Callable[[Row], str]
    sort: str | tuple[str, ...] = ()
    text: Callable[[Row], object] | None = None
    kind: Literal["", "num", "code", "lane"] = ""
    fold: Literal["top", "row", "end", "hide"] = "hide"
    head: bool = False
    fit: bool = False
    shown: bool = True
    mark: Callable[[], str] | None = None
    bare: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """What is sorted by, as names."""
        return (self.sort,) if isinstance(self.sort, str) and self.sort else tuple(self.sort)

    @property
    def plain_cell(self) -> Callable[[Row], object]:
        """What gives the value as an export writes it."""
        return self.cell if self.text is None else self.text

    def plain(self, row: Row) -> object:
        """The value as an export writes it."""
        return self.plain_cell(row)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the address: `?name=value`, several values meaning any of them; a span is `?name.from=…&name.to=…`.

    field: the ORM's name; where: a condition in its place. options: what may be chosen, asked only when the panel is opened or a
    chip needs its words; moment: a span of days over a field of moments; words: the words of some values, where asking for all options would cost too much.
    """

    name: str
    label: str
    kind: Literal["choice", "text", "span"] = "choice"
    field: str = ""
    where: Callable[[tuple[str, ...]], Q] | None = None
    options: Callable[[Viewer], Sequence[Option]] | None = None
    words: Callable[[Viewer, Sequence[str]], Mapping[str, str]] | None = None
    input: Literal["text", "number", "date"] = "text"
    moment: bool = False
    several: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names it has in the address."""
        return (f"{self.name}.from", f"{self.name}.to") if self.kind == "span" else (self.name,)

    def called(self, viewer: Viewer, values: Sequence[str]) -> Mapping[str, str]:
        """What the values are called."""
        if self.words is not None:
            return self.words(viewer, values)
        return dict(self.options(viewer)) if self.options is not None else {}


@dataclass(frozen=True, slots=True)
class View:
    """A view that every list begins with: a name and the address it stands for."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that is done with the chosen rows. permission: who may at all; key: its key on the keyboard."""

    name: str
    label: str
    permission: str
    key: str = ""


def _pk(row: Row) -> int:
    return row.pk


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. sort: the column sorted by at first, with a minus for downwards. search: the ORM's names that a typed text is looked for in.

    export: the permission to take the rows away; None for whoever sees them. places: the ORM's names of facility and unit, if it
    holds rows by place. first: what to do when there is not one row, in words; first_step: the page where, and the words of its link.
    """

    key: str
    noun: str
    plural: str
    columns: tuple[Column, ...]
    sort: str
    filters: tuple[Filter, ...] = ()
    search: tuple[str, ...] = ()
    search_hint: str = "Search in this list"
    views: tuple[View, ...] = ()
    verbs: tuple[Verb, ...] = ()
    export: str | None = None
    id: Callable[[Row], int] = _pk
    first: str = ""
    first_step: tuple[str, str] = ("", "")
    size: int = 50
    by_name: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns shown unless chosen otherwise."""
        return tuple(column.name for column in self.columns if column.shown)


@dataclass(frozen=True, slots=True)
class Page:
    """One page. position: of its first row, from 1. total: of the whole filter; at_least: that many and more.

    before, after: where the pages around it begin, None where there is none.
    """

    rows: Sequence[Row]
    position: int
    total: int
    at_least: bool = False
    before: Cursor | None = None
    after: Cursor | None = None


class Pieces(Protocol):
    """Where all rows of a list come from."""

    def chunks(self, asked: Asked) -> Iterator[Sequence[Row]]:
        """All rows of the filter in the order asked for, in pieces, in memory that does not grow."""


class Source(Pieces, Protocol):
    """Where a list's rows come from, by pages or all together."""

    def page(self, asked: Asked) -> Page:
        """The page that is asked for."""


def link(url: str, text: str) -> SafeString:
    """A link as a cell's content."""
    return mark_safe(f'<a href="{escape(url)}">{escape(text)}</a>')  # noqa: S308 - escaped here


def soft(text: str) -> SafeString:
    """Words that stand back: `unknown`, `none`."""
    return mark_safe(f'<span class="faint">{escape(text)}</span>')  # noqa: S308 - escaped here
