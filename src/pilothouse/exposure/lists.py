"""The lists of exposure: advisories, and the devices that one advisory names."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.safestring import SafeString

from pilothouse.core import drawing, words
from pilothouse.core.listing import Column, Filter, Listing, View, link, soft
from pilothouse.core.permissions import Viewer
from pilothouse.exposure.models import Status
from pilothouse.exposure.reads.advisories import TRUTHS, epss_words
from pilothouse.kernel.times import as_datetime, zone

Row = Any
"""A row of the querysets of `reads.advisories`."""

_UTC: Final = zone("UTC")


def released(row: Row) -> str:
    """The day of the revision: `8 Sep 2022`."""
    return f"{as_datetime(row.released, _UTC):%-d %b %Y}"


def _severity(row: Row) -> SafeString:
    return drawing.sev(row.severity or "none", f"{row.severity.capitalize()} {row.score / 10:.1f}" if row.score else "Unknown")  # fmt: skip


def _kev(row: Row) -> SafeString | str:
    return drawing.tag("exploited", "crit") if row.kev else ""


def _number(number: int) -> SafeString | str:
    return words.count(number) if number else soft("0")


def _here(values: tuple[str, ...]) -> Q:
    fits = Q()
    for value in values:
        fits |= {"affected": Q(affected__gt=0), "possible": Q(possible__gt=0), "none": Q(affected=0, possible=0)}.get(value, Q(pk__in=[]))  # fmt: skip
    return fits


_GRADES: Final = [("critical", "Critical"), ("high", "High"), ("medium", "Medium"), ("low", "Low"), ("", "Unknown")]  # fmt: skip


def _of_grade(values: tuple[str, ...]) -> Q:
    return Q(severity__in=["" if value == "unknown" else value for value in values])


def _grades(viewer: Viewer) -> list[tuple[str, str]]:
    return [(value or "unknown", label) for value, label in _GRADES]


ADVISORIES: Final = Listing(
    key="advisories",
    noun="advisory",
    plural="advisories",
    sort="-affected",
    columns=(
        Column("tracking", "Advisory", lambda row: link(reverse("advisory_page", args=[row.pk]), row.tracking), sort="tracking", text=lambda row: row.tracking, kind="code", fold="row", head=True, fit=True),
        Column("title", "What it names", lambda row: row.title, sort="title", fold="top"),
        Column("maker", "Maker", lambda row: row.makers or soft("unknown"), sort="makers", text=lambda row: row.makers),
        Column("severity", "Severity", _severity, sort="score", text=lambda row: row.score / 10 or "", fold="end", fit=True),
        Column("kev", "KEV", _kev, sort=("kev", "score"), text=lambda row: "yes" if row.kev else "", fold="row", fit=True),
        Column("affected", "Affected", lambda row: _number(row.affected), sort=("affected", "possible", "score"), text=lambda row: row.affected, kind="num", fold="row", fit=True),
        Column("possible", "Possible", lambda row: _number(row.possible), sort=("possible", "affected", "score"), text=lambda row: row.possible, kind="num", fold="row", fit=True),
        Column("epss", "EPSS", lambda row: epss_words(row.epss or ""), text=lambda row: row.epss or "", kind="num", shown=False, fit=True),
        Column("revision", "Revision", lambda row: row.version, kind="code", shown=False, fit=True),
        Column("publisher", "Publisher", lambda row: row.publisher, sort="publisher", shown=False),
        Column("released", "Released", released, sort=("released", "tracking"), text=lambda row: as_datetime(row.released, _UTC).date().isoformat(), kind="num", fit=True),
    ),
    filters=(
        Filter("here", "Here", where=_here, options=lambda viewer: [("affected", "affected"), ("possible", "possible"), ("none", "no device")]),
        Filter("severity", "Severity", where=_of_grade, options=_grades),
        Filter("kev", "Known exploited", where=lambda values: Q(kev__in=[value == "yes" for value in values]), options=lambda viewer: [("yes", "yes"), ("no", "no")]),
        Filter("maker", "Maker", kind="text", field="makers"),
        Filter("publisher", "Publisher", kind="text", field="publisher"),
        Filter("cve", "Vulnerability", kind="text", field="vulnerability_rows__name"),
    ),
    search=("search",),
    search_hint="Number, CVE, maker or product",
    views=(View("Touching devices here", "here=affected&here=possible"), View("Known exploited", "kev=yes"), View("All advisories", "")),
    first="No advisory has been read yet. Add a file, or let Pilothouse ask the publishers.",
)  # fmt: skip


def _tag(row: Row) -> SafeString:
    one = row.equipment
    name = one.tag or one.serial or f"Equipment {one.pk}"
    return link(f"/equipment/{one.pk}/", name)


def _place(row: Row) -> SafeString | str:
    one = row.equipment
    place = one.unit or one.facility
    return str(place) if place else one.unit_text or one.facility_text or soft("unknown")


DEVICES: Final = Listing(
    key="advisory_devices",
    noun="device",
    plural="devices",
    sort="answer",
    columns=(
        Column("tag", "Tag", _tag, sort="equipment__tag", text=lambda row: row.equipment.tag, kind="code", fold="row", head=True, fit=True),
        Column("answer", "Answer", lambda row: drawing.truth(TRUTHS[row.status]), sort=("status", "equipment__tag"), text=lambda row: Status(row.status).label, fold="top", fit=True),
        Column("what", "What it is", lambda row: row.equipment.product or soft("unknown"), sort=("equipment__maker", "equipment__model"), text=lambda row: row.equipment.product, fold="row"),
        Column("firmware", "Firmware", lambda row: row.equipment.firmware or soft("unknown"), sort="equipment__firmware", text=lambda row: row.equipment.firmware, kind="code", fold="end", fit=True),
        Column("place", "Where", _place, text=lambda row: str(row.equipment.unit or row.equipment.facility or ""), fold="row"),
        Column("reason", "Because", lambda row: row.reason, fold="row"),
    ),
    filters=(
        Filter("answer", "Answer", field="status", options=lambda viewer: Status.choices),
        Filter("firmware", "Firmware", kind="text", field="equipment__firmware"),
        Filter("model", "Model", kind="text", field="equipment__model"),
    ),
    search=("equipment__search",),
    search_hint="Tag, serial, model, address",
    export="export_equipment",
    first="No device here bears a name that this advisory names.",
)  # fmt: skip
