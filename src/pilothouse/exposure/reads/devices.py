"""What the advisories say of one device, now or as it was recorded then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from pilothouse.core.keeping import tables
from pilothouse.core.models import Kept, Revision
from pilothouse.equipment.models import Equipment
from pilothouse.exposure.models import Advisory, Cve, Exposure, Profile, Vulnerability
from pilothouse.exposure.reads.advisories import TRUTHS, epss_words, score_words
from pilothouse.exposure.rules import plain_title, severity_of, tenths_of

_RANK: Final = {"affected": 0, "possible": 1, "not_affected": 2}
_TEXTS: Final = ("maker", "model", "name", "os", "firmware")


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One vulnerability of one advisory, with its answer for the device. severity: empty where nothing is known of it."""

    status: str
    reason: str
    vulnerability: str
    weakness: str
    advisory: int
    tracking: str
    publisher: str
    title: str
    cvss: str
    severity: str
    epss: str
    kev: bool

    @property
    def truth(self) -> str:
        """How the kit calls the answer."""
        return TRUTHS[self.status]

    @property
    def shown_severity(self) -> str:
        """The severity's colour; none where the device is not affected: a harmless 7.5 is grey."""
        return "none" if self.status == "not_affected" else self.severity

    @property
    def score(self) -> str:
        """`Medium 4.2`."""
        return score_words(self.severity, self.cvss)

    @property
    def epss_words(self) -> str:
        """The probability in percent."""
        return epss_words(self.epss)


@dataclass(frozen=True, slots=True)
class DeviceExposure:
    """Everything the advisories say of a device. judged: False while its present name or version has not been matched yet."""

    judged: bool
    lines: Sequence[DeviceLine]
    advisories: int
    affected: int
    possible: int


def device_exposure(equipment_id: int, revision: int | None = None) -> DeviceExposure:
    """Six queries. revision: as it was recorded then; the caller has made sure that the device may be seen."""
    device = _rows(Equipment, _TEXTS, "{id} = %s", [equipment_id], revision)
    if not device:
        return DeviceExposure(False, (), 0, 0, 0)
    texts = device[0][1:]
    condition = " AND ".join(f"{_quoted(name)} = %s" for name in _TEXTS)
    profiles = _rows(Profile, ("key",), condition, list(texts), revision)
    if not profiles:
        return DeviceExposure(False, (), 0, 0, 0)
    told = _rows(Exposure, ("advisory_id", "status", "reason", "lines"), "profile_id = %s", [profiles[0][0]], revision)  # fmt: skip
    lines = _lines(told, revision)
    worst = [row[2] for row in told]
    return DeviceExposure(True, lines, len(told), worst.count("affected"), worst.count("possible"))


def _lines(told: Sequence[tuple[Any, ...]], revision: int | None) -> list[DeviceLine]:
    ids = [row[1] for row in told]
    if not ids:
        return []
    marks = ", ".join(["%s"] * len(ids))
    advisories = {row[0]: row[1:] for row in _rows(Advisory, ("tracking", "publisher", "title"), f"{{id}} IN ({marks})", ids, revision)}  # fmt: skip
    rows = _rows(Vulnerability, ("advisory_id", "place", "name", "cvss", "weakness"), f"advisory_id IN ({marks})", ids, revision)  # fmt: skip
    names = sorted({row[3] for row in rows})
    cves = {row[1]: row[2:] for row in _rows(Cve, ("name", "kev", "epss"), f"name IN ({', '.join(['%s'] * len(names))})", names, revision)} if names else {}  # fmt: skip
    answers = {row[1]: (row[2], row[3], json.loads(row[4]) if row[4] else None) for row in told}
    found = []
    for _, advisory, place, name, cvss, weakness in rows:
        status, reason, own = answers[advisory]
        if advisory not in advisories or (own is not None and name not in own):
            continue
        status, reason = (own or {}).get(name) or (status, reason)
        tracking, publisher, title = advisories[advisory]
        kev, epss = cves.get(name, (False, ""))
        line = DeviceLine(status, reason, name, weakness, advisory, tracking, publisher, plain_title(title), cvss, severity_of(tenths_of(cvss)), epss, bool(kev))  # fmt: skip
        found.append((_RANK[status], not kev, -tenths_of(cvss), tracking, place, line))
    return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])]


