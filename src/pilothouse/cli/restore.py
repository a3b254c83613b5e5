"""`pilothouse restore`: a backup, into an empty place."""

from __future__ import annotations

from pathlib import Path

import typer

HELP = """Put a backup's database, files and key into the place that the settings name, which must be empty.

\b
Example: PILOTHOUSE_HOME=/srv/pilothouse pilothouse restore /backups/pilothouse-monday.tar
"""


def register(app: typer.Typer) -> None:
    """Add the command `restore`."""
    app.command("restore", help=HELP, short_help="Put a backup into an empty place.")(_restore)


def _restore(
    file: Path = typer.Argument(..., metavar="FILE", help="What `pilothouse backup` wrote."),
) -> None:
    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say

    with the_house(tables=False):
        from pilothouse.core.saving import restore_all

        told = restore_all(file)
        say(f"Restored: {told}. Run pilothouse migrate and pilothouse check.")
