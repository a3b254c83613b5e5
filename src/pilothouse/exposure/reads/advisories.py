"""Advisories as lists and their own page show them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from pilothouse.core import words
from pilothouse.core.keeping import among
from pilothouse.core.listing import Asked, Rows
from pilothouse.core.listing import Page as ListPage
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.model_names import product_called
from pilothouse.exposure import catalogue
from pilothouse.exposure.models import Advisory, Cve, Exposure, Link, Tally, Vulnerability
from pilothouse.exposure.reads.telling import Said, read_document
from pilothouse.exposure.rules import plain_title, severity_of, tenths_of
from pilothouse.governance.findings.lines import RELATED, line_of
from pilothouse.governance.findings.lines import Line as FindingLine
from pilothouse.governance.findings.reads import visible
from pilothouse.kernel.times import as_datetime

MOST_KINDS: Final = 30
TRUTHS: Final = {"affected": "affected", "possible": "possible", "not_affected": "clear"}
"""How the kit calls the three answers."""
_UTC: Final = ZoneInfo("UTC")


def places(viewer: Viewer, facility: str = "facility_id", unit: str = "unit_id") -> Q:
    """Where the viewer may see devices and what advisories say of them."""
    return viewer.scope("see_equipment").q(facility, unit) & viewer.scope("see_advisories").q(facility, unit)


def sql_places(viewer: Viewer, alias: str) -> str:
    """The same for SQL."""
    return f"{viewer.scope('see_equipment').sql(alias)} AND {viewer.scope('see_advisories').sql(alias)}"


def advisories(viewer: Viewer) -> QuerySet[Any]:
    """Every advisory, with how many of the viewer's devices it touches. `Any`: Django has no types."""
    counts = Tally.objects.filter(places(viewer), advisory=OuterRef("pk")).order_by().values("advisory")
    return Advisory.objects.annotate(
        affected=_summed(counts, "affected"),
        possible=_summed(counts, "possible"),
    )


class AdvisoryRows(Rows):
    """The list's rows, each told the highest probability of exploitation among its vulnerabilities: one query for a page."""

    def page(self, asked: Asked) -> ListPage:
        """The page that is asked for."""
        page = super().page(asked)
        _tell_epss(page.rows)
        return page

    def chunks(self, asked: Asked) -> Iterator[Sequence[Any]]:
        """All rows in pieces."""
        for rows in super().chunks(asked):
            _tell_epss(rows)
            yield rows


def _tell_epss(rows: Sequence[Any]) -> None:
    condition, parameter = among(row.pk for row in rows)
    highest: dict[int, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.advisory_id, c.epss FROM exposure_vulnerability v JOIN exposure_cve c ON c.name = v.name"
            f" WHERE v.advisory_id {condition} AND c.epss <> ''",
            [parameter],
        )
        for advisory, epss in cursor.fetchall():
            highest[advisory] = max(highest.get(advisory, ""), epss, key=lambda text: float(text or 0))
    for row in rows:
        row.epss = highest.get(row.pk, "")


def _summed(counts: QuerySet[Any], name: str) -> Any:
    found = Subquery(counts.annotate(n=Sum(name)).values("n"), output_field=IntegerField())
    return Coalesce(found, Value(0))


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much the advisories touch, in the viewer's part. known: all advisories."""

    known: int
    touching: int
    exploited: int
    affected: int
    possible: int


def numbers(viewer: Viewer) -> Numbers:
    """For the opening sentence: two queries. affected, possible: devices by their worst answer."""
    touching = (
        Tally.objects.filter(places(viewer)).filter(Q(affected__gt=0) | Q(possible__gt=0)).values("advisory")
    )
    devices = Link.objects.filter(places(viewer), worst__gte=2).aggregate(
        affected=Count("pk", filter=Q(worst=3)), possible=Count("pk", filter=Q(worst=2))
    )
    told = Advisory.objects.aggregate(
        known=Count("pk"),
        touching=Count("pk", filter=Q(pk__in=touching)),
        exploited=Count("pk", filter=Q(pk__in=touching, kev=True)),
    )
    return Numbers(**told, **devices)


@dataclass(frozen=True, slots=True)
class Line:
    """One vulnerability as the advisory tells it, with what is known of exploitation."""

    name: str
    weakness: str
    about: str
    cvss: str
    severity: str
    epss: str
    kev: bool
    kev_added: str
    ransomware: bool

    @property
    def score(self) -> str:
        """`Medium 4.2`."""
        return score_words(self.severity, self.cvss)

    @property
    def epss_words(self) -> str:
        """The probability in percent."""
        return epss_words(self.epss)

    @property
    def kev_words(self) -> str:
        """That it is exploited, and since when CISA lists it."""
        used = "exploited, ransomware" if self.ransomware else "exploited"
        return f"{used}, listed {self.kev_added}" if self.kev_added else used


