"""What an offer costs in the end: one by hand, and the switching points where they are said to be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pilothouse.parts.rules import (
    Need,
    Offer,
    changes_if,
    cost,
    doa_at,
    failing,
    lead_days_at,
    ranked,
    told_apart,
)

NEED = Need(downtime_per_day=100, labour=50)
OFFER = Offer(1, "A", "Acme", "board", "new", price=1_000, freight=20, lead_days=3, credit=0.8)


def test_every_term_by_hand() -> None:
    found = cost(NEED, OFFER, 0.1, 0.2)
    assert (found.wait, found.once, found.again) == pytest.approx((300, 1_320, 50 + 300 + 20 + 200))
    p = 0.1 + 0.9 * 0.2
    assert found.expected == pytest.approx(1_320 + p / (1 - p) * 570)


def test_a_spare_standing_by_makes_waiting_free() -> None:
    assert cost(replace(NEED, downtime_per_day=0), OFFER, 0.1, 0.2).wait == 0


money, chance = st.floats(1, 10_000), st.floats(0, 0.5)
offers = st.builds(Offer, st.integers(1, 99), st.just("A"), st.just(""), st.just(""), st.just(""), money, money, st.floats(0, 60), st.floats(0, 1))  # fmt: skip


@given(offers, chance, chance, st.floats(0, 500), st.floats(0.5, 1.5))
def test_at_the_switching_point_the_offer_costs_what_the_other_does(offer: Offer, doa: float, early: float, downtime: float, factor: float) -> None:  # fmt: skip
    need = Need(downtime, 100)
    found = cost(need, offer, doa, early)
    target = found.expected * factor
    moved = doa_at(found, target)
    if moved is not None:
        assume(failing(moved, early) < 0.99)
        assert cost(need, offer, moved, early).expected == pytest.approx(target, rel=1e-6)
    days = lead_days_at(need, offer, found, target)
    assume(downtime == 0 or downtime > 0.01)
    if days is not None:
        assert cost(need, replace(offer, lead_days=days), doa, early).expected == pytest.approx(
            target, rel=1e-6
        )


@given(st.lists(st.tuples(offers, chance, chance), min_size=1, max_size=6))
def test_the_first_is_never_dearer_than_another(told: list[tuple[Offer, float, float]]) -> None:
    costs = [cost(NEED, offer, doa, early) for offer, doa, early in told]
    order = ranked([offer for offer, _, _ in told], costs)
    assert [costs[place].expected for place in order] == sorted(one.expected for one in costs)


def test_ties_go_to_the_cheaper_price_then_to_the_earlier_row() -> None:
    free = Need(0, 0)
    same = [replace(OFFER, row=3, price=100, freight=0, credit=1), replace(OFFER, row=2, price=90, freight=10, credit=1), replace(OFFER, row=1, price=100, freight=0, credit=1)]  # fmt: skip
    costs = [cost(free, one, 0, 0) for one in same]
    assert ranked(same, costs) == [1, 2, 0]


def test_what_would_change_the_choice_is_said_in_words() -> None:
    other = replace(OFFER, row=2, name="B", price=1_010)
    both = [OFFER, other]
    costs = [cost(NEED, one, 0.02, 0.01) for one in both]
    said = changes_if(NEED, both, costs, 0)
    assert said.startswith("DOA above 3.")
    assert said.endswith("then B")
    assert "lead time above 3.1 days (now 3.0)" in said
    assert changes_if(NEED, both, costs, 1).endswith("lead time below 2.9 days (now 3.0): then B")
    assert changes_if(NEED, [OFFER], costs[:1], 0) == "there is no other offer"
    dear = replace(other, price=9_000)
    costs = [cost(NEED, OFFER, 0.02, 0.01), cost(NEED, dear, 0.02, 0.01)]
    assert changes_if(NEED, [OFFER, dear], costs, 1) == "neither DOA nor lead time alone changes it"


def test_a_change_too_small_for_the_usual_decimals_is_told_with_more() -> None:
    both = [OFFER, replace(OFFER, row=2, name="B", price=1_001)]
    costs = [cost(NEED, one, 0.02, 0.01) for one in both]
    assert "lead time above 3.01 days (now 3.00)" in changes_if(NEED, both, costs, 0)
    assert told_apart(3, 3, 1) == ("3.00000", "3.00000")
