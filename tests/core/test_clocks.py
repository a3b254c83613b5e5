"""Clocks: how much is used, what is left in words, and where the bars lie on the axis that a list shares."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core import clocks, drawing
from pilothouse.core.clocks import axis, clock, lane, whole
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("opened", "due", "state", "words"),
    [
        (NOW - 20 * DAY, NOW + 10 * DAY + timedelta(hours=2), "running", "10 d 2 h left"),
        (NOW - 20 * DAY, NOW + timedelta(hours=14), "soon", "14 h left"),
        (NOW - 95 * DAY, NOW + 5 * DAY, "soon", "5 d left"),
        (NOW - 20 * DAY, NOW - 5 * DAY, "breached", "Overdue by 5 d"),
        (NOW, NOW + 90 * DAY, "running", "90 d left"),
        (NOW, NOW, "soon", "under 1 min left"),
        (NOW, None, "none", "No clock"),
    ],
)
def test_a_clock_says_what_is_left(opened, due, state, words) -> None:  # type: ignore[no-untyped-def]
    one = clock(opened, due, NOW)
    assert (one.state, one.words) == (state, words)


def test_a_paused_clock_names_its_reason() -> None:
    one = clock(NOW - DAY, NOW + 11 * DAY, NOW, paused=True, reason="waits for the maker")
    assert one.words == "Paused, 11 d left, waits for the maker"
    assert [bar.kind for bar in lane(axis(NOW), one).bars] == ["used", "hold"]


_MOMENTS = st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=4000)).map(
    lambda span: NOW + span
)


@given(_MOMENTS, st.none() | _MOMENTS, st.booleans())
def test_bars_stay_on_their_axis(opened, due, paused) -> None:  # type: ignore[no-untyped-def]
    one = clock(opened, due, NOW, paused=paused)
    on = axis(NOW, [one])
    drawn = lane(on, one)
    for bar in drawn.bars:
        assert 0 <= bar.at <= 100
        assert 0 < bar.width <= 100.01
        assert bar.at + bar.width <= 100.02
    if (all_of_it := whole(one)) is not None:
        assert all(-0.01 <= bar.at <= 100 and bar.at + bar.width <= 100.02 for bar in all_of_it[1])
    assert "style=" not in drawing.lane(on, one) + drawing.clock(one) + drawing.bigclock(one)


def test_what_comes_from_outside_is_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    one = clocks.Clock("none", 0, "", hostile)
    for markup in (
        drawing.owner(hostile, hostile, hostile),
        drawing.tag(hostile, hostile, hostile),
        drawing.src(hostile, hostile, hostile, hostile),
        drawing.sev(hostile, hostile),
        drawing.truth(hostile, hostile),
        drawing.vote(hostile),
        drawing.clock(one),
        drawing.left(one),
        drawing.bigclock(one),
    ):
        assert "<script" not in markup
        assert '"">' not in markup
