"""`pilothouse findings`: what has to be decided, by whom, until when; from the database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pilothouse.core.permissions import Viewer
    from pilothouse.governance.findings.lines import Line

HELP = """List findings, each with its owner: those that somebody still has to answer, nearest deadline first.

\b
Example: pilothouse findings --owner "Ana R." --json
"""
STATES = ("open", "snoozed", "resolved", "all")
COLUMNS = (
    "finding", "kind", "severity", "state", "title", "topic", "place", "owner", "owner_key", "position", "basis", "opened_at", "due_at",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command `findings`."""
    app.command("findings", help=HELP, short_help="What has to be decided, by whom, until when.")(_findings)


def _findings(
    as_json: bool = typer.Option(False, "--json", help="As a JSON array."),
    as_csv: bool = typer.Option(False, "--csv", help="As CSV."),
    owner: str | None = typer.Option(None, "--owner", metavar="P", help="Of one person: name or id."),
    state: str | None = typer.Option(None, "--state", metavar="S", help="open, snoozed, resolved or all."),
) -> None:
    from pilothouse.cli.server import operator, the_house
    from pilothouse.kernel.errors import BadUsage
    from pilothouse.kernel.writing import csv_lines

    if as_json and as_csv:
        raise BadUsage("one form at a time: give --json or --csv, not both")
    if state is not None and state not in STATES:
        raise BadUsage(f"--state is {state!r}; right are {', '.join(STATES)}")
    with the_house():
        rows = list(_rows(operator(), owner, state))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif as_csv:
        columns = [[name, *(str(row[name] or "") for row in rows)] for name in COLUMNS]
        sys.stdout.buffer.write(csv_lines(columns))
    else:
        _told(rows)


def _rows(viewer: Viewer, owner: str | None, state: str | None) -> Iterator[dict[str, Any]]:
    """The findings as records. `Any`: text or None."""
    from django.utils import timezone

    from pilothouse.governance.findings.lines import RELATED, line_of
    from pilothouse.governance.findings.owners import catch_up
    from pilothouse.governance.findings.reads import UNRESOLVED, visible

    now = timezone.now()
    catch_up(now)
    found = visible(viewer).select_related(*RELATED).order_by("due_at", "id")
    if state is None:
        found = found.filter(UNRESOLVED)
    elif state != "all":
        found = found.filter(state=state)
    if owner is not None:
        found = found.filter(owner=_person(owner))
    for row in found.iterator(chunk_size=2_000):
        yield _record(line_of(row, viewer, now), row)


def _person(text: str) -> int:
    """The one person of an id or a name; raises BadUsage."""
    from pilothouse.core.models import Person
    from pilothouse.kernel.errors import BadUsage
    from pilothouse.kernel.text import near_it

    named = text.strip()
    found = list(Person.objects.filter(key=named)[:1]) or list(Person.objects.filter(name__iexact=named)[:2])
    if len(found) == 1:
        return int(found[0].pk)
    if found:
        raise BadUsage(f"--owner {text!r} is the name of several people; give the id")
    hint = near_it(named, list(Person.objects.values_list("name", flat=True)[:5_000]))
    raise BadUsage(f"there is nobody with the id or name {text!r}{hint}")


def _record(line: Line, row: Any) -> dict[str, Any]:
    """`Any`: a model's row; text or None."""
    return {
        "finding": line.number,
        "kind": line.kind,
        "severity": line.severity,
        "state": line.state,
        "title": line.title,
        "topic": line.topic,
        "place": line.place,
        "owner": line.owner,
        "owner_key": row.owner.key,
        "position": None if row.position is None else row.position.key,
        "basis": line.basis,
        "opened_at": line.opened_at.isoformat(),
        "due_at": None if line.due_at is None else line.due_at.isoformat(),
        "left": line.clock.words,
    }


def _told(rows: list[dict[str, Any]]) -> None:
    """In words for a person: one finding on two lines."""
    from pilothouse.cli.told import visible

    for row in rows:
        typer.echo(visible(f"{row['finding']:>8}  {row['severity']:<8}  {row['left']:<22}  {row['owner']}"))
        typer.echo(visible(f"{'':8}  {row['title']}"))
    typer.echo(f"{len(rows):,} finding{'' if len(rows) == 1 else 's'}.", err=True)
