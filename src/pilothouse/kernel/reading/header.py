"""Which row of a sheet is its header, when titles, merged headings and second header lines surround it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.kernel.reading.table import Recognise

ROWS_LOOKED_AT = 30
SECOND_LINE_GAIN = 0.5
"""A heading line above counts only if, joined to the header, it makes half a column more recognisable."""
RECOGNISED = 0.8
"""From this score on, one cell is taken for the name of a known column."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header found: `index` of its (last) row among those looked at, names of the columns, and notes.

    score: recognised columns, weighed by how well; 0 when nothing was recognised.
    """

    index: int
    columns: tuple[str, ...]
    score: float
    notes: tuple[str, ...]


def find_header(rows: Sequence[Sequence[str]], recognise: Recognise) -> Header | None:
    """The header among the first rows, or None if none of them holds a word.

    The row with the most recognised names wins, the upper one of equals. Where nothing is recognised: the
    first row as wide as the table. Two header lines become one when their words together say more.
    """
    looked = [list(row) for row in rows[:ROWS_LOOKED_AT]]
    filled = [i for i, row in enumerate(looked) if any(cell.strip() for cell in row)]
    if not filled:
        return None
    single = {i: _score(looked[i], recognise) for i in filled}
    best = max(filled, key=lambda i: (single[i], -i))
    if single[best] < RECOGNISED:
        best = _first_full_row(looked, filled)
        columns, notes = _named(looked[best])
        return Header(best, columns, 0.0, notes)
    names, score, joined = looked[best], single[best], False
    for lower in (best, best + 1) if _is_wordy(looked, best + 1) else (best,):
        together = _joined(looked, lower, recognise)
        if together is not None and (gain := _score(together, recognise)) >= score + SECOND_LINE_GAIN:
            names, score, best, joined = together, gain, lower, True
    columns, notes = _named(names)
    if joined:
        notes = (f"two header lines were read as one: {', '.join(c for c in columns if c)}", *notes)
    return Header(best, columns, score, notes)


def _is_wordy(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether a row could be a second header line: words only. A record nearly always holds a digit."""
    return index < len(rows) and not any(character.isdigit() for cell in rows[index] for character in cell)


def _score(row: Sequence[str], recognise: Recognise) -> float:
    """Sum over distinct recognised names; a data row that repeats a word does not become a header by it."""
    scores = {cell.strip().lower(): recognise(cell) for cell in row if cell.strip()}
    return sum(score for score in scores.values() if score >= RECOGNISED)


def _first_full_row(rows: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    """The first row with as many words as the commonest width asks for: titles above are narrower."""
    widths = sorted(sum(bool(cell.strip()) for cell in rows[i]) for i in filled)
    usual = widths[len(widths) // 2]
    return next((i for i in filled if sum(bool(c.strip()) for c in rows[i]) >= max(usual, 1)), filled[0])


def _joined(rows: Sequence[Sequence[str]], lower: int, recognise: Recognise) -> list[str] | None:
    """The header made of row `lower` and the heading above it, column by column what reads better.

    A merged heading stands only in its first cell, so it is carried on to the empty cells beside it.
    """
    if lower < 1 or lower >= len(rows):
        return None
    upper, own = rows[lower - 1], rows[lower]
    names: list[str] = []
    heading = ""
    for i in range(max(len(own), len(upper))):
        above = upper[i].strip() if i < len(upper) else ""
        cell = own[i].strip() if i < len(own) else ""
        heading = above or heading
        candidates = [cell, f"{heading} {cell}".strip(), above] if cell else [above]
        names.append(max(candidates, key=lambda c: recognise(c) if c else -1.0))
    return names


def _named(cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names for all columns: an empty one gets its place, a repeated one its number; trailing empties go."""
    cells = list(cells)
    while cells and not cells[-1].strip():
        cells.pop()
    seen: dict[str, int] = {}
    names, notes = [], []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            notes.append(
                f"two columns are called {name!r}; the one at place {place} is called {name} ({seen[name]}) here"
            )
            name = f"{name} ({seen[name]})"
        names.append(name)
    return tuple(names), tuple(notes)
