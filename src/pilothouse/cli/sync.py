"""`pilothouse sync`: what publishers say, from a folder or from their own addresses."""

from __future__ import annotations

from pathlib import Path

import typer

HELP = """Read advisories (CSAF), known exploitation (KEV) and its probability (EPSS) again.

--from DIR takes a folder, a file or an archive; without it the official addresses are asked for what changed, if
PILOTHOUSE_ONLINE=1 or --online allows it. What has not changed writes nothing.

\b
Example: pilothouse sync advisories --from advisories
         pilothouse sync advisories --online
"""
WHAT = ("advisories",)


def register(app: typer.Typer) -> None:
    """Add the command `sync`."""
    app.command("sync", help=HELP, short_help="Read the publishers' advisories again.")(_sync)


def _sync(
    what: str = typer.Argument(..., metavar="advisories", help="What to read again."),
    folder: Path | None = typer.Option(None, "--from", metavar="DIR", help="A folder, a file or an archive."),
    online: bool = typer.Option(False, "--online", help="Ask the official addresses, this once."),
) -> None:
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.cli.server import operator, the_house
    from pilothouse.cli.told import say
    from pilothouse.kernel.errors import BadUsage

    if what not in WHAT:
        raise BadUsage(f"sync knows {', '.join(WHAT)}; {what!r} was given")
    if folder is not None and online:
        raise BadUsage("give --from or --online, not both")
    with the_house(), shown() as progress:
        from pilothouse.exposure.actions.syncing import sync_from_folder, sync_online

        progress.step("Reading advisories")
        by, at = operator().person, datetime.now(UTC)
        if folder is not None:
            synced = sync_from_folder(folder, by=by, at=at)
        else:
            synced = sync_online(by=by, at=at, allowed=online)
    say(f"{synced.sentence()}.")
    if synced.taken.wrote:
        say("The worker matches the register with them; `pilothouse match` does it at once.")
    raise typer.Exit(1 if synced.damaged or synced.problems else 0)
