"""Values set by hand: claims of the source `hand`, which win over all others until they are cleared. ADR 0015."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Final

from pilothouse.core.errors import Invalid
from pilothouse.core.keeping import Row, Writing, writing
from pilothouse.core.permissions import Viewer, need
from pilothouse.core.words import counted
from pilothouse.equipment import fleet, ports
from pilothouse.equipment.actions.access import Done, changeable, not_stale
from pilothouse.equipment.claims import HAND
from pilothouse.equipment.fields import BY_NAME, NEEDS
from pilothouse.equipment.hand import read_values
from pilothouse.equipment.models import Claim, Equipment, Stage
from pilothouse.equipment.settling import SPELT, Settler, appear, claim_row, parts, settle
from pilothouse.imports.models import Source

RETIRED: Final = "Retired"
IN_USE: Final = "In use"
NAMING: Final = ("tag", "serial", "name", "maker", "model", "mac", "host")
"""A device added by hand must be known by one of these at least."""


def set_by_hand(
    ids: Collection[int],
    values: Mapping[str, str],
    *,
    by: Viewer,
    at: datetime,
    note: str = "",
    read_at: int | None = None,
) -> Done:
    """Set fields of devices to values that win over every source; an empty value clears what was set and asks the sources again.

    values: by field of `equipment.fields`, as typed. read_at: `since` of the one device as its editor read it. Raises Invalid with
    a message for each field, Stale, NotFound, NotAllowed.
    """
    read = checked(values)
    return _set("set_by_hand", ids, read, by=by, at=at, note=note, read_at=read_at)


def retire(ids: Collection[int], *, by: Viewer, at: datetime, note: str = "") -> Done:
    """Take devices out of service for good; they stay in the register with their past."""
    return _set("retire", ids, {"status": RETIRED}, by=by, at=at, note=note)


def bring_back(ids: Collection[int], *, by: Viewer, at: datetime, note: str = "") -> Done:
    """Retired devices are what their sources say again; those that are retired there too are in use by hand."""
    with _writing("bring_back", ids, {"status": ""}, by, at, note) as w:
        allowed = changeable(by, ids)
        settler = Settler.at(w)
        changed = set(_hand(w, allowed, {"status": ""}, settler))
        retired = Equipment.objects.filter(stage=Stage.RETIRED)
        for part in parts(allowed):
            still = list(retired.filter(id__in=part).values_list("id", flat=True))
            changed.update(_hand(w, still, {"status": IN_USE}, settler))
        ports.tell_changed(sorted(changed), w.number)
    return Done(w.number, sorted(changed))


def add_by_hand(values: Mapping[str, str], *, by: Viewer, at: datetime, note: str = "") -> Done:
    """A new device that no source knows yet; gives its id as `made`.

    Who may edit only at some places must name one of them. Raises Invalid, NotAllowed.
    """
    read = {name: value for name, value in checked(values).items() if value}
    if not any(name in read for name in NAMING):
        raise Invalid("Name the device.", {"tag": "Enter a tag, a serial number or a description."})
    with writing(by=by.person, at=at, verb="add_by_hand", note=note) as w:
        settler = Settler.at(w)
        found = settler.locator.find(read.get("facility", ""), read.get("unit", ""))
        if not by.may("edit_equipment", facility=found.facility, unit=found.unit):
            need_somewhere(by)
            raise Invalid("The device stands where you may not add one.", {"unit": "Enter a facility or unit that is yours."})  # fmt: skip
        for permission in {NEEDS[name] for name in read if name in NEEDS}:
            need(by, permission, facility=found.facility, unit=found.unit)
        record = w.new_ids(Equipment)[0]
        _insert_claims(w, hand_source(w), [(record, read)])
        appear(w, [record], settler)
        ports.tell_changed([record], w.number)
    return Done(w.number, [record], made=record)


def need_somewhere(by: Viewer) -> None:
    """Raise NotAllowed unless the viewer may edit devices at any place."""
    if not by.may_somewhere("edit_equipment"):
        need(by, "edit_equipment")


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """The values as the register writes them. Raises Invalid with a message for each field that is wrong."""
    read, wrong = read_values(values)
    if wrong:
        raise Invalid("Some values cannot be taken.", wrong)
    if not read:
        raise Invalid("Enter a value first.")
    return read


def hand_source(w: Writing) -> int:
    """The id of the source of what people set by hand."""
    found = Source.objects.filter(key=HAND).values_list("id", flat=True).first()
    if found is None:
        found = w.save(Source(key=HAND, name="Set by hand", kind=HAND, target="equipment")).pk
    return found


def _set(
    verb: str,
    ids: Collection[int],
    values: Mapping[str, str],
    *,
    by: Viewer,
    at: datetime,
    note: str,
    read_at: int | None = None,
) -> Done:
    if len(ids) == 1 and _is_set(next(iter(ids)), values):
        changeable(by, ids)
        not_stale(next(iter(ids)), read_at, by)
        return Done(0)
    with _writing(verb, ids, values, by, at, note) as w:
        allowed = changeable(by, ids)
        for permission in {NEEDS[name] for name in values if name in NEEDS}:
            changeable(by, ids, permission)
        if len(allowed) == 1:
            not_stale(allowed[0], read_at, by)
        changed = _hand(w, allowed, values, Settler.at(w))
        ports.tell_changed(changed, w.number)
    return Done(w.number, changed)


def _writing(
    verb: str, ids: Collection[int], values: Mapping[str, str], by: Viewer, at: datetime, note: str
) -> AbstractContextManager[Writing]:
    """One device is the revision's subject; of many the note tells how many."""
    one = next(iter(ids)) if len(ids) == 1 else 0
    what = ", ".join(BY_NAME[name].label.lower() for name in values)
    told = note or ("" if one else f"{what} of {counted(len(ids), 'device')}")
    return writing(
        by=by.person, at=at, verb=verb, subject=f"equipment:{one}" if one else "", note=told if ids else ""
    )


