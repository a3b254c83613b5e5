"""The register's list: its columns, filters and views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from operator import attrgetter
from typing import Any, Final

from django.db import connection
from django.utils.safestring import SafeString, mark_safe

from pilothouse.core import seeing
from pilothouse.core.listing import Column, Filter, Listing, Verb, View
from pilothouse.core.listing.kinds import Option
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted
from pilothouse.equipment.fields import BY_NAME
from pilothouse.equipment.fleet import FIELD_OF
from pilothouse.equipment.model_names import product_called
from pilothouse.equipment.models import DeviceModel, Stage
from pilothouse.equipment.reads import rooms

MOST_OPTIONS: Final = 400
STAGES: Final[Mapping[str, str]] = dict(Stage.choices)
_TONES: Final = {"in_repair": "high", "missing": "high"}


def _safe(text: str) -> SafeString:
    """Markup whose values were escaped."""
    return mark_safe(text)  # noqa: S308 - every caller escapes


UNKNOWN: Final = _safe('<span class="faint">unknown</span>')
_NOT_LOCATED: Final = _safe('<span class="tag" data-tone="high">not located</span>')


def _name(row: Any) -> str:
    """What it is, as a link, and who made it."""
    what = row.name or "Device of unknown kind"
    made = product_called(row.maker, row.model)
    soft = f' <span class="soft">{escape(made)}</span>' if made else ""
    return _safe(f'<a href="/equipment/{row.id}/">{escape(what)}</a>{soft}')


def _unit(row: Any) -> str:
    if row.unit_text:
        return row.unit_text
    if row.facility_id is None and row.unit_id is None and not row.room:
        return _NOT_LOCATED
    return UNKNOWN


def _stage(row: Any) -> str:
    return _STAGE_MARKS.get(row.stage, row.stage)


_STAGE_MARKS: Final = {
    stage: _safe(f'<span class="tag" data-tone="{_TONES[stage]}">{word}</span>') if stage in _TONES
    else _safe(f'<span class="tag">{word}</span>') if stage == "retired" else word
    for stage, word in STAGES.items()
}  # fmt: skip


def _dots(n: int) -> str:
    circles = "".join(
        f'<circle cx="{4 + 12 * i}" cy="4" r="3.25" class="{"c-dot" if i < n else "c-ring"}"/>'
        for i in range(max(4, min(n, 8)))
    )
    width = 12 * max(4, min(n, 8)) - 2
    return _safe(
        f'<svg width="{width}" height="8" aria-hidden="true">{circles}</svg><span class="sr">{counted(n, "source")}</span>'
    )


_DOTS: Final = [_dots(n) for n in range(9)]


def _sources(row: Any) -> str:
    return _DOTS[min(row.sources, 8)]


def _plain(field: str) -> Callable[[Any], str]:
    """A field's value, `unknown` where it is empty."""
    get = attrgetter(field)
    return lambda row: get(row) or UNKNOWN


def _column(name: str, label: str = "", **more: Any) -> Column:
    """A field of the register as a column that is not shown at first. `Any`: further settings of a column."""
    field = FIELD_OF[name]
    return Column(
        name, label or BY_NAME[name].label, _plain(field), text=attrgetter(field), **{"shown": False, **more}
    )


COLUMNS: Final = (
    _column("tag", "Tag", sort="tag", kind="code", fold="end", shown=True),
    Column("name", "Equipment", _name, sort=("name", "tag"), text=attrgetter("name"), head=True),
    _column("serial", sort="serial", kind="code", shown=True),
    Column("unit", "Unit", _unit, sort=("unit", "tag"), text=attrgetter("unit_text"), fold="row"),
    Column(
        "stage",
        "State",
        _stage,
        sort=("stage", "tag"),
        text=lambda row: STAGES.get(row.stage, row.stage),
        fold="end",
        fit=True,
    ),
    _column("criticality", sort=("criticality", "tag"), fold="row", shown=True, fit=True),
    _column("ip", "Address", kind="code", shown=True),
    _column("last_pm", shown=True, fit=True),
    Column("sources", "Sources", _sources, sort=("sources", "tag"), text=attrgetter("sources"), fit=True),
    _column("maker", sort=("maker", "model", "tag")),
    _column("model"),
    _column("facility"),
    _column("room"),
    _column("status", "Status, as told"),
    _column("phi", sort=("phi", "tag")),
    _column("mac", kind="code"),
    _column("host", kind="code"),
    _column("os"),
    _column("firmware", kind="code"),
    _column("owner"),
    _column("purchased", fit=True),
    _column("installed", fit=True),
    _column("warranty", fit=True),
    _column("uid", kind="code"),
)
"""Prices are not among them: who may see prices is decided device by device, on its page."""


