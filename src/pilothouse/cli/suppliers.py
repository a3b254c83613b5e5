"""`pilothouse suppliers`: scorecards, the choice among offers, spares, and counts to share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from datetime import date

SCORE = """Score suppliers by what happened after their parts arrived.

EVENTS is any list of receipts: CSV, XLSX (FILE#Sheet), JSON. Each rate comes with its count, the raw rate, the
estimate that leans on all suppliers of the group, its 90 % interval, and the last alarm. Columns:
docs/contracts.md, "suppliers".

\b
Example: pilothouse suppliers score receipts.csv --at 2026-11-02 --out scorecards
"""
MAP = "Corrects the guess of a column: receipts.csv:outcome='Test result'."
RAW = "Write cells as they are, without the guard against formulas."


def register(app: typer.Typer) -> None:
    """Add the command group `suppliers`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Suppliers: scorecards, choosing among offers, spares, counts to share.")  # fmt: skip
    group.command("score", help=SCORE, short_help="Score suppliers by what happened after arrival.")(_score)
    app.add_typer(group, name="suppliers")


def _score(
    events: str = typer.Argument(..., metavar="EVENTS", help="The list of receipts."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="The folder of scorecards.csv."),
    at: str | None = typer.Option(None, "--at", metavar="DATE", help="The reference day; default today."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of all sampling."),
    maps: list[str] = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help=MAP),
    raw: bool = typer.Option(False, "--raw", help=RAW),
) -> None:
    from pilothouse.cli.progress import shown
    from pilothouse.imports import options
    from pilothouse.imports.contracts import SCORECARDS
    from pilothouse.imports.loading import load
    from pilothouse.imports.rejections import write_rejected
    from pilothouse.kernel.duck import engine
    from pilothouse.kernel.writing import Outputs, refuse_to_overwrite
    from pilothouse.parts.engine import score
    from pilothouse.parts.sources.fields import EVENTS
    from pilothouse.parts.sources.receipts import receipts

    mapping = options.mappings(maps, [events], EVENTS)[events]
    day = _day(at)
    with shown() as progress, engine() as con:
        progress.step(f"Reading {events}")
        source = load(events, ordinal=0, fields=EVENTS, kind="other", mapping=mapping, progress=progress)
        rejected = [*source.rejected, *receipts(con, source)]
        scores = score(con, day, seed=seed, progress=progress)
        with Outputs(out, raw=raw) as outputs:
            outputs.table(SCORECARDS.name, scores, SCORECARDS.columns)
            write_rejected(outputs, rejected)
    raise typer.Exit(1 if rejected else 0)


def _day(text: str | None) -> date:
    """The reference day as typed, or today."""
    from datetime import UTC, datetime

    from pilothouse.kernel import values
    from pilothouse.kernel.errors import BadUsage

    if text is None:
        return datetime.now(UTC).date()
    try:
        return values.moment(text.strip()).date()
    except values.Unusable as wrong:
        raise BadUsage(f"--at {text!r}: {wrong.problem}; expected {wrong.expected}") from None
