"""Equipment as an import target: records become claims, claims find their device, winners are decided anew.

Applying reads the file once, tells by digests what differs from the claims there are, and writes that in chunks, each one
revision. A run that was killed is applied again: what it had written is unchanged by then. Docs: docs/domains/intake.md,
"In the register".
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
from django.db import connection
from django.db.models import F

from pilothouse.core.keeping import Row, Writing, among, long_writing, tables, writing
from pilothouse.core.permissions import Viewer
from pilothouse.equipment import fleet, ports
from pilothouse.equipment.actions import learn_products
from pilothouse.equipment.claims import Said
from pilothouse.equipment.fields import FIELDS, NEEDS
from pilothouse.equipment.models import Claim, Equipment
from pilothouse.equipment.settling import Settler, settle
from pilothouse.imports.fields import Field
from pilothouse.imports.loading import load
from pilothouse.imports.models import Run
from pilothouse.imports.sources import Source
from pilothouse.imports.targets import Outlook, Sample
from pilothouse.intake import joining
from pilothouse.intake.records import differences, documents, parsed
from pilothouse.kernel.duck import engine
from pilothouse.kernel.memory import collector_paused
from pilothouse.kernel.progress import Progress

CHUNK: Final = 4_000
"""Records of one transaction: 200 MB in all on SQLite, half a second in which nobody else writes."""
SAMPLES: Final = 20
MEMORY_MB: Final = 120
"""For DuckDB while a file is compared; beyond that it spills. The linker has its usual memory."""

_WORK: Final = """
CREATE OR REPLACE TABLE work AS
SELECT row_number() OVER (ORDER BY what = 'vanished', "row", key) - 1 AS place, what, claim, equipment, key, doc, digest, seen, "row"
FROM differences WHERE what IN ('new', 'changed') OR (what = 'vanished' AND $complete) ORDER BY place
"""
"""In memory in the order in which it is written, so that a chunk is read without holding the rest a second time."""
_CHUNK: Final = 'SELECT what, claim, equipment, key, doc, digest, seen, "row" FROM work WHERE place >= $first AND place < $end ORDER BY place'


@dataclass(slots=True)
class EquipmentTarget:
    """Equipment lists of any kind: CMMS exports, network scans, security tools."""

    name: str = "equipment"
    needs: str = "import_sources"
    fields: Sequence[Field] = FIELDS
    private: Mapping[str, str] = field(default_factory=lambda: NEEDS)

    def preview(self, run: Run, path: Path, progress: Progress) -> Outlook:
        """What would be new, changed, vanished, rejected, and what would join devices of other sources."""
        with engine(memory_mb=MEMORY_MB, threads=1) as con:
            source, counts = _compared(con, run, path, progress)
            found = _joined(con, run, counts, progress)
            counts |= {"joined": len(found.device_of), "review": len(found.review)}
            return _outlook(source, counts, tuple(_samples(con, found)))

    def apply(self, run: Run, path: Path, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Write what differs, chunk by chunk."""
        with engine(memory_mb=MEMORY_MB, threads=1) as con, long_writing(), fleet.filled():
            source, counts = _compared(con, run, path, progress)
            found = _joined(con, run, counts, progress)
            counts |= {"joined": len(found.device_of), "review": len(found.review)}
            con.execute(_WORK, {"complete": run.complete})
            con.execute(
                "CREATE OR REPLACE TABLE again AS SELECT seen, claim FROM differences WHERE what = 'seen'"
            )
            con.execute("DROP TABLE differences")
            total = sum(counts.get(what, 0) for what in ("new", "changed", "vanished"))
            progress.step("Writing the register", total)
            Run.objects.filter(pk=run.pk).update(done=0, total=total)
            settler: Settler | None = None
            for first in range(0, total, CHUNK):
                chunk = con.execute(_CHUNK, {"first": first, "end": first + CHUNK}).fetchall()
                with (
                    collector_paused(),
                    writing(by=by.person, at=at, verb="import", subject=f"run:{run.pk}") as w,
                ):
                    settler = settler or _settler(w, con)
                    _write(w, run, [Piece._make(values) for values in chunk], found, settler)
                    Run.objects.filter(pk=run.pk).update(last_revision=w.number, done=F("done") + len(chunk))
                    Run.objects.filter(pk=run.pk, first_revision=0).update(first_revision=w.number)
                    progress.advance(len(chunk))
            _see_again(con)
            joining.note_reviews(run, found, at)
        return _outlook(source, counts, ())

    def preview_undo(self, run: Run) -> Outlook:
        """What withdrawing the run would do."""
        from pilothouse.intake.undoing import outlook

        return outlook(run)

    def undo(self, run: Run, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Withdraw the run's claims and decide winners anew."""
        from pilothouse.intake.undoing import undo

        return undo(run, by=by, at=at, progress=progress)


class Piece(NamedTuple):
    """One record that differs: columns of `differences` in the order of the work."""

    what: str
    claim: int | None
    equipment: int | None
    key: str
    doc: str
    digest: str
    seen: str
    row: int


def _compared(
    con: duckdb.DuckDBPyConnection, run: Run, path: Path, progress: Progress
) -> tuple[Source, dict[str, int]]:
    """The file read, and `differences` left in con."""
    progress.step(f"Reading {Path(run.file).name}")
    mapping = json.loads(run.source.mapping or "{}")
    source = load(str(path), ordinal=0, fields=FIELDS, kind=run.source.kind or None, mapping=mapping, as_of=run.as_of, progress=progress)  # fmt: skip
    progress.step("Comparing with what is known")
    documents(con, source)
    source.table = source.table.slice(0, 0)
    counts = differences(con, _claims_of(run.source_id))
    if not run.complete:
        counts.pop("vanished", None)
    con.execute("DROP TABLE records")
    return source, counts


def _joined(
    con: duckdb.DuckDBPyConnection, run: Run, counts: dict[str, int], progress: Progress
) -> joining.Joined:
    """The devices that new records belong to. The first source has nobody to join: `match` looks for doubles in it later."""
    others = Claim.objects.exclude(source=run.source_id).exclude(source__kind="hand")
    return (
        joining.join(con, run.source, progress) if counts.get("new") and others.exists() else joining.Joined()
    )


def _claims_of(source: int) -> Iterator[tuple[int, str, str, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, key, digest, seen, equipment_id, missing_since FROM equipment_claim WHERE source_id = %s",
            [source],
        )
        yield from cursor.fetchall()


def _outlook(source: Source, counts: dict[str, int], samples: tuple[Sample, ...]) -> Outlook:
    whole = {
        what: counts.get(what, 0) for what in ("new", "changed", "unchanged", "vanished", "joined", "review")
    }
    whole["unchanged"] += counts.get("seen", 0)
    whole |= {"records": source.records, "rejected": len(source.rejected)}
    return Outlook(
        whole,
        samples,
        tuple(source.rejected),
        source.guesses,
        source.unmapped,
        tuple(source.notes),
        dict(source.mapping),
        source.columns,
        source.kind,
    )


def _samples(con: duckdb.DuckDBPyConnection, found: joining.Joined) -> Iterator[Sample]:
    rows = con.execute(
        f"SELECT what, claim, key, doc, \"row\" FROM differences WHERE what <> 'unchanged' AND what <> 'seen' QUALIFY row_number() OVER (PARTITION BY what ORDER BY \"row\", key) <= {SAMPLES}"
    ).fetchall()
    known = {c.pk: c for c in Claim.objects.filter(pk__in=[claim for _, claim, *_ in rows if claim])}
    for what, claim, key, doc, row in rows:
        was = json.loads(known[claim].doc) if claim in known else {}
        told = "joined" if what == "new" and (row, key) in found.device_of else what
        yield Sample(told, key, was, json.loads(doc) if doc else {})


_NAMED: Final = """
SELECT coalesce(json_extract_string(doc, '$.maker'), ''), coalesce(json_extract_string(doc, '$.model'), ''), coalesce(json_extract_string(doc, '$.name'), ''), count(*)
FROM work WHERE what <> 'vanished' GROUP BY ALL
"""


def _settler(w: Writing, con: duckdb.DuckDBPyConnection) -> Settler:
    """What deciding needs; makers and models that the file names and the register has not are made first."""
    told: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for maker, model, name, count in con.execute(_NAMED).fetchall():
        told[maker, model][name] = count
    learn_products(w, told)
    return Settler.at(w)


def _write(w: Writing, run: Run, pieces: Sequence[Piece], found: joining.Joined, settler: Settler) -> None:
    """One chunk: claims first, then the devices they speak of."""
    new = [p for p in pieces if p.what == "new"]
    changed = [p for p in pieces if p.what == "changed"]
    vanished = [p.claim or 0 for p in pieces if p.what == "vanished"]
    made, device_of = _devices_for(w, new, found)
    claims = w.new_ids(Claim, len(new)) if new else range(0)
    w.insert(
        Claim,
        [(claim, _claim_row(run, p, device_of[p.row, p.key])) for claim, p in zip(claims, new, strict=True)],
    )
    w.overwrite(Claim, [(p.claim or 0, _claim_row(run, p, p.equipment or 0)) for p in changed])
    _miss(w, run, vanished)
    kind, rank = settler.sources.ranked[run.source_id]
    read_at = settler.sources.read_at.get(run.source_id, "")
    fresh: defaultdict[int, list[Said]] = defaultdict(list)
    touched = {p.equipment for p in changed if p.equipment}
    for claim, p, doc in zip(claims, new, parsed([p.doc for p in new]), strict=True):
        device = device_of[p.row, p.key]
        if device in made:
            fresh[device].append(Said(claim, kind, rank, p.seen or read_at, doc, claim))
        else:
            touched.add(device)
    fleet.add(w, settler.rows(settler.decided(fresh)))
    settled = settle(w, touched, settler)
    ports.tell_changed([*fresh, *settled], w.number)


def _devices_for(
    w: Writing, new: Sequence[Piece], found: joining.Joined
) -> tuple[set[int], dict[joining.Place, int]]:
    """The devices made now, and the device of each new record: one there is, one that several new records share, its own."""
    places = [(p.row, p.key) for p in new]
    groups = {found.group_of[place] for place in places if place in found.group_of} - found.made.keys()
    alone = [place for place in places if place not in found.group_of and place not in found.device_of]
    ids = w.new_ids(Equipment, len(groups) + len(alone)) if groups or alone else range(0)
    found.made.update(zip(sorted(groups), ids, strict=False))
    own = dict(zip(alone, ids[len(groups) :], strict=True))
    device_of = {
        place: found.device_of[place]
        if place in found.device_of
        else own[place]
        if place in own
        else found.made[found.group_of[place]]
        for place in places
    }
    return set(ids), device_of


def _claim_row(run: Run, piece: Piece, equipment: int) -> Row:
    return (equipment, run.source_id, piece.key, piece.doc, piece.seen, piece.digest, run.pk, 0)


def _miss(w: Writing, run: Run, ids: list[int]) -> None:
    """Records that the list no longer has: their claims stand, marked."""
    if not ids:
        return
    rows = stored_claims(ids)
    at = CLAIM_COLUMNS.index("missing_since")
    w.overwrite(Claim, [(record, (*row[:at], run.pk, *row[at + 1 :])) for record, row in rows.items()])


CLAIM_COLUMNS: Final = tuple(f.name for f in Claim._meta.concrete_fields if f.name not in ("id", "since"))


def stored_claims(ids: Iterable[int]) -> dict[int, Row]:
    """Claims' rows by id."""
    columns = ", ".join(tables()[Claim].columns)
    condition, parameter = among(ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {columns} FROM equipment_claim WHERE id {condition}", [parameter])
        return {record: tuple(row) for record, *row in cursor.fetchall()}


def _see_again(con: duckdb.DuckDBPyConnection) -> None:
    """Records that say the same at a later time: the time is taken over without a new version."""
    again = con.execute("SELECT seen, claim FROM again").fetchall()
    for start in range(0, len(again), CHUNK):
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE equipment_claim SET seen = %s WHERE id = %s", again[start : start + CHUNK]
            )