def _rows(model: type[Kept], names: Sequence[str], condition: str, parameters: Sequence[Any], revision: int | None) -> list[tuple[Any, ...]]:  # fmt: skip
    """(id, columns …) of a kept table where the condition holds, now or as it was recorded. `Any`: SQL. {id}: the record's id."""
    table = tables()[model]
    columns = ", ".join(_quoted(name) for name in names)
    now = f"SELECT id, {columns} FROM {table.name} WHERE {condition.format(id='id')}"
    with connection.cursor() as cursor:
        if revision is None:
            cursor.execute(now, list(parameters))
        else:
            past = f"SELECT record, {columns} FROM {table.past_name} WHERE {condition.format(id='record')}"
            cursor.execute(
                f"{now} AND since <= %s UNION ALL {past} AND since <= %s AND until > %s",
                [*parameters, revision, *parameters, revision, revision],
            )
        return cursor.fetchall()


def _quoted(name: str) -> str:
    return f'"{name}"'


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that a device got. before: the one it had from the same advisory; empty when it is the first."""

    at: datetime
    tracking: str
    advisory: int
    status: str
    before: str
    reason: str


def device_changes(equipment_id: int, most: int = 50) -> list[Change]:
    """The answers a device got over time, newest first: of each version of its row the answers of that row's profile.

    Five queries. Reads back at most 40 versions of the device.
    """
    versions = _versions(equipment_id)
    profiles = _profiles({version[2:] for version in versions})
    answers = _answers({profile for ids in profiles.values() for profile in ids})
    events: list[tuple[int, int, str, str]] = []
    for since, until, *texts in versions:
        for profile in profiles.get(tuple(texts), ()):
            for advisory, status, reason, told, untold in answers.get(profile, ()):
                start = max(since, told)
                if start < min(until, untold):
                    events.append((start, advisory, status, reason))
    return _changes(sorted(set(events)), most)


_FOREVER: Final = 1 << 62


def _versions(equipment_id: int) -> list[tuple[Any, ...]]:
    """(since, until, the five texts) of the device's row as it stands and as it was."""
    columns = ", ".join(_quoted(name) for name in _TEXTS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT since, {_FOREVER}, {columns} FROM equipment_equipment WHERE id = %s"
            f" UNION ALL SELECT since, until, {columns} FROM equipment_equipmentpast WHERE record = %s ORDER BY 1 DESC LIMIT 40",
            [equipment_id, equipment_id],
        )
        return [tuple(row) for row in cursor.fetchall()]


def _profiles(texts: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[int]]:
    """The ids, now and earlier, of the profiles with these texts."""
    found: dict[tuple[Any, ...], list[int]] = {}
    if not texts:
        return found
    one = "(" + " AND ".join(f"{_quoted(name)} = %s" for name in _TEXTS) + ")"
    where = " OR ".join([one] * len(texts))
    values = [value for row in texts for value in row]
    columns = ", ".join(_quoted(name) for name in _TEXTS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {columns} FROM exposure_profile WHERE {where} UNION SELECT record, {columns} FROM exposure_profilepast WHERE {where}",
            [*values, *values],
        )
        for number, *row in cursor.fetchall():
            found.setdefault(tuple(row), []).append(number)
    return found


def _answers(profiles: set[int]) -> dict[int, list[tuple[int, str, str, int, int]]]:
    """By profile: (advisory, status, reason, since, until)."""
    found: dict[int, list[tuple[int, str, str, int, int]]] = {}
    if not profiles:
        return found
    marks = ", ".join(["%s"] * len(profiles))
    ids = sorted(profiles)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT profile_id, advisory_id, status, reason, since, {_FOREVER} FROM exposure_exposure WHERE profile_id IN ({marks})"
            f" UNION ALL SELECT profile_id, advisory_id, status, reason, since, until FROM exposure_exposurepast WHERE profile_id IN ({marks})",
            [*ids, *ids],
        )
        for profile, *rest in cursor.fetchall():
            found.setdefault(profile, []).append(tuple(rest))
    return found


def _changes(events: Sequence[tuple[int, int, str, str]], most: int) -> list[Change]:
    """Of answers in the order they were given those that differ from the one before."""
    last: dict[int, str] = {}
    told: list[tuple[int, int, str, str, str]] = []
    for revision, advisory, status, reason in events:
        before = last.get(advisory, "")
        if status != before and not (status == "not_affected" and not before):
            told.append((revision, advisory, status, before, reason))
        last[advisory] = status
    told = told[::-1][:most]
    moments = dict(Revision.objects.filter(pk__in={row[0] for row in told}).values_list("id", "at"))
    trackings = dict(Advisory.objects.filter(pk__in={row[1] for row in told}).values_list("id", "tracking"))
    return [
        Change(moments[revision], trackings.get(advisory, "an advisory"), advisory, status, before, reason)
        for revision, advisory, status, before, reason in told
        if revision in moments
    ]
