"""Two records that are one device become one; one that is two becomes two. Claims only move: none is ever lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from pilothouse.core.errors import Conflict, Invalid
from pilothouse.core.keeping import Writing, writing
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted
from pilothouse.equipment import fleet, ports
from pilothouse.equipment.actions.access import Done, changeable
from pilothouse.equipment.claims import HAND
from pilothouse.equipment.models import Claim, Equipment, Redirect
from pilothouse.equipment.settling import Settler, appear, claim_row, settle


def merge(keep: int, others: Collection[int], *, by: Viewer, at: datetime, note: str = "") -> Done:
    """Let devices be one with `keep`: their claims move to it, their ids lead to it from now on.

    What was set by hand on `keep` counts before what was set on the others. Raises NotFound, NotAllowed, Invalid.
    """
    gone = sorted(set(others) - {keep})
    if not gone:
        raise Invalid("Choose another device to merge into this one.")
    told = note or f"{counted(len(gone), 'device')} merged into it"
    with writing(by=by.person, at=at, verb="merge_equipment", subject=f"equipment:{keep}", note=told) as w:
        changeable(by, [keep, *gone], "merge_equipment")
        settler = Settler.at(w)
        move(w, dict.fromkeys(Claim.objects.filter(equipment_id__in=gone), keep))
        fleet.drop(w, gone)
        lead_on(dict.fromkeys(gone, keep), w.number)
        settle(w, [keep], settler)
        ports.tell_merged(dict.fromkeys(gone, keep), w.number)
        ports.tell_changed([keep, *gone], w.number)
    return Done(w.number, [keep, *gone])


def split(device: int, claim_ids: Collection[int], *, by: Viewer, at: datetime, note: str = "") -> Done:
    """Let some claims of a device be a device of their own; gives its id as `made`.

    What was set by hand on the device stays with it. Raises NotFound, NotAllowed, Invalid, Conflict.
    """
    wanted = set(claim_ids)
    with writing(by=by.person, at=at, verb="split_equipment", subject=f"equipment:{device}", note=note) as w:
        changeable(by, [device], "merge_equipment")
        claims = list(Claim.objects.filter(equipment_id=device).select_related("source"))
        leaving = [claim for claim in claims if claim.pk in wanted]
        if len(leaving) < len(wanted):
            raise Conflict("A record that you chose no longer belongs to this device.")
        if any(claim.source.key == HAND and claim.key == str(device) for claim in leaving):
            raise Invalid("What was set by hand on this device stays with it.")
        if not leaving or len(leaving) == sum(not _is_own_hand(claim) for claim in claims):
            raise Invalid("Choose some of the records, not all: one at least stays with this device.")
        settler = Settler.at(w)
        made = w.new_ids(Equipment)[0]
        move(w, dict.fromkeys(leaving, made))
        appear(w, [made], settler)
        settle(w, [device], settler)
        ports.tell_changed([device, made], w.number)
    return Done(w.number, [device, made], made=made)


def _is_own_hand(claim: Claim) -> bool:
    return claim.source.key == HAND and claim.key == str(claim.equipment_id)


def move(w: Writing, claims: Mapping[Claim, int]) -> None:
    """Claims to the devices that they are of now."""
    if claims:
        w.overwrite(Claim, [(claim.pk, claim_row(claim, equipment_id=to)) for claim, to in claims.items()])


def lead_on(old_to_new: Mapping[int, int], revision: int) -> None:
    """Old ids lead to the new ones. A chain of merges stays a chain, so that each can be undone by itself."""
    Redirect.objects.filter(old__in=old_to_new).delete()
    Redirect.objects.bulk_create(
        Redirect(old=old, new=new, since=revision) for old, new in old_to_new.items()
    )


def current_id(record: int) -> int | None:
    """The id that a merged device has now; None for one that was never merged."""
    return current_ids([record]).get(record)


def current_ids(records: Iterable[int]) -> dict[int, int]:
    """For ids that were merged: where they lead in the end. One query for each step of the longest chain."""
    found: dict[int, int] = {}
    asked = {record: record for record in records}
    while asked:
        steps = dict(Redirect.objects.filter(old__in=set(asked.values())).values_list("old", "new"))
        asked = {first: steps[last] for first, last in asked.items() if last in steps}
        found.update(asked)
    return found
