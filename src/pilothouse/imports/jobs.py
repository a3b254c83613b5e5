"""Imports in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from pilothouse.core.errors import Conflict
from pilothouse.core.jobs import Step, enqueue, job
from pilothouse.core.models import Job
from pilothouse.core.permissions import Viewer, need, viewer_of
from pilothouse.imports import reads, runs
from pilothouse.imports.models import Run, Source
from pilothouse.imports.targets import target

SOON_BYTES: Final = 3 << 20
"""A file of at most this size is previewed at once; a larger one by a job."""


def ask(kind: str, run: Run, *, by: Viewer, at: datetime) -> Job:
    """Have a worker preview, apply or undo a run (`kind` of a job below); asked for again it is the same job.

    Raises NotAllowed, and Conflict while something else is asked for of the run's source.
    """
    need(by, target(run.source.target).needs)
    with transaction.atomic():
        list(Source.objects.select_for_update().filter(pk=run.source_id))
        waits = reads.job_of(run)
        if waits is None:
            return enqueue(kind, by=by.person, at=at, key=reads.job_key(run.source), run=run.pk)
    if (waits.kind, waits.arguments.get("run")) != (kind, run.pk):
        raise Conflict(f"Job {waits.pk} is at work on {run.source}; ask again when it has ended")
    return waits


def look(run: Run, *, by: Viewer, at: datetime) -> Job | None:
    """Preview a run: at once, or by the job that is answered for a large file."""
    if runs.stored(run).stat().st_size > SOON_BYTES:
        return ask("preview_import", run, by=by, at=at)
    runs.preview(run, by=by)
    return None


class Told:
    """A job's step as the listener of a reader."""

    def __init__(self, step: Step) -> None:
        self._step, self._done, self._total, self._says = step, 0, 0, ""

    def step(self, text: str, total: int | None = None) -> None:
        """A new step begins."""
        self._done, self._total, self._says = 0, total or 0, text
        self._tell()

    def advance(self, amount: int = 1) -> None:
        """So much more is done."""
        self._done += amount
        self._tell()

    def note(self, text: str) -> None:
        """Notes stand with the run."""

    def _tell(self) -> None:
        self._step.tell(self._done, self._total, self._says)


@job("apply_import", title="Import")
def apply_import(step: Step, *, run: int) -> dict[str, Any]:
    """Apply a run that was begun. `Any`: JSON."""
    found = Run.objects.select_related("source").get(pk=run)
    outlook = runs.apply(found, by=viewer_of(_asker(step, found), step.at), at=step.at, progress=Told(step))
    return {**outlook.counts, "url": f"/runs/{run}/"}


@job("preview_import", title="Look at a file before it is imported")
def preview_import(step: Step, *, run: int) -> dict[str, Any]:
    """Preview a run that was begun. `Any`: JSON."""
    found = Run.objects.select_related("source").get(pk=run)
    outlook = runs.preview(found, by=viewer_of(_asker(step, found), step.at), progress=Told(step))
    return {**outlook.counts, "url": f"/runs/{run}/"}


@job("undo_import", title="Undo of an import")
def undo_import(step: Step, *, run: int) -> dict[str, Any]:
    """Undo a run. `Any`: JSON."""
    found = Run.objects.select_related("source").get(pk=run)
    outlook = runs.undo(found, by=viewer_of(_asker(step, found), step.at), at=step.at, progress=Told(step))
    return {**outlook.counts, "url": f"/runs/{run}/"}


def _asker(step: Step, run: Run) -> Any:
    """Who asked for the job, else who began the run. `Any`: a Person."""
    return step.by or run.by
