"""Needs against those who are there and hold the skill: today, and the first day on which it breaks.

What changes after the reference day are single events (someone comes, goes, begins or ceases to hold); only needs that
are met today are swept over theirs. Pure numpy. Source: docs/domains/competency.md, "Shortage", "breaks_on".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pilothouse.competency.rules import SHARE_PLACES, WATCHED_D
from pilothouse.competency.spans import Ints, Spans, expanded

END = WATCHED_D + 1
"""Days counted from the reference day, 0, on which anything is computed: 0 to END - 1."""
LARGEST = 6_000_000
"""Rows that are looked at together; more are done in portions."""
WHOLE = 10**SHARE_PLACES
NEVER = -1


@dataclass(frozen=True, slots=True)
class Needs:
    """The needs in order: place, wanted skill and level, people (-1 if a share), share in 1 / WHOLE, ladder."""

    place: Ints
    demand: Ints
    people: Ints
    share: Ints
    technician: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True, slots=True)
class Found:
    """For each need, in order: needed and have today, days until it breaks (0 short today, NEVER not within the time)."""

    needed: Ints
    have: Ints
    breaks: Ints


@dataclass(frozen=True, slots=True)
class Holders:
    """Persons who hold what is needed where, today: `first` and `many` by need into `person`, by number ascending."""

    first: Ints
    many: Ints
    person: Ints


def needed_of(needs: Needs, rows: Ints, group: Ints) -> Ints:
    """How many these needs ask for where the group present is so large."""
    share = needs.share[rows]
    # group * share / WHOLE, rounded up, without leaving 64 bits for any group below nine million.
    by_share = -(-(group * share) // WHOLE)
    people = needs.people[rows]
    return np.where(people >= 0, people, by_share)


def windowed(spans: Spans, at: int) -> Spans:
    """The part of the spans that lies within the time watched, in days from the reference day."""
    start, end = np.maximum(spans.start - at, 0), np.minimum(spans.end - at, END)
    kept = start < end
    return Spans(spans.key[kept], start[kept], end[kept])


class Groups:
    """How many of a ladder are present at a place, today and as it changes.

    spans: within the time watched; key is (place * 2 + ladder) * people + person.
    """

    def __init__(self, spans: Spans, people: int, places: int) -> None:
        group = spans.key // max(people, 1)
        self.today: Ints = np.bincount(group[spans.start == 0], minlength=places * 2)
        late, early = spans.start > 0, spans.end < END
        whose = np.concatenate([group[late], group[early]])
        self.delta: Ints = np.concatenate([np.ones(late.sum(), np.int64), -np.ones(early.sum(), np.int64)])
        self.day: Ints = np.concatenate([spans.start[late], spans.end[early]])
        order = np.argsort(whose, kind="stable")
        self.day, self.delta = self.day[order], self.delta[order]
        self.begins: Ints = np.searchsorted(whose[order], np.arange(places * 2 + 1)).astype(np.int64)

    def most(self) -> Ints:
        """The most that are ever there at once, by group."""
        many = len(self.today)
        whose = np.repeat(np.arange(many, dtype=np.int64), np.diff(self.begins))
        order = np.argsort(whose * (END + 1) + self.day, kind="stable")
        whose, day, delta = whose[order], self.day[order], self.delta[order]
        level = _running(whose, delta, self.today)
        last = np.append((whose[1:] != whose[:-1]) | (day[1:] != day[:-1]), True)[: len(whose)]
        most = self.today.copy()
        np.maximum.at(most, whose[last], level[last])
        return most


def sweep(needs: Needs, there: Spans, holds: Spans, groups: Groups, people: int, demands: int) -> tuple[Found, Holders]:  # fmt: skip
    """All needs at once. there: key is place * people + person; holds: key is person * demands + demand.

    Both within the time watched.
    """
    many = len(needs)
    needed, have, breaks = (np.zeros(many, np.int64) for _ in range(3))
    first, held = np.zeros(many, np.int64), []
    order = _by_place(needs.place)
    place = needs.place[order]
    begins = np.searchsorted(holds.key // max(demands, 1), np.arange(people + 1))
    whose_there = there.key // max(people, 1)
    reach = np.diff(begins)[there.key % max(people, 1)] if len(there) else np.zeros(0, np.int64)
    taken = 0
    for low, high in _portions(whose_there, reach, int(place.max(initial=-1)) + 1, demands):
        mine = order[slice(*np.searchsorted(place, (low, high)))]
        if not len(mine):
            continue
        rows = slice(*np.searchsorted(whose_there, (low, high)))
        part = _Portion(needs, mine, low, high, demands)
        pieces = _pieces(there.take(np.arange(rows.start, rows.stop)), holds, begins, people, demands, low)
        needed[mine], have[mine], breaks[mine], first[mine], persons = part.judged(pieces, groups)
        first[mine] += taken
        taken += len(persons)
        held.append(persons)
    return Found(needed, have, breaks), Holders(first, have, np.concatenate(held) if held else first[:0])


def _by_place(place: Ints) -> Ints:
    """Places in order, kept in the needs' order; numbers of 16 bits are sorted in one pass."""
    small = place.astype(np.uint16) if place.max(initial=0) < 1 << 16 else place
    order: Ints = np.argsort(small, kind="stable")
    return order


