"""The list of findings: what it shows, filters and sorts by. Unless a state is asked for, only what somebody still has to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property, lazy
from django.utils.html import format_html

from pilothouse.core import clocks, drawing, words
from pilothouse.core.keeping import revision_at
from pilothouse.core.listing import Asked, Column, Filter, Listing, Page, Rows, View, link, soft
from pilothouse.core.models import Facility, Person, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.governance.findings.lines import RELATED, Line, label, line_of
from pilothouse.governance.findings.opening import RANKS
from pilothouse.governance.findings.reads import SOON, UNRESOLVED
from pilothouse.governance.findings.seeing import seen_q
from pilothouse.governance.models import Finding, FindingEver
from pilothouse.kernel.times import OPEN, as_instant

VIEWS: Final = (
    View("Open", ""),
    View("Mine", "owner=me"),
    View("Overdue", "clock=overdue"),
    View("Snoozed", "state=snoozed"),
    View("Resolved", "state=resolved&sort=-closed"),
)
FIRST: Final = (
    "What must be decided appears here, each with the one person who answers for it. First import a list of equipment; then sync"
    " the advisories, which are matched with it. What of the chain of command is worth a look comes by itself."
)
SETTLED: Final = "Nothing is open: everything that was found is settled."
STATES: Final = [("open", "Open"), ("snoozed", "Snoozed"), ("resolved", "Resolved")]
CLOCKS: Final = [("overdue", "Overdue"), ("soon", "Runs out within 7 days"), ("none", "Without a clock")]
MOST_OPTIONS: Final = 400


class FindingRows:
    """The rows of a list for a viewer at a moment, as lines; the clocks of a page share one axis."""

    def __init__(self, viewer: Viewer, now: datetime, as_of: datetime | None = None) -> None:
        self.viewer = viewer
        self.at = as_of or now
        self.axis = clocks.axis(self.at)
        self.listing = listing_for(self)
        self.rows = _rows(viewer, as_of)

    @cached_property
    def never_any(self) -> bool:
        """Whether there is not a single finding that the viewer sees, settled ones included."""
        return not self.rows.exists()

    def page(self, asked: Asked) -> Page:
        """The page that is asked for: what is sorted is narrow, only the page's rows are read whole."""
        page = self.found(asked, self.rows.only("pk")).page(asked)
        ids = [row.pk for row in page.rows]
        whole = self.rows.filter(pk__in=ids).select_related(*RELATED)
        by_id = {row.pk: row for row in whole} if ids else {}
        lines = [line_of(by_id[number], self.viewer, self.at) for number in ids]
        self.axis = clocks.axis(self.at, [line.clock for line in lines])
        return replace(page, rows=lines)

    def chunks(self, asked: Asked) -> Iterator[Sequence[Line]]:
        """All rows in pieces."""
        for rows in self.found(asked, self.rows.select_related(*RELATED)).chunks(asked):
            yield [line_of(row, self.viewer, self.at) for row in rows]

    def found(self, asked: Asked, rows: QuerySet[Any]) -> Rows:
        """The rows as a list of the database: without `state`, what is not resolved."""
        return Rows(self.listing, rows if "state" in asked.filters else rows.filter(UNRESOLVED))


@dataclass(frozen=True, slots=True)
class FindingIds:
    """The same rows by nothing but their ids, for verbs over all of them."""

    rows: FindingRows

    def chunks(self, asked: Asked) -> Iterator[Sequence[Any]]:
        """All rows in pieces. `Any`: findings that have an id."""
        return self.rows.found(asked, self.rows.rows.only("pk")).chunks(asked)


def _rows(viewer: Viewer, as_of: datetime | None) -> QuerySet[Any]:
    if as_of is None:
        return Finding.objects.filter(seen_q(viewer))
    revision = revision_at(as_of)
    return FindingEver.objects.filter(seen_q(viewer), since__lte=revision, until__gt=revision)