def _distinct(column: str) -> Callable[[Viewer], Sequence[Option]]:
    """The values a column holds where the viewer looks, walked from one to the next by its index."""

    def options(viewer: Viewer) -> Sequence[Option]:
        scope = viewer.scope("see_equipment")
        if scope.everywhere:
            sql = (
                f"WITH RECURSIVE t(v) AS (SELECT min({column}) FROM equipment_equipment UNION ALL"
                f" SELECT (SELECT min({column}) FROM equipment_equipment WHERE {column} > t.v) FROM t WHERE t.v IS NOT NULL)"
                f" SELECT v FROM t WHERE v IS NOT NULL LIMIT {MOST_OPTIONS}"
            )
        else:
            sql = f"SELECT DISTINCT {column} FROM equipment_equipment WHERE {scope.sql()} ORDER BY 1 LIMIT {MOST_OPTIONS}"
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [(value or "unknown", value or "unknown") for (value,) in cursor.fetchall()]

    return options


def _as_told(viewer: Viewer, values: Sequence[str]) -> Mapping[str, str]:
    """Values that are their own words."""
    return {}


def unit_options(viewer: Viewer) -> Sequence[Option]:
    """The units the viewer may choose among."""
    rows = (
        seeing.units(viewer)
        .order_by("facility__name", "name")
        .values_list("id", "name", "key", "facility__name")
    )
    return [
        *((str(id_), f"{name or key}, {facility}") for id_, name, key, facility in rows),
        ("none", "no unit known"),
    ]


def unit_words(viewer: Viewer, values: Sequence[str]) -> Mapping[str, str]:
    """What chosen units are called."""
    ids = [int(value) for value in values if value.isdecimal() and len(value) < 19]
    rows = seeing.units(viewer).filter(pk__in=ids).values_list("id", "name", "key") if ids else ()
    return {**{str(id_): name or key for id_, name, key in rows}, "none": "none known"}


def _facilities(viewer: Viewer) -> Sequence[Option]:
    rows = seeing.facilities(viewer).order_by("name").values_list("id", "name", "key")
    return [*((str(id_), name or key) for id_, name, key in rows), ("none", "no facility known")]


def _rooms(viewer: Viewer) -> Sequence[Option]:
    found = rooms.rooms(viewer).order_by("facility__name", "unit__name", "key")[:MOST_OPTIONS]
    return [(str(one.pk), f"{rooms.called(one)}, {one.unit or one.facility}") for one in found]


def _room_words(viewer: Viewer, values: Sequence[str]) -> Mapping[str, str]:
    ids = [int(value) for value in values if value.isdecimal() and len(value) < 19]
    return {str(one.pk): rooms.called(one) for one in rooms.rooms(viewer).filter(pk__in=ids)} if ids else {}


def _models(viewer: Viewer) -> Sequence[Option]:
    rows = DeviceModel.objects.order_by("maker__name", "name").values_list("id", "maker__name", "name")
    return [(str(id_), product_called(maker or "", name)) for id_, maker, name in rows[:MOST_OPTIONS]]


def _model_words(viewer: Viewer, values: Sequence[str]) -> Mapping[str, str]:
    ids = [int(value) for value in values if value.isdecimal() and len(value) < 19]
    return (
        {str(id_): name for id_, name in DeviceModel.objects.filter(pk__in=ids).values_list("id", "name")}
        if ids
        else {}
    )


def _categories(viewer: Viewer) -> Sequence[Option]:
    rows = (
        DeviceModel.objects.exclude(category="")
        .order_by("category")
        .values_list("category", flat=True)
        .distinct()
    )
    return [(category, category) for category in rows[:MOST_OPTIONS]]


def _yes_no(yes: str, no: str) -> Callable[[Viewer], Sequence[Option]]:
    return lambda viewer: [("yes", yes), ("no", no)]


FILTERS: Final = (
    Filter("stage", "State", options=lambda viewer: Stage.choices),
    Filter("unit", "Unit", options=unit_options, words=unit_words),
    Filter("facility", "Facility", options=_facilities),
    Filter("room", "Room", options=_rooms, words=_room_words),
    Filter("name", "Description", options=_distinct("name"), words=_as_told),
    Filter("category", "Category", options=_categories, words=_as_told),
    Filter("maker", "Maker", options=_distinct("maker"), words=_as_told),
    Filter("model", "Model", options=_models, words=_model_words),
    Filter("criticality", "Criticality", options=_distinct("criticality"), words=_as_told),
    Filter("phi", "Patient data on board", options=_distinct("phi"), words=_as_told),
    Filter("network", "Network", options=_yes_no("has an address", "has none"), several=False),
    Filter("located", "Place", options=_yes_no("is known", "is not known"), several=False),
    Filter("sources", "Sources", kind="span", input="number"),
)

EQUIPMENT: Final = Listing(
    key="equipment",
    noun="device",
    plural="devices",
    columns=COLUMNS,
    filters=FILTERS,
    sort="tag",
    search=("search",),
    search_hint="Tag, serial, model, address",
    views=(
        View("All equipment", ""),
        View("In use", "stage=in_use"),
        View("On the network, no unit", "network=yes&unit=none"),
        View("Not located", "located=no"),
        View("Missing", "stage=missing"),
        View("Retired", "stage=retired"),
    ),
    verbs=(
        Verb("move", "Move to unit", "edit_equipment", "m"),
        Verb("criticality", "Set criticality", "edit_equipment"),
        Verb("retire", "Retire", "edit_equipment"),
        Verb("export", "Export", "export_equipment"),
    ),
    export="export_equipment",
    id=attrgetter("id"),
    first="Import a source, and its devices stand here.",
)
