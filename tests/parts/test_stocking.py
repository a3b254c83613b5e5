"""Spares: published tables digit for digit, METRIC beside the exact model, and the best plan against all plans."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.parts.stocking import (
    Place,
    TwoEchelon,
    beyond,
    expected_backorders,
    newsvendor,
    plan_alone,
    poisson,
    standing,
    weigh_alone,
)

DEPOT_DAYS = 0.02531 * 365


@pytest.fixture
def sherbrooke(public_data: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((public_data / "outside/metric/sherbrooke_ch3_metric_vari_exact.json").read_text())  # fmt: skip
    return loaded


def five_bases(inputs: dict[str, Any]) -> TwoEchelon:
    """Sherbrooke's bases: what is not mended at the base goes to the depot; all of it spends 0.01 years on its way."""
    to_depot = inputs["lam"] * (1 - inputs["base_repair_prob"])
    at_base = inputs["lam"] * inputs["base_repair_prob"] * inputs["base_repair_time"] + to_depot * inputs["order_ship"]  # fmt: skip
    return TwoEchelon([Place(to_depot, 365 * at_base / to_depot, 1.0)] * 5, 365 * inputs["depot_repair"], most=12)  # fmt: skip


def metric(chain: TwoEchelon, depot: int, stock: int) -> float:
    """METRIC: the place's share of depot backorders is taken for Poisson."""
    mean = chain.places[0].on_the_way + chain.depot[depot] / len(chain.places)
    return float(expected_backorders(poisson(mean, beyond(mean)))[stock])


def test_exact_backorders_have_every_digit_of_sherbrookes_example_and_metric_its_own(sherbrooke: dict[str, Any]) -> None:  # fmt: skip
    chain = five_bases(sherbrooke["inputs"])
    assert len(sherbrooke["rows"]) == 54
    for row in sherbrooke["rows"]:
        assert chain.depot[row["s0"]] == pytest.approx(row["depot_ebo"], rel=1e-12)
        assert chain.of_place[0][1][row["s0"], row["s"]] == pytest.approx(row["ebo_exact"], rel=1e-11)
        assert metric(chain, row["s0"], row["s"]) == pytest.approx(row["ebo_metric"], rel=1e-11)


def test_metric_is_a_quarter_low_and_splits_eleven_items_wrongly(sherbrooke: dict[str, Any]) -> None:
    chain = five_bases(sherbrooke["inputs"])

    def in_all(depot: int, exact: bool) -> float:
        each, more = divmod(11 - depot, 5)
        stocks = [each + (place < more) for place in range(5)]
        return sum(
            float(chain.of_place[0][1][depot, s]) if exact else metric(chain, depot, s) for s in stocks
        )

    assert min(range(12), key=lambda depot: in_all(depot, exact=True)) == 4
    assert min(range(12), key=lambda depot: in_all(depot, exact=False)) == 1
    worst = max(1 - metric(chain, s0, 2) / float(chain.of_place[0][1][s0, 2]) for s0 in range(3))
    assert worst == pytest.approx(0.26, abs=0.005)


def test_newsvendor_has_every_digit_of_stockpyls_examples(public_data: Path) -> None:
    told = {tuple(one["code"]): one["expected"] for one in json.loads((public_data / "outside/inventory/stockpyl_examples.json").read_text())["examples"]}  # fmt: skip

    def backorders(mean: float):  # type: ignore[no-untyped-def]  # an array
        return expected_backorders(poisson(mean, beyond(mean)))

    def price(mean: float, stock: int, holding: float, shortage: float) -> float:
        stood = standing(mean, backorders(mean), stock)
        return holding * stood.on_hand + shortage * stood.backorders

    stock, cost = eval(told["newsvendor_poisson(0.18, 0.70, 50)",])  # a tuple of numbers
    assert newsvendor(backorders(50), 0.18, 0.70) == stock
    assert price(50, 56, 0.18, 0.70) == pytest.approx(cost, rel=1e-11)
    assert newsvendor(backorders(6), 1, 4) == 8
    assert price(6, 8, 1, 4) == pytest.approx(3.5701069457709416, rel=1e-12)
    assert price(6, 5, 1, 4) == pytest.approx(6.590296024616343, rel=1e-12)
    waiting = standing(15, backorders(15), 18)
    assert (waiting.backorders, waiting.on_hand) == pytest.approx((0.5176095282584724, 3.5176095282584723), rel=1e-11)  # fmt: skip


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[Place], float, float]:
    amount = st.floats(0.1, 12)
    places = [Place(draw(amount), draw(st.floats(0, 40)), draw(st.floats(0, 900))) for _ in range(draw(st.integers(1, 2)))]  # fmt: skip
    return places, draw(st.floats(0, 60)), draw(st.floats(50, 5_000))


@settings(max_examples=25, deadline=None)
@given(chains())
def test_no_other_stocks_cost_less_than_the_plan(case: tuple[list[Place], float, float]) -> None:
    places, lead_days, holding = case
    chain = TwoEchelon(places, lead_days)
    best = chain.best(holding)
    assert best.depot is not None
    for depot in range(7):
        for stocks in product(range(7), repeat=len(places)):
            assert best.cost <= chain.weigh(depot, stocks, holding).cost + 1e-6


@given(st.floats(0.1, 30), st.floats(0, 90), st.floats(0, 900), st.floats(10, 5_000))
@settings(max_examples=40, deadline=None)
def test_a_place_alone_is_a_depot_of_one_place_without_a_way(demand: float, lead: float, downtime: float, holding: float) -> None:  # fmt: skip
    """A depot without stock in front of one place next door is the same as buying straight."""
    alone = plan_alone(Place(demand, lead, downtime), holding)
    chain = TwoEchelon([Place(demand, 0.0, downtime)], lead)
    same = chain.weigh(0, [alone.places[0].stock], holding)
    assert same.places[0].backorders == pytest.approx(alone.places[0].backorders, abs=1e-9)
    assert weigh_alone(Place(demand, lead, downtime), alone.places[0].stock, holding) == alone


def test_where_nobody_asks_nothing_is_held() -> None:
    plan = TwoEchelon([Place(0, 10, 500), Place(0, 3, 0)], 20).best(100)
    assert plan.depot is not None
    assert (plan.depot.stock, [one.stock for one in plan.places], plan.cost) == (0, [0, 0], 0)


def test_where_waiting_costs_nothing_nothing_is_held() -> None:
    plan = TwoEchelon([Place(20, 10, 0), Place(5, 3, 0)], 20).best(100)
    assert plan.depot is not None
    assert (plan.depot.stock, [one.stock for one in plan.places]) == (0, [0, 0])
