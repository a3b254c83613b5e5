"""Cores: the choices of a problem that the prices leave open (Balas and Zemel 1980)."""

from __future__ import annotations

import numpy as np

from pilothouse.masterplan.reduced import Reduced
from pilothouse.masterplan.rules import Flags, Floats, Problem

LARGE = 60_000
"""Options from which a problem is priced by parts and not by one relaxation."""
FEW = 250
"""So few choices are never cut down to a core."""


def core(reduced: Reduced, worth: Floats, size: int, always: Flags) -> tuple[Flags, Flags, bool]:
    """The open options of a core, what is decided beside them, and whether the core is all that is open.

    A core keeps of each item the options (or none) that stand least behind its best, so many that about `size`
    choices are open. always: options that are never cut away.
    """
    p = reduced.problem
    best = reduced.best(worth)
    behind = np.where(reduced.allowed, best[p.item] - worth, np.inf)
    behind = np.where(always & reduced.allowed, 0.0, behind)
    none_behind = np.where(reduced.must, np.inf, best)
    every = np.concatenate([behind, none_behind])
    steps = np.unique(every[np.isfinite(every)])
    low, high = 0, len(steps) - 1
    if len(every) <= FEW:
        low = high
    while low < high:
        middle = (low + high + 1) // 2
        if _count(p, behind, none_behind, steps[middle]) <= size:
            low = middle
        else:
            high = middle - 1
    most = steps[low] if len(steps) else 0.0
    within = behind <= most
    free = _open(p, behind, none_behind, most) & ~reduced.forced
    is_all = bool((within == reduced.allowed).all() and (none_behind[~reduced.must] <= most).all())
    return free, (within & ~free) | reduced.forced, is_all


def _open(p: Problem, behind: Floats, none_behind: Floats, most: float) -> Flags:
    """Options not further behind than `most`, of items with another such option or none."""
    within = behind <= most
    count = np.bincount(p.item[within], minlength=p.items) + (none_behind <= most)
    return within & (count > 1)[p.item]


def _count(p: Problem, behind: Floats, none_behind: Floats, most: float) -> int:
    """The choices, options or none, of the items that are open."""
    free = _open(p, behind, none_behind, most)
    items = np.zeros(p.items, bool)
    items[p.item[free]] = True
    return int(free.sum() + (none_behind[items] <= most).sum())
