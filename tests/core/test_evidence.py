"""What speaks for and against is read from the linker's words, and no word of it can break the bars."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core.evidence import EVEN, Weight, spans, weights


def test_each_weighed_part_keeps_its_words_and_its_sign() -> None:
    text = "for: same serial 8-51 but makers differ: Cardinal Health/CareFusion / BD, which a few share (+1.3), same model (+4.8); against: MACs one slip apart (−0.3)"
    assert weights(text) == (
        Weight("same serial 8-51 but makers differ: Cardinal Health/CareFusion / BD, which a few share", 1.3),
        Weight("same model", 4.8),
        Weight("MACs one slip apart", -0.3),
    )


def test_a_model_in_brackets_is_no_weight() -> None:
    assert weights("for: similar model: Spot Monitor (CSM) / Monitor (CSM) (+3.9)") == (
        Weight("similar model: Spot Monitor (CSM) / Monitor (CSM)", 3.9),
    )


def test_words_without_weights_have_no_bar() -> None:
    assert spans("via a.csv:12") == ()


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(-999, 999)), max_size=6))
def test_bars_stay_within_their_room(parts: list[tuple[str, int]]) -> None:
    text = ", ".join(f"{said} ({'+' if n >= 0 else '−'}{abs(n) / 10})" for said, n in parts)
    for span in spans(text):
        assert 0 <= span.at <= EVEN
        assert 0 < span.width <= 100 - span.at
