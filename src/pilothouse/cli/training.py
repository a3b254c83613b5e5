"""`pilothouse training plan`: which people to send to which sessions, so that most shortage is closed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pilothouse.cli import staff

if TYPE_CHECKING:
    from pilothouse.competency.training import Planned

PLAN = """Choose sessions and people that close most shortage within the hours and places there are.

Judged on the horizon (default: the day after the last session): the most shortage closed, then the fewest
person-hours. The answer comes with a bound that no plan can beat, and every plan is checked before it is written.

\b
Example: pilothouse training plan --people people.csv --evidence evidence.csv --needs needs.csv --sessions sessions.csv --hours 400 --out plan.csv
"""


def register(app: typer.Typer) -> None:
    """Add the command group `training`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Training: which people to send to which sessions.")  # fmt: skip

    @group.callback()
    def _group() -> None:
        """Keep `plan` a command of its own while it is the only one."""

    group.command("plan", help=PLAN, short_help="Choose sessions and people that close most shortage.")(_plan)
    app.add_typer(group, name="training")


def _plan(
    people: str = staff.PEOPLE,
    evidence: list[str] = staff.EVIDENCE,
    needs: str = staff.NEEDS,
    skills: str | None = staff.SKILLS,
    roster: str | None = staff.ROSTER,
    absences: str | None = staff.ABSENCES,
    sessions: str = typer.Option(..., "--sessions", metavar="SESSIONS", help="session,skill,level,day,hours,places,assessor."),
    hours: float = typer.Option(..., "--hours", metavar="TOTAL", min=0, help="Person-hours that may be taken in all."),
    horizon: str | None = typer.Option(None, "--horizon", metavar="DATE", help="The day on which it is judged; default the day after the last session."),
    at: str | None = typer.Option(None, "--at", metavar="DATE", help="Sessions before this day are over and left out."),
    out: str = typer.Option(..., "--out", metavar="FILE.csv", help="The plan; - for standard output."),
    as_json: bool = typer.Option(False, "--json", help="Closed, shortage left, hours, bound and gap as JSON on standard output."),
    meanings: str | None = staff.MEANINGS,
    maps: list[str] = staff.MAPS,
    raw: bool = staff.RAW,
) -> None:  # fmt: skip
    from pilothouse.cli.lists import day, end, spare, tell_rejected
    from pilothouse.cli.progress import shown
    from pilothouse.competency.sources import lists
    from pilothouse.competency.sources.evidence import never
    from pilothouse.competency.training import plan as make
    from pilothouse.imports.contracts import TRAINING
    from pilothouse.imports.rejections import beside, told, write_rejected
    from pilothouse.kernel.duck import engine
    from pilothouse.kernel.errors import BadUsage, UnreadableInput
    from pilothouse.kernel.writing import one_file, write_rows

    if not hours < 1e9:
        raise BadUsage(f"--hours {hours}: expected a number of hours")
    if as_json and out == "-":
        raise BadUsage("--json and --out - would both write to standard output; name a file with --out")
    judged = day("--horizon", horizon) if horizon else None
    since = day("--at", at) if at else None
    files = staff.Files(people, evidence, needs, skills, roster, absences, meanings, sessions)
    if out != "-" and Path(out).name:
        spare(files.every(), [Path(out), Path(out).with_name(beside(out))])
    with shown() as progress, engine() as con:
        staffing = staff.gather(con, files, maps, progress)
        source = staff.source_of(staffing, files, sessions, progress)
        listed = lists.sessions(con, source, staffing.doubtful, since)
        if not listed.table.num_rows and listed.rejected and not judged:
            raise UnreadableInput(f"{sessions}: no session can be taken from it{told(listed.rejected)}")
        progress.step("Planning")
        planned = make(con, staffing.lists, listed.table, round(hours * 1000), judged, progress)
        rejected = [
            *staffing.rejected,
            *never(staffing.files, planned.never, staffing.skills),
            *listed.rejected,
        ]
    rows = [(line.session, line.person, line.closes) for line in planned.lines]
    if out == "-":
        write_rows(sys.stdout.buffer, rows, TRAINING.columns, raw=raw)
        sys.stdout.buffer.flush()
    else:
        with one_file(out, raw=raw) as (outputs, name):
            outputs.rows(name, rows, TRAINING.columns)
            write_rejected(outputs, rejected, beside(name))
    _tell(planned)
    if as_json:
        print(json.dumps({"closed": planned.closed, "left": planned.left, "hours": planned.hours_m / 1000, "bound": planned.bound, "gap": planned.gap, "horizon": str(planned.horizon)}))  # noqa: T201  # fmt: skip
    tell_rejected(rejected, f"see {Path(out).with_name(beside(out))}" if out != "-" else "name a file with --out to have them all", what="could not be taken or never counts")  # fmt: skip
    end(rejected, out)


def _tell(planned: Planned) -> None:
    """The plan in words."""
    from pilothouse.cli.told import say
    from pilothouse.core.words import counted, day, decimal, percent

    people = len({line.person for line in planned.lines})
    say(f"On {day(planned.horizon)}: {counted(planned.closed, 'place')} of shortage closed, {planned.left:,} left, by {counted(people, 'person', 'people')} in {counted(len({line.session for line in planned.lines}), 'session')} and {decimal(planned.hours_m / 1000, 1)} person-hours.")  # fmt: skip
    if planned.bound > planned.closed:
        say(f"No plan can close more than {planned.bound:,}: this one may be {percent(planned.bound - planned.closed, planned.bound)} from the best.")  # fmt: skip
    else:
        say("No plan can close more.")
