"""`pilothouse reconcile`: several lists in, one register out, with exposures and their owners if asked for."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pilothouse.home.run import Outcome, Question

HELP = """Bring the lists that different departments keep to one register.

FILEs are CMMS exports, network scans, exports of security tools: CSV, XLSX (FILE#Sheet), JSON, nmap XML.
With --advisories it also says which devices the public advisories touch, with --chain who answers for each.

\b
Example: pilothouse reconcile cmms.xlsx scan.csv --out answer --advisories advisories --chain chain
"""


def register(app: typer.Typer) -> None:
    """Add the command `reconcile`."""
    app.command("reconcile", help=HELP, short_help="Bring several lists of devices to one register.")(
        _reconcile
    )


def _reconcile(
    files: list[str] = typer.Argument(..., metavar="FILE...", help="The lists, in the order in which their word counts."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="The folder for the answer; made if it is not there."),
    as_of: list[str] = typer.Option([], "--as-of", metavar="FILE=DATE", help="The day a list stands for, such as scan.csv=2026-11-02, if its rows do not say."),
    advisories: Path | None = typer.Option(None, "--advisories", metavar="DIR", help="Security advisories (CSAF), in files, folders or archives."),
    kev: Path | None = typer.Option(None, "--kev", metavar="FILE", help="The catalogue of known exploited vulnerabilities."),
    epss: Path | None = typer.Option(None, "--epss", metavar="FILE", help="The EPSS scores."),
    names: Path | None = typer.Option(None, "--names", metavar="FILE", help="Your confirmed makers' and products' names."),
    chain: Path | None = typer.Option(None, "--chain", metavar="DIR|FILE.xlsx", help="The chain of command."),
    topic: str = typer.Option("cybersecurity", "--topic", metavar="T", help="What the owners are asked about."),
    at: str | None = typer.Option(None, "--at", metavar="TIME", help="The moment the owners are asked for, such as 2026-11-02T09:00; default now."),
    maps: list[str] = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help="Corrects the guess of a column: scan.csv:serial='S/N'."),
    kinds: list[str] = typer.Option([], "--kind", metavar="FILE=KIND", help="What a list is: cmms, network, security, other."),
    raw: bool = typer.Option(False, "--raw", help="Write cells as they are, without the guard against formulas."),
) -> None:  # fmt: skip
    from datetime import UTC, datetime

    from pilothouse.cli.progress import elapsed, shown
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.home.run import Order, run
    from pilothouse.imports import options

    start = time.perf_counter()
    _tell_useless({"--kev": kev, "--epss": epss}, "--advisories", advisories)
    _tell_useless({"--at": at}, "--chain", chain)
    _refuse_twice(files)
    order = Order(
        files=tuple(files),
        out=out,
        made_at=datetime.now(UTC).astimezone(),
        kinds=options.kinds(kinds, files),
        mappings=options.mappings(maps, files, FIELDS),
        as_of=options.dates(as_of, files),
        advisories=advisories,
        kev=kev,
        epss=epss,
        names=names,
        question=None if chain is None else _question(chain, topic, at),
        raw=raw,
        command=shlex.join(["pilothouse", *sys.argv[1:]]),
    )
    with shown() as progress:
        outcome = run(order, progress)
    _tell(outcome, order.out, elapsed(start))
    raise typer.Exit(outcome.exit_code)


def _refuse_twice(files: list[str]) -> None:
    from pilothouse.kernel.errors import BadUsage

    seen: dict[str, str] = {}
    for file in files:
        real = os.path.realpath(file)
        if real in seen:
            other = "" if seen[real] == file else f", the other time as {seen[real]}"
            raise BadUsage(f"{file} is named twice{other}; a list counts once")
        seen[real] = file


def _tell_useless(given: dict[str, object], wanted: str, there: object) -> None:
    """Say of an option that it does nothing here, rather than let the user believe it did."""
    from pilothouse.cli.told import say

    for option, value in given.items():
        if value is not None and there is None:
            say(f"note: {option} has no effect without {wanted}")


def _question(chain: Path, topic: str, at: str | None) -> Question:
    """The chain and the moment it is asked for; asked once for the whole system, so that a bad moment is told early."""
    from pilothouse.cli.who import moment_of, topic_of
    from pilothouse.governance.rules import who
    from pilothouse.governance.sources import load_chain
    from pilothouse.governance.words import SYSTEM
    from pilothouse.home.run import Question

    loaded = load_chain(chain)
    question = Question(loaded, topic_of(topic), moment_of(at, loaded.zone))
    if loaded.chain is not None:
        who(loaded.chain, question.topic, SYSTEM, question.at)
    return question


def _tell(outcome: Outcome, out: Path, took: str) -> None:
    """The summary: what was understood, what came of it, what to read first."""
    from pilothouse.cli.told import say, tell_guess
    from pilothouse.core.words import counted

    for source in outcome.sources:
        tell_guess(source)
    say()
    done = outcome.reconciled
    say(f"{counted(done.devices, 'device')} in {counted(len(outcome.sources), 'list')}:")
    for file, rows in done.rows.items():
        say(f"  {file}: {done.matched[file]:,} of {counted(rows, 'row')} joined by another list")
    say(
        f"  {counted(done.matches, 'pair')} of rows joined, {done.reviews:,} for a person to look at (links.csv)"
    )
    say(f"  {counted(done.conflicts, 'field')} on which the lists contradict each other (conflicts.csv)")
    for note in done.notes:
        say(f"  note: {note}")
    _tell_exposures(outcome)
    _tell_chain(outcome)
    if outcome.rejected:
        say(f"{counted(outcome.rejected, 'row or value', 'rows or values')} could not be taken; each with its place and what would be right in {out / 'rejected.csv'}")  # fmt: skip
    say(f"Done in {took}. Begin with {out / 'report.html'}")


def _tell_exposures(outcome: Outcome) -> None:
    from pilothouse.cli.told import say, tell_advisories
    from pilothouse.core.words import counted

    if outcome.catalogue is None or outcome.exposed is None:
        return
    tell_advisories(outcome.catalogue)
    found = outcome.exposed
    say(f"{counted(found.affected, 'device')} affected, {found.possible:,} possibly affected, {found.clear:,} named and not affected (exposures.csv)")  # fmt: skip
    if outcome.exploited:
        say(f"{outcome.exploited:,} of them by a vulnerability that is known to be exploited: begin there")
    elif outcome.exploited == 0:
        say("None of them by a vulnerability that is known to be exploited")
    if found.to_confirm:
        say(f"{counted(found.to_confirm, 'device bears', 'devices bear')} a name that only resembles a product (exposures.candidates.csv); confirm with --names")  # fmt: skip


def _tell_chain(outcome: Outcome) -> None:
    from pilothouse.cli.told import first, say
    from pilothouse.core.words import counted

    if outcome.owned is not None:
        for text, places in outcome.owned.ambiguous.items():
            say(
                f"ambiguous: {text!r} names {', '.join(places)}; such devices go to the owner of the place above"
            )
    if not outcome.chain_valid:
        say("The chain of command is invalid, so owner and position stay empty; `pilothouse chain check` names every error")  # fmt: skip
    lines = first(f"{load.name}, {load.title}: {counted(load.devices, 'device')}" for load in outcome.loads)
    if lines:
        say("Who answers for the devices that are affected or may be:")
    for line in lines:
        say(f"  {line}")
