"""Neighbourhoods of a plan: some items are decided anew, all others stay as they are.

Source: Shaw 1998 (large neighbourhood search); which items, by their reduced costs as in Danna, Rothberg and Le Pape 2005.
"""

from __future__ import annotations

import numpy as np

from pilothouse.masterplan.reduced import Reduced
from pilothouse.masterplan.rules import Flags, Floats, Ints


def joined_items(reduced: Reduced) -> Ints:
    """For each item the smallest of those that bundles and requirements join it to, directly or not."""
    p = reduced.problem
    pairs = np.concatenate([reduced.ties, p.needs]) if len(reduced.ties) or len(p.needs) else p.needs
    group = np.arange(p.items)
    if not len(pairs):
        return group
    left, right = p.item[pairs[:, 0]], p.item[pairs[:, 1]]
    while True:
        least = np.minimum(group[left], group[right])
        before = group.copy()
        np.minimum.at(group, left, least)
        np.minimum.at(group, right, least)
        group = group[group]
        if (group == before).all():
            return group


def around(reduced: Reduced, worth: Floats, plan: Flags, group: Ints, size: int, seed: int) -> tuple[Flags, Flags]:  # fmt: skip
    """The options to decide anew, about `size` of them, and what stays chosen beside them.

    Drawn at random, the sooner the less the prices tell between an item's choices; joined items go together, so that
    no bundle and no requirement reaches out of the neighbourhood.
    """
    p, dice = reduced.problem, np.random.default_rng(seed)
    best = reduced.best(worth)
    open_ = reduced.allowed & ~reduced.forced
    behind = np.where(open_, best[p.item] - worth, np.inf)
    behind[plan] = np.inf  # how near the next choice is, beside the present one
    near = np.minimum.reduceat(behind, p.start[:-1])
    taken = np.bincount(p.item[plan], minlength=p.items) > 0
    near = np.where(taken & ~reduced.must, np.minimum(near, best), near)
    count = np.bincount(p.item[open_], minlength=p.items)
    groups = np.unique(group)
    of_group = np.searchsorted(groups, group)
    nearest = np.full(len(groups), np.inf)
    np.minimum.at(nearest, of_group, near)
    options = np.bincount(of_group, count, len(groups))
    scale = float(np.median(nearest[np.isfinite(nearest)])) if np.isfinite(nearest).any() else 1.0
    order = np.argsort(dice.exponential(size=len(groups)) * (np.minimum(nearest, 1e300) + scale))
    many = np.cumsum(options[order])
    chosen = np.zeros(len(groups), bool)
    chosen[order[: int(np.searchsorted(many, size)) + 1]] = True
    inside = chosen[of_group][p.item]
    return open_ & inside, (plan & ~inside) | reduced.forced
