"""The report: one HTML file that asks nothing of anyone, made from the tables of a reconciled register."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pilothouse.core import charts, grid, kit, words
from pilothouse.home.report import first
from pilothouse.home.report.facts import FileFacts, ReportFacts, list_faces
from pilothouse.home.report.figures import (
    UNSAID,
    ColumnQuality,
    Figures,
    Holder,
    ListFigures,
    OneSided,
    count_all,
)
from pilothouse.home.report.grids import all_grids
from pilothouse.home.report.relations import prepared
from pilothouse.home.report.wording import opening, thread
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.writing import one_file

TEMPLATES = Path(__file__).parent / "templates"
MOST_QUESTIONS = 8
MOST_GROUPS = 10
MOST_COLUMNS = 6
MOST_OWNERS = 10
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
    # A file name of the command line may hold bytes that are no text.
    return _page(figures, grids, facts).encode("utf-8", "replace").decode("utf-8")


def _page(figures: Figures, grids: dict[str, grid.Grid], facts: ReportFacts) -> str:
    engine = kit.environment(TEMPLATES)
    style, script = f"{kit.stylesheet()}\n{kit.page_foot(_foot(facts))}", kit.script("grid", "page")
    context: dict[str, Any] = {
        "facts": facts,
        "figures": figures,
        "title": _title(facts),
        "dated": words.moment(facts.made_at),
        "as_of": words.day(facts.as_of) if facts.as_of else "",
        "policy": content_policy(style, script),
        "style": style,
        "script": script,
        "icons": kit.icons(),
        "opening": opening(figures, facts),
        "thread": thread(figures, facts),
        "questions": _tasks(first.exposure_tasks(figures.questions)[:MOST_QUESTIONS], facts),
        "more_questions": max(0, len(figures.questions) - MOST_QUESTIONS),
        "list_tasks": _tasks(first.list_tasks(figures, facts.files), facts),
        "owners": _owners(figures, facts),
        "severities": _severities(figures),
        "lists": _lists(figures, facts.files),
        "overlap": _overlap(figures),
        "one_sided": _one_sided(figures),
        "conflict_bars": _conflicts(figures),
        "quality": _quality(figures, facts),
        "made": _made(figures, facts),
        "grids": {name: kit.render(engine, "kit/grid.html", {"grid": g, "rows": grid.first_rows(g), "title": _GRID_TITLES[name], "packed": grid.pack(g)}) for name, g in grids.items()},
    }  # fmt: skip
    return str(kit.render(engine, "report/page.html", context))


_GRID_TITLES = {
    "equipment": "Equipment, worst exposure first",
    "conflicts": "What the lists do not agree on",
    "pairs": "Pairs that wait for a person",
    "exposed": "Exposed devices, worst first",
}


def content_policy(style: str, script: str) -> str:
    """The page may run its own script and style and load nothing at all."""
    return f"default-src 'none'; script-src '{_seal(script)}'; style-src '{_seal(style)}'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'"


def _seal(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _foot(facts: ReportFacts) -> str:
    house = f", {facts.house}" if facts.house else ""
    as_of = f" as of {words.day(facts.as_of)}" if facts.as_of else ""
    return f"Pilothouse{house}. {_title(facts)}{as_of}. Made {words.moment(facts.made_at)}."


def _title(facts: ReportFacts) -> str:
    return f"One register from {words.counted(len(facts.files), 'list')}"


# ---- what to do first


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


# ---- pictures


@dataclass(frozen=True, slots=True)
class _Bar:
    """A line of a table with a bar: widths in percent of the longest."""

    name: str
    amount: int
    width: float
    more: int = 0
    more_width: float = 0.0
    kev: int = 0
    post: str = ""
    helm: bool = False
    note: str = ""


def _width(amount: int, longest: int) -> float:
    """Percent of the longest; what is not nothing stays visible."""
    return round(max(1.0, 100 * amount / longest), 1) if amount else 0.0


def _owners(figures: Figures, facts: ReportFacts) -> list[_Bar]:
    if not facts.has_chain:
        return []
    longest = max((o.affected + o.possible for o in figures.owners), default=1)
    return [
        _Bar(
            name=facts.people.get(o.owner, o.owner) if o.owner else "",
            post=facts.positions.get(o.position, o.position) if o.position else "",
            helm=bool(facts.helm) and o.position == facts.helm,
            amount=o.affected,
            width=_width(o.affected, longest),
            more=o.possible,
            more_width=_width(o.possible, longest),
            kev=o.kev,
        )
        for o in figures.owners[:MOST_OWNERS]
    ]


def _severities(figures: Figures) -> list[_Bar]:
    longest = max((s.affected + s.possible for s in figures.severities), default=1)
    return [
        _Bar(s.severity, s.affected, _width(s.affected, longest), s.possible, _width(s.possible, longest))
        for s in figures.severities
    ]


@dataclass(frozen=True, slots=True)
class _ListLine:
    """One list with its facts in words."""

    figures: ListFigures
    facts: FileFacts
    as_of: str
    alone: str
    fields: int
    columns: int
    reading: str


def _lists(figures: Figures, files: tuple[FileFacts, ...]) -> list[_ListLine]:
    return [
        _ListLine(
            figures=each,
            facts=f,
            as_of=words.day(f.as_of) if f.as_of else "",
            alone=words.percent(each.alone, each.devices),
            fields=len(f.mapping),
            columns=len(f.mapping) + len(f.unmapped),
            reading=", ".join(
                [*f.notes, *([f"not understood: {', '.join(f.unmapped)}"] if f.unmapped else [])]
            ),
        )
        for each, f in zip(figures.lists, files, strict=True)
    ]


def _overlap(figures: Figures) -> charts.OverlapChart | None:
    if len(figures.lists) < 2 or not figures.devices:
        return None
    shares = [charts.Share(o.lists, o.devices) for o in figures.overlaps]
    return charts.overlap([each.face.short for each in figures.lists], shares, "device")


@dataclass(frozen=True, slots=True)
class _Mirror:
    """A group with one bar to each side."""

    group: str
    left: int
    right: int
    left_width: float
    right_width: float

    @property
    def left_from(self) -> float:
        """Where the left bar begins, so that it ends in the middle."""
        return round(100 - self.left_width, 1)


@dataclass(frozen=True, slots=True)
class _OneSidedPicture:
    """Devices only one side knows, by unit and by maker."""

    sides: tuple[str, str]
    totals: tuple[int, int]
    by_unit: list[_Mirror]
    by_maker: list[_Mirror]


def _one_sided(figures: Figures) -> _OneSidedPicture | None:
    """The picture needs two sides; the two that know most alone are drawn, and the table holds all."""
    if len(figures.sides) < 2:
        return None
    left, right = sorted(sorted(range(len(figures.sides)), key=lambda i: -figures.alone_by_side[i])[:2])
    return _OneSidedPicture(
        sides=(figures.sides[left], figures.sides[right]),
        totals=(figures.alone_by_side[left], figures.alone_by_side[right]),
        by_unit=_mirrors(figures.one_sided_by_unit, left, right),
        by_maker=_mirrors(figures.one_sided_by_maker, left, right),
    )


def _mirrors(groups: tuple[OneSided, ...], left: int, right: int) -> list[_Mirror]:
    """The largest named groups with bars; the rest and what is unknown in figures only, as they are no group."""
    known = [g for g in groups if (g.counts[left] or g.counts[right]) and g.group != UNSAID]
    shown, rest = known[:MOST_GROUPS], known[MOST_GROUPS:]
    longest = max((max(g.counts[left], g.counts[right]) for g in shown), default=1)
    lines = [_mirror(g.group, g.counts[left], g.counts[right], longest) for g in shown]
    others = sum(g.counts[left] for g in rest), sum(g.counts[right] for g in rest)
    if rest:
        lines.append(_Mirror(words.counted(len(rest), "other"), *others, 0, 0))
    lines += [_Mirror(UNSAID, g.counts[left], g.counts[right], 0, 0) for g in groups if g.group == UNSAID]
    return lines


def _mirror(group: str, left: int, right: int, longest: int) -> _Mirror:
    return _Mirror(group, left, right, _width(left, longest), _width(right, longest))


def _conflicts(figures: Figures) -> list[_Bar]:
    longest = max((c.devices for c in figures.conflicts), default=1)
    return [
        _Bar(
            first.label(c.field),
            c.devices,
            _width(c.devices, longest),
            note=words.percent(c.devices, figures.devices),
        )
        for c in figures.conflicts[:MOST_GROUPS]
    ]


# ---- quality


@dataclass(frozen=True, slots=True)
class _QualityLine:
    """One column: three widths in percent, the rest is empty."""

    column: ColumnQuality
    label: str
    useful: str
    spans: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class _QualityOfList:
    """The columns of one list, worst first; the first few are shown, all can be unfolded."""

    short: str
    base: str
    worst: list[_QualityLine]
    rest: list[_QualityLine]


def _quality(figures: Figures, facts: ReportFacts) -> list[_QualityOfList]:
    faces = {each.face.file: each.face for each in figures.lists}
    found = []
    for file, columns in groupby(figures.quality, key=lambda c: c.file):
        lines = [
            _quality_line(c)
            for c in sorted(columns, key=lambda c: (c.field is None, -first.silent(c), c.column))
        ]
        worst = [line for line in lines if line.column.field and first.silent(line.column)][:MOST_COLUMNS]
        face = faces.get(file)
        found.append(
            _QualityOfList(
                face.short if face else file,
                face.base if face else file,
                worst,
                [line for line in lines if line not in worst],
            )
        )
    order = {f.base: place for place, f in enumerate(facts.files)}
    return sorted(found, key=lambda q: order.get(q.base, len(order)))


def _quality_line(c: ColumnQuality) -> _QualityLine:
    rows = c.rows or 1
    spans, at = [], 0.0
    for ink, amount in (("c-bar", c.useful), ("c-doubt", c.placeholder), ("c-bad", c.unreadable)):
        width = 100 * amount / rows
        if amount:
            spans.append((ink, round(at, 2), round(width, 2)))
        at += width
    return _QualityLine(
        c,
        first.label(c.field) if c.field else "no field found",
        words.percent(c.useful, c.rows),
        tuple(spans),
    )


# ---- how it was made


def _made(figures: Figures, facts: ReportFacts) -> list[tuple[str, str]]:
    lines = [("Made", words.moment(facts.made_at))]
    if facts.as_of:
        lines.append(("As of", f"{words.day(facts.as_of)}, the newest of the lists"))
    lines.append(
        (
            "Linked",
            f"{words.counted(figures.pairs_matched, 'pair')} of rows as one device each; {words.counted(figures.pairs_to_review, 'pair')} left to a person",
        )
    )
    if figures.unmatched:
        lines.append(
            (
                "On one list only",
                f"{words.counted(figures.unmatched, 'row')} found no counterpart; unmatched.csv says why",
            )
        )
    if facts.advisories:
        lines += _made_of_advisories(facts)
    if figures.clear_lines:
        lines.append(
            (
                "Not affected",
                f"{words.counted(figures.clear_lines, 'answer')} with the reason in exposures.csv",
            )
        )
    if facts.command:
        lines.append(("Command", facts.command))
    if facts.versions:
        lines.append(("Versions", ", ".join(f"{name} {version}" for name, version in facts.versions.items())))
    return lines


def _made_of_advisories(facts: ReportFacts) -> list[tuple[str, str]]:
    a = facts.advisories
    assert a is not None
    parts = [words.counted(a.advisories, "advisory", "advisories")]
    if a.vulnerabilities:
        parts.append(words.counted(a.vulnerabilities, "vulnerability", "vulnerabilities"))
    if a.newest:
        parts.append(f"newest {words.day(a.newest)}")
    if a.replaced:
        parts.append(f"{words.counted(a.replaced, 'older revision')} set aside")
    if a.passed_over:
        parts.append(f"{words.counted(a.passed_over, 'file')} passed over")
    lines = [("Advisories", ", ".join(parts))]
    lines.append(
        (
            "Known exploited",
            f"KEV with {words.counted(a.known_exploited, 'entry', 'entries')}"
            if a.known_exploited is not None
            else "no KEV list given, so unknown",
        )
    )
    if a.epss_scores is not None:
        lines.append(("Likelihood", f"EPSS with {words.counted(a.epss_scores, 'score')}"))
    if a.candidates:
        lines.append(
            (
                "Similar names",
                f"{words.counted(a.candidates, 'name')} merely resemble a product; exposures.candidates.csv lists them",
            )
        )
    return lines
