"""Where the marks of the kit's pictures stand; the partials in `templates/kit` draw them.

Pure geometry in user units, one unit about a pixel. No colours here: the style sheet inks by class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.core.words import count, counted, listed, percent

WIDTH = 400
_ROW = 28
_HEAD = 26
_FIGURE = 52


@dataclass(frozen=True, slots=True)
class Share:
    """So many things stand on exactly these lists (places in the order of the lists)."""

    lists: tuple[int, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Dot:
    """Whether one list takes part in a row."""

    x: float
    held: bool


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """One combination of lists: its dots, the line that joins them, its bar, its figure, and the same in words."""

    y: int
    dots: tuple[Dot, ...]
    join: tuple[float, float] | None
    length: float
    figure: str
    words: str
    share: str
    alone: bool


@dataclass(frozen=True, slots=True)
class OverlapChart:
    """The overlap of lists as a matrix of dots with bars: one row per combination, the largest first."""

    width: int
    height: int
    heads: tuple[tuple[float, str], ...]
    bars_at: float
    rows: tuple[OverlapRow, ...]
    sentence: str


def overlap(names: Sequence[str], shares: Sequence[Share], noun: str, most: int = 12) -> OverlapChart:
    """Lay out the overlap of two or more lists.

    names: of the lists, short. shares: combinations that occur. noun: what is counted, singular.
    most: rows drawn; the rest is one row in words at the end of the sentence.
    """
    step = 56 if len(names) <= 4 else 220 / len(names)
    bars_at = step * len(names) + 8
    room = WIDTH - bars_at - _FIGURE
    total = sum(s.amount for s in shares)
    drawn = sorted(shares, key=lambda s: (-s.amount, s.lists))[:most]
    longest = max((s.amount for s in drawn), default=1) or 1
    rows = tuple(
        _row(place, share, names, step, room * share.amount / longest, total)
        for place, share in enumerate(drawn)
    )
    return OverlapChart(
        width=WIDTH,
        height=_HEAD + _ROW * len(rows),
        heads=tuple((step * i + step / 2, name) for i, name in enumerate(names)),
        bars_at=bars_at,
        rows=rows,
        sentence=_sentence(rows, total, noun, len(shares) - len(drawn)),
    )


def _row(
    place: int, share: Share, names: Sequence[str], step: float, length: float, total: int
) -> OverlapRow:
    held = [step * i + step / 2 for i in share.lists]
    return OverlapRow(
        y=_HEAD + _ROW * place + _ROW // 2,
        dots=tuple(Dot(step * i + step / 2, i in share.lists) for i in range(len(names))),
        join=(held[0], held[-1]) if len(held) > 1 else None,
        length=round(max(1.0, length), 1),
        figure=count(share.amount),
        words=_combination(share.lists, names),
        share=percent(share.amount, total),
        alone=len(share.lists) == 1,
    )


def _combination(lists: tuple[int, ...], names: Sequence[str]) -> str:
    if len(lists) == len(names) and len(names) > 2:
        return f"all {len(names)} lists"
    held = listed([names[i] for i in lists])
    return f"{held} only" if len(lists) == 1 else held


def _sentence(rows: Sequence[OverlapRow], total: int, noun: str, undrawn: int) -> str:
    told = listed([f"{row.figure} on {row.words}" for row in rows[:6]])
    more = f"; {counted(undrawn, 'smaller combination')} not drawn" if undrawn else ""
    return f"Of {counted(total, noun)}: {told}{more}."
