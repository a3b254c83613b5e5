"""`pilothouse coverage`: who is short of whom today, what will break and when, where one person stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pilothouse.cli import staff

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa

    from pilothouse.competency.engine import Coverage
    from pilothouse.home.readiness import ReadinessFacts

REPORT = "report.html"
COVERAGE = """Say for each unit, shift and skill who is short on the day, what will break and when, and where one person stands alone.

The answer is coverage.csv (one line a need), people.csv (what every person holds, until when, on what it rests),
report.html (one page to read, print and send) and, if something could not be taken or can never count, rejected.csv
with the reason.

\b
Example: pilothouse coverage --people people.csv --evidence evidence.csv --needs needs.csv --at 2026-11-02 --out readiness
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("coverage", help=COVERAGE, short_help="Say which unit is short of which skill, and what breaks when.")(_coverage)  # fmt: skip


def _coverage(
    people: str = staff.PEOPLE,
    evidence: list[str] = staff.EVIDENCE,
    needs: str = staff.NEEDS,
    skills: str | None = staff.SKILLS,
    roster: str | None = staff.ROSTER,
    absences: str | None = staff.ABSENCES,
    at: str = typer.Option(..., "--at", metavar="DATE", help="The reference day."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="The folder of coverage.csv and people.csv."),
    meanings: str | None = staff.MEANINGS,
    maps: list[str] = staff.MAPS,
    raw: bool = staff.RAW,
) -> None:
    from pilothouse.cli.lists import day, end, spare, tell_rejected
    from pilothouse.cli.progress import shown
    from pilothouse.competency.engine import coverage, holdings, known
    from pilothouse.competency.sources.evidence import never
    from pilothouse.competency.sources.unmeetable import unmeetable
    from pilothouse.home.readiness import readiness
    from pilothouse.imports import contracts
    from pilothouse.imports.rejections import write_rejected
    from pilothouse.kernel.duck import engine
    from pilothouse.kernel.writing import Outputs

    when = day("--at", at)
    files = staff.Files(people, evidence, needs, skills, roster, absences, meanings)
    spare(files.every(), [out / name for name in (contracts.COVERAGE.name, contracts.PEOPLE.name, contracts.REJECTED.name, REPORT)])  # fmt: skip
    with shown() as progress, engine() as con:
        staffing = staff.gather(con, files, maps, progress)
        progress.step("Counting who holds what")
        lists = staffing.lists
        facts = known(con, lists)
        found = coverage(facts, lists.needs, when)
        rejected = [*staffing.rejected, *never(staffing.files, found.never, staffing.skills)]
        rejected += unmeetable(con, staffing.needs, lists.needs, found, staffing.skills)
        held = holdings(con, facts, lists.evidence, when)
        with Outputs(out, raw=raw) as outputs:
            outputs.table(contracts.COVERAGE.name, found.table, contracts.COVERAGE.columns)
            outputs.table(contracts.PEOPLE.name, held, contracts.PEOPLE.columns)
            progress.step("Writing the report")
            outputs.text(REPORT, readiness(_facts(files, when, found, held, staffing, len(rejected))))
            write_rejected(outputs, rejected)
    _tell(found.table, when)
    tell_rejected(rejected, str(out / contracts.REJECTED.name))
    end(rejected, str(out))


def _facts(files: staff.Files, at: date, found: Coverage, held: pa.Table, staffing: staff.Staffing, rejected: int) -> ReadinessFacts:  # fmt: skip
    """What the report is made of."""
    import pyarrow as pa

    from pilothouse.home.readiness import ReadinessFacts

    named = (("People", files.people), ("Needs", files.needs), ("Skills", files.skills), ("Roster", files.roster), ("Absences", files.absences), ("Meanings", files.meanings))  # fmt: skip
    sources = [(what, file) for what, file in named if file] + [("Evidence", file) for file in files.evidence]
    return ReadinessFacts(at, found.table.append_column("present", pa.array(found.present)), held, staffing.skills, sources, rejected)  # fmt: skip


def _tell(table: pa.Table, at: date) -> None:
    """A summary for whoever answers for a ward: what is short, what will be, and who stands alone."""
    from pilothouse.cli.told import say
    from pilothouse.competency.summary import summary

    for told in summary(table, at):
        say(told.heading)
        for text in told.lines:
            say(f"  {text}")
        if told.many > len(told.lines):
            say(f"  and {told.many - len(told.lines):,} more")
