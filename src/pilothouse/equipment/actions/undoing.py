"""Undo: a new revision that takes back what one revision did to claims, where nothing later stands in the way.

Each claim is compared as it was before, after, and now. What the revision changed and nobody changed since goes back;
what others have changed meanwhile in other fields stays; the rows are decided again from the claims.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Max

from pilothouse.core.errors import Conflict, NotFound
from pilothouse.core.keeping import Row, Writing, writing
from pilothouse.core.models import Revision
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.equipment import fleet, ports
from pilothouse.equipment.actions.access import Done, changeable
from pilothouse.equipment.actions.hand import digest
from pilothouse.equipment.actions.merging import lead_on
from pilothouse.equipment.models import Claim, ClaimPast, Equipment, EquipmentPast, Redirect
from pilothouse.equipment.settling import SPELT, Settler, appear, parts, settle, standing

UNDOABLE: Final[Mapping[str, str]] = {
    "set_by_hand": "edit_equipment", "retire": "edit_equipment", "bring_back": "edit_equipment", "add_by_hand": "edit_equipment",
    "merge_equipment": "merge_equipment", "split_equipment": "merge_equipment", "undo_equipment": "edit_equipment",
}  # fmt: skip
"""Which verbs can be taken back, and what one must be allowed for it."""

FIELDS: Final = tuple(f.attname for f in Claim._meta.concrete_fields if f.name not in ("id", "since"))
_DEVICE, _DOC, _SEEN, _DIGEST = (FIELDS.index(name) for name in ("equipment_id", "doc", "seen", "digest"))


class InTheWay(Conflict):
    """Later changes stand in the way of undoing this. revisions: which."""

    def __init__(self, message: str, revisions: tuple[int, ...]) -> None:
        super().__init__(message)
        self.revisions = revisions


@dataclass(slots=True)
class _Change:
    """One revision's effect: claims by id before, after and now (with the revision that wrote them); devices made and dropped."""

    before: dict[int, Row] = field(default_factory=dict)
    after: dict[int, Row] = field(default_factory=dict)
    now: dict[int, tuple[int, Row]] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)

    @property
    def claims(self) -> list[int]:
        """Every claim the revision touched."""
        return sorted({*self.before, *self.after})

    @property
    def devices(self) -> set[int]:
        """Every device the revision touched, and those where its claims are now."""
        rows = (*self.before.values(), *self.after.values(), *(row for _, row in self.now.values()))
        return {row[_DEVICE] for row in rows} | self.made | self.dropped


def undo(revision: int, *, by: Viewer, at: datetime) -> Done:
    """Take back what a revision did. Raises NotFound, NotAllowed, Conflict, and InTheWay naming the later changes."""
    entry = Revision.objects.filter(id=revision).first()
    if entry is None:
        raise NotFound("There is no such change.")
    if entry.verb not in UNDOABLE:
        raise Conflict("This kind of change is not undone here.")
    subject = entry.subject if entry.subject.startswith("equipment:") else ""
    with writing(
        by=by.person, at=at, verb="undo_equipment", subject=subject, note=f"Undoes revision {revision}"
    ) as w:
        change = _change(revision)
        _may(by, change, UNDOABLE[entry.verb])
        restored = _restored(change)
        _nobody_came(change, restored)
        left = _write(w, change, restored)
        _devices(w, change, left)
        ports.tell_changed(sorted(change.devices), w.number)
    return Done(w.number, sorted(change.devices))


# --- What the revision did ---------------------------------------------------------------------------------


def _change(revision: int) -> _Change:
    found = _Change()
    found.after = _rows(Claim.objects.filter(since=revision).values_list("id", *FIELDS))
    found.after |= _rows(ClaimPast.objects.filter(since=revision).values_list("record", *FIELDS))
    found.before = _rows(ClaimPast.objects.filter(until=revision).values_list("record", *FIELDS))
    for part in parts(found.claims):
        rows = Claim.objects.filter(id__in=list(part)).values_list("id", "since", *FIELDS)
        found.now |= {record: (since, tuple(row)) for record, since, *row in rows}
    wrote = set(Equipment.objects.filter(since=revision).values_list("id", flat=True))
    wrote |= set(EquipmentPast.objects.filter(since=revision).values_list("record", flat=True))
    ended = set(EquipmentPast.objects.filter(until=revision).values_list("record", flat=True))
    found.made, found.dropped = wrote - ended, ended - wrote
    return found


def _rows(rows: Iterable[tuple[object, ...]]) -> dict[int, Row]:
    return {int(str(record)): tuple(row) for record, *row in rows}


def _may(by: Viewer, change: _Change, permission: str) -> None:
    """The devices that are there, and the places of those that would come back, must be the viewer's to change."""
    if there := standing(change.devices):
        changeable(by, there, permission)
    sees, may = by.scope("see_equipment"), by.scope(permission)
    for record, facility, unit in _last_places(change.dropped):
        if not sees.holds(facility=facility, unit=unit):
            raise NotFound("There is no such change.")
        if not may.holds(facility=facility, unit=unit):
            raise NotAllowed(f"You may not bring device {record} back.")


def _last_places(records: Iterable[int]) -> Iterable[tuple[int, int | None, int | None]]:
    rows = EquipmentPast.objects.filter(record__in=list(records)).order_by("record", "since")
    return {row[0]: row for row in rows.values_list("record", "facility_id", "unit_id")}.values()


