"""What feeds say, into the tables: only what is new or newer is written, all of it in one revision."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from pilothouse.core.keeping import Row, Writing, tables, writing
from pilothouse.core.models import Kept, Person
from pilothouse.exposure.advisories import Advisory as Told
from pilothouse.exposure.models import Advisory, Cve, Document, Vulnerability
from pilothouse.exposure.rules import severity_of, tenths_of
from pilothouse.exposure.sources import Feeds
from pilothouse.exposure.sources.exploitation import Exploited, read_epss
from pilothouse.kernel.text import fold
from pilothouse.kernel.times import as_instant
from pilothouse.kernel.versions import version_key


@dataclass(slots=True)
class Taken:
    """What a sync wrote, in numbers. superseded: older revisions than what stands."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    superseded: int = 0
    exploitation: int = 0

    def counts(self) -> dict[str, int]:
        """For a job's result."""
        return asdict(self)

    @property
    def wrote(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.new or self.changed or self.exploitation)


def take(
    feeds: Feeds,
    *,
    by: Person | None,
    at: datetime,
    note: str = "",
    alive: Callable[[], None] | None = None,
) -> Taken:
    """Write what the feeds say beyond what stands. The same feeds again write nothing.

    An older revision than the one that stands is left out; the same revision with another text replaces it. note: where it came
    from; alive: called within the transaction, so that a job that is no longer its worker's writes nothing.
    """
    taken = Taken()
    with writing(by=by, at=at, verb="sync_advisories") as w:
        if alive is not None:
            alive()
        _Advisories(w, feeds, taken).write()
        _exploitation(w, feeds, taken)
        _mark_exploited(w)
    return taken


def stored_rows(model: type[Kept], where: str = "", parameters: Iterable[Any] = ()) -> dict[int, Row]:
    """The rows of a kept table by id, in the order of `keeping.Table.columns`. `Any`: SQL parameters."""
    from django.db import connection

    table = tables()[model]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {', '.join(table.columns)} FROM {table.name} {where}", list(parameters))
        return {
            record: tuple(bool(v) if i in table.flags else v for i, v in enumerate(row))
            for record, *row in cursor.fetchall()
        }


def packed(document: bytes) -> str:
    """A document's zlib bytes as the table holds them."""
    return base64.b64encode(document).decode("ascii")


def unpacked(text: str) -> bytes:
    """The publisher's own bytes."""
    return zlib.decompress(base64.b64decode(text))


_ADVISORY = ("tracking", "publisher", "version", "released", "title", "makers", "severity", "score", "kev", "products", "digest", "search")  # fmt: skip


@dataclass(slots=True)
class _Advisories:
    """Writes advisories with their documents and vulnerabilities."""

    w: Writing
    feeds: Feeds
    taken: Taken

    def write(self) -> None:
        standing = {
            tracking: (record, released, version, digest, kev)
            for record, tracking, released, version, digest, kev in Advisory.objects.values_list(
                "id", "tracking", "released", "version", "digest", "kev"
            )
        }
        new: list[Told] = []
        changed: list[tuple[int, Told, bool]] = []
        for told in self.feeds.advisories:
            present = standing.get(told.id)
            if present is None:
                new.append(told)
            elif _digest(self.feeds.documents[told.id]) == present[3]:
                self.taken.unchanged += 1
            elif _revision(told) < (present[1], version_key(present[2])):
                self.taken.superseded += 1
            else:
                changed.append((present[0], told, present[4]))
        self._add(new)
        self._replace(changed)

    def _add(self, new: list[Told]) -> None:
        ids = self.w.new_ids(Advisory, len(new)) if new else range(0)
        pairs = list(zip(ids, new, strict=True))
        self.w.insert(Advisory, [(record, self._row(told, kev=False)) for record, told in pairs])
        self.w.insert(Document, [(record, (packed(self.feeds.documents[told.id]),)) for record, told in pairs])  # fmt: skip
        lines = [line for record, told in pairs for line in vulnerability_rows(record, told)]
        if lines:
            numbers = self.w.new_ids(Vulnerability, len(lines))
            self.w.insert(Vulnerability, list(zip(numbers, lines, strict=True)))
        self.taken.new = len(new)

    def _replace(self, changed: list[tuple[int, Told, bool]]) -> None:
        self.taken.changed = len(changed)
        if not changed:
            return
        self.w.overwrite(Advisory, [(record, self._row(told, kev=kev)) for record, told, kev in changed])
        self.w.overwrite(Document, [(record, (packed(self.feeds.documents[told.id]),)) for record, told, _ in changed])  # fmt: skip
        marks = ", ".join(["%s"] * len(changed))
        present = stored_rows(Vulnerability, f"WHERE advisory_id IN ({marks})", [record for record, *_ in changed])  # fmt: skip
        by_name = {(row[0], row[2]): record for record, row in present.items()}
        wanted = {(row[0], row[2]): row for record, told, _ in changed for row in vulnerability_rows(record, told)}  # fmt: skip
        write_difference(self.w, Vulnerability, by_name, present, wanted)

    def _row(self, told: Told, *, kev: bool) -> Row:
        makers = list(dict.fromkeys(leaf.vendor for leaf in told.leaves if leaf.vendor))
        score = max((tenths_of(v.cvss) for v in told.vulnerabilities), default=0)
        names = " ".join(dict.fromkeys(v.id for v in told.vulnerabilities))
        products = dict.fromkeys(leaf.product for leaf in told.leaves)
        values: dict[str, Any] = {
            "tracking": told.id,
            "publisher": told.publisher,
            "version": told.version,
            "released": as_instant(told.released),
            "title": told.title,
            "makers": ", ".join(makers),
            "severity": severity_of(score),
            "score": score,
            "kev": kev,
            "products": len(told.leaves),
            "digest": _digest(self.feeds.documents[told.id]),
            "search": "\n".join(
                (f"{told.id} {names}".lower(), fold(f"{told.title} {' '.join(makers)} {' '.join(products)}"))
            ),
        }
        return tuple(values[name] for name in _ADVISORY)


