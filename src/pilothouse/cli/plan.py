"""`pilothouse plan`: what to do with each device over several years, with a bound and a reason for each option."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pilothouse.cli import lists

if TYPE_CHECKING:
    from collections.abc import Sequence


HELP = """Choose among replacing, upgrading, isolating, training, contracting, over years and under many limits at once.

OPTIONS: item,option,year,benefit,must,bundle,requires,committed. USES: item,option,limit,amount. LIMITS:
limit,max,year,kind. The plan comes with a bound that no plan exceeds, shadow prices, and for each option why or why
not. Columns of OPTIONS that begin with "points" divide the benefit by criterion; --draws then moves their weights.

\b
Example: pilothouse plan options.csv --uses uses.csv --limits limits.csv --out plan --draws 200 --scenario less=limits-less.csv
"""
MAP = "Corrects the guess of a column: options.csv:benefit='Risk removed'."


def register(app: typer.Typer) -> None:
    """Add the command `plan`."""
    app.command("plan", help=HELP, short_help="Plan replacing, upgrading, training over years.")(_plan)


def _plan(
    options: str = typer.Argument(..., metavar="OPTIONS", help="The list of options, one row an option."),
    uses: str = typer.Option(..., "--uses", metavar="USES", help="What each option takes of each limit."),
    limits: str = typer.Option(..., "--limits", metavar="LIMITS", help="What must not be exceeded."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="The folder of plan.csv."),
    gap: float = typer.Option(0.005, "--gap", min=0.0, max=1.0, help="How far from the bound is good enough, as a share of it."),
    seconds: float = typer.Option(30.0, "--seconds", min=0.1, help="How long to look for a plan, of each scenario."),
    draws: int = typer.Option(0, "--draws", min=0, help="How often to move the weights, to see which choices survive."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the draws; the same seed moves the weights in the same way."),
    scenario: list[str] = typer.Option([], "--scenario", metavar="NAME=LIMITS", help="Another list of limits to plan under and compare; may be said several times."),
    maps: list[str] = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help=MAP),
    raw: bool = typer.Option(False, "--raw", help="Write cells as they are, without the guard against formulas."),
) -> None:  # fmt: skip
    import sys
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.home.planning import OUTPUT_FILES, Order, plan

    others = _scenarios(scenario)
    files = [options, uses, limits, *(file for _, file in others)]
    lists.spare(files, [out / name for name in OUTPUT_FILES])
    order = Order(
        options, uses, limits, out, datetime.now(UTC).astimezone(), others, _mappings(maps, files), _finite("--gap", gap, "a share such as 0.005"),
        _finite("--seconds", seconds, "a number of seconds"), draws, seed, raw, shlex.join(["pilothouse", *sys.argv[1:]]),
    )  # fmt: skip
    with shown() as progress:
        answer = plan(order, lists.read, progress)
    _tell(answer.told)
    lists.tell_rejected(answer.rejected, "see rejected.csv beside the answer.")
    lists.end(answer.rejected, str(out))


def _finite(option: str, number: float, expected: str) -> float:
    from math import isfinite

    from pilothouse.kernel.errors import BadUsage

    if not isfinite(number):
        raise BadUsage(f"{option} {number}: expected {expected}")
    return number


def _scenarios(said: Sequence[str]) -> list[tuple[str, str]]:
    """`NAME=LIMITS` as pairs. Raises BadUsage for one without a name, or a name said twice."""
    from pilothouse.kernel.errors import BadUsage

    found: dict[str, str] = {}
    for text in said:
        name, equals, file = text.partition("=")
        if not equals or not name.strip() or not file:
            raise BadUsage(f"--scenario {text!r}: expected NAME=LIMITS, such as less=limits-less.csv")
        if name.strip() in found:
            raise BadUsage(f"--scenario {text!r}: there is a scenario {name.strip()!r} already")
        found[name.strip()] = file
    return list(found.items())


def _mappings(maps: list[str], files: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each file what `--map` says of it."""
    from pilothouse.imports import options
    from pilothouse.masterplan.sources.fields import LIMITS, OPTIONS, USES

    every = list({field.name: field for field in (*OPTIONS, *USES, *LIMITS)}.values())
    return options.mappings(maps, files, every)


def _tell(lines: Sequence[str]) -> None:
    from pilothouse.cli.told import say

    for line in lines:
        say(line)
