"""A run of an import, whatever its target: previewed, applied, taken up again after a kill, undone. ADR 0016.

The file is kept under its hash, so that a run can be looked at, applied again and audited later. Nothing of what could not be
taken is lost: it stands in `RejectedRow`, can be downloaded, corrected and sent again as an incomplete run.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import transaction

from pilothouse.core.errors import Conflict, NotFound
from pilothouse.core.keeping import writing
from pilothouse.core.permissions import Viewer, need
from pilothouse.imports.mapping import JOINED
from pilothouse.imports.models import RejectedRow, Run, Source
from pilothouse.imports.targets import Outlook, target
from pilothouse.kernel.errors import BadUsage, PilothouseError, UnreadableInput
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.text import fold

MOST_BYTES: Final = 4 << 30
"""Of one file."""
KINDS: Final = ("cmms", "network", "security", "other")
_PIECE: Final = 1 << 20
PREVIEWED, APPLYING, APPLIED, UNDOING, UNDONE, FAILED = map(str, Run.State.values)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the files' folder. path: below it; digest: SHA-256."""

    path: str
    digest: str


def keep_file(stream: BinaryIO) -> Kept:
    """Copy a file into the files' folder under its hash. Raises UnreadableInput beyond MOST_BYTES, OSError when the disk is full."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".arriving-")
    try:
        with os.fdopen(descriptor, "wb") as out:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise UnreadableInput(f"The file is larger than {MOST_BYTES >> 30} GB; split it")
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        path = folder / digest.hexdigest()
        Path(name).replace(path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UnreadableInput(f"The file could not be kept: {error.strerror or error}") from error
        raise
    return Kept(f"imports/{digest.hexdigest()}", digest.hexdigest())


def source_named(key: str) -> Source:
    """The source of this key. Raises NotFound."""
    found = Source.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no source {key!r}")
    return found


def make_source(
    *, key: str, by: Viewer, at: datetime, name: str = "", kind: str = "", takes: str = "equipment"
) -> Source:
    """A source that files can be imported for. kind: empty to be read off its first file. Raises BadUsage for a key that cannot be one."""
    need(by, target(takes).needs)
    plain = "-".join(fold(key).split())
    if not plain or len(plain) > 40:
        raise BadUsage(
            f"{key!r} is no name of a source; up to 40 letters and digits such as cmms or scan-2 are"
        )
    if kind and kind not in KINDS and takes == "equipment":
        raise BadUsage(f"{kind!r} is no kind of source; {', '.join(KINDS)} are")
    with writing(by=by.person, at=at, verb="make_source", subject=f"source:{plain}") as w:
        if Source.objects.filter(key=plain).exists():
            raise Conflict(f"There is a source {plain!r} already")
        place = Source.objects.count()
        source = Source(
            key=plain, name=name or key.strip(), kind=kind, target=takes, mapping="{}", place=place
        )
        w.save(source)
    return source


def change_source(source: Source, *, by: Viewer, at: datetime, name: str | None = None, kind: str | None = None, mapping: Mapping[str, str] | None = None) -> Source:  # fmt: skip
    """Another name, kind or column mapping (field to column) for the runs to come."""
    need(by, target(source.target).needs)
    if kind is not None and kind and source.target == "equipment" and kind not in KINDS:
        raise BadUsage(f"{kind!r} is no kind of source; {', '.join(KINDS)} are")
    said = {
        "name": name,
        "kind": kind,
        "mapping": None if mapping is None else json.dumps(dict(mapping), ensure_ascii=False),
    }
    for column, value in said.items():
        if value is not None:
            setattr(source, column, value)
    with writing(by=by.person, at=at, verb="change_source") as w:
        w.save(source)
    return source


def begin(source: Source, stream: BinaryIO, file: str, *, by: Viewer, at: datetime, as_of: datetime | None = None, complete: bool = True) -> Run:  # fmt: skip
    """A run of one file, not yet applied. file: as it is called; as_of: when what it says was true, by default now."""
    need(by, target(source.target).needs)
    kept = keep_file(stream)
    return Run.objects.create(
        source=source, state=PREVIEWED, file=Path(file).name, path=kept.path, digest=kept.digest, as_of=as_of or at,
        by=by.person, started_at=at, complete=complete,
    )  # fmt: skip


def preview(run: Run, *, by: Viewer, progress: Progress = SILENT) -> Outlook:
    """What applying would do; the register stays as it is, the run keeps the figures and what could not be taken.

    Raises Conflict for a run that has begun to be applied, whose figures tell what it did.
    """
    need(by, target(run.source.target).needs)
    if run.first_revision or run.state not in (PREVIEWED, FAILED):
        raise Conflict(
            f"Run {run.pk} is {run.get_state_display().lower()}; there is nothing to look at before it"
        )
    outlook = _asked(run, lambda: target(run.source.target).preview(run, stored(run), progress))
    with transaction.atomic():
        looked_at = Run.objects.filter(pk=run.pk, state__in=(PREVIEWED, FAILED), first_revision=0)
        if not looked_at.update(state=PREVIEWED, error=""):
            raise Conflict(f"Run {run.pk} was applied while it was looked at")
        _note(run, outlook, counts=True)
    return outlook


def correct_columns(run: Run, mapping: Mapping[str, str], *, by: Viewer, at: datetime) -> None:
    """Take other columns for fields (field to column), in this run's file and in the next ones of its source.

    Raises BadUsage for a field or a column there is not, Conflict for a run that is no longer looked at.
    """
    if run.first_revision or run.state not in (PREVIEWED, FAILED):
        raise Conflict(
            f"Run {run.pk} is {run.get_state_display().lower()}; its columns are as they were read"
        )
    known = {one.name for one in target(run.source.target).fields}
    for name, column in mapping.items():
        if name not in known:
            raise BadUsage(
                f"{name!r} is no field of {run.source.target}; {', '.join(sorted(known)) or 'none'} are"
            )
        if column not in run.columns:
            raise BadUsage(f"{column!r} is no column of {run.file}")
    change_source(run.source, by=by, at=at, mapping=mapping)
    run.source.refresh_from_db()


def apply(run: Run, *, by: Viewer, at: datetime, progress: Progress = SILENT) -> Outlook:
    """Write what the run brings. Safe to call again: what was written before is unchanged by then.

    Raises Conflict while another run of the source is being applied, and for a run that was undone.
    """
    need(by, target(run.source.target).needs)
    _take(
        run,
        (PREVIEWED, APPLYING, APPLIED, FAILED),
        APPLYING,
    )
    outlook = _asked(
        run, lambda: target(run.source.target).apply(run, stored(run), by=by, at=at, progress=progress)
    )
    with transaction.atomic():
        _note(run, outlook, counts=True)
        _remember(run, outlook, by, at)
        Run.objects.filter(pk=run.pk).update(state=APPLIED, ended_at=at, error="")
    run.refresh_from_db()
    return outlook


def preview_undo(run: Run, *, by: Viewer) -> Outlook:
    """What undoing would do."""
    need(by, target(run.source.target).needs)
    return target(run.source.target).preview_undo(run)


def undo(run: Run, *, by: Viewer, at: datetime, progress: Progress = SILENT) -> Outlook:
    """Withdraw what the run brought. Safe to call again after a kill."""
    need(by, target(run.source.target).needs)
    _take(run, (APPLIED, APPLYING, FAILED, UNDOING), UNDOING)
    outlook = target(run.source.target).undo(run, by=by, at=at, progress=progress)
    Run.objects.filter(pk=run.pk).update(state=UNDONE, ended_at=at)
    run.refresh_from_db()
    return outlook


def stored(run: Run) -> Path:
    """Where the run's file is kept. Raises NotFound when it is gone."""
    path = Path(settings.MEDIA_ROOT) / run.path
    if not run.path or not path.is_file():
        raise NotFound(f"The file of run {run.pk} ({run.file}) is no longer kept")
    return path


