"""`pilothouse createuser`: the first person who can sign in, and any other."""

from __future__ import annotations

import sys

import typer

HELP = """Add a person who can sign in, with a role for the whole system, a facility or a unit.

Prints a password that is good once and for a week, unless one is given on standard input.

\b
Example: pilothouse createuser "Finn Tarrow" --login finn --role helm
"""


def register(app: typer.Typer) -> None:
    """Add the command `createuser`."""
    app.command("createuser", help=HELP, short_help="Add a person who can sign in.")(_createuser)


def _createuser(
    name: str = typer.Argument(..., metavar="NAME", help="The person's name."),
    login: str = typer.Option(..., "--login", metavar="L", help="The name to sign in with."),
    role: str = typer.Option(
        ...,
        "--role",
        metavar="R",
        help="helm, htm_manager, technician, security_analyst, nurse_manager, buyer, auditor or keeper.",
    ),
    facility: str | None = typer.Option(None, "--facility", metavar="F", help="The facility's id."),
    unit: str | None = typer.Option(None, "--unit", metavar="U", help="The unit's id."),
    key: str = typer.Option("", "--key", metavar="K", help="The id the chain's files have for them."),
    email: str = typer.Option("", "--email", metavar="E"),
    password_stdin: bool = typer.Option(
        False, "--password-stdin", help="Read the password from standard input."
    ),
) -> None:
    from datetime import UTC, datetime

    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say

    with the_house():
        from django.conf import settings

        from pilothouse.core.people import Newcomer, let_in

        asked = Newcomer(name, login, role, facility, unit, key, email)
        password = sys.stdin.readline().rstrip("\n") if password_stdin else None
        one_time = let_in(asked, by=None, at=datetime.now(UTC), password=password)
        say(f"{name} can sign in as {login} at {settings.PUBLIC_URL}.")
        if one_time:
            say("The password below is good once, for a week:")
            typer.echo(one_time)
