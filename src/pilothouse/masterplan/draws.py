"""Which choices survive when the weights are moved: many plans for benefits that differ, each from the prices of the last.

A draw needs no proof: the prices of the base plan are moved to the drawn benefits, every item decides by them, and the
plan is mended and filled. Source: docs/domains/masterplan.md, "Draws".
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.masterplan.cores import LARGE, core
from pilothouse.masterplan.highs import Relaxation, Relaxed, whole
from pilothouse.masterplan.mending import Draft, fill, mend
from pilothouse.masterplan.pricing import descend
from pilothouse.masterplan.reduced import Prices, Reduced, priced, reduce
from pilothouse.masterplan.rules import Flags, Floats, Plan, Problem, broken, gap_of, value

CRITERION, LONE = np.log(2.0), np.log(1.25)
"""A criterion's weight is moved by up to twice or half; without criteria an item's benefits by up to a quarter."""
DEEP, SMALL, NEAR = 3, 400, 2e-3
"""How deep requirements are followed; choices left open to whole numbers; a gap that is small enough."""
STEPS, SOON, LONGEST, FAVOUR = 30, 0.15, 5.0, 1e-3
"""Steps of the prices of a large problem; seconds for whole numbers and for a relaxation; by how much the plan before must be better to be kept."""


@dataclass(frozen=True, eq=False)
class Survival:
    """share: of the draws in which each option is chosen. gap: how far the drawn plans are from their bounds, on average."""

    share: Floats
    draws: int
    gap: float


def drawn(problem: Problem, parts: Mapping[str, Floats], dice: np.random.Generator) -> Floats:
    """The benefits under moved weights, their sizes in all as before."""
    if parts:
        moved = sum((np.exp(dice.uniform(-CRITERION, CRITERION)) * part for part in parts.values()), np.zeros(problem.options))  # fmt: skip
    else:
        moved = problem.benefit * np.exp(dice.uniform(-LONE, LONE, problem.items))[problem.item]
    size = float(np.abs(moved).sum())
    return np.asarray(moved * (float(np.abs(problem.benefit).sum()) / size) if size else moved)


def survive(problem: Problem, plan: Plan, parts: Mapping[str, Floats], draws: int, seed: int, progress: Progress = SILENT) -> Survival:  # fmt: skip
    """Plan `draws` times under moved weights, each relaxation from where the last one ended."""
    dice = np.random.default_rng(seed)
    base = reduce(problem)
    prices = Prices(plan.price, plan.ties, plan.calls)
    warm = None
    if problem.options <= LARGE:
        warm = Relaxation(base, base.allowed & ~base.forced, base.forced)
    times, gaps = np.zeros(problem.options), 0.0
    for _ in range(draws):
        benefit = drawn(problem, parts, dice)
        reduced = replace(base, problem=_with(problem, benefit))
        relaxed = warm.solved(LONGEST, benefit) if warm else None
        if relaxed is None:
            relaxed = _by_parts(reduced, prices)
        chosen, bound = _quick(reduced, relaxed, plan.chosen)
        times += chosen
        gaps += gap_of(value(reduced.problem, chosen), bound)
        progress.advance()
    return Survival(times / max(draws, 1), draws, gaps / max(draws, 1))


def _by_parts(reduced: Reduced, prices: Prices) -> Relaxed:
    """Where one relaxation takes too long: the plan's prices moved, and what every item does at them."""
    moved = descend(reduced, prices, time.perf_counter() + LONGEST, STEPS)
    chosen = settled(reduced, moved)
    return Relaxed(chosen.astype(float), moved, value(reduced.problem, chosen))


def _with(problem: Problem, benefit: Floats) -> Problem:
    """The problem with other benefits; what was worked out of its structure stays."""
    moved = replace(problem, benefit=benefit)
    for name in ("item", "use_option", "is_plain"):
        moved.__dict__[name] = getattr(problem, name)
    return moved


def _quick(reduced: Reduced, relaxed: Relaxed, before: Flags) -> tuple[Flags, float]:
    """A good plan and a bound.

    The relaxation is rounded, mended and filled; where that is not near the bound, as with a few large options, a
    core is solved in whole numbers. The plan before is kept only where it is better by more than `FAVOUR`: among
    plans that are as good it must not count as a survivor.
    """
    p = reduced.problem
    worth = reduced.worth(relaxed.prices)
    bound = reduced.bound(relaxed.prices, worth)
    best, most = before, -np.inf
    for chosen in _roundings(reduced, relaxed, worth):
        found = _mended(reduced, chosen, worth)
        if found is not None and (reached := value(p, found)) > most:
            best, most = found, reached
        if np.isfinite(most) and gap_of(most, bound) < NEAR:
            return best, bound
    kept = _mended(reduced, before, worth)
    kept = before if kept is None else kept
    return (kept if value(p, kept) > most + FAVOUR * abs(bound) else best), bound


def _mended(reduced: Reduced, chosen: Flags, worth: Floats) -> Flags | None:
    """The plan within its limits, filled; None if it could not be mended."""
    draft = Draft(reduced, chosen)
    if not mend(draft, worth):
        return None
    fill(draft, worth)
    return None if broken(reduced.problem, draft.chosen) else draft.chosen


