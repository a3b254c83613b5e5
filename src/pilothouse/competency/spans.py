"""Half-open spans of days by key, as numpy columns: united, cut with each other, taken off each other.

A day is its proleptic ordinal (1 is 1 January of the year 1); OPEN stands for "for good". A key and a day are packed
into one 64-bit number, so that one sort and one running maximum do for all keys at once. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BITS = 22
"""Bits of a day: 4,194,304 are more than the days of ten thousand years."""
ALWAYS = 0
OPEN = 4_000_000
_DAY = (1 << BITS) - 1


@dataclass(frozen=True, slots=True)
class Spans:
    """Sorted by key and start; the spans of one key neither overlap nor touch. All start < end."""

    key: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.key)

    def take(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> Spans:
        """Some of the spans, in their order."""
        return Spans(self.key[places], self.start[places], self.end[places])


NOTHING = Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


def united(key: Ints, start: Ints, end: Ints) -> Spans:
    """Any spans, of any order and however they overlap, as Spans. Keys below 2^41."""
    filled = start < end
    if not filled.all():
        key, start, end = key[filled], start[filled], end[filled]
    if not len(key):
        return NOTHING
    begins = (key << BITS) | start
    if not (begins[1:] > begins[:-1]).all():
        order = np.argsort(begins)
        begins, key, end = begins[order], key[order], end[order]
    # Keys ascend, so the running maximum of key and end never carries over from one key to the next.
    reach = np.maximum.accumulate((key << BITS) | end)
    fresh = np.empty(len(begins), bool)
    fresh[0] = True
    np.greater(begins[1:], reach[:-1], out=fresh[1:])
    firsts = np.flatnonzero(fresh)
    lasts = np.append(firsts[1:], len(begins)) - 1
    return Spans(begins[firsts] >> BITS, begins[firsts] & _DAY, reach[lasts] & _DAY)


def together(one: Spans, other: Spans) -> Spans:
    """The days that lie in either."""
    if not len(one) or not len(other):
        return one if len(one) else other
    return united(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in ("key", "start", "end")))  # fmt: skip


def expanded(counts: Ints) -> tuple[Ints, Ints]:
    """For each of `counts` things as many rows: which thing it is, and its number among them from 0."""
    whose = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    begins = np.cumsum(counts) - counts
    return whose, np.arange(len(whose), dtype=np.int64) - begins[whose]


def meeting(key: Ints, start: Ints, end: Ints, other: Spans) -> tuple[Ints, Ints]:
    """Every pair of a span given in columns and one of `other` that has its key and shares a day with it.

    Places in the columns, ascending, and in `other`.
    """
    first = np.searchsorted((other.key << BITS) | other.end, (key << BITS) | start, side="right")
    behind = np.searchsorted((other.key << BITS) | other.start, (key << BITS) | end, side="left")
    mine, nth = expanded(np.maximum(behind - first, 0))
    return mine, first[mine] + nth


def common(spans: Spans, keys: Ints, other: Spans) -> Spans:
    """The days of `spans` that lie in `other` too, where each has the key `keys` there."""
    mine, its = meeting(keys, spans.start, spans.end, other)
    return Spans(spans.key[mine], np.maximum(spans.start[mine], other.start[its]), np.minimum(spans.end[mine], other.end[its]))  # fmt: skip


def without(spans: Spans, keys: Ints, other: Spans) -> Spans:
    """The days of `spans` that do not lie in `other`, where each has the key `keys` there."""
    if not len(other) or not len(spans):
        return spans
    mine, its = meeting(keys, spans.start, spans.end, other)
    untouched = np.ones(len(spans), bool)
    untouched[mine] = False
    # What is left of a span: before the first that meets it, and behind each up to the next.
    last = np.append(mine[1:] != mine[:-1], True) if len(mine) else np.zeros(0, bool)
    head = np.append(True, mine[1:] != mine[:-1]) if len(mine) else np.zeros(0, bool)
    until = np.where(last, spans.end[mine], np.append(other.start[its][1:], 0)) if len(mine) else mine
    key = np.concatenate([spans.key[untouched], spans.key[mine][head], spans.key[mine]])
    start = np.concatenate([spans.start[untouched], spans.start[mine][head], other.end[its]])
    end = np.concatenate([spans.end[untouched], other.start[its][head], until])
    return united(key, start, end)