@dataclass(frozen=True, slots=True)
class Kind:
    """Devices of one version that have the same answer for the same reason. other: vulnerabilities told otherwise.

    maker, model, name: as most of them are called; spellings: in how many ways they are called in all.
    """

    status: str
    maker: str
    model: str
    name: str
    firmware: str
    reason: str
    devices: int
    spellings: int
    other: Sequence[str]

    @property
    def truth(self) -> str:
        """How the kit calls the answer."""
        return TRUTHS[self.status]

    @property
    def product(self) -> str:
        """Maker and model as one name."""
        return product_called(self.maker, self.model)

    @property
    def others(self) -> int:
        """Spellings besides the one that is shown."""
        return self.spellings - 1


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another advisory that names one of the same vulnerabilities. differs: devices for which it has another answer."""

    id: int
    tracking: str
    publisher: str
    shared: Sequence[str]
    differs: int

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("advisory_page", args=[self.id])

    @property
    def strong(self) -> str:
        """That the two disagree, for a note."""
        return f"{self.tracking} says something else of {words.counted(self.differs, 'device')}."

    @property
    def text(self) -> str:
        """What they disagree on."""
        return f"Both name {words.listed(list(self.shared[:3]))}. Each answer stands under its own number."


@dataclass(frozen=True, slots=True)
class Page:
    """Everything of an advisory's page."""

    advisory: Advisory
    title: str
    released: datetime
    said: Said
    lines: Sequence[Line]
    kinds: Sequence[Kind]
    more_kinds: int
    counts: Mapping[str, int]
    elsewhere: Sequence[Elsewhere]
    findings: Sequence[FindingLine]
    epss: str

    @property
    def told_findings(self) -> Sequence[tuple[FindingLine, str]]:
        """Each with its title short of what the page is headed with."""
        short = [line.title.removeprefix(f"{self.title}: ") for line in self.findings]
        return [(line, text[:1].upper() + text[1:]) for line, text in zip(self.findings, short, strict=True)]

    @property
    def total(self) -> int:
        """Devices that the advisory names, whatever it says of them."""
        return sum(self.counts.values())

    @property
    def severity_words(self) -> str:
        """`Medium, CVSS 4.2`."""
        return f"{self.advisory.severity.capitalize()}, CVSS {self.advisory.score / 10:.1f}"

    @property
    def epss_words(self) -> str:
        """The highest probability of exploitation, in percent."""
        return epss_words(self.epss)

    @property
    def released_words(self) -> str:
        """`Thu 8 Sep 2022`."""
        return words.day(self.released.date())

    @property
    def disagreeing(self) -> Sequence[Elsewhere]:
        """Advisories on the same vulnerabilities that have another answer for a device here."""
        return [one for one in self.elsewhere if one.differs][:4]


def advisory_page(viewer: Viewer, number: int) -> Page:
    """A constant number of queries. Raises Advisory.DoesNotExist."""
    advisory = Advisory.objects.get(pk=number)
    said = read_document(catalogue.document(number))
    lines = _lines(number, said)
    kinds, counts = kinds_here(viewer, number)
    return Page(
        advisory=advisory,
        title=plain_title(advisory.title),
        released=as_datetime(advisory.released, _UTC),
        said=said,
        lines=lines,
        kinds=kinds[:MOST_KINDS],
        more_kinds=max(0, len(kinds) - MOST_KINDS),
        counts=counts,
        elsewhere=_elsewhere(viewer, number),
        findings=_findings(viewer, number),
        epss=max((line.epss for line in lines), key=lambda text: float(text or 0), default=""),
    )


def _findings(viewer: Viewer, advisory: int) -> list[FindingLine]:
    """What the viewer sees of the findings on it that are not closed, worst first."""
    rows = visible(viewer).filter(subject_kind="advisory", subject=advisory).exclude(state="resolved")
    now = timezone.now()
    return [
        line_of(row, viewer, now) for row in rows.select_related(*RELATED).order_by("severity", "id")[:20]
    ]


def score_words(severity: str, cvss: str) -> str:
    """`Medium 4.2`; `unknown` without a score."""
    return f"{severity.capitalize()} {cvss}" if severity else words.UNKNOWN


def epss_words(epss: str) -> str:
    """A probability of exploitation within 30 days: `4.5 %`."""
    return words.percent(float(epss)) if epss else words.UNKNOWN


def _lines(advisory: int, said: Said) -> list[Line]:
    rows = list(Vulnerability.objects.filter(advisory=advisory).order_by("place"))
    return lines_of(rows, Cve.objects.filter(name__in=[row.name for row in rows]), said)


def lines_of(rows: Iterable[Any], cves: Iterable[Any], said: Said) -> list[Line]:
    """The lines of an advisory's page. `Any`: rows of the tables, or of their past."""
    known = {cve.name: cve for cve in cves}
    found = []
    for row in rows:
        cve = known.get(row.name) or Cve(name=row.name)
        found.append(
            Line(
                row.name, row.weakness, said.about.get(row.name, ""), row.cvss, severity_of(tenths_of(row.cvss)),
                cve.epss, cve.kev, cve.kev_added, cve.ransomware,
            )
        )  # fmt: skip
    return found


_RANK: Final = {"affected": 0, "possible": 1, "not_affected": 2}


