"""Two and three items changed at once: what one change gives up the others more than make good."""

from __future__ import annotations

import time

import numpy as np

from pilothouse.masterplan.beam import Choices
from pilothouse.masterplan.rules import Flags, Floats, Ints

PAIRED, TRIPLED = 1200, 160
"""So many changes, those that cost least at the prices, are tried two and three at a time."""
TRIFLE = 1e-9


def swapped(open_: Choices, prices: Floats, chosen: Flags, deadline: float) -> Flags:
    """The plan after the best changes of one, two or three items of a core, until there is none or time ends."""
    now = _now(open_, chosen)
    if now is None:
        return chosen
    worth = open_.benefit - open_.uses @ prices
    while time.perf_counter() < deadline:
        found = _changes(open_, now, worth, deadline)
        if not len(found):
            break
        now[found[:, 0]] = found[:, 1]
    changed = open_.kept.copy()
    options = open_.option[now]
    changed[options[options >= 0]] = True
    return changed


def _now(open_: Choices, chosen: Flags) -> Ints | None:
    """The row of what each item does now, or None if the plan is not one of the core's."""
    taken = np.append(chosen, False)[open_.option]
    items = np.repeat(np.arange(open_.items), np.diff(open_.start))
    none = open_.option < 0
    does = np.bincount(items[taken], minlength=open_.items)
    taken |= none & (does[items] == 0)
    outside = chosen & ~open_.kept
    outside[open_.option[open_.option >= 0]] = False
    if (
        outside.any()
        or (open_.kept & ~chosen).any()
        or (np.bincount(items[taken], minlength=open_.items) != 1).any()
    ):
        return None
    return np.flatnonzero(taken)


def _changes(open_: Choices, now: Ints, worth: Floats, deadline: float) -> Ints:
    """The best change of up to three items that fits: rows of (item, its new row); empty if none adds benefit."""
    items = np.repeat(np.arange(open_.items), np.diff(open_.start))
    rows = np.setdiff1d(np.arange(len(items)), now)
    cost = worth[now[items[rows]]] - worth[rows]
    rows = rows[np.argsort(cost, kind="stable")[:PAIRED]]
    item, before = items[rows], now[items[rows]]
    gain, more = open_.benefit[rows] - open_.benefit[before], open_.uses[rows] - open_.uses[before]
    slack = open_.room - open_.uses[now].sum(axis=0)
    single = np.where((more <= slack).all(axis=1), gain, -np.inf)
    if single.max(initial=-np.inf) > TRIFLE:
        best = int(single.argmax())
        return np.array([[item[best], rows[best]]])
    pair = _pair(item, gain, more, slack)
    if pair is None:
        few = slice(0, TRIPLED)
        pair = _triple(item[few], gain[few], more[few], slack, deadline)
    return np.array([[item[k], rows[k]] for k in pair or ()], np.int64).reshape(-1, 2)


def _pair(item: Ints, gain: Floats, more: Floats, slack: Floats) -> tuple[int, ...] | None:
    """The two changes that together gain most and fit."""
    both = gain[:, None] + gain[None, :]
    ok = (both > TRIFLE) & (item[:, None] < item[None, :])
    one, two = np.nonzero(ok)
    fits = (more[one] + more[two] <= slack).all(axis=1)
    if not fits.any():
        return None
    one, two = one[fits], two[fits]
    best = int(both[one, two].argmax())
    return int(one[best]), int(two[best])


def _triple(item: Ints, gain: Floats, more: Floats, slack: Floats, deadline: float) -> tuple[int, ...] | None:
    """The first three changes found that together gain and fit, the best of those with the same first."""
    n = len(item)
    one, two = np.triu_indices(n, 1)
    apart = item[one] != item[two]
    one, two = one[apart], two[apart]
    pair_gain, pair_more = gain[one] + gain[two], more[one] + more[two]
    for third in range(n):
        if time.perf_counter() > deadline:
            return None
        ok = np.flatnonzero((pair_gain > TRIFLE - gain[third]) & (one > third))
        if not len(ok):
            continue
        ok = ok[(item[one[ok]] != item[third]) & (item[two[ok]] != item[third])]
        fits = ok[(pair_more[ok] <= slack - more[third]).all(axis=1)]
        if len(fits):
            best = fits[int(pair_gain[fits].argmax())]
            return third, int(one[best]), int(two[best])
    return None