def _portions(place: Ints, reach: Ints, places: int, demands: int) -> Iterator[tuple[int, int]]:
    """Ranges of places that together reach not too many rows; one place is never divided."""
    cost = np.bincount(place, weights=reach, minlength=places)[:places] + demands
    total = np.cumsum(cost)
    low = 0
    while low < places:
        done = total[low - 1] if low else 0.0
        high = max(low + 1, int(np.searchsorted(total, done + LARGEST, side="right")))
        yield low, high
        low = high


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Spans on which a person is at a place and holds what is wanted; key is place (from the portion's) * demands + demand."""

    key: Ints
    person: Ints
    start: Ints
    end: Ints


def _pieces(there: Spans, holds: Spans, begins: Ints, people: int, demands: int, low: int) -> _Pieces:
    person = there.key % max(people, 1)
    place = there.key // max(people, 1) - low
    whose, nth = expanded(begins[person + 1] - begins[person])
    at = begins[person][whose] + nth
    start = np.maximum(there.start[whose], holds.start[at])
    end = np.minimum(there.end[whose], holds.end[at])
    kept = np.flatnonzero(start < end)
    whose, at = whose[kept], at[kept]
    return _Pieces(place[whose] * demands + holds.key[at] % max(demands, 1), person[whose], start[kept], end[kept])  # fmt: skip


class _Portion:
    """The needs of some places."""

    def __init__(self, needs: Needs, mine: Ints, low: int, high: int, demands: int) -> None:
        self._needs, self._mine = needs, mine
        self._key = (needs.place[mine] - low) * demands + needs.demand[mine]
        self._keys = (high - low) * demands
        by_key = np.argsort(self._key, kind="stable")
        self._by_key = by_key
        self._begins = np.zeros(self._keys + 1, np.int64)
        np.cumsum(np.bincount(self._key, minlength=self._keys), out=self._begins[1:])

    def judged(self, pieces: _Pieces, groups: Groups) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """needed, have, breaks and first holder by need; the holders."""
        asked = self._begins[pieces.key + 1] > self._begins[pieces.key]
        today = np.flatnonzero(asked & (pieces.start == 0))
        key = pieces.key[today]
        have_by_key = np.bincount(key, minlength=self._keys)
        persons = pieces.person[today][np.argsort(key, kind="stable")]
        first_by_key = np.cumsum(have_by_key) - have_by_key
        have, first = have_by_key[self._key], first_by_key[self._key]
        group = self._needs.place[self._mine] * 2 + self._needs.technician[self._mine]
        present = groups.today[group]
        needed = needed_of(self._needs, self._mine, present)
        breaks = np.where(needed > have, 0, NEVER)
        met = np.flatnonzero(breaks == NEVER)
        if len(met):
            changing = np.flatnonzero(asked & ((pieces.start > 0) | (pieces.end < END)))
            self._sweep(met, have, present, group, breaks, pieces, changing, groups)
        return needed, have, breaks, first, persons

    def _sweep(self, met: Ints, have: Ints, present: Ints, group: Ints, breaks: Ints, pieces: _Pieces, changing: Ints, groups: Groups) -> None:  # fmt: skip
        """Set `breaks` of the needs met today: the first day on which fewer are there than needed."""
        is_met = np.zeros(len(have), bool)
        is_met[met] = True
        key = pieces.key[changing]
        whose, nth = expanded(self._begins[key + 1] - self._begins[key])
        need = self._by_key[self._begins[key][whose] + nth]
        kept = is_met[need]
        need, at = need[kept], changing[whose[kept]]
        late, early = pieces.start[at] > 0, pieces.end[at] < END
        by_share = met[self._needs.people[self._mine[met]] < 0]
        whose, nth = expanded(np.diff(groups.begins)[group[by_share]])
        event = groups.begins[group[by_share]][whose] + nth
        nothing = np.zeros(len(event), np.int64)
        needs = np.concatenate([need[late], need[early], by_share[whose]])
        days = np.concatenate([pieces.start[at][late], pieces.end[at][early], groups.day[event]])
        more = np.concatenate([np.ones(late.sum(), np.int64), -np.ones(early.sum(), np.int64), nothing])
        grown = np.concatenate([np.zeros(late.sum() + early.sum(), np.int64), groups.delta[event]])
        order = np.argsort(needs * (END + 1) + days)
        needs, days = needs[order], days[order]
        have_then = _running(needs, more[order], have)
        there_then = _running(needs, grown[order], present) if len(event) else present[needs]
        last = np.flatnonzero(np.append((needs[1:] != needs[:-1]) | (days[1:] != days[:-1]), True)[: len(needs)])  # fmt: skip
        needs, days = needs[last], days[last]
        short = needed_of(self._needs, self._mine[needs], there_then[last]) > have_then[last]
        needs, days = needs[short], days[short]
        firsts = np.append(True, needs[1:] != needs[:-1])[: len(needs)]
        breaks[needs[firsts]] = days[firsts]


def _running(whose: Ints, delta: Ints, base: Ints) -> Ints:
    """The level after each event, for things whose events stand together; base is where each begins."""
    total = np.cumsum(delta)
    fresh = np.append(True, whose[1:] != whose[:-1])[: len(whose)]
    starts = np.flatnonzero(fresh)
    before = total[starts] - delta[starts]
    lengths = np.diff(np.append(starts, len(whose)))
    level: Ints = total - np.repeat(before, lengths) + base[whose]
    return level
