"""The search for a plan: what is the best so far, what bounds it, and which method gets the next slice of time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

import numpy as np

from pilothouse.kernel.progress import Progress
from pilothouse.masterplan.beam import beam, choices, limits_of
from pilothouse.masterplan.cores import FEW, LARGE, core
from pilothouse.masterplan.highs import relax, whole
from pilothouse.masterplan.mending import Draft, fill, mend
from pilothouse.masterplan.neighbours import around, joined_items
from pilothouse.masterplan.pricing import Tied, descend, items_of, sampled
from pilothouse.masterplan.reduced import Contradiction, Prices, Reduced
from pilothouse.masterplan.rules import Flags, Floats, Ints, Plan, broken, gap_of, value
from pilothouse.masterplan.swapping import swapped

SWAPPED = 600
"""Open options among which two and three at a time are exchanged."""
ROUNDS, RAISES = 3, 12
"""How often ties and limits are priced in turn; how often the price
of a limit is raised that the tied items alone exceed."""
CORE = 100
"""Choices in the first core."""
GROWTH = 1.12
PERIOD = 16
"""One turn in so many goes to HiGHS again while the core is not all that is open; the beams gain more from the time."""
AROUND = 400
"""Options of a first neighbourhood."""
FIRST_WIDTH, WIDEST = 3000, 400_000
"""Part plans that a beam keeps."""
SAME = 1e-12
"""Share of the benefit below which a gap is the rounding of sums and counts as none."""


class Search:
    """One problem's search. `best` is the best plan that was checked; `bound` holds for all plans."""

    def __init__(self, reduced: Reduced, gap: float, deadline: float, progress: Progress) -> None:
        self.reduced, self.gap, self.deadline, self.progress = reduced, gap, deadline, progress
        self.problem = reduced.problem
        self.best: Flags | None = None
        self.benefit = -np.inf
        self.bound = np.inf
        self.prices: Prices = reduced.nothing()
        p = self.problem
        self.tied = p.bundle >= 0
        self.tied[p.needs.ravel()] = True
        self.slice = min(1.0, (deadline - time.perf_counter()) / 8)
        self.pace = 0.0
        self.is_settled = False
        self.around = AROUND
        self.grain = _grain(self.problem.benefit)

    @property
    def is_large(self) -> bool:
        return self.problem.options > LARGE

    def run(self) -> None:
        """Price, fix what the prices decide, then give the methods slices of time in turn until one is enough."""
        self._relax()
        turn = 0
        while not self.done and self.left > 0.01:
            if self.best is not None and self.is_large and not self.problem.is_plain:
                return  # its core is not small: every tied option is always open
            self.fix()
            if self.done:
                return
            self._turn(turn)
            turn += 1

    def fix(self) -> None:
        """Leave out what no plan better than the best can hold: Dantzig's reduced costs (1957)."""
        if self.best is None:
            return
        worth = self.reduced.worth(self.prices)
        best = self.reduced.best(worth)
        bound = self.reduced.bound(self.prices, worth)
        behind = best[self.problem.item] - worth
        allowed = self.reduced.allowed & ((bound - behind >= self.wanted) | self.reduced.forced)
        must = self.reduced.must | (bound - best < self.wanted)
        left = np.bincount(self.problem.item[allowed], minlength=self.problem.items)
        if (must & (left == 0)).any():
            self.limit(self.benefit)  # every better plan would need an item that has nothing left
            return
        self.reduced = replace(self.reduced, allowed=allowed, must=must)
        self.bound = max(self.bound, self.benefit)

    @property
    def wanted(self) -> float:
        """What a plan must bring to be better than the best; below it nothing need be looked at."""
        if self.best is None:
            return -np.inf
        step = 1.0 / self.grain if self.grain else 0.0
        return self.benefit + 0.5 * step + 1e-12 * abs(self.benefit)

    def _core(self, size: int) -> tuple[Flags, Flags, bool]:
        return core(self.reduced, self.reduced.worth(self.prices), size, self.tied)

    def _turn(self, turn: int) -> None:
        """One slice for one method on one core; cores grow from turn to turn."""
        if not self.problem.is_plain:
            self._turn_of_tied(turn)
            return
        free, kept, is_all = self._core(int(CORE * GROWTH ** min(turn, 40)))
        if self.best is not None:
            self._swap()
        if turn % (8 if is_all else PERIOD):
            self._beam(free, kept, turn, is_all)
            return
        self._whole(free, kept, self.slice * (1 + turn / 4), turn, is_all)
        if self.is_settled:
            self._beam(free, kept, turn, is_all)  # what is smaller than HiGHS' tolerance

    def _turn_of_tied(self, turn: int) -> None:
        """One slice where bundles or requirements tie options together: growing cores until there is a plan, then its
        neighbourhoods, and now and then everything that is open, for its bound."""
        if self.best is None or turn == 0:
            p = self.problem
            tied = int((self.tied & self.reduced.allowed).sum())
            free, kept, is_all = self._core(int(tied + (CORE + 3 * p.limits) * 1.5 ** min(turn, 40)))
            self._whole(free, kept, self.left * 0.3, turn, is_all)
        elif turn % 4 == 3:
            free, kept, is_all = self._core(self.problem.options * 2)
            self._whole(free, kept, self.left / 4, turn, is_all)
        else:
            worth = self.reduced.worth(self.prices)
            free, kept = around(self.reduced, worth, self.best, self._joined, self.around, turn)
            started = time.perf_counter()
            before = self.benefit
            is_done = self._whole(free, kept, self.slice, turn, is_all=False)
            if not is_done:
                self.around = max(int(self.around * 0.8), FEW)
            elif self.benefit <= before and time.perf_counter() - started < self.slice / 2:
                self.around = int(self.around * 1.25)

    @cached_property
    def _joined(self) -> Ints:
        return joined_items(self.reduced)

    def _whole(self, free: Flags, kept: Flags, seconds: float, turn: int, is_all: bool) -> bool:
        """Give a core to HiGHS; whether it was through with it."""
        found = whole(self.reduced, free, kept, min(self.left, max(seconds, self.slice)), self.best, seed=turn, share=self.gap / 2)  # fmt: skip
        if found.chosen is not None:
            self.improve(Draft(self.reduced, found.chosen))
        if found.empty and is_all and self.best is None:
            raise Contradiction
        if is_all:
            self.limit(max(found.bound, self.benefit))
            self.is_settled = found.is_final
        return found.is_through

    def _swap(self) -> None:
        """Exchange a few options of the best plan at a time, among those that the prices leave most open."""
        if self.best is None:
            return
        p = self.problem
        free, _, _ = self._core(SWAPPED)
        items = np.zeros(p.items, bool)
        items[p.item[free]] = True
        free |= self.best & items[p.item] & ~self.reduced.forced
        if not free.any():
            return
        open_ = choices(self.reduced, free, self.best & ~items[p.item] | self.reduced.forced)
        prices = limits_of(self.reduced, free, self.prices)
        self.offer(swapped(open_, prices, self.best, min(self.deadline, time.perf_counter() + self.slice)))

    def _beam(self, free: Flags, kept: Flags, turn: int, is_all: bool) -> None:
        """Two beams over a core at once, as wide as three quarters of the time that is left allow."""
        open_ = choices(self.reduced, free, kept)
        if not open_.items:
            return
        started = time.perf_counter()
        width = FIRST_WIDTH
        if self.pace:
            width = int(np.clip(self.left * 0.75 / (self.pace * len(open_.option)), FIRST_WIDTH, WIDEST))
        prices = limits_of(self.reduced, free, self.prices)
        wanted, seeds = self.wanted, (2 * turn, 2 * turn + 1)
        with ThreadPoolExecutor(len(seeds)) as both:  # numpy and HiGHS let each other run
            every = list(
                both.map(lambda seed: beam(open_, prices, wanted, width, seed, self.deadline), seeds)
            )
        for got in every:
            if got.chosen is not None:
                self.offer(got.chosen)
        if any(got.is_proof for got in every):
            if is_all:
                self.limit(self.benefit)
            return
        took = time.perf_counter() - started - max(got.pricing_s for got in every)
        self.pace = max(took, 1e-3) / (width * len(open_.option))

    def _relax(self) -> None:
        """Prices, a first bound and a first plan."""
        self.progress.step("Pricing the limits")
        if self.is_large:
            self._decompose()
            return
        free = self.reduced.allowed & ~self.reduced.forced
        relaxed = relax(self.reduced, free, self.reduced.forced, self.left)
        if relaxed is None:
            return
        self.prices = relaxed.prices
        self.limit(self.reduced.bound(relaxed.prices))
        self.improve(Draft(self.reduced, relaxed.share > 1 - 1e-6))

    def _decompose(self) -> None:
        """The same for large problems, by parts: the tied items and the loose ones see each other through the prices."""
        limits = sampled(self.reduced, self.left / 4)
        tied = None if self.problem.is_plain else Tied(self.reduced)
        for _ in range(ROUNDS):
            prices = (
                tied.prices(limits, self.left / 2) if tied else replace(self.reduced.nothing(), limits=limits)
            )
            prices = descend(self.reduced, prices, time.perf_counter() + self.left / 2)
            bound = self.reduced.bound(prices)
            if bound < self.bound:
                self.prices = prices
            self.limit(bound)
            limits = prices.limits
            self.progress.step("Filling the limits")
            if tied is None:
                self.improve(Draft(self.reduced, _alone(self.reduced, self.reduced.worth(prices))))
                return
            self._combine(tied, limits)
            if self.done or self.left < 0:
                return

    def _combine(self, tied: Tied, limits: Floats) -> None:
        """The tied items' plan at the prices, then the best of the loose ones within what it leaves."""
        p = self.problem
        for _ in range(RAISES):
            held = tied.plan(limits, self.left / 2)
            if held is None:
                return
            mine = held[p.use_option]
            room = p.cap - np.bincount(p.use_limit[mine], p.use_amount[mine], p.limits)
            if (room >= 0).all():
                break
            usual = np.maximum(limits, 1e-3 * float(np.abs(p.benefit).mean()) / np.maximum(p.cap, 1e-300))
            limits = np.where(room < 0, 1.5 * usual, limits)
        else:
            return
        loose, chosen = np.flatnonzero(~tied.items), held.copy()
        if len(loose):
            part, options = items_of(self.reduced, loose, room)
            own = descend(part, replace(part.nothing(), limits=limits), time.perf_counter() + self.left / 2)
            limits = own.limits
            chosen[options] = _alone(part, part.worth(own))
        worth = self.reduced.worth(replace(self.prices, limits=limits))
        draft = Draft(self.reduced, chosen)
        if mend(draft, worth):
            fill(draft, worth)
            self.offer(draft.chosen)

    def improve(self, draft: Draft) -> None:
        """Mend and fill a draft, and offer what comes of it."""
        worth = self.reduced.worth(self.prices)
        if mend(draft, worth):
            fill(draft, worth)
            self.offer(draft.chosen)

    def offer(self, chosen: Flags) -> bool:
        """Keep a plan if it is better than the best so far and breaks nothing."""
        benefit = value(self.problem, chosen)
        if benefit <= self.benefit or broken(self.problem, chosen):
            return False
        self.best, self.benefit = chosen.copy(), benefit
        return True

    def limit(self, bound: float) -> None:
        """Lower the bound; benefits that are whole multiples of a step bring it down to one."""
        if self.grain and np.isfinite(bound):
            bound = np.floor(bound * self.grain * (1 + 1e-15) + 1e-9) / self.grain
        self.bound = min(self.bound, bound)

    @property
    def left(self) -> float:
        return self.deadline - time.perf_counter()

    @property
    def is_optimal(self) -> bool:
        return self.best is not None and (self.is_settled or gap_of(self.benefit, self.bound) <= SAME)

    @property
    def done(self) -> bool:
        return self.is_optimal or (self.best is not None and gap_of(self.benefit, self.bound) <= self.gap)

    def plan(self, seconds: float) -> Plan:
        """The best plan. Raises Contradiction if none was found."""
        if self.best is None:
            raise Contradiction
        status = "optimal" if self.is_optimal else "within_gap" if self.done else "time"
        return Plan(self.best, self.benefit, max(self.bound, self.benefit), seconds, status, self.prices.limits, self.prices.ties, self.prices.needs, self.reduced.worth(self.prices))  # fmt: skip


def _alone(reduced: Reduced, worth: Floats) -> Flags:
    """What each item does if it decides by worth alone."""
    p = reduced.problem
    best = reduced.best(worth)
    top = np.flatnonzero(reduced.allowed & (worth >= best[p.item]))
    choice = np.full(p.items, -1)
    choice[p.item[top]] = top
    chosen = np.zeros(p.options, bool)
    chosen[choice[choice >= 0]] = True
    return chosen


def _grain(benefit: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """How many steps make one point if all benefits are whole multiples of 1, 0.1, ... 0.0001; 0 if they are not."""
    for grain in (1.0, 10.0, 100.0, 1000.0, 10_000.0):
        scaled = benefit * grain
        if (
            np.abs(scaled).sum() < 2.0**52
            and (np.abs(scaled - np.round(scaled)) <= 4e-16 * np.abs(scaled)).all()
        ):
            return grain
    return 0.0
