"""Published instances with known optima: Khan's multiple-choice knapsacks and Chu and Beasley's assignments."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest
from benchmarks.masterplan import OPTIMA, chu_beasley, khan

from pilothouse.masterplan.engine import solve
from pilothouse.masterplan.rules import Problem, broken


@pytest.mark.parametrize("name", ["I01", "I02", "I05", "I06"])
def test_khans_optima_are_found_and_proved(public_data: Path, name: str) -> None:
    problem, _ = khan(public_data)[name]
    plan = solve(problem, gap=0, seconds=20)
    assert plan.benefit == pytest.approx(OPTIMA[name])
    assert plan.status == "optimal"
    assert broken(problem, plan.chosen) == []


@pytest.mark.parametrize("name", ["OR5x100-0.25_7", "OR5x250-0.75_1", "OR5x500-0.50_1"])
def test_chu_beasleys_best_known_values_lie_between_plan_and_bound(public_data: Path, name: str) -> None:
    problem, best = chu_beasley(public_data)[name]
    plan = solve(problem, gap=0.002, seconds=10)
    assert best * 0.998 <= plan.benefit <= best <= plan.bound


def test_an_assignment_with_the_least_cost_is_found(public_data: Path) -> None:
    """gapa, 5 agents and 100 jobs: 1698; costs are negative benefits, and every job must have an agent."""
    with tarfile.open(public_data / "outside" / "orlib-gap.tar.xz") as outer:
        inner = outer.extractfile(next(m for m in outer if m.name.endswith("gapabcd.tar.gz")))
        assert inner
        with tarfile.open(fileobj=inner, mode="r:gz") as files:
            stream = files.extractfile(next(m for m in files if Path(m.name).name == "gapa.txt"))
            assert stream
            numbers = np.array(stream.read().split(), float)
    agents, jobs = numbers[1:3].astype(int).tolist()
    cost, need = numbers[3 : 3 + 2 * agents * jobs].reshape(2, agents, jobs)
    cap = numbers[3 + 2 * agents * jobs : 3 + 2 * agents * jobs + agents]
    n = agents * jobs
    problem = Problem(np.arange(0, n + 1, agents), -cost.T.ravel(), np.ones(jobs, bool), np.full(n, -1), np.zeros(n, bool), np.zeros((0, 2), np.int64), np.arange(n + 1), np.tile(np.arange(agents), jobs), need.T.ravel(), cap)  # fmt: skip
    plan = solve(problem, gap=0, seconds=10)
    assert plan.benefit == -1698.0
    assert plan.bound >= -1698.0