def write_difference(
    w: Writing,
    model: type[Kept],
    ids: Mapping[Any, int],
    present: Mapping[int, Row],
    wanted: Mapping[Any, Row],
) -> int:
    """Bring the rows that stand (ids by key) to those wanted by key; what is alike is left alone. `Any`: keys of the caller's."""
    new = [row for key, row in wanted.items() if key not in ids]
    other = [(ids[key], row) for key, row in wanted.items() if key in ids and present[ids[key]] != row]
    gone = [record for key, record in ids.items() if key not in wanted]
    if new:
        w.insert(model, list(zip(w.new_ids(model, len(new)), new, strict=True)))
    if other:
        w.overwrite(model, other)
    if gone:
        w.remove(model, gone)
    return len(new) + len(other) + len(gone)


def vulnerability_rows(advisory: int, told: Told) -> list[Row]:
    """The lines of an advisory; one that is told twice counts once, with its higher score, as it does in the engine."""
    rows: dict[str, Row] = {}
    for place, one in enumerate(told.vulnerabilities):
        before = rows.get(one.id)
        if before is None or tenths_of(one.cvss) > tenths_of(before[3]):
            rows[one.id] = (advisory, place if before is None else before[1], one.id, one.cvss, one.vector, one.weakness)  # fmt: skip
    return list(rows.values())


def _digest(document: bytes) -> str:
    return hashlib.sha256(zlib.decompress(document)).hexdigest()


def _revision(told: Told) -> tuple[int, str]:
    return as_instant(told.released), version_key(told.version)


def _exploitation(w: Writing, feeds: Feeds, taken: Taken) -> None:
    """KEV's whole catalogue, and the scores of the vulnerabilities that an advisory names."""
    present = stored_rows(Cve)
    ids = {row[0]: record for record, row in present.items()}
    named = set(Vulnerability.objects.values_list("name", flat=True).distinct())
    wanted = {name: row for name, record in ids.items() if (row := present[record])}
    for name in named - wanted.keys():
        wanted[name] = (name, False, "", "", False, "")
    if feeds.exploited is not None:
        _told_exploited(wanted, feeds.exploited)
    content = _scores(feeds, fresh=bool(named - ids.keys()))
    if content is not None:
        scores = read_epss(content, named)
        for name in named:
            wanted[name] = (*wanted[name][:5], scores.get(name, ""))
    taken.exploitation = write_difference(w, Cve, ids, present, wanted)


def _told_exploited(wanted: dict[str, Row], catalogue: Exploited) -> None:
    """What the catalogue no longer lists is not known to be exploited any more; its days stay as they were told."""
    for name, row in list(wanted.items()):
        if row[1] and name not in catalogue.entries:
            wanted[name] = (name, False, *row[2:])
    for name, known in catalogue.entries.items():
        epss = wanted[name][5] if name in wanted else ""
        wanted[name] = (name, True, known.added, known.due, known.ransomware, epss)


def scores_file() -> Path:
    """Where the last EPSS file is kept, for vulnerabilities that are first named by a later sync."""
    return Path(settings.MEDIA_ROOT) / "feeds" / "epss-kept.zlib"


def _scores(feeds: Feeds, *, fresh: bool) -> bytes | None:
    file = scores_file()
    if feeds.scores is not None:
        day, content = feeds.scores
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".part")
        temporary.write_bytes(zlib.compress(content, 1))
        temporary.replace(file)
        file.with_suffix(".json").write_text(json.dumps({"day": day}), "utf-8")
        return content
    if fresh and file.exists():
        return zlib.decompress(file.read_bytes())
    return None


def _mark_exploited(w: Writing) -> None:
    """An advisory is exploited when one of its vulnerabilities is."""
    exploited = set(
        Vulnerability.objects.filter(name__in=Cve.objects.filter(kev=True).values("name")).values_list(
            "advisory_id", flat=True
        )
    )
    marked = set(Advisory.objects.filter(kev=True).values_list("id", flat=True))
    other = sorted(exploited ^ marked)
    if other:
        rows = stored_rows(Advisory, f"WHERE id IN ({', '.join(map(str, other))})")
        flag = _ADVISORY.index("kev")
        w.overwrite(
            Advisory,
            [(record, (*row[:flag], record in exploited, *row[flag + 1 :])) for record, row in rows.items()],
        )
