"""Small changes of a plan: bring it within its limits, then fill what room is left, one item at a time.

An item changes to another of its options, or to none; what is tied (bundles, requirements) stays as it is. All
moves of a round are weighed at once in numpy, and the best are carried out one after another as long as they fit.
"""

from __future__ import annotations

import numpy as np

from pilothouse.masterplan.reduced import Reduced
from pilothouse.masterplan.rules import SLACK, Flags, Floats, Ints

ROUNDS, BATCH = 60, 4000
WIDEST = 40_000_000
"""Items times limits up to which what each item uses is kept as a whole matrix."""


class Draft:
    """A plan in the making: the option of each item (-1 none), what it uses, what may be moved."""

    def __init__(self, reduced: Reduced, chosen: Flags) -> None:
        p = self.p = reduced.problem
        self.reduced = reduced
        self.choice = np.full(p.items, -1)
        self.choice[p.item[chosen]] = np.flatnonzero(chosen)
        self.cap = p.cap * (1 + SLACK / 2)
        self.used = np.zeros(p.limits)
        self.mine = np.zeros((p.items, p.limits)) if p.items * p.limits <= WIDEST else None
        mine = np.flatnonzero(chosen[p.use_option])
        np.add.at(self.used, p.use_limit[mine], p.use_amount[mine])
        if self.mine is not None:
            self.mine[p.item[p.use_option[mine]], p.use_limit[mine]] = p.use_amount[mine]
        self.may, self.movable = _loose(reduced, chosen)
        self.benefit = np.append(p.benefit, 0.0)

    @property
    def chosen(self) -> Flags:
        flags = np.zeros(self.p.options, bool)
        flags[self.choice[self.choice >= 0]] = True
        return flags

    def within(self, limits: Flags | None = None) -> Flags:
        """The options whose item may change to them without exceeding a limit (of `limits`, or of all)."""
        p = self.p
        item = p.item[p.use_option]
        after = self.used[p.use_limit] + p.use_amount
        if self.mine is not None:
            after -= self.mine[item, p.use_limit]
        wrong = after > self.cap[p.use_limit]
        if limits is not None:
            wrong &= limits[p.use_limit]
        fits = np.ones(p.options, bool)
        fits[p.use_option[wrong]] = False
        return fits & self.may & self.movable[p.item]

    def take(self, item: int, option: int) -> None:
        """Change one item's option; -1 is none."""
        p = self.p
        before = self.choice[item]
        for one, sign in ((before, -1.0), (option, 1.0)):
            if one >= 0:
                at = slice(p.use_start[one], p.use_start[one + 1])
                self.used[p.use_limit[at]] += sign * p.use_amount[at]
                if self.mine is not None:
                    self.mine[item, p.use_limit[at]] = p.use_amount[at] if sign > 0 else 0.0
        self.choice[item] = option

    def fits(self, item: int, option: int) -> bool:
        """Whether this change keeps within every limit that it uses more of."""
        p = self.p
        start, stop = p.use_start[option], p.use_start[option + 1]
        before = self.choice[item]
        for place in range(start, stop):
            limit = p.use_limit[place]
            after = self.used[limit] + p.use_amount[place]
            if after <= self.cap[limit]:
                continue
            if before < 0:
                return False
            for own in range(p.use_start[before], p.use_start[before + 1]):
                if p.use_limit[own] == limit:
                    after -= p.use_amount[own]
            if after > self.cap[limit]:
                return False
        return True


def _loose(reduced: Reduced, chosen: Flags) -> tuple[Flags, Flags]:
    """The options that may be taken without thought for others, and the items that may be changed so."""
    p = reduced.problem
    may = reduced.allowed & (p.bundle < 0)
    movable = np.ones(p.items, bool)
    held = chosen & ((p.bundle >= 0) | reduced.forced)
    if len(p.needs):
        may[p.needs[~chosen[p.needs[:, 1]], 0]] = False
        held[p.needs[chosen[p.needs[:, 1]], 1]] = True
    movable[p.item[held]] = False
    return may, movable


def fill(draft: Draft, worth: Floats, rounds: int = ROUNDS) -> None:
    """Take every change of one item that adds benefit and fits, until there is none; those first that add most worth."""
    p = draft.p
    for _ in range(rounds):
        gain = p.benefit - draft.benefit[draft.choice][p.item]
        good = np.flatnonzero(draft.within() & (gain > 0))
        lone = np.flatnonzero(draft.movable & ~draft.reduced.must & (draft.benefit[draft.choice] < 0))
        for place in lone.tolist():
            draft.take(place, -1)
        if not len(good):
            if not len(lone):
                return
            continue
        more = worth[good] - np.append(worth, 0.0)[draft.choice[p.item[good]]]
        best = good[np.argsort(-more, kind="stable")[:BATCH]]
        done: set[int] = set()
        for option in best.tolist():
            item = int(p.item[option])
            if item not in done and draft.fits(item, option):
                draft.take(item, option)
                done.add(item)
        if not done:
            return


def mend(draft: Draft, worth: Floats) -> bool:
    """Bring the plan within its limits at the least loss of worth for what is freed; whether it could be done."""
    p = draft.p
    none = np.flatnonzero(draft.movable & ~draft.reduced.must)
    for _ in range(ROUNDS):
        over = draft.used > draft.cap
        if not over.any():
            return True
        weight = np.where(over, 1.0 / np.maximum(p.cap, 1e-300), 0.0)
        each = weight[p.use_limit] * p.use_amount
        freed_by = np.append(np.bincount(p.use_option, each, p.options), 0.0)
        own_worth = np.append(worth, 0.0)[draft.choice]
        relief = freed_by[draft.choice][p.item] - freed_by[:-1]
        loss = own_worth[p.item] - worth
        good = np.flatnonzero(draft.within(~over) & (relief > 1e-15))
        dropped = none[freed_by[draft.choice[none]] > 1e-15]
        items = np.concatenate([p.item[good], dropped])
        options = np.concatenate([good, np.full(len(dropped), -1)])
        ratio = np.concatenate(
            [loss[good] / relief[good], own_worth[dropped] / freed_by[draft.choice[dropped]]]
        )
        if not _relieve(draft, items, options, ratio):
            return False
    return not (draft.used > draft.cap).any()


def _relieve(draft: Draft, items: Ints, options: Ints, ratio: Floats) -> bool:
    """Carry out the cheapest moves until no limit is exceeded or the batch ends; whether any was."""
    done: set[int] = set()
    over = draft.used > draft.cap
    for place in np.argsort(ratio, kind="stable")[:BATCH].tolist():
        item, option = int(items[place]), int(options[place])
        if item in done:
            continue
        before, was = int(draft.choice[item]), draft.used.copy()
        draft.take(item, option)
        now = draft.used > draft.cap
        if (now & ~over).any() or not (draft.used[over] < was[over]).any():
            draft.take(item, before)
            draft.used = was
            continue
        done.add(item)
        over = now
        if not over.any():
            break
    return bool(done)
