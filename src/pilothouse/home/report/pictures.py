"""What the templates draw: lines with bars, the overlap, both sides of a middle line, the quality of columns.

Pure: figures in, lines with widths in percent out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from pilothouse.core import charts, words
from pilothouse.home.report import first
from pilothouse.home.report.facts import FileFacts, ReportFacts
from pilothouse.home.report.figures import UNSAID, ColumnQuality, Figures, ListFigures, OneSided

MOST_GROUPS = 10
MOST_COLUMNS = 6
MOST_OWNERS = 10


@dataclass(frozen=True, slots=True)
class Bar:
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


def owners(figures: Figures, facts: ReportFacts) -> list[Bar]:
    """Who holds what: devices affected, and those that may be, beside them."""
    if not facts.has_chain:
        return []
    longest = max((o.affected + o.possible for o in figures.owners), default=1)
    return [
        Bar(
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


def severities(figures: Figures) -> list[Bar]:
    """Devices by their worst severity, affected and possible."""
    longest = max((s.affected + s.possible for s in figures.severities), default=1)
    return [
        Bar(s.severity, s.affected, _width(s.affected, longest), s.possible, _width(s.possible, longest))
        for s in figures.severities
    ]


@dataclass(frozen=True, slots=True)
class ListLine:
    """One list with its facts in words."""

    figures: ListFigures
    facts: FileFacts
    as_of: str
    alone: str
    fields: int
    columns: int
    reading: str


def lists(figures: Figures, files: tuple[FileFacts, ...]) -> list[ListLine]:
    """Each list with its counts and how it was read."""
    return [
        ListLine(
            figures=each,
            facts=f,
            as_of=words.day(f.as_of)
            if f.as_of
            else f"last seen {words.day(each.newest)}"
            if each.newest
            else "",
            alone=words.percent(each.alone, each.devices),
            fields=len(f.mapping),
            columns=len(f.mapping) + len(f.unmapped),
            reading="; ".join(
                [
                    *map(_quoted, f.notes),
                    *([f"not understood: {', '.join(f.unmapped)}"] if f.unmapped else []),
                ]
            ),
        )
        for each, f in zip(figures.lists, files, strict=True)
    ]


def _quoted(note: str) -> str:
    """A delimiter in quotation marks, so that it is not read as ours."""
    return f"delimiter “{note[-1]}”" if note.startswith("delimiter ") and len(note) == 11 else note


def overlap(figures: Figures) -> charts.OverlapChart | None:
    """Which lists know the same devices; None with one list."""
    if len(figures.lists) < 2 or not figures.devices:
        return None
    shares = [charts.Share(o.lists, o.devices) for o in figures.overlaps]
    return charts.overlap([each.face.short for each in figures.lists], shares, "device")


@dataclass(frozen=True, slots=True)
class Mirror:
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
class OneSidedPicture:
    """Devices only one side knows, by unit and by maker."""

    sides: tuple[str, str]
    totals: tuple[int, int]
    by_unit: list[Mirror]
    by_maker: list[Mirror]


def one_sided(figures: Figures) -> OneSidedPicture | None:
    """The picture needs two sides; the two that know most alone are drawn, and the table holds all."""
    if len(figures.sides) < 2:
        return None
    left, right = sorted(sorted(range(len(figures.sides)), key=lambda i: -figures.alone_by_side[i])[:2])
    return OneSidedPicture(
        sides=(figures.sides[left], figures.sides[right]),
        totals=(figures.alone_by_side[left], figures.alone_by_side[right]),
        by_unit=_mirrors(figures.one_sided_by_unit, left, right),
        by_maker=_mirrors(figures.one_sided_by_maker, left, right),
    )


def _mirrors(groups: tuple[OneSided, ...], left: int, right: int) -> list[Mirror]:
    """The largest named groups with bars; the rest and what is unknown in figures only, as they are no group."""
    known = [g for g in groups if (g.counts[left] or g.counts[right]) and g.group != UNSAID]
    shown, rest = known[:MOST_GROUPS], known[MOST_GROUPS:]
    longest = max((max(g.counts[left], g.counts[right]) for g in shown), default=1)
    lines = [_mirror(g.group, g.counts[left], g.counts[right], longest) for g in shown]
    others = sum(g.counts[left] for g in rest), sum(g.counts[right] for g in rest)
    if rest:
        lines.append(Mirror(words.counted(len(rest), "other"), *others, 0, 0))
    lines += [Mirror(UNSAID, g.counts[left], g.counts[right], 0, 0) for g in groups if g.group == UNSAID]
    return lines


def _mirror(group: str, left: int, right: int, longest: int) -> Mirror:
    return Mirror(group, left, right, _width(left, longest), _width(right, longest))


def conflicts(figures: Figures) -> list[Bar]:
    """Devices in conflict by field, the fields first whose error does harm."""
    longest = max((c.devices for c in figures.conflicts), default=1)
    return [
        Bar(
            first.label(c.field),
            c.devices,
            _width(c.devices, longest),
            note=words.percent(c.devices, figures.devices),
        )
        for c in figures.conflicts[:MOST_GROUPS]
    ]


@dataclass(frozen=True, slots=True)
class QualityLine:
    """One column: three widths in percent, the rest is empty."""

    column: ColumnQuality
    label: str
    useful: str
    spans: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class QualityOfList:
    """The columns of one list, worst first; the first few are shown, all can be unfolded."""

    short: str
    base: str
    rows: int
    worst: list[QualityLine]
    rest: list[QualityLine]


def quality(figures: Figures, facts: ReportFacts) -> list[QualityOfList]:
    """The columns of each list, in the order of the lists."""
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
            QualityOfList(
                face.short if face else file,
                face.base if face else file,
                lines[0].column.rows,
                worst,
                [line for line in lines if line not in worst],
            )
        )
    order = {f.base: place for place, f in enumerate(facts.files)}
    return sorted(found, key=lambda q: order.get(q.base, len(order)))


def _quality_line(c: ColumnQuality) -> QualityLine:
    rows = c.rows or 1
    spans, at = [], 0.0
    for ink, amount in (("c-bar", c.useful), ("c-doubt", c.placeholder), ("c-bad", c.unreadable)):
        width = 100 * amount / rows
        if amount:
            spans.append((ink, round(at, 2), round(width, 2)))
        at += width
    return QualityLine(
        c,
        first.label(c.field) if c.field else "no field found",
        words.percent(c.useful, c.rows),
        tuple(spans),
    )
