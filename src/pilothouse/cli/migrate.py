"""`pilothouse migrate`: bring the database to this version."""

from __future__ import annotations

import typer

HELP = """Create or change the tables so that they fit this version of Pilothouse. Safe to run again.

\b
Example: DATABASE_URL=postgresql://pilothouse@localhost/pilothouse pilothouse migrate
"""


def register(app: typer.Typer) -> None:
    """Add the command `migrate`."""
    app.command("migrate", help=HELP, short_help="Bring the database to this version.")(_migrate)


def _migrate() -> None:
    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say

    with the_house(tables=False):
        say(migrated())


def migrated() -> str:
    """Apply what is missing; what was done, in words."""
    from django.core.management import call_command

    from pilothouse.core.checking import unapplied
    from pilothouse.core.words import counted

    missing = unapplied()
    call_command("migrate", verbosity=0, interactive=False)
    return f"{counted(len(missing), 'migration')} applied." if missing else "The database is up to date."
