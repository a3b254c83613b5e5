"""The same pages as it was recorded by a moment: advisories, answers and devices of that day.

A device's profile is told by its own row, so that nothing but the kept tables is read. ADR 0021.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from pilothouse.core.keeping import revision_at, tables
from pilothouse.core.listing import Asked, Listing
from pilothouse.core.listing import Page as ListPage
from pilothouse.core.listing.rows import paged
from pilothouse.core.models import Kept, Past
from pilothouse.core.permissions import Viewer
from pilothouse.exposure.actions.taking import unpacked
from pilothouse.exposure.models import Advisory, Cve, CvePast, Document, Vulnerability, VulnerabilityPast
from pilothouse.exposure.reads.advisories import MOST_KINDS, Page, kinds_of, lines_of, sql_places
from pilothouse.exposure.reads.telling import Said, read_document
from pilothouse.exposure.rules import plain_title
from pilothouse.kernel.text import fold
from pilothouse.kernel.times import as_datetime

_UTC: Final = ZoneInfo("UTC")
_TEXTS: Final = ("maker", "model", "name", "os", "firmware")
_SHOWN: Final = ("tracking", "publisher", "version", "released", "title", "makers", "severity", "score", "kev", "search")  # fmt: skip


@dataclass(slots=True)
class PastRow:
    """An advisory as it was known, as the list draws it."""

    pk: int
    tracking: str
    publisher: str
    version: str
    released: int
    title: str
    makers: str
    severity: str
    score: int
    kev: bool
    search: str
    affected: int = 0
    possible: int = 0
    epss: str = ""
    keys: tuple[Any, ...] = field(default=())


def stood(model: type[Kept], columns: Sequence[str], revision: int, where: str = "1 = 1") -> str:
    """SQL for the rows of a kept table as they stood: (record, columns …). where: over the columns and nothing of a stranger's."""
    table, told = tables()[model], ", ".join(f'"{name}"' for name in columns)
    now = f"SELECT id AS record, {told} FROM {table.name} WHERE since <= {revision:d} AND {where}"
    past = f"SELECT record, {told} FROM {table.past_name} WHERE since <= {revision:d} AND until > {revision:d} AND {where}"
    return f"{now} UNION ALL {past}"


def _answers(revision: int, places: str, advisory: int | None = None) -> str:
    """Common table expressions `devices` (texts, n), `profiles` and `answers` as they stood."""
    from pilothouse.equipment.models import Equipment
    from pilothouse.exposure.models import Exposure, Profile

    one = "1 = 1" if advisory is None else f"advisory_id = {advisory:d}"
    texts = ", ".join(f'd."{name}"' for name in _TEXTS)
    devices = stood(Equipment, (*_TEXTS, "facility_id", "unit_id", "stage"), revision, f"stage <> 'retired' AND {places}")  # fmt: skip
    return (
        f"WITH devices AS (SELECT {texts}, count(*) AS n FROM ({devices}) d GROUP BY {texts}),"
        f" profiles AS ({stood(Profile, _TEXTS, revision)}),"
        f" answers AS ({stood(Exposure, ('profile_id', 'advisory_id', 'status', 'reason', 'lines'), revision, one)})"
    )


def _bearing() -> str:
    return " AND ".join(f'd."{name}" = p."{name}"' for name in _TEXTS)