def to_correct(run: Run) -> Iterator[str]:
    """The rejected records as CSV with the header of their file, to be corrected and sent again; values alone where no record is kept."""
    rows = list(run.rejected.order_by("row", "pk"))
    out = io.StringIO()
    pen = csv.writer(out)
    pen.writerow(run.columns or ["row", "column", "value", "problem"])
    yield _taken(out)
    seen: set[int | None] = set()
    for one in rows:
        if not run.columns:
            pen.writerow([one.row, one.column, one.value, one.problem])
        elif one.row not in seen:
            seen.add(one.row)
            out.write(one.raw.rstrip("\r\n") + "\r\n")
        yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _take(run: Run, states: tuple[str, ...], state: str) -> None:
    """Put the run into a state, if it is in one of those and no other run of its source is on its way."""
    with transaction.atomic():
        list(Source.objects.select_for_update().filter(pk=run.source_id))
        others = Run.objects.filter(source=run.source_id, state__in=[APPLYING, UNDOING]).exclude(pk=run.pk)
        if (other := others.first()) is not None:
            raise Conflict(
                f"Run {other.pk} of {run.source} ({other.file}) is not finished; go on with it, or undo it, first"
            )
        if not Run.objects.filter(pk=run.pk, state__in=states).update(state=state):
            run.refresh_from_db()
            raise Conflict(f"Run {run.pk} is {run.get_state_display().lower()}")
    run.refresh_from_db()


