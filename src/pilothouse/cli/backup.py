"""`pilothouse backup`: one file with everything, taken while the server runs."""

from __future__ import annotations

from pathlib import Path

import typer

HELP = """Write the database, the attached files and the key into one file, FILE.tar, while the server runs.

The database is taken as it was at one moment (SQLite: its backup; PostgreSQL: pg_dump, which must be installed). The file holds
the server's secret: keep it where only the operator reads it.

\b
Example: pilothouse backup /backups/pilothouse-monday.tar
"""


def register(app: typer.Typer) -> None:
    """Add the command `backup`."""
    app.command("backup", help=HELP, short_help="One file with everything.")(_backup)


def _backup(file: Path = typer.Argument(..., metavar="FILE", help="Where to; must not be there.")) -> None:
    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say

    with the_house():
        from pilothouse.core.saving import save_all

        size = save_all(file)
        say(f"Written: {file} ({size / 1e6:,.1f} MB)")
