"""The evidence waterfall: where each compared field takes the answer, in bits, from the prior to the end.

Pure; drawn by `kit/fall.html`. The axis is log odds: even odds lie in the middle part, the ends are the prior's and the
answer's sides. Source: docs/look.md and docs/domains/intake.md, "Weights".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pilothouse.core.words import MINUS

TICKS: Final = ((-13.3, "1 in 10,000"), (-6.6, "1 in 100"), (0.0, "even"), (6.6, "99 %"), (13.3, "99.99 %"))


@dataclass(frozen=True, slots=True)
class Compared:
    """A field as it was compared. bits: weight of the evidence; alike: how near the two values are."""

    name: str
    left: str
    right: str
    bits: float
    alike: Literal["same", "near", "differs", ""] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A bar: begins where the last one ended. kind: from (the prior), for, against, sum. Places in percent."""

    name: str
    left: str
    right: str
    words: str
    alike: str
    kind: str
    at: float
    width: float
    to: float
    figure: str


@dataclass(frozen=True, slots=True)
class Fall:
    """The waterfall of one pair. even: where even odds stand."""

    left: str
    right: str
    even: float
    axis: tuple[tuple[float, str], ...]
    rows: tuple[Row, ...]


def signed(bits: float) -> str:
    """Bits with their sign: `+4.8`, a true minus."""
    return f"{bits:+.1f}".replace("-", MINUS)


def fall(
    left: str,
    right: str,
    prior_bits: float,
    compared: Sequence[Compared],
    *,
    prior_words: str,
    answer_words: str,
) -> Fall:
    """Lay out a waterfall. prior_bits: log2 odds before looking; the answer is the prior with all weights."""
    ends = [prior_bits]
    for one in compared:
        ends.append(ends[-1] + one.bits)
    low, high = min([-1.0, *ends]), max([1.0, *ends])
    room = (high - low) * 0.06
    low, high = low - room, high + room

    def at(bits: float) -> float:
        return round(100 * (bits - low) / (high - low), 2)

    def bar(start: float, end: float) -> tuple[float, float]:
        first, last = sorted((at(start), at(end)))
        return first, round(max(0.3, last - first), 2)

    rows = [
        Row(
            "Before looking",
            "",
            "",
            prior_words,
            "",
            "from",
            *bar(0.0, prior_bits),
            at(prior_bits),
            signed(prior_bits),
        )
    ]
    for one, start, end in zip(compared, ends, ends[1:], strict=False):
        kind = "for" if one.bits >= 0 else "against"
        rows.append(
            Row(
                one.name,
                one.left,
                one.right,
                "",
                one.alike,
                kind,
                *bar(start, end),
                at(end),
                signed(one.bits),
            )
        )
    rows.append(
        Row("Together", "", "", answer_words, "", "sum", *bar(0.0, ends[-1]), at(ends[-1]), signed(ends[-1]))
    )
    ticks = tuple((at(bits), label) for bits, label in TICKS if 6 < at(bits) < 94)
    return Fall(left, right, at(0.0), ticks, tuple(rows))
