"""What somebody must decide on: one finding for each advisory and facility that it touches. Source: docs/domains/exposure.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from pilothouse.core.keeping import among
from pilothouse.core.models import Facility, Person
from pilothouse.exposure.models import Advisory, Cve, Vulnerability
from pilothouse.exposure.rules import danger_of, finding_severity, finding_title, noun_of
from pilothouse.governance.clocks import Clock, bod_26_04
from pilothouse.governance.findings import Found, close_missing, open_findings
from pilothouse.governance.models import Finding
from pilothouse.kernel.times import OPEN, as_datetime, as_instant

KIND: Final = "exposure"
TOPIC: Final = "cybersecurity"
CLOSED: Final = "No device here is affected any more, or may be"


@dataclass(frozen=True, slots=True)
class Touched:
    """How many devices of one facility (0: none) an advisory touches."""

    advisory: int
    facility: int
    affected: int
    possible: int


def find_exposures(*, by: Person | None, at: datetime, advisories: Collection[int] | None = None) -> None:
    """Open, retell and close the findings of exposure. advisories: those whose numbers may have changed; None: all."""
    everywhere = _touched()
    facilities = dict(Facility.objects.values_list("id", "key"))
    trackings = dict(Advisory.objects.filter(pk__in={one.advisory for one in everywhere}).values_list("id", "tracking"))  # fmt: skip
    asked = [one for one in everywhere if advisories is None or one.advisory in advisories]
    found = _found(asked, trackings, facilities, at)
    if found:
        open_findings(by, found, at)
    keys = {_key(one, trackings, facilities) for one in everywhere}
    standing = Finding.objects.filter(kind=KIND).exclude(state="resolved").values_list("key", flat=True)
    if not keys.issuperset(standing):
        close_missing(KIND, keys, at, CLOSED, w=by)


def _touched() -> list[Touched]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT advisory_id, facility_id, sum(affected), sum(possible) FROM exposure_tally"
            " WHERE affected + possible > 0 GROUP BY advisory_id, facility_id ORDER BY advisory_id, facility_id"
        )
        return [Touched(*map(int, row)) for row in cursor.fetchall()]


def _key(one: Touched, trackings: Mapping[int, str], facilities: Mapping[int, str]) -> str:
    return f"{KIND}:{trackings[one.advisory]}:{facilities.get(one.facility, 'system')}"


def _found(asked: list[Touched], trackings: Mapping[int, str], facilities: Mapping[int, str], at: datetime) -> list[Found]:  # fmt: skip
    if not asked:
        return []
    ids = sorted({one.advisory for one in asked})
    advisories = Advisory.objects.in_bulk(ids)
    clocks, inputs = _clocks(ids)
    nouns = _nouns(ids)
    since = dict(Finding.objects.filter(kind=KIND).exclude(state="resolved").values_list("key", "opened_at"))
    found = []
    for one in asked:
        advisory, clock, key = advisories[one.advisory], clocks[one.advisory], _key(one, trackings, facilities)  # fmt: skip
        due = clock.due_at(since.get(key, as_instant(at)))
        found.append(
            Found(
                kind=KIND,
                key=key,
                title=finding_title(
                    advisory.title, nouns[one.advisory, one.facility], affected=one.affected, possible=one.possible
                ),
                subject=f"advisory:{one.advisory}",
                topic=TOPIC,
                facility=one.facility or None,
                unit=None,
                severity=finding_severity(advisory.severity, kev=advisory.kev, affected=one.affected),
                due_at=None if due >= OPEN else as_datetime(due, _UTC),
                clock=clock.rule,
                detail={
                    "advisory": advisory.tracking,
                    "title": advisory.title,
                    "affected": one.affected,
                    "possible": one.possible,
                    "facility": one.facility,
                    "clock": clock.why,
                    **inputs[one.advisory],
                },
            )
        )  # fmt: skip
    return found


def _clocks(ids: Collection[int]) -> tuple[dict[int, Clock], dict[int, dict[str, Any]]]:
    """The shortest clock over an advisory's vulnerabilities, and what it was reckoned from. `Any`: JSON."""
    rows = Vulnerability.objects.filter(advisory__in=ids).values_list("advisory_id", "name", "cvss", "vector")
    known = {
        name: (kev, epss)
        for name, kev, epss in Cve.objects.filter(name__in={row[1] for row in rows}).values_list(
            "name", "kev", "epss"
        )
    }
    clocks: dict[int, Clock] = {}
    inputs: dict[int, dict[str, Any]] = {number: {"kev": [], "cvss": "", "epss": ""} for number in ids}
    for advisory, name, cvss, vector in rows:
        kev, epss = known.get(name, (False, ""))
        danger = danger_of(vector, kev=kev)
        clock = bod_26_04(in_kev=kev, exposed=False, automatable=danger.automatable, total_impact=danger.total)  # fmt: skip
        before = clocks.get(advisory)
        if before is None or (clock.days or NEVER) < (before.days or NEVER):
            clocks[advisory] = clock
        told = inputs[advisory]
        if kev:
            told["kev"].append(name)
        told["cvss"] = max(told["cvss"], cvss, key=lambda text: float(text or 0))
        told["epss"] = max(told["epss"], epss, key=lambda text: float(text or 0))
    for number in ids:
        clocks.setdefault(number, bod_26_04(in_kev=False, exposed=False, automatable=False, total_impact=False))  # fmt: skip
        inputs[number]["kev"].sort()
    return clocks, inputs


def _nouns(ids: Collection[int]) -> dict[tuple[int, int], str]:
    """What the touched devices of each advisory and facility are called."""
    condition, parameter = among(ids)
    names: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.advisory_id, l.facility_id, p.name, count(*) FROM exposure_exposure e"
            " JOIN exposure_link l ON l.profile_id = e.profile_id JOIN exposure_profile p ON p.id = e.profile_id"
            f" WHERE e.advisory_id {condition} AND e.status <> 'not_affected' GROUP BY e.advisory_id, l.facility_id, p.name",
            [parameter],
        )
        for advisory, facility, name, number in cursor.fetchall():
            names[advisory, facility][name] = number
    return defaultdict(lambda: "device", {place: noun_of(told) for place, told in names.items()})


NEVER: Final = 1 << 30
"""Days, for a clock that has none."""
_UTC: Final = ZoneInfo("UTC")
