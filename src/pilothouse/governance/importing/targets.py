"""The chain of command and people as targets of imports: a run is one revision, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from pilothouse.core.permissions import Viewer
from pilothouse.governance import importing, words
from pilothouse.governance.command import undoing
from pilothouse.governance.exporting import cells
from pilothouse.governance.importing.files import InvalidFiles, read_chain, read_people
from pilothouse.governance.loading import chain_zone
from pilothouse.governance.recorded import KINDS
from pilothouse.imports.fields import Field
from pilothouse.imports.models import Run
from pilothouse.imports.sources import Rejected
from pilothouse.imports.targets import Outlook, Sample
from pilothouse.kernel.progress import Progress

SAMPLES: Final = 20
SHOWN_ERRORS: Final = 200


@dataclass(slots=True)
class ChainTarget:
    """The files of a chain of command: a workbook, or an archive of the CSV files."""

    name: str = "chain"
    needs: str = "edit_chain"
    fields: Sequence[Field] = ()
    private: Mapping[str, str] = field(default_factory=dict)

    def preview(self, run: Run, path: Path, progress: Progress) -> Outlook:
        """What would be new, changed, ended; or every error, each with file and row."""
        progress.step("Reading the chain of command")
        loaded = read_chain(path)
        if loaded.errors:
            return _refused(loaded.errors)
        progress.step("Comparing")
        return _outlook(importing.preview(loaded.valid().rows, run.as_of or run.started_at), loaded.notes)

    def apply(self, run: Run, path: Path, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Bring it in as one revision. Raises InvalidFiles for an invalid chain."""
        progress.step("Reading the chain of command")
        loaded = read_chain(path)
        if loaded.errors:
            raise InvalidFiles(_listed(loaded.errors))
        progress.step("Writing")
        return _applied(run, loaded.valid().rows, loaded.notes, KINDS, "import_chain", by=by, at=at)

    def preview_undo(self, run: Run) -> Outlook:
        """What taking the run back would do."""
        return _undo_outlook(run)

    def undo(self, run: Run, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Put back what stood before; what was changed since stays."""
        return _undone(run, by=by, at=at)


@dataclass(slots=True)
class PeopleTarget:
    """A list of people: a CSV file with `person, name, email, phone`, or the sheet `people` of a workbook."""

    name: str = "people"
    needs: str = "manage_people"
    fields: Sequence[Field] = ()
    private: Mapping[str, str] = field(default_factory=dict)

    def preview(self, run: Run, path: Path, progress: Progress) -> Outlook:
        """Who would be new, changed, or marked as having left; or every error with its row."""
        progress.step("Reading people")
        rows, wrong = read_people(path, chain_zone())
        if wrong:
            return _refused(wrong)
        return _outlook(importing.preview(rows, run.as_of or run.started_at, ("people",)), ())

    def apply(self, run: Run, path: Path, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Bring them in as one revision. Raises InvalidFiles where a row is wrong."""
        progress.step("Reading people")
        rows, wrong = read_people(path, chain_zone())
        if wrong:
            raise InvalidFiles(_listed(wrong))
        progress.step("Writing")
        return _applied(run, rows, (), ("people",), "import_people", by=by, at=at)

    def preview_undo(self, run: Run) -> Outlook:
        """What taking the run back would do."""
        return _undo_outlook(run)

    def undo(self, run: Run, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Put back what stood before; whoever only this run brought is marked as having left."""
        return _undone(run, by=by, at=at)


@transaction.atomic
def _applied(
    run: Run,
    rows: words.Rows,
    notes: Sequence[words.Issue],
    only: Sequence[str],
    verb: str,
    *,
    by: Viewer,
    at: datetime,
) -> Outlook:
    """Import and the run's revisions in one transaction: killed at any moment, neither or both stand."""
    done = importing.apply(rows, by=by.person, at=at, source=run.file, only=only, verb=verb)
    if done.revision:
        Run.objects.filter(pk=run.pk).update(first_revision=done.revision, last_revision=done.revision)
    return _outlook(done, notes)


def _refused(errors: Sequence[words.Issue]) -> Outlook:
    rejected = tuple(
        Rejected(
            e.file, e.row, None, "", "", e.text, "a valid chain of command; nothing of it is brought in", ""
        )
        for e in errors[:SHOWN_ERRORS]
    )
    more = len(errors) - SHOWN_ERRORS
    notes = (f"and {more:,} more errors",) if more > 0 else ()
    return Outlook(counts={"new": 0, "changed": 0, "rejected": len(errors)}, rejected=rejected, notes=notes)


def _listed(errors: Sequence[words.Issue]) -> str:
    told = [str(error) for error in errors[:SHOWN_ERRORS]]
    more = [f"and {len(errors) - SHOWN_ERRORS:,} more"] if len(errors) > SHOWN_ERRORS else []
    return "This chain of command is invalid, so nothing was brought in: " + "; ".join([*told, *more])


def _outlook(outcome: importing.Outcome, notes: Sequence[words.Issue]) -> Outlook:
    counts = outcome.counts()
    counts["vanished"] = counts.pop("ended")
    told = (outcome.in_words(), *(str(note) for note in notes if note.code != "bare_day_to"))
    return Outlook(counts=counts, samples=tuple(_samples(outcome))[:SAMPLES], notes=told)


def _samples(outcome: importing.Outcome) -> Iterator[Sample]:
    """A few rows of each kind and sort."""
    zone = chain_zone()
    for kind, found in outcome.kinds.items():
        for one in found.new[:3]:
            yield Sample("new", _key(kind, one), {}, cells(kind, one, zone))
        for _, old, one in found.changed[:3]:
            yield Sample(
                "changed", _key(kind, one), *_differing(cells(kind, old, zone), cells(kind, one, zone))
            )
        for _, old in found.ended[:3]:
            yield Sample("vanished", _key(kind, old), cells(kind, old, zone), {})


def _key(kind: str, one: Any) -> str:  # Any: a row of the kind
    named = {field.name for field in fields(one)}
    parts = [getattr(one, name) for name in ("id", "position", "person", "topic") if name in named]
    return f"{kind}: {' '.join(map(str, parts))}"


def _differing(was: Mapping[str, str], becomes: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    names = [name for name in becomes if was.get(name) != becomes[name]]
    return {name: was.get(name, "") for name in names}, {name: becomes[name] for name in names}


def _undo_outlook(run: Run) -> Outlook:
    if not run.first_revision:
        return Outlook(counts={"changed": 0}, notes=("This run changed nothing",))
    parts = undoing.outlook(run.first_revision)
    counts = {
        "restored": sum(len(part.restores) + len(part.returns) for part in parts),
        "removed": sum(len(part.removes) for part in parts),
        "left": sum(len(part.brought) for part in parts),
        "kept": sum(part.touched for part in parts),
    }
    return Outlook(counts=counts, notes=(undoing.in_words(parts),))


def _undone(run: Run, *, by: Viewer, at: datetime) -> Outlook:
    outlook = _undo_outlook(run)
    if run.first_revision:
        undoing.undo(run.first_revision, by=by, at=at, whole_only=False)
    return outlook
