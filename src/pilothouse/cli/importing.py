"""`pilothouse import`: lists into the register of the house, previewed, applied, undone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from pilothouse.imports.models import Run, Source
    from pilothouse.imports.targets import Outlook

HELP = """Bring files of a SOURCE (a name such as cmms or scan) into the register; the first time the source is made.

A file says all there is: what it no longer has is marked. With --dry-run nothing is written. The same file again changes
nothing; a run that was killed goes on where it stopped; --undo RUN withdraws a run as a whole.

\b
Example: pilothouse import cmms cmms_export.csv --dry-run
         pilothouse import scan network_scan.csv --kind network --as-of 2026-11-02
         pilothouse import scan --undo 4
"""


def register(app: typer.Typer) -> None:
    """Add the command `import`."""
    app.command("import", help=HELP, short_help="Bring lists into the register.")(_import)


def _import(
    source: str = typer.Argument(..., metavar="SOURCE", help="The source's name."),
    files: list[Path] = typer.Argument(None, metavar="FILE...", help="The files, oldest first."),
    kind: str = typer.Option("", "--kind", metavar="KIND", help="Of a new source: cmms, network, security or other; guessed otherwise."),
    takes: str = typer.Option("equipment", "--target", metavar="T", help="Of a new source: what it brings, equipment, chain or people."),
    maps: list[str] = typer.Option([], "--map", metavar="FIELD=COLUMN", help="Correct a guessed column; remembered for the source."),
    as_of: str = typer.Option("", "--as-of", metavar="DATE", help="The day the files were true; now by default."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would happen, and write nothing."),
    undo: int | None = typer.Option(None, "--undo", metavar="RUN", help="Withdraw this run of the source."),
) -> None:  # fmt: skip
    from pilothouse.cli.server import the_house
    from pilothouse.kernel.errors import BadUsage

    if (undo is None) == (not files):
        raise BadUsage("name the files to import, or the run to --undo")
    with the_house():
        rejected = 0
        if undo is not None:
            _undo(source, undo, dry_run)
        else:
            known = _source(source, kind, takes, maps)
            for file in files:
                rejected += _one(known, file, _moment(as_of), dry_run)
    raise typer.Exit(1 if rejected else 0)


def _moment(text: str) -> datetime | None:
    """The moment of --as-of, or None."""
    from pilothouse.kernel import values
    from pilothouse.kernel.errors import BadUsage

    if not text:
        return None
    try:
        return values.moment(text)
    except values.Unusable as wrong:
        raise BadUsage(f"--as-of {text!r}: {wrong.problem}; expected {wrong.expected}") from None


def _source(key: str, kind: str, takes: str, maps: list[str]) -> Source:
    """The source, made when there is none of that name; its mapping corrected."""
    from datetime import UTC, datetime

    from pilothouse.cli.server import operator
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.imports import options, runs
    from pilothouse.imports.models import Source

    by, at = operator(), datetime.now(UTC)
    known = Source.objects.filter(key=key).first()
    source = known or runs.make_source(key=key, kind=kind, takes=takes, by=by, at=at)
    changes = options.mappings([f"{key}:{one}" for one in maps], [key], FIELDS)[key] if maps else None
    if changes or (known and kind and kind != known.kind):
        runs.change_source(source, by=by, at=at, kind=kind or None, mapping=changes)
    return source


def _one(source: Source, file: Path, as_of: datetime | None, dry_run: bool) -> int:
    """Import one file, or say what that would do; how many of its values could not be taken."""
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.cli.server import operator
    from pilothouse.cli.told import say
    from pilothouse.governance.importing.files import packed
    from pilothouse.imports import runs
    from pilothouse.kernel.errors import UnreadableInput

    by, at = operator(), datetime.now(UTC)
    try:
        with packed(file) if file.is_dir() else file.open("rb") as stream:
            run = runs.begin(source, stream, str(file), by=by, at=at, as_of=as_of)
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from None
    with shown() as progress:
        if dry_run:
            outlook = runs.preview(run, by=by, progress=progress)
        else:
            outlook = runs.apply(run, by=by, at=at, progress=progress)
    say(
        f"{'Would import' if dry_run else 'Imported'} {file} as run {run.pk} of {source.key}: {_counted(outlook)}."
    )
    _tell(run, outlook)
    return len(outlook.rejected)


def _undo(source: str, number: int, dry_run: bool) -> None:
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.cli.server import operator
    from pilothouse.cli.told import say
    from pilothouse.imports import runs
    from pilothouse.imports.models import Run
    from pilothouse.kernel.errors import BadUsage

    by, at = operator(), datetime.now(UTC)
    run = Run.objects.filter(pk=number, source__key=source).select_related("source").first()
    if run is None:
        raise BadUsage(f"{source} has no run {number}")
    with shown() as progress:
        outlook = (
            runs.preview_undo(run, by=by) if dry_run else runs.undo(run, by=by, at=at, progress=progress)
        )
    say(f"{'Would undo' if dry_run else 'Undid'} run {run.pk} of {source}: {_counted(outlook)}.")
    _tell(run, outlook)


def _counted(outlook: Outlook) -> str:
    """`97,353 new, 3 changed`; what is zero is left out."""
    return ", ".join(f"{n:,} {what}" for what, n in outlook.counts.items() if n) or "nothing changes"


def _tell(run: Run, outlook: Outlook) -> None:
    from pilothouse.cli.told import first, say

    for guess in outlook.guesses:
        say(f"  {guess.field} from {guess.column} ({guess.why})")
    if outlook.unmapped:
        say(f"  not used: {', '.join(outlook.unmapped)}")
    for note in first(list(outlook.notes)):
        say(f"  {note}")
    if outlook.rejected:
        say(f"  {len(outlook.rejected):,} could not be taken; they stand with run {run.pk}:")
        for text in first(
            [f"row {r.row}, {r.column}: {r.problem}; expected {r.expected}" for r in outlook.rejected]
        ):
            say(f"    {text}")
