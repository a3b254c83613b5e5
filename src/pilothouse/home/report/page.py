"""The report: one HTML file that asks nothing of anyone, made from the tables of a reconciled register."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pilothouse.core import grid, words
from pilothouse.core.page import Shell, drawn, table
from pilothouse.home.report import first, pictures
from pilothouse.home.report.claims import PackedClaims, packed_claims
from pilothouse.home.report.facts import ReportFacts, list_faces
from pilothouse.home.report.figures import Figures, Holder, count_all
from pilothouse.home.report.grids import all_grids
from pilothouse.home.report.made import made
from pilothouse.home.report.relations import prepared
from pilothouse.home.report.wording import TABS, opening, places, thread
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.writing import one_file

TEMPLATES = Path(__file__).parent / "templates"
MOST_QUESTIONS = 8
MOST_HOLDERS = 3


def write_report(
    con: duckdb.DuckDBPyConnection, facts: ReportFacts, path: Path, *, progress: Progress = SILENT
) -> None:
    """Write report.html, whole or not at all.

    con: the tables links, members, register, claims, conflicts, unmatched and quality, and exposures when
    advisories were given (with place, owner and position when a chain was), columns as in
    `imports.contracts`. The connection is left as it was found.
    """
    progress.step("Writing the report")
    with one_file(str(path)) as (outputs, name):
        outputs.text(name, report(con, facts))


def report(con: duckdb.DuckDBPyConnection, facts: ReportFacts) -> str:
    """The report as text; see `write_report`."""
    with prepared(con, list_faces(facts.files)) as ready:
        figures = count_all(ready)
        grids = all_grids(ready, figures, facts)
        claims = packed_claims(ready, grids["equipment"]) if "equipment" in grids else None
    return _page(figures, grids, claims, facts)


def _page(
    figures: Figures, grids: dict[str, grid.Grid], claims: PackedClaims | None, facts: ReportFacts
) -> str:
    quality, owners = pictures.quality(figures, facts), pictures.owners(figures, facts)
    context: dict[str, Any] = {
        "facts": facts,
        "figures": figures,
        "questions": _tasks(first.exposure_tasks(figures.questions)[:MOST_QUESTIONS], facts),
        "more_questions": max(0, len(figures.questions) - MOST_QUESTIONS),
        "list_tasks": _tasks(first.list_tasks(figures, facts.files, facts.advisories), facts),
        "owners": owners,
        "severities": pictures.severities(figures),
        "lists": pictures.lists(figures, facts.files),
        "overlap": pictures.overlap(figures),
        "one_sided": pictures.one_sided(figures),
        "conflict_bars": pictures.conflicts(figures),
        "quality": quality,
        "claims": claims,
        "asked": words.moment(facts.asked_at) if facts.asked_at else "",
        "made": made(figures, facts),
        "dated": words.moment(facts.made_at),
        "grids": {name: table(g, _GRID_TITLES[name]) for name, g in grids.items()},
    }
    shell = Shell(
        title=_title(facts),
        house=facts.house,
        dated=f"As of {words.day(facts.as_of)}" if facts.as_of else f"Made {words.moment(facts.made_at)}",
        foot=_foot(facts),
        opening=opening(figures, facts),
        thread=thread(figures, facts),
        places=places(figures, quality=bool(quality), owners=bool(owners)),
        tabs=TABS if figures.devices else (),
    )
    return drawn(shell, TEMPLATES, "report/page.html", context)


_GRID_TITLES = {
    "equipment": "Equipment, worst exposure first",
    "conflicts": "What the lists do not agree on",
    "pairs": "Pairs that wait for a person",
    "exposed": "Exposed devices, worst first",
}


def _foot(facts: ReportFacts) -> str:
    house = f", {facts.house}" if facts.house else ""
    as_of = f" as of {words.day(facts.as_of)}" if facts.as_of else ""
    return f"Pilothouse{house}. {_title(facts)}{as_of}. Made {words.moment(facts.made_at)}."


def _title(facts: ReportFacts) -> str:
    return f"One register from {words.counted(len(facts.files), 'list')}"


@dataclass(frozen=True, slots=True)
class _HolderLine:
    """Someone who has to decide, with names looked up; `name` empty where no one is named."""

    name: str
    post: str
    helm: bool
    devices: int


@dataclass(frozen=True, slots=True)
class _TaskLine:
    """A task with the first of its holders; further: how many more there are."""

    task: first.Task
    holders: list[_HolderLine]
    further: str
    where: str


def _tasks(tasks: Iterable[first.Task], facts: ReportFacts) -> list[_TaskLine]:
    return [
        _TaskLine(
            task=t,
            holders=[_holder(h, facts) for h in t.holders[:MOST_HOLDERS]],
            further=words.counted(len(t.holders) - MOST_HOLDERS, "other")
            if len(t.holders) > MOST_HOLDERS
            else "",
            where=_json(t.where),
        )
        for t in tasks
    ]


def _holder(h: Holder, facts: ReportFacts) -> _HolderLine:
    return _HolderLine(
        name=facts.people.get(h.owner, h.owner) if h.owner else "",
        post=facts.positions.get(h.position, h.position) if h.position else "",
        helm=bool(facts.helm) and h.position == facts.helm,
        devices=h.devices,
    )


def _json(where: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(where, ensure_ascii=False)