def _is_set(record: int, values: Mapping[str, str]) -> bool:
    """Whether exactly this is set by hand already, so that nothing would change."""
    docs = Claim.objects.filter(equipment_id=record, source__key=HAND).values_list("key", "doc")
    own: dict[str, str] = {}
    for key, doc in docs:
        read = json.loads(doc)
        if key == str(record):
            own = read
        elif any(name in read for name, value in values.items() if not value):
            return False
    return all(own.get(name, "") == value for name, value in values.items())


def _hand(w: Writing, ids: Sequence[int], values: Mapping[str, str], settler: Settler) -> list[int]:
    """Write the claims, then the rows; gives the devices of which a claim or a value changed."""
    source = hand_source(w)
    set_ = {name: value for name, value in values.items() if value}
    changed: list[int] = []
    for part in parts(ids):
        touched = _claims(w, source, part, values)
        changed += touched
        if len(set_) == len(values):
            _rows(w, touched, set_, settler)
        else:
            settle(w, touched, settler)
    return changed


def _rows(w: Writing, ids: Sequence[int], values: Mapping[str, str], settler: Settler) -> None:
    """What is set by hand wins, so the other fields need not be asked."""
    before = fleet.stored(ids)
    place = fleet.COLUMNS.index("sources")
    told = {record: ({**fleet.values_of(row), **values}, row[place]) for record, row in before.items()}
    fleet.change(w, [(record, row) for record, row in settler.rows(told) if row != before[record]])


def _claims(w: Writing, source: int, ids: Sequence[int], values: Mapping[str, str]) -> list[int]:
    """The hand's claims of devices, set and cleared; gives the devices whose claims changed."""
    seen = moment_text(w.at)
    own = set(ids)
    changed: list[int] = []
    overwritten: list[tuple[int, Row]] = []
    for claim in Claim.objects.filter(source_id=source, equipment_id__in=list(ids)):
        doc = json.loads(claim.doc)
        is_own = claim.key == str(claim.equipment_id)
        own -= {claim.equipment_id} if is_own else set()
        new = {name: value for name, value in doc.items() if name not in values}
        new |= {name: value for name, value in values.items() if value and is_own}
        new |= {name: doc[name] for name, value in values.items() if value and not is_own and name in doc}
        if new != doc:
            text = SPELT(new)
            overwritten.append((claim.pk, claim_row(claim, doc=text, digest=digest(text), seen=seen)))
            changed.append(claim.equipment_id)
    if overwritten:
        w.overwrite(Claim, overwritten)
    set_ = {name: value for name, value in values.items() if value}
    if set_ and own:
        _insert_claims(w, source, [(record, set_) for record in sorted(own)])
        changed += own
    return sorted(set(changed))


def _insert_claims(w: Writing, source: int, docs: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    new = w.new_ids(Claim, len(docs))
    seen = moment_text(w.at)
    rows = []
    for record, (device, doc) in zip(new, docs, strict=True):
        text = SPELT(dict(doc))
        claim = Claim(equipment_id=device, source_id=source, key=str(device), doc=text, seen=seen, digest=digest(text))  # fmt: skip
        rows.append((record, claim_row(claim)))
    w.insert(Claim, rows)


def digest(doc: str) -> str:
    """By which an unchanged document is told."""
    return hashlib.sha256(doc.encode("utf-8", "surrogatepass")).hexdigest()


def moment_text(at: datetime) -> str:
    """A moment as claims write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
