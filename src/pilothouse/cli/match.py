"""`pilothouse match`: look through the whole register again, for devices that are one and for what advisories touch."""

from __future__ import annotations

import typer

HELP = """Ask the linker about every record of the register, and set what changed against the advisories.

Pairs of devices that may be one wait for a person; what an advisory touches becomes a finding with its owner.

\b
Example: pilothouse match
"""


def register(app: typer.Typer) -> None:
    """Add the command `match`."""
    app.command(
        "match", help=HELP, short_help="Look for devices that are one, and for what advisories touch."
    )(_match)


def _match() -> None:
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.cli.server import operator, the_house
    from pilothouse.cli.told import say
    from pilothouse.core.words import counted

    with the_house():
        from pilothouse.intake.matching import match

        with shown() as progress:
            found = match(by=operator(), at=datetime.now(UTC), progress=progress)
        say(
            f"{counted(found, 'new pair', 'new pairs')} of devices wait for a person to say whether they are one."
        )
        from pilothouse.exposure.actions.keeping_up import match as match_advisories

        with shown() as progress:
            progress.step("Matching devices with advisories")
            outcome = match_advisories(by=operator().person, at=datetime.now(UTC))
        say(f"Advisories: {outcome.sentence()}.")
