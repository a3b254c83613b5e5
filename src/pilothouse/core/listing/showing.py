"""A list's page: read the address, answer with the page, a part of it, or a file; keep columns and views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property

from pilothouse.core.as_of import as_of, knows_the_past
from pilothouse.core.listing import drawing, views
from pilothouse.core.listing.asked import Asked, read_asked
from pilothouse.core.listing.exporting import exported
from pilothouse.core.listing.kinds import Filter, Listing, Page, Pieces, Source, Verb
from pilothouse.core.listing.rows import Rows
from pilothouse.core.permissions import NotAllowed

DENSITIES = ("normal", "roomy", "dense")
PANELS = ("filters", "columns", "views", "export")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: field, relation, value, and the address without it."""

    label: str
    relation: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter as the panel shows it. options: value, words, chosen."""

    filter: Filter
    values: tuple[str, ...]
    options: Sequence[tuple[str, str, bool]]


class Shown:
    """A list as its templates ask for it; what a part does not ask for is not worked out."""

    def __init__(self, request: HttpRequest, asked: Asked, source: Source) -> None:
        self.request = request
        self.asked = asked
        self.listing = asked.listing
        self.source = source

    @cached_property
    def page(self) -> Page:
        """The page of rows."""
        return self.source.page(self.asked)

    @property
    def table(self) -> str:
        """The table as markup."""
        return drawing.table(self.asked, self.page, bool(self.verbs))

    @property
    def density(self) -> str:
        """How high the rows are: dense, normal or roomy; the frame says so to the whole page."""
        told = self.request.user.choices.get("density", "")
        return told if told in DENSITIES else "normal"

    @property
    def next_density(self) -> str:
        """What the button changes it to."""
        return DENSITIES[(DENSITIES.index(self.density) + 1) % len(DENSITIES)]

    @property
    def may_share(self) -> bool:
        """Whether the viewer may keep views for everybody."""
        return self.asked.viewer.may_somewhere("share_views")

    @property
    def verbs(self) -> list[Verb]:
        """What the viewer may do with chosen rows; nothing in the past."""
        if self.asked.as_of:
            return []
        return [verb for verb in self.listing.verbs if self.asked.viewer.may_somewhere(verb.permission)]

    @property
    def counted(self) -> str:
        """`1 to 50 of 1,306`."""
        return drawing.counted(self.asked, self.page)

    @property
    def total(self) -> str:
        """`1,306` or `5,000+`."""
        return drawing.total(self.page)

    @property
    def before(self) -> str:
        """The address of the page before, if there is one."""
        return self.asked.address(before=self.page.before) if self.page.before else ""

    @property
    def after(self) -> str:
        """The address of the page behind, if there is one."""
        return self.asked.address(after=self.page.after) if self.page.after else ""

    @property
    def here(self) -> str:
        """The list's address from its first page on."""
        return self.asked.address()

    @property
    def clear(self) -> str:
        """The address without any filter."""
        return self.asked.without("q", *self.asked.filters).address()

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set."""
        return [chip for one in self.listing.filters if (chip := _chip(self.asked, one)) is not None]

    @cached_property
    def saved(self) -> list[views.Shown]:
        """The views of the list, its own first."""
        return views.shown(self.request.user, self.asked)

    @property
    def current(self) -> views.Shown | None:
        """The view that is shown, if it is one."""
        return next((view for view in self.saved if view.current), None)

    @property
    def panel(self) -> str:
        """The panel that is open."""
        asked = self.request.GET.get("panel", "")
        return asked if asked in PANELS else ""

    @property
    def panels(self) -> dict[str, str]:
        """The address of each panel; of an open one: the address that shuts it."""
        return {name: self.here if name == self.panel else self.asked.address(panel=name) for name in PANELS}

    @property
    def fields(self) -> list[FilterField]:
        """Every filter with what may be chosen."""
        return [_field(self.asked, one) for one in self.listing.filters]

    @property
    def columns(self) -> list[tuple[str, str, bool]]:
        """Every column: name, label, whether it is shown."""
        return [
            (column.name, column.label, column.name in self.asked.columns) for column in self.listing.columns
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form of the search field sends along."""
        pairs = [pair for pair in parse_qsl(self.asked.query) if pair[0] != "q"]
        return [*pairs, ("as_of", self.asked.as_of_text)] if self.asked.as_of_text else pairs

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the filters sends along: the text looked for and the order."""
        pairs = [pair for pair in parse_qsl(self.asked.query) if pair[0] in ("q", "sort")]
        return [*pairs, ("as_of", self.asked.as_of_text)] if self.asked.as_of_text else pairs

    @property
    def may_export(self) -> bool:
        """Whether the viewer may take the rows away."""
        return self.listing.export is None or self.asked.viewer.may_somewhere(self.listing.export)

    @property
    def exports(self) -> list[tuple[str, str]]:
        """What can be downloaded: words and address."""
        return [
            (words, self.asked.address(export=kind, all=every))
            for words, kind, every in (
                ("CSV, the columns shown", "csv", ""),
                ("CSV, every column", "csv", "1"),
                ("Workbook (XLSX), the columns shown", "xlsx", ""),
                ("Workbook (XLSX), every column", "xlsx", "1"),
            )
        ]

    @property
    def drops(self) -> list[Chip]:
        """When nothing fits: each filter that, dropped alone, lets rows appear."""
        narrow = [*self.chips]
        if self.asked.text:
            narrow.append(Chip("Text", "contains", self.asked.text, self.asked.without("q").address()))
        if len(narrow) < 2:
            return narrow
        return [chip for chip in narrow if self.source.page(self._dropped(chip)).rows] or narrow

    def _dropped(self, chip: Chip) -> Asked:
        names = next((one.names for one in self.listing.filters if one.label == chip.label), ("q",))
        return self.asked.without(*names)


def show(
    request: HttpRequest, listing: Listing, source: Source, template: str = "frame/list.html", **context: Any
) -> HttpResponse | StreamingHttpResponse:
    """Answer a request for a list's page. `Any`: a template takes what it is given; it finds the list as `list`.

    By htmx only the part that changes is drawn (`kit/list_rows.html`); a POST keeps columns and views.
    """
    if request.method == "POST":
        return views.kept(request, listing)
    asked = _asked(request, listing, source)
    shown = Shown(request, asked, source)
    kind = request.GET.get("export", "")
    if kind in ("csv", "xlsx"):
        if not shown.may_export:
            raise NotAllowed(f"You may not take {listing.plural} away as a file")
        names = listing.by_name if request.GET.get("all") else asked.columns
        return exported(asked, source.chunks(asked), kind, [listing.by_name[name] for name in names])
    part = {"list-rows": "kit/list_rows.html", "list-panel": "kit/list_panel.html"}.get(
        request.headers.get("HX-Target", "")
    )
    answer = render(request, part or template, {**context, "list": shown})
    answer["Vary"] = "HX-Request, HX-Target, Cookie"
    return answer


def chosen_ids(request: HttpRequest, listing: Listing, source: Pieces) -> list[int]:
    """The ids of the rows a form chose: those ticked, or with `all` everything that the filter in `query` finds."""
    if not request.POST.get("all"):
        return [int(text) for text in request.POST.getlist("id") if text.isdecimal() and len(text) < 19]
    asked = read_asked(listing, request.viewer, request.path, QueryDict(request.POST.get("query", "")))
    return [listing.id(row) for rows in source.chunks(asked) for row in rows]


def columns_of(request: HttpRequest, listing: Listing) -> Sequence[str]:
    """The columns the person has chosen for a list; none if they chose none."""
    return request.user.choices.get("lists", {}).get(listing.key, ())


def _asked(request: HttpRequest, listing: Listing, source: Source) -> Asked:
    """What is asked for. The tables of now know no other day, unless the view has asked for it itself."""
    chosen = columns_of(request, listing)
    moment = None if isinstance(source, Rows) and not knows_the_past(request) else as_of(request)
    return read_asked(listing, request.viewer, request.path, request.GET, chosen, moment)


def _chip(asked: Asked, one: Filter) -> Chip | None:
    if not any(name in asked.filters for name in one.names):
        return None
    without = asked.without(*one.names).address()
    if one.kind == "span":
        first, last = (asked.filters.get(name, ("",))[0] for name in one.names)
        relation, value = (
            ("from", f"{first} to {last}") if first and last else ("from", first) if first else ("to", last)
        )
        return Chip(one.label, relation, value, without)
    values = asked.filters[one.name]
    if one.kind == "text":
        return Chip(one.label, "contains", values[0], without)
    called = one.called(asked.viewer, values)
    words = [called.get(value, value) for value in values]
    text = ", ".join(words) if len(words) < 4 else f"{words[0]} and {len(words) - 1} more"
    return Chip(one.label, "is" if len(words) == 1 else "in", text, without)


def _field(asked: Asked, one: Filter) -> FilterField:
    if one.kind == "span":
        return FilterField(one, tuple(asked.filters.get(name, ("",))[0] for name in one.names), ())
    values = asked.filters.get(one.name, ())
    options = one.options(asked.viewer) if one.options is not None else ()
    return FilterField(one, values, [(value, words, value in values) for value, words in options])
