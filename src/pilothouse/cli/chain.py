"""`pilothouse chain check`: whether a chain of command is valid, and what of it is worth a look."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from pilothouse.governance.words import Issue

HELP = """Check a chain of command.

Tells every error, then every finding judged at --at, then notes, each with file and row.
Ends with 0 if there is neither error nor finding, 1 with findings, 2 with errors.

\b
Example: pilothouse chain check demo-hospital/chain --at 2026-11-02
"""


def register(app: typer.Typer) -> None:
    """Add the command group `chain` with its one command `check`."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        help="The chain of command: who reports to whom, who stands in.",
    )
    group.callback()(_chain)
    group.command("check", help=HELP)(_check)
    app.add_typer(group, name="chain")


def _chain() -> None:
    """Keeps `check` a command of its own although it is the only one."""


def _check(
    chain: str = typer.Argument(..., metavar="DIR|FILE.xlsx", help="The chain of command."),
    at: str | None = typer.Option(
        None, "--at", metavar="TIME", help="The moment findings are judged at; default now."
    ),
    tz: str | None = typer.Option(
        None,
        "--tz",
        metavar="ZONE",
        help="IANA name of the zone of times without an offset; default the chain's.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Everything as one JSON list."),
) -> None:
    from dataclasses import asdict

    from pilothouse.cli.who import moment_of
    from pilothouse.governance.check import findings, meeting_point
    from pilothouse.governance.sources import load_chain

    loaded = load_chain(chain, tz)
    moment = moment_of(at, loaded.zone)
    issues = list(loaded.errors)
    said = list(loaded.notes)
    if loaded.chain is not None:
        issues += findings(loaded.chain, moment)
        meeting = meeting_point(loaded.chain, moment)
        said += [] if meeting is None else [meeting]
    everything = [*issues, *said]
    if as_json:
        typer.echo(json.dumps([asdict(issue) for issue in everything], ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_in_words(everything, moment)))
    raise typer.Exit(2 if loaded.errors else 1 if issues else 0)


def _in_words(issues: Sequence[Issue], moment: datetime) -> Iterator[str]:
    from pilothouse.core.words import counted

    counts = {"error": 0, "finding": 0, "note": 0}
    for issue in issues:
        if counts[issue.level] == 0:
            yield {"error": "Errors", "finding": f"Worth a look at {moment.isoformat()}", "note": "Notes"}[
                issue.level
            ]
        counts[issue.level] += 1
        yield f"  {issue}"
    if issues:
        yield ""
    if counts["error"]:
        yield f"The chain of command is invalid: {counted(counts['error'], 'error')}. Nobody can be named until it is mended."
    else:
        found = counted(counts["finding"], "finding") if counts["finding"] else "no findings"
        yield f"The chain of command is valid; {found}."