def _asked(run: Run, ask: Any) -> Outlook:
    """The target's answer; an error is kept with the run, in which the file is called as its owner calls it. `Any`: a call."""
    try:
        outlook: Outlook = ask()
    except PilothouseError as wrong:
        text = str(wrong).replace(str(Path(settings.MEDIA_ROOT) / run.path), run.file)
        started = Run.objects.filter(pk=run.pk).values_list("first_revision", flat=True).first()
        state = APPLYING if started else FAILED
        Run.objects.filter(pk=run.pk).update(state=state, error=text)
        raise type(wrong)(text) from None
    return outlook


def _note(run: Run, outlook: Outlook, *, counts: bool) -> None:
    """Keep the figures, and the rejected rows in place of earlier ones."""
    stored_at = str(Path(settings.MEDIA_ROOT) / run.path)
    with transaction.atomic():
        changed: dict[str, Any] = {
            "notes": [note.replace(stored_at, run.file) for note in outlook.notes],
            "columns": list(outlook.columns),
        }
        if counts:
            changed["counts"] = dict(outlook.counts)
            changed["understood"] = _understood(outlook, stored_at, run.file)
        Run.objects.filter(pk=run.pk).update(**changed)
        run.rejected.all().delete()
        RejectedRow.objects.bulk_create(
            (RejectedRow(run=run, row=r.row, line=r.line, column=r.column, value=r.value, problem=r.problem, expected=r.expected, raw=r.raw) for r in outlook.rejected),
            batch_size=300,
        )  # fmt: skip
    run.refresh_from_db()


def _understood(outlook: Outlook, stored_at: str, file: str) -> dict[str, Any]:
    """What the run's page shows of an outlook. `Any`: JSON."""
    return {
        "kind": outlook.kind,
        "columns": [[g.field, g.column, g.why.replace(stored_at, file)] for g in outlook.guesses],
        "unmapped": list(outlook.unmapped),
        "samples": [[s.what, s.key, dict(s.was), dict(s.becomes)] for s in outlook.samples],
    }


def _remember(run: Run, outlook: Outlook, by: Viewer, at: datetime) -> None:
    """The source keeps the kind and the columns that its first file was understood by."""
    source = run.source
    if source.kind and source.mapping not in ("", "{}"):
        return
    source.kind = source.kind or outlook.kind
    if source.mapping in ("", "{}"):
        single = {field: column for field, column in outlook.mapping.items() if JOINED not in column}
        source.mapping = json.dumps(single, ensure_ascii=False)
    with writing(by=by.person, at=at, verb="learn_source") as w:
        w.save(source)


def forget_arriving() -> int:
    """Remove half-arrived files that a killed upload left; how many."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    left = list(folder.glob(".arriving-*")) if folder.is_dir() else []
    for file in left:
        file.unlink(missing_ok=True)
    return len(left)


def free_bytes() -> int:
    """What the disk of the files' folder has left."""
    return shutil.disk_usage(
        settings.MEDIA_ROOT if Path(settings.MEDIA_ROOT).exists() else settings.HOME
    ).free
