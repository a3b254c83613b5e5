"""Undoing a run: its claims are withdrawn and winners decided anew; what later runs or people set stays.

A claim that the run brought goes back to what an earlier run had said of it, or is removed. A device that only this run made and
nobody touched is retired; others that are left without a claim are listed. A killed undo goes on, since what is withdrawn
is no longer the run's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from pilothouse.core.keeping import Row, among, tables, writing
from pilothouse.core.models import Revision
from pilothouse.core.permissions import Viewer
from pilothouse.equipment import fleet
from pilothouse.equipment.models import Claim, Equipment, EquipmentPast, Stage
from pilothouse.equipment.settling import heard, settle
from pilothouse.imports.models import Run
from pilothouse.imports.targets import Outlook, Sample
from pilothouse.intake.importing import CHUNK, CLAIM_COLUMNS, stored_claims
from pilothouse.kernel.progress import Progress

_EQUIPMENT: Final = CLAIM_COLUMNS.index("equipment")
_RUN: Final = CLAIM_COLUMNS.index("run")
_MISSING: Final = CLAIM_COLUMNS.index("missing_since")
_DOC: Final = CLAIM_COLUMNS.index("doc")
_KEY: Final = CLAIM_COLUMNS.index("key")
_STAGE: Final = fleet.COLUMNS.index("stage")
MOST_LISTED: Final = 200


def outlook(run: Run) -> Outlook:
    """What undoing would do."""
    ours = _ours(run)
    counts = {"withdrawn": 0, "restored": 0, "found again": 0}
    samples: list[Sample] = []
    devices: set[int] = set()
    for part in _parts(ours):
        for _, row, back in _turned(run, part):
            what = "withdrawn" if back is None else "restored" if row[_RUN] == run.pk else "found again"
            counts[what] += 1
            devices.add(row[_EQUIPMENT])
            if len(samples) < 20:
                samples.append(
                    Sample(what, row[_KEY], json.loads(row[_DOC]), json.loads(back[_DOC]) if back else {})
                )
    alone = _only_from(run, devices)
    touched = _touched(run, alone)
    counts |= {"retired": len(alone) - len(touched), "left without a claim": len(touched)}
    return Outlook(counts, tuple(samples), notes=tuple(_told(touched)))


def undo(run: Run, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
    """Withdraw the run, chunk by chunk, each one revision."""
    ours = _ours(run)
    progress.step("Withdrawing", len(ours))
    counts = {"withdrawn": 0, "restored": 0, "found again": 0, "retired": 0, "left without a claim": 0}
    notes: list[str] = []
    for part in _parts(ours):
        with writing(by=by.person, at=at, verb="undo_import", subject=f"run:{run.pk}") as w:
            turned = list(_turned(run, part))
            gone = [claim for claim, _, back in turned if back is None]
            w.remove(Claim, gone)
            w.overwrite(Claim, [(claim, back) for claim, _, back in turned if back is not None])
            devices = {row[_EQUIPMENT] for _, row, _ in turned}
            bare = {device for device, claims in heard(devices).items() if not claims}
            touched = _touched(run, bare)
            settle(w, devices - bare)
            rows = fleet.stored(bare - touched)
            fleet.change(w, [(device, _retired(row)) for device, row in rows.items() if row != _retired(row)])
            counts["withdrawn"] += len(gone)
            counts["restored"] += sum(row[_RUN] == run.pk and back is not None for _, row, back in turned)
            counts["found again"] += sum(row[_RUN] != run.pk for _, row, _ in turned)
            counts["retired"] += len(bare) - len(touched)
            counts["left without a claim"] += len(touched)
            notes += _told(touched)
            progress.advance(len(part))
    return Outlook(counts, notes=tuple(notes[:MOST_LISTED]))


def _retired(row: Row) -> Row:
    return (*row[:_STAGE], str(Stage.RETIRED), *row[_STAGE + 1 :])


def _ours(run: Run) -> list[int]:
    """The claims that the run brought or found missing, as they stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM equipment_claim WHERE source_id = %s AND (run = %s OR missing_since = %s) ORDER BY id",
            [run.source_id, run.pk, run.pk],
        )
        return [claim for (claim,) in cursor.fetchall()]


def _turned(run: Run, claims: Sequence[int]) -> Iterator[tuple[int, Row, Row | None]]:
    """Each claim as it is, and as it was before the run; None where the run made it. The device stays the one it has now."""
    before = _before(run, claims)
    for claim, row in stored_claims(claims).items():
        if row[_RUN] != run.pk:
            yield claim, row, (*row[:_MISSING], 0, *row[_MISSING + 1 :])
        elif claim in before:
            earlier = before[claim]
            yield claim, row, (row[_EQUIPMENT], *earlier[_EQUIPMENT + 1 :])
        else:
            yield claim, row, None


def _before(run: Run, claims: Sequence[int]) -> dict[int, Row]:
    """The last version of each claim that is not the run's own."""
    columns = ", ".join(f"p.{name}" for name in tables()[Claim].columns)
    condition, parameter = among(claims)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.record, {columns} FROM equipment_claimpast p WHERE p.record {condition} AND p.run <> %s AND p.since ="
            " (SELECT max(l.since) FROM equipment_claimpast l WHERE l.record = p.record AND l.run <> %s)",
            [parameter, run.pk, run.pk],
        )
        return {record: tuple(row) for record, *row in cursor.fetchall()}


def _only_from(run: Run, devices: set[int]) -> set[int]:
    """Of these devices, those that have no claim but the run's own new ones."""
    held = set()
    for part in _parts(sorted(devices)):
        condition, parameter = among(part)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT c.equipment_id FROM equipment_claim c WHERE c.equipment_id {condition} AND (c.run <> %s"
                " OR EXISTS (SELECT 1 FROM equipment_claimpast p WHERE p.record = c.id AND p.run <> %s))",
                [parameter, run.pk, run.pk],
            )
            held |= {device for (device,) in cursor.fetchall()}
    return devices - held


def _touched(run: Run, devices: set[int]) -> set[int]:
    """Of these devices, those that were written by anything but this run."""
    ours = set(Revision.objects.filter(subject=f"run:{run.pk}").values_list("id", flat=True))
    found: set[int] = set()
    for part in _parts(sorted(devices)):
        found |= {
            pk
            for pk, since in Equipment.objects.filter(pk__in=part).values_list("pk", "since")
            if since not in ours
        }
        found |= {
            pk
            for pk, since in EquipmentPast.objects.filter(record__in=part).values_list("record", "since")
            if since not in ours
        }
    return found


def _told(devices: set[int]) -> list[str]:
    return [
        f"Equipment {device} is left without a claim, and stays: somebody has changed it"
        for device in sorted(devices)[:MOST_LISTED]
    ]


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
