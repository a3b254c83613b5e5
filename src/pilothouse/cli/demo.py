"""`pilothouse demo`: write the sources of a demo health system."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pilothouse.demo.world import Written
    from pilothouse.kernel.progress import Progress

HELP = """Write the sources of a demo health system into DIR, with the truth beside them.

Three hospitals with their CMMS export, network scan, security-tool export, advisories and chain of command, receipts
of parts, training records and a wish list; what is true of them stands in DIR/truth. The same options give the same
bytes.

With --load it is brought into the house of the server as well, through the same doors as a real one, and who can sign in is
told; a house that holds equipment already stays as it is.

\b
Example: pilothouse demo demo-hospital --devices 2500 --seed 7 --world ordinary
         pilothouse demo --load
"""


def register(app: typer.Typer) -> None:
    """Add the command `demo`."""
    app.command("demo", help=HELP, short_help="Write the lists of a demo health system to try all this on.")(
        _demo
    )


def _demo(
    folder: Path | None = typer.Argument(None, metavar="DIR", help="A new or empty folder, or an earlier demo, which is replaced."),
    devices: int = typer.Option(2500, "--devices", metavar="N", help="Medical devices, 1 to 1000000."),
    seed: int = typer.Option(7, "--seed", metavar="S", help="Another seed gives another fleet."),
    world: str = typer.Option("ordinary", "--world", metavar="KIND", help="What the sources are like: clean, ordinary, awful or lying."),
    as_of: str = typer.Option("", "--as-of", metavar="DATE", help="The day from which every date counts back; 2026-11-02, with --load today."),
    load: bool = typer.Option(False, "--load", help="Bring it into the house of the server."),
) -> None:  # fmt: skip
    from pilothouse.cli.progress import elapsed, shown
    from pilothouse.demo.world import day, write
    from pilothouse.kernel.errors import BadUsage

    if load:
        _load(folder, devices, seed, world, as_of)
        return
    if folder is None:
        raise BadUsage("name a folder to write to, or --load")
    as_of = as_of or "2026-11-02"
    start = time.perf_counter()
    with shown() as progress:
        written = write(folder, devices=devices, seed=seed, world=world, as_of=day(as_of), progress=progress)
        _tell(written, progress, elapsed(start))


def _tell(written: Written, progress: Progress, took: str) -> None:
    """The summary: what lies where."""
    progress.note(f"Demo health system written to {written.folder} in {took}:")
    for name, rows in written.rows.items():
        progress.note(f"  {name}: {rows:,} rows")
    progress.note(f"  advisories: {written.advisories} documents, kev.json, epss.csv")
    progress.note(f"  chain: the chain of command, {written.people} people")
    progress.note(f"  parts: {written.receipts:,} receipts, offers, spares and another hospital's counts")
    progress.note(f"  training: {written.staff:,} people, their records, what their units need, sessions")
    progress.note(f"  plan: {written.options:,} options with what they use, and the limits of five years")
    progress.note(
        f"  truth: which rows belong together ({written.pairs:,} pairs), what is exposed, true rates, holes, what is planted"
    )


def _load(folder: Path | None, devices: int, seed: int, world: str, as_of: str) -> None:
    """Set the tables up, write the demo and bring it in, unless the house holds equipment; say who can sign in."""
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.cli.server import operator, the_house
    from pilothouse.cli.told import say
    from pilothouse.demo.world import day, write

    with the_house(tables=False):
        from django.conf import settings

        from pilothouse.cli.migrate import migrated

        migrated()
        from pilothouse.home import loading

        now = datetime.now(UTC)
        if not loading.is_loaded():
            place = folder or settings.HOME / "demo"
            today = as_of or now.date().isoformat()
            with shown() as progress:
                write(place, devices=devices, seed=seed, world=world, as_of=day(today), progress=progress)
                loading.load(place, by=operator(), at=now, progress=progress)
        people, password = loading.sign_ins()
        say(f"Sign in at {settings.PUBLIC_URL} with the password {password} as")
        for one in people:
            say(f"  {one.login:<9} {one.name}, {one.what}")
