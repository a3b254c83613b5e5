"""Outside counts: against the posterior written out Beta by Beta, their pull, and what they must not touch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.parts.estimation import Community, Counts, estimate, learn, log_beta, log_likelihood
from pilothouse.parts.pooling import TRUST, draws_shared, estimate_shared

REST = Counts.of([200] * 8, [2, 3, 5, 4, 6, 4, 3, 5])


def judged(own: tuple[int, int], outside: tuple[int, int]) -> tuple[float, float, float]:
    """Mean, low and high of a supplier among eight ordinary ones, with outside counts of its own."""
    counts = Counts.of([own[0], *REST.n], [own[1], *REST.x])
    far = Counts.of([outside[0]] + [0] * 8, [outside[1]] + [0] * 8)
    found = estimate_shared(learn(counts), counts, far)
    return float(found.mean[0]), float(found.low[0]), float(found.high[0])


def written_out(community: Community, counts: Counts, outside: Counts, i: int) -> tuple[float, np.ndarray[tuple[int], np.dtype[np.float64]]]:  # fmt: skip
    """The posterior mean of supplier i by formula and 20,000 draws: every trust and every Beta one by one."""
    others = community.log_weight - (
        log_likelihood(counts, community.a, community.b)[i] if counts.n[i] else 0.0
    )
    weights, firsts, seconds = [], [], []
    for trust in TRUST:
        a, b = community.a + trust * outside.x[i], community.b + trust * (outside.n[i] - outside.x[i])
        after_a, after_b = a + counts.x[i], b + counts.n[i] - counts.x[i]
        weights.append(others + log_beta(after_a, after_b) - log_beta(a, b))
        firsts.append(after_a)
        seconds.append(after_b)
    weight = np.exp(np.concatenate(weights) - np.max(weights))
    weight /= weight.sum()
    a, b = np.concatenate(firsts), np.concatenate(seconds)
    dice = np.random.default_rng(7)
    which = dice.choice(len(weight), 20_000, p=weight)
    return float(weight @ (a / (a + b))), dice.beta(a[which], b[which])


@pytest.mark.parametrize("size", [3, 30, 1_000, 100_000, 10_000_000])
def test_the_estimate_is_the_posterior_written_out_whatever_the_outside_says(size: int) -> None:
    counts = Counts.of([0, 7, *REST.n], [0, 1, *REST.x])
    outside = Counts.of([size] * 10, [size * share // 100 for share in (0, 2, 1, 2, 3, 8, 20, 50, 100, 0)])
    community = learn(counts)
    found = estimate_shared(community, counts, outside)
    for i in range(10):
        mean, drawn = written_out(community, counts, outside, i)
        assert found.mean[i] == pytest.approx(
            mean, rel=0.015 if i == 8 else 4e-3
        )  # 8: all of them bad, worlds apart from the group
        if found.low[i] > 1e-7:  # none of ten million: how many zeros the lower end has does not matter
            assert (drawn < found.low[i]).mean() == pytest.approx(0.05, abs=0.013)
        assert (drawn > found.high[i]).mean() == pytest.approx(0.05, abs=0.013)


def test_draws_agree_with_the_estimate() -> None:
    counts = Counts.of([100, *REST.n], [2, *REST.x])
    outside = Counts.of([2_000, 0, 500, *[0] * 6], [30, 0, 40, *[0] * 6])
    community = learn(counts)
    found, drawn = estimate_shared(community, counts, outside), draws_shared(community, counts, outside, 1, 20_000)  # fmt: skip
    assert drawn.mean(axis=0) == pytest.approx(found.mean, rel=0.05)
    assert ((found.low <= drawn) & (drawn <= found.high)).mean(axis=0) == pytest.approx(0.9, abs=0.03)


counts_of_one = st.integers(0, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(max_examples=20, deadline=None)
@given(st.lists(counts_of_one, min_size=2, max_size=5), counts_of_one)
def test_outside_counts_of_one_supplier_leave_all_others_alone(cells: list[tuple[int, int]], far: tuple[int, int]) -> None:  # fmt: skip
    counts = Counts.of(*zip(*cells, strict=True))
    community = learn(counts)
    outside = Counts.of([far[0]] + [0] * (len(cells) - 1), [far[1]] + [0] * (len(cells) - 1))
    told, plain = estimate_shared(community, counts, outside), estimate(community, counts)
    assert (told.mean[1:].tolist(), told.low[1:].tolist(), told.high[1:].tolist()) == (plain.mean[1:].tolist(), plain.low[1:].tolist(), plain.high[1:].tolist())  # fmt: skip


def test_outside_counts_that_agree_narrow_the_interval_and_those_that_disagree_hardly_move_it() -> None:
    alone = judged((100, 2), (0, 0))
    agreeing = judged((100, 2), (2_000, 40))
    disagreeing = judged((100, 2), (2_000, 600))
    assert agreeing[2] - agreeing[1] < 0.85 * (alone[2] - alone[1])
    assert abs(disagreeing[0] - alone[0]) < 0.1 * abs(0.3 - alone[0])


def test_the_pull_of_outside_counts_fades_as_they_disagree_more() -> None:
    alone = judged((400, 8), (0, 0))[0]
    pulls = [(judged((400, 8), (1_000, 10 * share))[0] - alone) / (share / 100 - alone) for share in (4, 8, 16, 32)]  # fmt: skip
    assert pulls == sorted(pulls, reverse=True)
    assert all(0 <= pull < 1 for pull in pulls)
