"""What speaks for and against, from words to bars: `for: same serial 4711 (+9.4); against: units differ (−1.2)`.

Pure. Weights are bits, as the linker writes them: each doubles the odds or halves them. A text without weights has no
bars. `look/cells.js` reads the same texts in the reader's browser; a browser test compares the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pilothouse.core.words import MINUS

EVEN = 33.0
"""Where even odds stand on a bar, in percent of its width; what speaks for goes right, what speaks against left."""

BIT = 9.0
"""Percent of the width per bit, so that 7 bits for (99 %) and 3 against (10 %) have room; more is cut at the edge."""

_WEIGHED = re.compile(rf"\s*(?:for: |against: )?(.+?) \(([+{MINUS}-])(\d+(?:\.\d+)?)(?: bits)?\)[,;.]*", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weight:
    """One thing that was compared, and how many bits it speaks for (positive) or against."""

    text: str
    bits: float


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a bar in percent of its width; ink: the class that draws it."""

    ink: str
    at: float
    width: float


def weights(text: str) -> tuple[Weight, ...]:
    """The weighed parts of an evidence, in order; empty when it has none."""
    return tuple(
        Weight(said, float(bits) if sign == "+" else -float(bits))
        for said, sign, bits in _WEIGHED.findall(text)
    )


def spans(text: str) -> tuple[Span, ...]:
    """Everything for, then everything against, as two bars that leave even odds; empty without weights."""
    told = weights(text)
    right = min(100 - EVEN, BIT * sum(w.bits for w in told if w.bits > 0))
    left = min(EVEN, -BIT * sum(w.bits for w in told if w.bits < 0))
    both = (Span("c-for", EVEN, right), Span("c-against", EVEN - left, left))
    return tuple(Span(s.ink, round(s.at, 2), round(s.width, 2)) for s in both if s.width)
