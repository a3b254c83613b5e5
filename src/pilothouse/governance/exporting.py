"""The chain of command as the files it could have come from: read again, they give the same answers.

Source: docs/domains/governance.md, "As files".
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pilothouse.governance.chain import facilities
from pilothouse.governance.sources.layout import LAYOUTS
from pilothouse.governance.words import Place, Rows, no_rows
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_datetime, zone
from pilothouse.kernel.writing import Outputs, write_rows

COLUMNS = {layout.kind: (*layout.columns, *layout.optional) for layout in LAYOUTS}


def write_files(rows: Rows, folder: Path) -> None:
    """Write the nine files into a folder, all or none."""
    with Outputs(folder) as outputs:
        for kind, columns in COLUMNS.items():
            outputs.rows(f"{kind}.csv", records(rows, kind), columns)


def as_zip(rows: Rows) -> bytes:
    """The nine files in one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind, columns in COLUMNS.items():
            one = io.BytesIO()
            write_rows(one, records(rows, kind), columns)
            archive.writestr(f"{kind}.csv", one.getvalue())
    return packed.getvalue()


def records(rows: Rows, kind: str) -> Iterator[Sequence[object]]:
    """The records of one file, in the order of `COLUMNS`."""
    times = _Times(rows.zone)
    if kind == "units":
        names = facilities(rows)
        for unit in rows.units:
            yield (
                unit.id,
                unit.facility,
                unit.name,
                names[unit.facility].name,
                *times.span(unit.start, unit.end),
            )
    elif kind == "positions":
        for p in rows.positions:
            yield p.id, p.title, *_scope(p.scope), p.reports_to, "yes" if p.helm else "", *times.span(p.start, p.end)  # fmt: skip
    elif kind == "people":
        for h in rows.people:
            tested = "" if h.tested_on is None else times.text(h.tested_on)
            yield h.id, h.name, h.email, h.phone, tested, {True: "yes", False: "no", None: ""}[h.test_ok]
    elif kind == "appointments":
        for a in rows.appointments:
            yield a.person, a.position, a.kind, a.order, *times.span(a.start, a.end)
    elif kind == "mandates":
        for m in rows.mandates:
            most = None if m.limit is None else format(m.limit, "f")
            yield m.topic, *_scope(m.scope), m.position, most, m.currency, *times.span(m.start, m.end)
    elif kind == "absences":
        for b in rows.absences:
            yield b.person, *times.span(b.start, b.end)
    elif kind == "roster":
        for s in rows.shifts:
            yield s.position, s.person, *times.span(s.start, s.end)
    elif kind == "delegations":
        for d in rows.delegations:
            yield d.position, d.topic, d.person, *times.span(d.start, d.end)
    else:
        yield "tz", rows.zone.key


def cells(kind: str, row: Any, shown_in: ZoneInfo) -> dict[str, str]:
    """One row of a kind as its file would say it, by column. `Any`: a row of the kind's own dataclass."""
    alone: dict[str, Any] = {"shifts" if kind == "roster" else kind: (row,)}
    record = next(records(replace(no_rows(shown_in), **alone), kind))
    texts = ("" if value is None else str(value) for value in record)
    return {name: text for name, text in zip(COLUMNS[kind], texts, strict=True) if text}


def _scope(place: Place) -> tuple[str, str]:
    return place.kind, place.id or ""


class _Times:
    """Writes instants so that every reader gets the same instant back."""

    def __init__(self, shown_in: ZoneInfo) -> None:
        self.zone = shown_in
        self._known: dict[Instant, str] = {ALWAYS: "", OPEN: ""}

    def span(self, start: Instant, end: Instant) -> tuple[str, str]:
        """`from` and `to`."""
        return self.text(start), self.text(end)

    def text(self, instant: Instant) -> str:
        """The wall clock's time with its offset; that of UTC where the offset is no whole minute."""
        if instant not in self._known:
            shown = as_datetime(instant, self.zone)
            offset = shown.utcoffset()
            if offset is not None and offset.seconds % 60:
                shown = as_datetime(instant, zone("UTC"))
            self._known[instant] = shown.isoformat()
        return self._known[instant]
