"""One position as its page shows it: who holds it, what it answers for, who stands in, its history. Constant queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse

from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import among, tables
from pilothouse.core.models import Facility, Kept, Person, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import moment
from pilothouse.governance import models as m
from pilothouse.governance.command.seeing import seen_sql
from pilothouse.governance.command.versions import OF_POSITION
from pilothouse.governance.loading import Line, chain_zone, lines_of
from pilothouse.governance.recorded import recorded
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_datetime, as_instant

MOST: Final = 60
"""Rows of one sort on the page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with a time: what it says, its state (now, to come, over), from and until, and where it is ended or None."""

    id: int
    name: str
    words: str
    state: str
    start: datetime | None
    end: datetime | None
    url: str = ""
    end_url: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A change of the position in its timeline."""

    at: datetime
    text: str
    url: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the way up, as `kit/climb.html` draws it."""

    state: str
    post: str
    holder: str
    words: str


@dataclass(frozen=True, slots=True)
class PositionPage:
    """Everything the page of one position shows."""

    id: int
    key: str
    title: str
    place: str
    helm: bool
    start: datetime | None
    end: datetime | None
    holder: Row | None
    holder_away: Row | None
    empty_words: str
    appointments: Sequence[Row]
    mandates: Sequence[Row]
    delegations: Sequence[Row]
    shifts: Sequence[Row]
    absences: Sequence[Row]
    below: Sequence[tuple[str, str]]
    way_up: Sequence[Rung]
    history: Sequence[Moment]
    may_edit: bool
    may_delegate: bool


def position_page(viewer: Viewer, position: int, at: datetime, revision: int | None = None) -> PositionPage:
    """The position at a moment, as recorded at a revision. Raises NotFound for one that is hidden or was not there."""
    read = _Read(viewer, position, as_instant(at), revision)
    id_, key, title, facility, unit, helm, start, end, facility_name, unit_name, above = read.itself
    appointments = read.rows(
        m.Appointment, "CASE WHEN t.kind = 'holder' THEN 'Holder' ELSE 'Deputy' END, COALESCE(t.rank, 0)", "appointment",
        "CASE WHEN t.kind = 'holder' THEN 0 ELSE 1 END, t.rank, t.start", lambda kind, rank: f"{kind}{f' {rank}' if rank else ''}",
    )  # fmt: skip
    holder = next((row for row in appointments if row.state == "now" and row.words == "Holder"), None)
    ended = [row.end for row in appointments if row.words == "Holder" and row.state == "over" and row.end]
    people = {row.url for row in appointments if row.state != "over"}
    absences = read.absences({int(url.rstrip("/").rsplit("/", 1)[1]) for url in people})
    gone = next((row for row in absences if holder and row.state == "now" and row.url == holder.url), None)
    may_edit = revision is None and viewer.scope("edit_chain").holds(facility=facility or above, unit=unit)
    return PositionPage(
        id=id_,
        key=key,
        title=title or key,
        place=unit_name or facility_name or "the whole system",
        helm=bool(helm),
        start=read.shown(start),
        end=read.shown(end),
        holder=holder,
        holder_away=gone,
        empty_words=f"empty since {moment(max(ended))}" if ended else "never held",
        appointments=appointments,
        mandates=read.mandates(),
        delegations=read.rows(m.Delegation, "t.topic", "delegation", "t.start DESC", topic_words),
        shifts=read.rows(m.Shift, "''", "shift", "t.start", lambda _: "on duty", only_from=True),
        absences=absences,
        below=read.below(),
        way_up=read.way_up(),
        history=read.history(),
        may_edit=may_edit,
        may_delegate=may_edit or (revision is None and holder is not None and holder.url == _person_url(viewer.person.pk)),
    )  # fmt: skip


def topic_words(topic: str) -> str:
    """A topic as people say it."""
    return "Everything" if topic == "*" else topic.replace("_", " ").capitalize()


def _sum(most: str) -> str:
    """`100,000` or `99.50`."""
    whole, _, rest = most.partition(".")
    return f"{int(whole):,}{f'.{rest}' if rest else ''}"


def _person_url(person: int) -> str:
    return reverse("person_page", args=[person])


class _Read:
    """The queries of one page. `Any`: what the tables hold."""

    def __init__(self, viewer: Viewer, position: int, at: Instant, revision: int | None) -> None:
        self.viewer, self.position, self.at, self.revision = viewer, position, at, revision
        self.zone: ZoneInfo = chain_zone()
        found = lines_of(
            f"""SELECT p.id, p.key, p.title, p.facility_id, p.unit_id, p.helm, p.start, p."end", f.name, u.name, u.facility_id
            FROM {self._of(m.Position)} p LEFT JOIN {self._of(Facility)} f ON f.id = p.facility_id
            LEFT JOIN {self._of(Unit)} u ON u.id = p.unit_id WHERE p.id = %s AND {seen_sql(viewer)}""",
            [position],
        )
        if not found:
            raise NotFound("There is no such position")
        self.itself = found[0]

    def _of(self, model: type[Kept]) -> str:
        return recorded(model, self.revision)

    def shown(self, instant: Instant) -> datetime | None:
        """The moment on the chain's clock; None for always and open."""
        return None if instant in (ALWAYS, OPEN) else as_datetime(instant, self.zone)

    def _row(self, kind: str, record: int, name: str, words: str, start: Instant, end: Instant, person: int | None) -> Row:  # fmt: skip
        state = "now" if start <= self.at < end else "to come" if start > self.at else "over"
        url = "" if person is None else _person_url(person)
        stop = reverse("chain_end", args=[kind, record]) if state != "over" and self.revision is None else ""
        return Row(record, name, words, state, self.shown(start), self.shown(end), url, stop)

    def rows(self, model: type[Kept], said: str, kind: str, order: str, words: Any, *, only_from: bool = False) -> list[Row]:  # fmt: skip
        """Rows of a person at this position. said: SQL of what `words` turns into words."""
        still = f'AND t."end" > {self.at:d}' if only_from else ""
        found = lines_of(
            f'SELECT t.id, h.id, h.name, h.key, t.start, t."end", {said} FROM {self._of(model)} t JOIN {self._of(Person)} h ON h.id = t.person_id '
            f"WHERE t.position_id = %s {still} ORDER BY {order} LIMIT {MOST}",
            [self.position],
        )
        return [
            self._row(kind, record, name or key, words(*cells), start, end, person)
            for record, person, name, key, start, end, *cells in found
        ]

    def mandates(self) -> list[Row]:
        """What the position answers for."""
        found = lines_of(
            f"""SELECT t.id, t.topic, f.name, f.key, u.name, u.key, t.most, t.currency, t.start, t."end" FROM {self._of(m.Mandate)} t
            LEFT JOIN {self._of(Facility)} f ON f.id = t.facility_id LEFT JOIN {self._of(Unit)} u ON u.id = t.unit_id
            WHERE t.position_id = %s ORDER BY t.topic, t.start LIMIT {MOST}""",
            [self.position],
        )
        rows = []
        for record, topic, f_name, f_key, u_name, u_key, most, currency, start, end in found:
            place = u_name or u_key or f_name or f_key or "the whole system"
            limit = f", up to {_sum(most)} {currency}".rstrip() if most else ""
            named = "Everything else" if topic == "*" else topic_words(topic)
            rows.append(self._row("mandate", record, named, place + limit, start, end, None))
        return rows

    def absences(self, people: set[int]) -> list[Row]:
        """When those who are appointed are away, now and later."""
        one, ids = among(people)
        found = lines_of(
            f'SELECT t.id, h.id, h.name, h.key, t.start, t."end" FROM {self._of(m.Absence)} t JOIN {self._of(Person)} h ON h.id = t.person_id '
            f'WHERE t.person_id {one} AND t."end" > %s ORDER BY t.start LIMIT {MOST}',
            [ids, self.at],
        )
        return [
            self._row("absence", record, name or key, "away", start, end, person)
            for record, person, name, key, start, end in found
        ]

    def below(self) -> list[tuple[str, str]]:
        """Who reports to it: title and address."""
        found = lines_of(
            f'SELECT p.id, p.title, p.key FROM {self._of(m.Position)} p WHERE p.reports_to_id = %s AND p.start <= %s AND p."end" > %s AND {seen_sql(self.viewer)} ORDER BY p.title LIMIT {MOST}',
            [self.position, self.at, self.at],
        )
        return [(title or key, reverse("position_page", args=[record])) for record, title, key in found]

    def way_up(self) -> list[Rung]:
        """From the helm down to it, with who holds each."""
        found = lines_of(
            f"""WITH RECURSIVE up(id, depth) AS (SELECT CAST({self.position:d} AS bigint), 0 UNION ALL
                SELECT b.reports_to_id, up.depth + 1 FROM up JOIN {self._of(m.Position)} b ON b.id = up.id
                WHERE b.reports_to_id IS NOT NULL AND up.depth < 60)
            SELECT up.depth, p.title, p.key, h.name, h.key FROM up JOIN {self._of(m.Position)} p ON p.id = up.id
            LEFT JOIN {self._of(m.Appointment)} a ON a.position_id = p.id AND a.kind = 'holder' AND a.start <= %s AND a."end" > %s
            LEFT JOIN {self._of(Person)} h ON h.id = a.person_id ORDER BY up.depth DESC""",
            [self.at, self.at],
        )
        return [self._rung(*line) for line in found]

    @staticmethod
    def _rung(depth: int, title: str, key: str, name: str | None, person: str | None) -> Rung:
        held = name or person or ""
        state = "above" if depth else "holds" if held else "passed"
        return Rung(state, title or key, held, "" if held else "Empty: a question goes on up")

    def history(self) -> list[Moment]:
        """What was done with it, newest first, as far as the revision that is looked at."""
        upto = (1 << 62) if self.revision is None else self.revision
        parts = [_numbers(m.Position, "id", "record", self.position)]
        parts += [_numbers(model, "position_id", "position_id", self.position) for model in OF_POSITION]
        found: list[Line] = lines_of(
            f"""SELECT r.at, r.note, r.verb, h.name, h.key FROM core_revision r LEFT JOIN core_person h ON h.id = r.by_id
            WHERE r.id <= {upto:d} AND r.id IN ({" UNION ".join(parts)}) ORDER BY r.id DESC LIMIT 30"""
        )
        return [
            Moment(
                _moment(at), f"{note or verb.replace('_', ' ')}{f', by {name or key}' if name or key else ''}"
            )
            for at, note, verb, name, key in found
        ]


def _numbers(model: type[Kept], now: str, past: str, record: int) -> str:
    table = tables()[model]
    return (
        f"SELECT since FROM {table.name} WHERE {now} = {record:d} UNION SELECT since FROM {table.past_name} WHERE {past} = {record:d} "
        f"UNION SELECT until FROM {table.past_name} WHERE {past} = {record:d}"
    )


def _moment(at: Any) -> datetime:  # Any: what a driver makes of a moment
    from datetime import UTC

    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read if read.tzinfo else read.replace(tzinfo=UTC)