# --- What goes back ----------------------------------------------------------------------------------------


def _restored(change: _Change) -> dict[int, Row | None]:
    """Each touched claim as it is to be, None for one that is to go. Raises InTheWay."""
    restored: dict[int, Row | None] = {}
    blocked: set[int] = set()
    for record in change.claims:
        since, now = change.now.get(record, (0, None))
        try:
            restored[record] = _back(change.before.get(record), change.after.get(record), now)
        except _Blocked:
            blocked.add(since or _ended(record))
    if blocked:
        raise in_the_way(blocked)
    return restored


class _Blocked(Exception):
    """What is there now is not what the revision left."""


def _back(before: Row | None, after: Row | None, now: Row | None) -> Row | None:
    """One claim taken back. Raises _Blocked."""
    if after is None:
        if now is not None:
            raise _Blocked
        return before
    if now is None:
        raise _Blocked
    back = list(now)
    if before is None or before[_DEVICE] != after[_DEVICE]:
        if now[_DEVICE] != after[_DEVICE]:
            raise _Blocked
        back[_DEVICE] = now[_DEVICE] if before is None else before[_DEVICE]
    doc = _doc_back("{}" if before is None else before[_DOC], after[_DOC], now[_DOC])
    if before is None and doc == "{}":
        return None
    if doc != now[_DOC]:
        back[_DOC], back[_DIGEST] = doc, digest(doc)
        if before is not None and now[_SEEN] == after[_SEEN]:
            back[_SEEN] = before[_SEEN]
    return tuple(back)


def _doc_back(before: str, after: str, now: str) -> str:
    if before == after:
        return now
    old, new, present = json.loads(before), json.loads(after), json.loads(now)
    for name in {*old, *new}:
        if old.get(name) == new.get(name):
            continue
        if present.get(name) != new.get(name):
            raise _Blocked
        present.pop(name, None)
        if name in old:
            present[name] = old[name]
    return SPELT(present)


def _ended(record: int) -> int:
    """The revision at which a claim that is no more was removed."""
    return (
        ClaimPast.objects.filter(record=record).order_by("-until").values_list("until", flat=True).first()
        or 0
    )


def _nobody_came(change: _Change, restored: Mapping[int, Row | None]) -> None:
    """Claims can only go back to a device that is there; one that the revision made only goes if nothing else is said of it."""
    homes = {row[_DEVICE] for row in restored.values() if row is not None} - change.dropped
    if homes := homes - standing(homes):
        ended = (
            EquipmentPast.objects.filter(record__in=sorted(homes))
            .values("record")
            .annotate(last=Max("until"))
        )
        raise in_the_way(row["last"] for row in ended)
    if not change.made:
        return
    gone = {record for record, row in restored.items() if row is None or row[_DEVICE] not in change.made}
    others = Claim.objects.filter(equipment_id__in=sorted(change.made)).values_list("id", "since")
    came = {since for record, since in others if record not in gone}
    there = standing(change.made)
    merged = Redirect.objects.filter(old__in=change.made - there).values_list("since", flat=True)
    if came or change.made - there:
        raise in_the_way({*came, *merged})


def in_the_way(revisions: Iterable[int]) -> InTheWay:
    """The refusal, with the later changes in words."""
    numbers = sorted(set(revisions))
    entries = Revision.objects.filter(id__in=numbers[:3]).select_related("by")
    told = [
        f"revision {entry.id:,} ({entry.verb.replace('_', ' ')}{f' by {entry.by}' if entry.by else ''}, {entry.at:%d %b %Y %H:%M})"
        for entry in entries
    ]
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    return InTheWay(
        f"Later changes stand in the way: {', '.join(told)}{more}. Undo them first.", tuple(numbers)
    )


def _write(w: Writing, change: _Change, restored: Mapping[int, Row | None]) -> dict[int, set[int]]:
    """Write the claims; gives for each device that claims leave where they go."""
    left: dict[int, set[int]] = defaultdict(set)
    for record, row in restored.items():
        if (
            record in change.now
            and row is not None
            and (old := change.now[record][1][_DEVICE]) != row[_DEVICE]
        ):
            left[old].add(row[_DEVICE])
    gone = [record for record, row in restored.items() if row is None and record in change.now]
    new = [(record, row) for record, row in restored.items() if row is not None and record not in change.now]
    changed = [
        (record, row) for record, row in restored.items() if row is not None and record in change.now and row != change.now[record][1]
    ]  # fmt: skip
    if gone:
        w.remove(Claim, gone)
    if new:
        w.insert(Claim, new)
    if changed:
        w.overwrite(Claim, changed)
    return left


def _devices(w: Writing, change: _Change, left: Mapping[int, set[int]]) -> None:
    """Devices that the revision dropped come back, those it made go and lead to where their claims went."""
    settler = Settler.at(w)
    if change.made:
        made = sorted(change.made)
        fleet.drop(w, made)
        lead_on({old: next(iter(left[old])) for old in made if len(left.get(old, ())) == 1}, w.number)
        merged = {old: next(iter(left[old])) for old in made if len(left.get(old, ())) == 1}
        ports.tell_merged(merged, w.number)
    if change.dropped:
        Redirect.objects.filter(old__in=change.dropped).delete()
        appear(w, sorted(change.dropped), settler)
    settle(w, change.devices - change.made - change.dropped, settler)
