"""`pilothouse report`: one front page over the reports of a folder."""

from __future__ import annotations

from pathlib import Path

import typer

HELP = """Write DIR/index.html, a front page that leads to the report.html of DIR and of the folders in it.

\b
Example: pilothouse report answer
"""


def register(app: typer.Typer) -> None:
    """Add the command `report`."""
    app.command("report", help=HELP, short_help="One front page over the reports of a folder.")(_report)


def _report(folder: Path = typer.Argument(..., metavar="DIR", help="The folder with the answers.")) -> None:
    from datetime import UTC, datetime

    from pilothouse.cli.told import say
    from pilothouse.core.words import counted
    from pilothouse.home.cover import bind

    cover, bound = bind(folder, datetime.now(UTC).astimezone())
    say(f"Written: {cover} ({counted(len(bound), 'report')})")
