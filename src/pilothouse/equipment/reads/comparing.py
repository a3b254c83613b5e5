"""What would become of devices: previews of a merge and a split, and two moments of one device side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import revision_at
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.claims import HAND, Said, decide
from pilothouse.equipment.fields import BY_NAME
from pilothouse.equipment.models import Equipment
from pilothouse.equipment.reads import versions
from pilothouse.equipment.reads.history import Line, differences
from pilothouse.equipment.reads.page import day_words, written
from pilothouse.imports.models import Source

MOST_CANDIDATES = 20
_NO_SERIAL = ("", "unknown", "n/a", "none", "0", "-")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A field before and after: one value of each device asked, then what would be."""

    label: str
    values: tuple[str, ...]
    after: tuple[str, ...]
    differs: bool


def merged(viewer: Viewer, keep: int, other: int) -> list[Outcome]:
    """Each field of two devices, and of the one that they would become. Raises NotFound."""
    hidden = versions.hidden_fields(viewer, versions.device(viewer, keep))
    hidden |= versions.hidden_fields(viewer, versions.device(viewer, other))
    first, second = (versions.without((one for one, _ in versions.claims(n)), hidden) for n in (keep, other))
    moved = [_as_merged(one) for one in second]
    return _outcomes([first, second], [[*first, *moved]])


def _as_merged(one: Said) -> Said:
    """What is set by hand on the other device counts after what is set on the one that stays."""
    return Said(one.id, one.kind, one.ordinal, one.seen, one.doc, one.row or one.id, one.aside) if one.kind == HAND else one  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source, as one chooses it to split it off."""

    id: int
    source: str
    key: str
    seen: str
    says: str
    stays: bool


def records(viewer: Viewer, device: int) -> list[Record]:
    """The records of a device. Raises NotFound."""
    hidden = versions.hidden_fields(viewer, versions.device(viewer, device))
    names = {id_: name or key for id_, key, name in Source.objects.values_list("id", "key", "name")}
    found = []
    for one, row in versions.claims(device):
        says = ", ".join(f"{BY_NAME[name].label} {one.doc[name]}" for name in ("tag", "serial", "mac", "maker", "model", "host", "unit", "room") if one.doc.get(name) and name not in hidden)  # fmt: skip
        stays = one.kind == HAND and row.key == str(device)
        found.append(Record(one.id, names.get(row.source_id, "a source"), row.key, day_words(one.seen), says, stays))  # fmt: skip
    return found


def parted(viewer: Viewer, device: int, chosen: Collection[int]) -> list[Outcome]:
    """Each field of a device as it is, and of the two that it would become. Raises NotFound."""
    hidden = versions.hidden_fields(viewer, versions.device(viewer, device))
    told = versions.without((one for one, _ in versions.claims(device)), hidden)
    stays = [one for one in told if one.id not in chosen]
    leaves = [one for one in told if one.id in chosen]
    return _outcomes([told], [stays, leaves])


def _outcomes(before: Sequence[list[Said]], after: Sequence[list[Said]]) -> list[Outcome]:
    then = [_values(claims) for claims in before]
    soon = [_values(claims) for claims in after]
    found = []
    for name, of in BY_NAME.items():
        values = tuple(written(of, values.get(name, "")) for values in then)
        outcome = tuple(written(of, values.get(name, "")) for values in soon)
        if name != "seen" and any((*values, *outcome)):
            differs = len(set(filter(None, values)) if len(values) > 1 else {*values, *outcome}) > 1
            found.append(Outcome(of.label, values, outcome, differs))
    return found


def _values(claims: Sequence[Said]) -> Mapping[str, str]:
    return {name: of.value for name, of in decide(claims).items()} if claims else {}


def candidates(viewer: Viewer, record: int, text: str) -> Iterable[Equipment]:
    """Devices that one may mean: of the text's tag or serial, else those that share an identifier with this one."""
    device = versions.device(viewer, record)
    found: Any = Equipment.objects.filter(viewer.scope("merge_equipment").q()).exclude(pk=record)
    if text:
        same = Q(tag__iexact=text) | Q(serial__iexact=text)
        if text.isdecimal() and len(text) < 19:
            same |= Q(pk=int(text))
    else:
        same = Q(pk=0)
        if device.serial.lower() not in _NO_SERIAL:
            same |= Q(serial=device.serial)
        if device.tag.lower() not in _NO_SERIAL:
            same |= Q(tag=device.tag)
    return found.filter(same).select_related("unit", "facility").order_by("tag", "id")[:MOST_CANDIDATES]


def between(viewer: Viewer, record: int, start: datetime, end: datetime | None) -> list[Line]:
    """What differs between two moments of a device; end None: now. Raises NotFound."""
    now = versions.device(viewer, record) if end is None else _at(viewer, record, end)
    then = _at(viewer, record, start)
    hidden = versions.hidden_fields(viewer, now) | versions.hidden_fields(viewer, then)
    return differences(_row(then), _row(now), hidden)


def _at(viewer: Viewer, record: int, at: datetime) -> versions.Version:
    try:
        return versions.device(viewer, record, revision_at(at))
    except NotFound:
        versions.device(viewer, record)
        return Equipment(pk=record, stage="")


def _row(version: versions.Version) -> dict[str, str]:
    return {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}