def listing_for(rows: FindingRows) -> Listing:
    """The list as one request draws it: its axis and the word `me` depend on who looks, and when."""
    return Listing(
        key="findings",
        noun="finding",
        plural="findings",
        sort="left",
        columns=_columns(rows),
        filters=_filters(rows),
        search=("title", "key"),
        search_hint="Search in titles and keys",
        views=VIEWS,
        id=lambda line: line.id,
        first=_when_drawn(lambda: FIRST if rows.never_any else SETTLED),
        first_step=_first_step(rows),
    )


def _when_drawn(words: Callable[[], str]) -> Any:
    """Words that are asked for only when the list is empty. `Any`: Django's lazy text."""
    return lazy(words, str)()


def _first_step(rows: FindingRows) -> tuple[str, str]:
    """Where whoever looks at an empty list goes on: what was settled, else the sources, if they may."""
    may = rows.viewer.may_somewhere("import_sources")

    def told(first: str, settled: str) -> Any:  # Any: Django's lazy text
        return _when_drawn(lambda: settled if not rows.never_any else first if may else "")

    return told("/sources/", "/findings/?state=resolved"), told("To the sources", "What was resolved")


def _columns(rows: FindingRows) -> tuple[Column, ...]:
    return (
        Column("severity", "Severity", lambda line: drawing.sev(line.hue, line.severity_word), sort=("severity", "due_at"), text=lambda line: line.severity, fold="top", fit=True),
        Column("title", "Finding", _title, sort="title", text=lambda line: line.title, head=True),
        Column("owner", "Waits for", _owner, sort=("owner__name", "due_at"), text=lambda line: line.owner, fold="row", fit=True),
        Column("lane", "Opened to due", lambda line: drawing.lane(rows.axis, line.clock), text=lambda line: "", kind="lane", mark=lambda: drawing.lane_head(rows.axis)),
        Column("left", "Time left", _left, sort="due_at", text=lambda line: line.clock.words, kind="num", fold="end", bare=True),
        Column("number", "Number", lambda line: line.number, sort="id", kind="code", shown=False),
        Column("kind", "Kind", lambda line: label(line.kind), sort=("kind", "due_at"), shown=False),
        Column("topic", "Topic", lambda line: label(line.topic), sort=("topic", "due_at"), shown=False),
        Column("place", "Place", lambda line: line.place, text=lambda line: line.place, shown=False),
        Column("state", "State", lambda line: dict(STATES)[line.state], sort=("state", "due_at"), shown=False),
        Column("post", "Office", lambda line: line.post, shown=False),
        Column("opened", "Opened", lambda line: words.moment(line.opened_at), sort="opened_at", text=lambda line: line.opened_at.isoformat(), shown=False),
        Column("due", "Due", lambda line: _moment(line.due_at), sort="due_at", text=lambda line: _iso(line.due_at), shown=False),
        Column("closed", "Resolved", lambda line: _moment(line.closed_at), sort="closed_at", text=lambda line: _iso(line.closed_at), shown=False),
    )  # fmt: skip


def _title(line: Line) -> str:
    return format_html('{} <span class="faint nowrap">{}</span>', link(line.url, line.title), line.number)


def _owner(line: Line) -> str:
    return drawing.owner(line.owner, line.post, line.owner_url, me=line.me, helm=line.helm)


def _left(line: Line) -> str:
    if line.closed_at is not None:
        return soft(f"Resolved {words.stamp(line.closed_at, timezone.localtime())}")
    return drawing.left(line.clock)


def _moment(when: datetime | None) -> str:
    return "" if when is None else words.moment(when)


def _iso(when: datetime | None) -> str:
    return "" if when is None else when.isoformat()