@functools.lru_cache(maxsize=64)
def _counts(revision: int, places: str, seal: str) -> dict[int, tuple[int, int]]:
    """By advisory: devices affected, and possibly so. The past does not change, so that an answer is kept. seal: of the revision."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_answers(revision, places)} SELECT a.advisory_id, sum(CASE a.status WHEN 'affected' THEN d.n ELSE 0 END),"
            " sum(CASE a.status WHEN 'possible' THEN d.n ELSE 0 END) FROM answers a JOIN profiles p ON p.record = a.profile_id"
            f" JOIN devices d ON {_bearing()} GROUP BY a.advisory_id"
        )
        return {number: (int(affected), int(possible)) for number, affected, possible in cursor.fetchall()}


def _seal(revision: int) -> str:
    from pilothouse.core.models import Revision

    return Revision.objects.filter(pk=revision).values_list("seal", flat=True).first() or ""


class PastAdvisories:
    """The list's rows at a moment; some thousands, filtered and sorted here."""

    def __init__(self, listing: Listing, viewer: Viewer, moment: datetime) -> None:
        self.listing = listing
        self.viewer = viewer
        self.revision = revision_at(moment)

    def page(self, asked: Asked) -> ListPage:
        """The page that is asked for."""
        rows = self._rows(asked)
        backwards = asked.before is not None
        start = asked.before or asked.after
        if backwards:
            rows.reverse()
        if start is not None:
            at = next((n for n, row in enumerate(rows) if row.pk == start.id), -1)
            behind = rows[at + 1 :]
        else:
            behind = rows
        more, got = len(behind) > self.listing.size, behind[: self.listing.size]
        if backwards:
            got.reverse()
        keys = [((), row.pk) for row in got]
        return paged(got, keys, asked, more, len(rows))

    def chunks(self, asked: Asked) -> Iterator[Sequence[PastRow]]:
        """All rows."""
        yield self._rows(asked)

    def _rows(self, asked: Asked) -> list[PastRow]:
        with connection.cursor() as cursor:
            cursor.execute(stood(Advisory, _SHOWN, self.revision))
            rows = [PastRow(record, *rest) for record, *rest in cursor.fetchall()]
        counts = _counts(self.revision, sql_places(self.viewer, ""), _seal(self.revision))
        for row in rows:
            row.affected, row.possible = counts.get(row.pk, (0, 0))
        kept = [row for row in rows if _fits(row, asked)]
        names = [name for name in asked.by.keys if name in _NAMES]
        kept.sort(key=lambda row: (*(getattr(row, name) for name in names), row.pk), reverse=asked.down)
        return kept


_NAMES: Final = frozenset(one.name for one in fields(PastRow))


def _fits(row: PastRow, asked: Asked) -> bool:
    """Whether a row fits the filters of `lists.ADVISORIES`."""
    here = {"affected": row.affected > 0, "possible": row.possible > 0, "none": not (row.affected or row.possible)}  # fmt: skip
    tests: dict[str, Callable[[str], bool]] = {
        "here": lambda value: here.get(value, False),
        "severity": lambda value: row.severity == ("" if value == "unknown" else value),
        "kev": lambda value: bool(row.kev) == (value == "yes"),
        "maker": lambda value: value.lower() in row.makers.lower(),
        "publisher": lambda value: value.lower() in row.publisher.lower(),
        "cve": lambda value: value.lower() in row.search,
    }
    words = asked.text.lower().split()[:10]
    return all(
        any(tests[name](value) for value in values) for name, values in asked.filters.items() if name in tests
    ) and all(word in row.search or (fold(word) or word) in row.search for word in words)


def past_page(viewer: Viewer, number: int, moment: datetime) -> Page:
    """An advisory's page as it was recorded by a moment. Raises Advisory.DoesNotExist when nobody knew of it then."""
    revision = revision_at(moment)
    columns = ("tracking", "publisher", "version", "released", "title", "makers", "severity", "score", "kev")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({stood(Advisory, columns, revision)}) s WHERE record = %s", [number])
        row = cursor.fetchone()
        if row is None:
            raise Advisory.DoesNotExist
        advisory = Advisory(pk=number, **dict(zip(columns, row[1:], strict=True)))
        cursor.execute(f"SELECT packed FROM ({stood(Document, ('packed',), revision)}) s WHERE record = %s", [number])  # fmt: skip
        said = _read(cursor.fetchone()[0])
        cursor.execute(
            f"{_answers(revision, sql_places(viewer, ''), number)} SELECT a.status, p.maker, p.model, p.name, p.firmware, a.reason, a.lines, d.n"
            f" FROM answers a JOIN profiles p ON p.record = a.profile_id JOIN devices d ON {_bearing()}"
        )
        kinds, counts = kinds_of(cursor.fetchall())
    rows = sorted(_stood(Vulnerability, VulnerabilityPast, revision, advisory=number), key=lambda one: one.place)  # fmt: skip
    cves = _stood(Cve, CvePast, revision, name__in=[one.name for one in rows])
    lines = lines_of(rows, cves, said)
    return Page(
        advisory=advisory,
        title=plain_title(advisory.title),
        released=as_datetime(advisory.released, _UTC),
        said=said,
        lines=lines,
        kinds=kinds[:MOST_KINDS],
        more_kinds=max(0, len(kinds) - MOST_KINDS),
        counts=counts,
        elsewhere=(),
        findings=(),
        epss=max((line.epss for line in lines), key=lambda text: float(text or 0), default=""),
    )


def _read(packed: str) -> Said:

    return read_document(json.loads(unpacked(packed)))


def _stood(
    model: type[Kept], past: type[Past], revision: int, **where: Any
) -> list[Any]:  # Any: rows of either table
    return [
        *model.objects.filter(since__lte=revision, **where),
        *past.objects.filter(since__lte=revision, until__gt=revision, **where),
    ]
