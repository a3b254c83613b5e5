"""Imports in the background."""

from __future__ import annotations

from typing import Any

from pilothouse.core.jobs import Step, job
from pilothouse.core.permissions import viewer_of
from pilothouse.imports import runs
from pilothouse.imports.models import Run


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