def _filters(rows: FindingRows) -> tuple[Filter, ...]:
    me, now = rows.viewer.person.pk, as_instant(rows.at)
    return (
        Filter("state", "State", field="state", options=lambda viewer: STATES),
        Filter("severity", "Severity", where=_severities, options=lambda viewer: [(word, word.capitalize()) for word in RANKS]),
        Filter("clock", "Clock", where=lambda values: _clocks(values, now), options=lambda viewer: CLOCKS),
        Filter("owner", "Waits for", where=lambda values: Q(owner__in=[me if one == "me" else _number(one) for one in values]), options=lambda viewer: _people(rows), words=lambda viewer, values: _called(rows, values)),
        Filter("kind", "Kind", field="kind", options=lambda viewer: _distinct(rows, "kind")),
        Filter("topic", "Topic", field="topic", options=lambda viewer: _distinct(rows, "topic")),
        Filter("place", "Place", where=_at_place, options=lambda viewer: _places(rows)),
        Filter("opened", "Opened", kind="span", input="date", where=_opened),
    )  # fmt: skip


def _number(text: str) -> int:
    """An id of an address; raises ValueError, which finds nothing."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(text)
    return int(text)


def _severities(values: tuple[str, ...]) -> Q:
    return Q(severity__in=[RANKS.get(value, 0) for value in values])  # type: ignore[call-overload]  # any text


def _clocks(values: tuple[str, ...], now: int) -> Q:
    soon = now + int(SOON.total_seconds()) * 1_000_000
    kinds = {
        "overdue": Q(state="open", due_at__lte=now),
        "soon": Q(state="open", due_at__gt=now, due_at__lte=soon),
        "none": Q(due_at=OPEN),
    }
    fits = Q(pk__in=[])
    for value in values:
        fits |= kinds.get(value, Q(pk__in=[]))
    return fits


def _at_place(values: tuple[str, ...]) -> Q:
    """`f12` is a facility with its units, `u3` a unit, `system` what stands nowhere."""
    fits = Q(pk__in=[])
    for value in values:
        if value == "system":
            fits |= Q(facility=None, unit=None)
        else:
            kind = {"f": "facility", "u": "unit"}.get(value[:1])
            if kind is None:
                raise ValueError(value)
            fits |= Q(**{kind: _number(value[1:])})
    return fits


def _opened(values: tuple[str, ...]) -> Q:
    first, last = values
    fits = Q()
    if first:
        fits &= Q(opened_at__gte=_begin(date.fromisoformat(first)))
    return fits & Q(opened_at__lt=_begin(date.fromisoformat(last) + timedelta(days=1))) if last else fits


def _begin(day: date) -> int:
    return as_instant(timezone.make_aware(datetime.combine(day, time())))


def _distinct(rows: FindingRows, name: str) -> list[tuple[str, str]]:
    found = rows.rows.order_by(name).values_list(name, flat=True).distinct()[:MOST_OPTIONS]
    return [(word, label(word)) for word in found]


def _people(rows: FindingRows) -> list[tuple[str, str]]:
    found = Person.objects.filter(pk__in=rows.rows.filter(UNRESOLVED).values("owner")).order_by("name", "id")
    return [("me", "You"), *((str(one.pk), str(one)) for one in found[:MOST_OPTIONS])]


def _called(rows: FindingRows, values: Sequence[str]) -> dict[str, str]:
    ids = [int(value) for value in values if value.isdecimal() and len(value) < 19]
    return {"me": "you", **{str(one.pk): str(one) for one in Person.objects.filter(pk__in=ids)}}


def _places(rows: FindingRows) -> list[tuple[str, str]]:
    facilities = Facility.objects.filter(pk__in=rows.rows.values("facility")).order_by("name", "id")[
        :MOST_OPTIONS
    ]
    units = Unit.objects.filter(pk__in=rows.rows.values("unit")).select_related("facility")
    return [
        ("system", "The whole system"),
        *((f"f{one.pk}", str(one)) for one in facilities),
        *(
            (f"u{one.pk}", f"{one}, {one.facility}")
            for one in units.order_by("facility__name", "name", "id")[:MOST_OPTIONS]
        ),
    ]
