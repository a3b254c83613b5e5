"""A beam over items: part plans grow item by item, and only those that may still end best are kept.

What a part plan can still reach is bounded by cuts: the relaxation of the items that are left is concave in the room
that is left, so its prices at one part plan's room bound all part plans (Benders 1962). The beam that never had to
drop a part plan proves its result. Source: docs/domains/masterplan.md, "Beam".
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np

from pilothouse.masterplan.highs import solver
from pilothouse.masterplan.reduced import Prices, Reduced
from pilothouse.masterplan.rules import SLACK, Flags, Floats, Ints

CUTS = 4
"""Rooms at which the rest is priced on each level, at least; otherwise as many as there are limits."""
KEPT_CUTS = 3
"""Times as many cuts are kept from level to level."""
SPARE = 4
"""Times the width: so many part plans are looked at more closely on each level."""
FEW_ITEMS = 25
"""With more items than this width may matter more than cuts: every second beam has few of them."""
MOST_CUTS = 12
LAST = 2
"""With so few items left the relaxation says no more than trying them."""


@dataclass(frozen=True, eq=False)
class Choices:
    """What is open: for each item left its choices, the last of which may be none (option -1).

    start: item k has the choices start[k] to start[k + 1]. uses: a row a choice, a column a limit.
    """

    start: Ints
    option: Ints
    benefit: Floats
    uses: Floats
    room: Floats
    base: float
    kept: Flags

    @property
    def items(self) -> int:
        return len(self.start) - 1

    def part(self, item: int) -> slice:
        return slice(int(self.start[item]), int(self.start[item + 1]))


def choices(reduced: Reduced, free: Flags, kept: Flags) -> Choices:
    """The open choices of a problem without bundles and requirements among the free options."""
    p = reduced.problem
    options = np.flatnonzero(free)
    items, first = np.unique(p.item[options], return_index=True)
    mine = kept[p.use_option]
    room = p.cap * (1 + SLACK / 2) - np.bincount(p.use_limit[mine], p.use_amount[mine], p.limits)
    uses = np.flatnonzero(free[p.use_option])
    limits, column = np.unique(p.use_limit[uses], return_inverse=True)
    place = np.full(p.options, -1)
    place[options] = np.arange(len(options))
    dense = np.zeros((len(options) + 1, len(limits)))
    dense[place[p.use_option[uses]], column] = p.use_amount[uses]
    groups = np.split(np.arange(len(options)), first[1:])
    rows = [own if reduced.must[item] else np.append(own, len(options)) for item, own in zip(items.tolist(), groups, strict=True)]  # fmt: skip
    row = np.concatenate(rows)
    start = np.cumsum([0, *map(len, rows)])
    option = np.append(options, -1)[row]
    return Choices(start, option, np.append(p.benefit[options], 0.0)[row], dense[row], room[limits], float(p.benefit[kept].sum()), kept)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Beamed:
    """chosen: a better plan than asked for, or None. is_proof: there is no better one than this, or than asked for.

    pricing_s: what the cuts took, whatever the width.
    """

    chosen: Flags | None
    is_proof: bool
    pricing_s: float = 0.0


def beam(open_: Choices, prices: Floats, better: float, width: int, seed: int, deadline: float) -> Beamed:
    """The best plan of at least `better` points that a beam of this width finds.

    prices: of the limits that `open_` has columns for.
    """
    rng = np.random.default_rng(seed)
    order = _order(open_, prices, rng)
    least = _least(open_, order)
    room = open_.room[None, :]
    benefit = np.array([open_.base])
    came: list[tuple[Ints, Ints]] = []
    cuts = prices[None, :]
    whole = True
    pricing_s = 0.0
    many = max(CUTS, min(len(open_.room), MOST_CUTS))
    points = many if open_.items <= FEW_ITEMS or seed % 2 else CUTS
    for level, item in enumerate(order.tolist()):
        part = open_.part(item)
        rest = _rest(open_, order[level + 1 :])
        reach = _grown(open_, part, rest, cuts, room, benefit)
        good = np.flatnonzero(reach >= better)
        if len(good) > SPARE * width:
            good = good[np.argpartition(-reach[good], SPARE * width)[: SPARE * width]]
            whole = False
        taken, parents = np.divmod(good, len(room))
        taken += part.start
        after = room[parents] - open_.uses[taken]
        alive = np.flatnonzero((after >= least[level + 1]).all(axis=1))
        parents, taken, after, reach = parents[alive], taken[alive], after[alive], reach[good[alive]]
        sums = benefit[parents] + open_.benefit[taken]
        reach = reach if rest.items else sums
        if rest.items > LAST and len(alive) > 4 * points:
            top = np.arange(len(alive)) if len(alive) <= width else np.argpartition(-reach, width)[:width]
            started = time.perf_counter()
            fresh = _cuts(rest, after[rng.choice(top, points)])
            pricing_s += time.perf_counter() - started
            cuts = np.concatenate([fresh, cuts])[: KEPT_CUTS * points]
            if len(fresh):
                reach = np.minimum(reach, sums + _reach(rest, fresh, after))
        keep = np.flatnonzero(reach >= better)
        if len(keep) > width:
            keep = keep[np.argpartition(-reach[keep], width)[:width]]
            whole = False
        came.append((parents[keep], taken[keep]))
        room, benefit = after[keep], sums[keep]
        if not len(keep):
            return Beamed(None, whole, pricing_s)
        if time.perf_counter() > deadline:
            return Beamed(None, False, pricing_s)
    return Beamed(_traced(open_, came, int(benefit.argmax())), whole, pricing_s)


def _grown(open_: Choices, part: slice, rest: Choices, cuts: Floats, room: Floats, benefit: Floats) -> Floats:
    """What every part plan can still reach with each choice of the next item: all plans with the first, then the second."""
    paid = cuts @ room.T + _fixed(rest, cuts)[:, None]
    price = cuts @ open_.uses[part].T
    reach = np.empty((part.stop - part.start, len(room)))
    for choice, gain in enumerate(open_.benefit[part].tolist()):
        np.min(paid - price[:, choice, None], axis=0, out=reach[choice])
        reach[choice] += benefit
        reach[choice] += gain
    return reach.ravel()


def _order(open_: Choices, prices: Floats, rng: np.random.Generator) -> Ints:
    """Items whose best choice leads by most come first; a little chance makes each beam another."""
    worth = open_.benefit - open_.uses @ prices
    best = np.maximum.reduceat(worth, open_.start[:-1])
    behind = np.repeat(best, np.diff(open_.start)) - worth
    lead = np.array([np.partition(behind[open_.part(k)], 1)[1] if open_.start[k + 1] - open_.start[k] > 1 else np.inf for k in range(open_.items)])  # fmt: skip
    usual = float(np.median(lead[np.isfinite(lead)])) if np.isfinite(lead).any() else 0.0
    return np.argsort(-lead + rng.normal(0.0, 0.1 * usual + 1e-12, open_.items), kind="stable")


def _least(open_: Choices, order: Ints) -> Floats:
    """What the items from each place of the order on use at least, a row a place."""
    least = np.minimum.reduceat(open_.uses, open_.start[:-1], axis=0)[order]
    behind = np.cumsum(least[::-1], axis=0)[::-1]
    return np.concatenate([behind, np.zeros((1, least.shape[1]))])


def _rest(open_: Choices, items: Ints) -> Choices:
    parts = [np.arange(open_.start[k], open_.start[k + 1]) for k in items.tolist()]
    rows = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    start = np.cumsum([0, *(int(open_.start[k + 1] - open_.start[k]) for k in items.tolist())])
    return Choices(
        start, open_.option[rows], open_.benefit[rows], open_.uses[rows], open_.room, 0.0, open_.kept
    )


def _fixed(rest: Choices, cuts: Floats) -> Floats:
    """What each cut says the rest brings beside the price of the room."""
    if not rest.items:
        return np.zeros(len(cuts))
    worth = rest.benefit[:, None] - rest.uses @ cuts.T
    return np.asarray(np.maximum.reduceat(worth, rest.start[:-1], axis=0).sum(axis=0))


def _reach(rest: Choices, cuts: Floats, room: Floats) -> Floats:
    """For each room the least that any cut says the rest can bring within it."""
    return np.asarray((cuts @ room.T + _fixed(rest, cuts)[:, None]).min(axis=0))


def _cuts(rest: Choices, rooms: Floats) -> Floats:
    """The prices of the rest's relaxation at each room."""
    n, m = rest.uses.shape
    row, column = np.nonzero(rest.uses.T)
    scale = np.maximum(rest.uses.max(axis=0), 1e-300)
    at = np.searchsorted(row, np.arange(m + 1))
    starts = np.concatenate([at[:-1], len(row) + rest.start]).astype(np.int32)
    values = np.concatenate([rest.uses[column, row] / scale[row], np.ones(n)])
    columns = np.concatenate([column, np.arange(n)]).astype(np.int32)
    size = max(float(np.abs(rest.benefit).max()), 1e-300)
    inf = highspy.kHighsInf
    h = solver()
    lower = np.concatenate([np.full(m, -inf), np.ones(rest.items)])
    upper = np.concatenate([rooms[0] / scale, np.ones(rest.items)])
    h.passModel(n, m + rest.items, len(values), 2, 1, 0.0, -1000 * rest.benefit / size, np.zeros(n), np.ones(n), lower, upper, starts, columns, values, np.zeros(n, np.int32))  # fmt: skip
    found = []
    rows = np.arange(m, dtype=np.int32)
    for room in rooms:
        h.changeRowsBounds(m, rows, lower[:m], room / scale)
        h.run()
        dual = np.array(h.getSolution().row_dual)[:m] if h.getModelStatus() == highspy.HighsModelStatus.kOptimal else None  # fmt: skip
        if dual is not None:
            found.append(np.maximum(-dual, 0.0) * size / 1000 / scale)
    return np.array(found).reshape(-1, m)


def _traced(open_: Choices, came: list[tuple[Ints, Ints]], at: int) -> Flags:
    """The plan that a last state came by."""
    chosen = open_.kept.copy()
    for parents, taken in reversed(came):
        option = open_.option[taken[at]]
        if option >= 0:
            chosen[option] = True
        at = int(parents[at])
    return chosen


def limits_of(reduced: Reduced, free: Flags, prices: Prices) -> Floats:
    """The prices of the limits that the free options use, in the order of `Choices`' columns."""
    p = reduced.problem
    return prices.limits[np.unique(p.use_limit[free[p.use_option]])]
