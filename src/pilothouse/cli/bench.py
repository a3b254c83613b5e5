"""`pilothouse bench`: measures the server's bars on this machine."""

from __future__ import annotations

import typer

HELP = """Measure what the server promises and print each figure beside its bar. Without NAME: what can be measured.

\b
Example: pilothouse bench audit
"""


def register(app: typer.Typer) -> None:
    """Add the command `bench`."""
    app.command("bench", help=HELP, short_help="Measure the server on this machine.")(_bench)


def _bench(names: list[str] = typer.Argument(None, metavar="[NAME]...", help="What to measure.")) -> None:
    import time
    from importlib import import_module

    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say
    from pilothouse.kernel.errors import BadUsage
    from pilothouse.kernel.text import near_it

    every: dict[str, str] = import_module("pilothouse.config.bench").BENCHES
    if not names:
        for name in every:
            typer.echo(name)
        return
    for name in names:
        if name not in every:
            raise BadUsage(
                f"there is no benchmark {name!r}{near_it(name, every)}; there are {', '.join(every)}"
            )
    with the_house():
        say(_machine())
        for name in names:
            module, _, function = every[name].partition(":")
            begun = time.perf_counter()
            for what, measured, bar in getattr(import_module(module), function)():
                typer.echo(f"{name}  {what}  {measured}{f'  (bar: {bar})' if bar else ''}")
            say(f"{name}: {time.perf_counter() - begun:.1f} s")


def _machine() -> str:
    import os
    import platform

    from django.db import connection

    return (
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.platform()}, "
        f"Python {platform.python_version()}, {connection.vendor}"
    )