def _roundings(reduced: Reduced, relaxed: Relaxed, worth: Floats) -> Iterator[Flags]:
    """Plans to mend and fill, the quickest first."""
    p = reduced.problem
    tied_items = np.zeros(p.items, bool)
    tied_items[p.item[p.bundle >= 0]] = True
    tied_items[p.item[p.needs.ravel()]] = True
    tied = tied_items[p.item]
    sure = relaxed.share > 1 - 1e-6
    held = settled(reduced, relaxed.prices) if tied.any() else sure
    yield np.where(tied, held, sure)
    loose = replace(reduced, allowed=reduced.allowed & ~(tied & ~held))
    free, kept, _ = core(loose, worth, SMALL, np.zeros(p.options, bool))
    found = whole(reduced, free & ~tied, np.where(tied, held, kept), SOON, share=NEAR)
    if found.chosen is not None:
        yield found.chosen


def settled(reduced: Reduced, prices: Prices) -> Flags:
    """What every item does by worth, with each bundle whole or not at all and each requirement met."""
    p = reduced.problem
    open_ = reduced.allowed.copy()
    if p.is_plain:
        return _chosen(reduced, open_, reduced.worth(prices))
    own = _credited(reduced, p.benefit - priced(p, prices.limits))
    tied = p.bundle >= 0
    if tied.any():
        open_, must = _bundles(reduced, open_, own)
    else:
        must = reduced.forced.copy()
    worth = np.where(must, np.inf, own)
    for _ in range(p.items):
        chosen = _chosen(reduced, open_, worth)
        unmet = (
            p.needs[chosen[p.needs[:, 0]] & ~chosen[p.needs[:, 1]], 0]
            if len(p.needs)
            else np.zeros(0, np.int64)
        )
        if not len(unmet):
            return chosen
        open_[unmet] = False
        broken_bundles = np.unique(p.bundle[unmet][p.bundle[unmet] >= 0])
        lost = np.isin(p.bundle, broken_bundles) & (p.bundle >= 0)
        open_[lost] = False
        worth = np.where(lost & ~reduced.forced, own, worth)
    return chosen


def _credited(reduced: Reduced, own: Floats) -> Floats:
    """Each option's worth with what the options that require it add, each call by its best, as far as three deep."""
    p = reduced.problem
    if not len(p.needs):
        return own
    caller = np.zeros(len(reduced.called), np.int64)
    caller[reduced.call] = p.item[p.needs[:, 0]]
    needy = np.zeros(p.options, bool)
    needy[p.needs[:, 0]] = True
    worth = own
    for _ in range(DEEP):
        masked = np.where(reduced.allowed, worth, -np.inf)
        best = np.full(len(reduced.called), -np.inf)
        np.maximum.at(best, reduced.call, masked[p.needs[:, 0]])
        free = np.maximum.reduceat(np.where(needy, -np.inf, masked), p.start[:-1])
        gain = np.maximum(best - np.maximum(free, 0.0)[caller], 0.0)
        worth = own + np.bincount(reduced.called, gain, p.options)
    return worth


def _bundles(reduced: Reduced, open_: Flags, own: Floats) -> tuple[Flags, Flags]:
    """The options left open once each bundle is in or out, and those that are in."""
    p = reduced.problem
    tied = p.bundle >= 0
    alone = np.maximum.reduceat(np.where(open_ & ~tied, own, -np.inf), p.start[:-1])
    alone = np.where(reduced.must, np.where(np.isfinite(alone), alone, -1e9), np.maximum(alone, 0.0))
    gain = np.bincount(p.bundle[tied], (own - alone[p.item])[tied])
    held = np.bincount(p.bundle[tied], reduced.forced[tied]) > 0
    barred = np.bincount(p.bundle[tied], ~open_[tied]) > 0
    inside = (held | (gain > 0)) & ~barred
    options = np.flatnonzero(tied)
    options = options[inside[p.bundle[options]]]
    options = options[np.lexsort((-gain[p.bundle[options]], ~held[p.bundle[options]]))]
    taken: set[int] = set()
    for name in dict.fromkeys(p.bundle[options].tolist()):
        items = set(p.item[options[p.bundle[options] == name]].tolist())
        if items & taken:
            inside[name] = False
        else:
            taken |= items
    must = reduced.forced | (tied & inside[p.bundle])
    settled_items = np.bincount(p.item[must], minlength=p.items) > 0
    return (open_ & ~tied & ~settled_items[p.item]) | must, must


def _chosen(reduced: Reduced, open_: Flags, worth: Floats) -> Flags:
    """The open option of most worth of each item, or none where that is better and may be."""
    p = reduced.problem
    masked = np.where(open_, worth, -np.inf)
    best = np.maximum.reduceat(masked, p.start[:-1])
    top = np.flatnonzero((masked == best[p.item]) & open_)
    choice = np.full(p.items, -1)
    choice[p.item[top]] = top
    choice[(best <= 0) & ~reduced.must] = -1
    chosen = np.zeros(p.options, bool)
    chosen[choice[choice >= 0]] = True
    return chosen
