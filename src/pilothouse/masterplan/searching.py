"""The search for a plan: what is the best so far, what bounds it, and which method gets the next slice of time."""

from __future__ import annotations

import time

import numpy as np

from pilothouse.kernel.progress import Progress
from pilothouse.masterplan.highs import relax, whole
from pilothouse.masterplan.mending import Draft, fill, mend
from pilothouse.masterplan.reduced import Contradiction, Prices, Reduced
from pilothouse.masterplan.rules import Flags, Plan, broken, gap_of, value

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
        self.grain = _grain(self.problem.benefit)

    def run(self) -> None:
        self._relax()
        if self.done:
            return
        free = self.reduced.allowed & ~self.reduced.forced
        found = whole(self.reduced, free, self.reduced.forced, self.left, self.best, share=self.gap / 2)
        if found.empty and self.best is None:
            raise Contradiction
        self.limit(found.bound)
        if found.chosen is not None:
            self.offer(found.chosen)

    def _relax(self) -> None:
        self.progress.step("Pricing the limits")
        free = self.reduced.allowed & ~self.reduced.forced
        relaxed = relax(self.reduced, free, self.reduced.forced, self.left)
        if relaxed is None:
            return
        self.prices = relaxed.prices
        self.limit(self.reduced.bound(relaxed.prices))
        draft = Draft(self.reduced, relaxed.share > 1 - 1e-6)
        self.improve(draft)

    def improve(self, draft: Draft) -> None:
        """Mend and fill a draft, and offer what comes of it."""
        if mend(draft, self.reduced.worth(self.prices)):
            fill(draft)
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
        return self.best is not None and gap_of(self.benefit, self.bound) <= SAME

    @property
    def done(self) -> bool:
        return self.best is not None and gap_of(self.benefit, self.bound) <= max(self.gap, SAME)

    def plan(self, seconds: float) -> Plan:
        """The best plan. Raises Contradiction if none was found."""
        if self.best is None:
            raise Contradiction
        status = "optimal" if self.is_optimal else "within_gap" if self.done else "time"
        bound = self.benefit if self.is_optimal else self.bound
        return Plan(self.best, self.benefit, bound, seconds, status, self.prices.limits, self.reduced.worth(self.prices))  # fmt: skip


def _grain(benefit: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """How many steps make one point if all benefits are whole multiples of 1, 0.1, ... 0.0001; 0 if they are not."""
    for grain in (1.0, 10.0, 100.0, 1000.0, 10_000.0):
        scaled = benefit * grain
        if np.abs(scaled).sum() < 2.0**52 and (np.abs(scaled - np.round(scaled)) <= 4e-16 * np.abs(scaled)).all():
            return grain
    return 0.0
