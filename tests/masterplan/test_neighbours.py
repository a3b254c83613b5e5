"""Neighbourhoods of a plan: decided anew without a bundle or a requirement reaching out of them."""

from __future__ import annotations

import numpy as np
import pytest

from pilothouse.masterplan.engine import solve
from pilothouse.masterplan.neighbours import around, joined_items
from pilothouse.masterplan.reduced import reduce
from pilothouse.masterplan.rules import broken
from tests.masterplan.test_engine import larger


@pytest.mark.parametrize("seed", range(5))
def test_no_bundle_and_no_requirement_reaches_out_of_a_neighbourhood(seed: int) -> None:
    problem = larger(seed)
    plan = solve(problem, gap=0.5, seconds=5.0).chosen
    reduced = reduce(problem)
    group = joined_items(reduced)
    free, kept = around(reduced, problem.benefit, plan, group, 100, seed)
    inside = np.zeros(problem.items, bool)
    inside[problem.item[free]] = True
    assert 0 < free.sum() < problem.options
    for left, right in (*problem.needs, *reduced.ties):
        assert group[problem.item[left]] == group[problem.item[right]]
        assert not (free[left] and not inside[problem.item[right]] and not reduced.forced[right])
    assert not (free & kept).any()
    assert (kept <= (plan | reduced.forced)).all()
    assert not broken(problem, plan)


def test_items_that_nothing_joins_stand_alone() -> None:
    problem = larger(1, tied=False)
    assert (joined_items(reduce(problem)) == np.arange(problem.items)).all()