def kinds_here(
    viewer: Viewer, advisory: int, facility: int | None = None
) -> tuple[list[Kind], dict[str, int]]:
    """The kinds of devices that the advisory names, worst and most numerous first, and how many devices by answer.

    facility: its devices alone (0: those that stand nowhere).
    """
    only = "" if facility is None else f"AND l.facility_id = {facility:d}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.status, p.maker, p.model, p.name, p.firmware, e.reason, e.lines, count(*) AS n FROM exposure_exposure e"
            " JOIN exposure_link l ON l.profile_id = e.profile_id JOIN exposure_profile p ON p.id = e.profile_id"
            f" WHERE e.advisory_id = %s AND {sql_places(viewer, 'l')} {only}"
            " GROUP BY e.id, e.status, p.maker, p.model, p.name, p.firmware, e.reason, e.lines",
            [advisory],
        )
        return kinds_of(cursor.fetchall())


def kinds_of(rows: Iterable[tuple[Any, ...]]) -> tuple[list[Kind], dict[str, int]]:
    """Rows (status, maker, model, name, firmware, reason, lines, devices) gathered and in order, and devices by answer.

    `Any`: texts and a number.
    """
    counts = dict.fromkeys(_RANK, 0)
    gathered: dict[tuple[str, str, str, str], list[tuple[int, str, str, str]]] = {}
    for status, maker, model, name, firmware, reason, lines, n in rows:
        counts[status] += n
        gathered.setdefault((status, firmware, reason, lines), []).append((n, maker, model, name))
    kinds = []
    for (status, firmware, reason, lines), named in gathered.items():
        _, maker, model, name = max(named)
        devices = sum(row[0] for row in named)
        kinds.append(Kind(status, maker, model, name, firmware, reason, devices, len(named), _other(lines)))
    kinds.sort(key=lambda kind: (_RANK[kind.status], -kind.devices, kind.maker, kind.model, kind.firmware))
    return kinds, counts


def units_here(viewer: Viewer, advisory: int, facility: int) -> list[tuple[str, int]]:
    """In which units of a facility the devices stand that are affected or may be; those with the most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(u.name, ''), count(*) AS n FROM exposure_exposure e JOIN exposure_link l ON l.profile_id = e.profile_id"
            " LEFT JOIN core_unit u ON u.id = l.unit_id"
            f" WHERE e.advisory_id = %s AND e.status <> 'not_affected' AND l.facility_id = %s AND {sql_places(viewer, 'l')}"
            " GROUP BY 1 ORDER BY n DESC, 1",
            [advisory, facility],
        )
        return [(name or "No unit known", int(n)) for name, n in cursor.fetchall()]


def _other(lines: str) -> list[str]:
    """Vulnerabilities for which these devices have another answer than the worst."""
    return [name for name, told in json.loads(lines).items() if told is not None] if lines else []


def _elsewhere(viewer: Viewer, advisory: int) -> list[Elsewhere]:
    """Other advisories on the same vulnerabilities, and on how many of the viewer's devices they say something else."""
    names = Vulnerability.objects.filter(advisory=advisory).values("name")
    rows = (
        Vulnerability.objects.filter(name__in=names)
        .exclude(advisory=advisory)
        .values_list("advisory_id", "name", "advisory__tracking", "advisory__publisher")
    )
    found: dict[int, tuple[str, str, list[str]]] = {}
    for number, name, tracking, publisher in rows.order_by("-advisory__released", "name")[:200]:
        found.setdefault(number, (tracking, publisher, []))[2].append(name)
    differs = _differing(viewer, advisory, found)
    told = [Elsewhere(number, *about, differs.get(number, 0)) for number, about in found.items()]
    return sorted(told, key=lambda one: -one.differs)[:12]


def _differing(viewer: Viewer, advisory: int, others: Iterable[int]) -> dict[int, int]:
    marks = ", ".join(str(int(number)) for number in others) or "0"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.advisory_id, count(*) FROM exposure_exposure e"
            " JOIN exposure_exposure o ON o.profile_id = e.profile_id AND o.status <> e.status"
            " JOIN exposure_link l ON l.profile_id = e.profile_id"
            f" WHERE e.advisory_id = %s AND o.advisory_id IN ({marks}) AND {sql_places(viewer, 'l')} GROUP BY o.advisory_id",
            [advisory],
        )
        return dict(cursor.fetchall())


def devices_of(viewer: Viewer, advisory: int) -> QuerySet[Any]:
    """The viewer's devices that an advisory names, with its answer. `Any`: Django has no types."""
    told = Exposure.objects.filter(advisory=advisory)
    one = told.filter(profile=OuterRef("profile_id"))
    return (
        Link.objects.filter(places(viewer), profile__in=told.values("profile"))
        .select_related("equipment", "equipment__unit", "equipment__facility")
        .annotate(status=Subquery(one.values("status")[:1]), reason=Subquery(one.values("reason")[:1]))
    )


def may_look(viewer: Viewer) -> bool:
    """Whether the pages of exposure are the viewer's at all."""
    return viewer.may_somewhere("see_advisories")
