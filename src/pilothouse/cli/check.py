"""`pilothouse check`: whether the house is as it must be."""

from __future__ import annotations

import typer

HELP = """Walk the whole audit log and every kept row, each room's invariants, the files, the migrations and the settings.

Prints each problem on a line of its own and ends with 1; ends with 0 when there is none.

\b
Example: pilothouse check
"""


def register(app: typer.Typer) -> None:
    """Add the command `check`."""
    app.command("check", help=HELP, short_help="Whether the house is as it must be.")(_check)


def _check() -> None:
    from datetime import UTC, datetime

    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say, visible
    from pilothouse.core.words import counted

    with the_house(tables=False):
        from pilothouse.core import checking

        found = 0
        for one in checking.problems(datetime.now(UTC)):
            found += 1
            typer.echo(visible(f"{one.about}: {one.words}"))
        if checking.is_local():
            say("note: set up for this machine alone; before others reach it see docs/operators/install.md.")
        say(f"{counted(found, 'problem')} found." if found else "All is as it must be.")
        if found:
            raise typer.Exit(1)
