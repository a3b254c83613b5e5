"""The rules of intake: contradiction, decision, whose word counts, evidence in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.equipment.claims import Claim, winner
from pilothouse.intake.estimation import FIELDS
from pilothouse.intake.rules import (
    MATCH_AT,
    REVIEW_AT,
    Decision,
    Serial,
    contradict,
    decide,
    expectation,
    own_fields,
    read_pattern,
    words,
)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (Serial("philips", "12345"), Serial("philips", "12345"), False),
        (Serial("philips", "12345"), Serial("philips", "12354"), False),
        (Serial("philips", "12345"), Serial("philips", "1245"), False),
        (Serial("philips", "12345"), Serial("philips", "12999"), True),
        (Serial("philips", "12345"), Serial("baxter", "99999"), False),
        (Serial(None, "12345"), Serial("baxter", "99999"), True),
        (Serial(None, "12345"), Serial(None, "99999"), True),
    ],
)
def test_serials_of_one_maker_contradict_beyond_one_slip(left: Serial, right: Serial, expected: bool) -> None:
    assert contradict(left, right) is expected
    assert contradict(right, left) is expected


@pytest.mark.parametrize(
    ("probability", "contradicts", "without", "expected"),
    [
        (0.99, False, 0.0, "match"), (MATCH_AT, False, 0.0, "match"), (0.9, False, 0.0, "review"), (REVIEW_AT, False, 0.0, "review"),
        (0.01, False, 0.0, "apart"), (0.99, True, 0.99, "review"), (0.01, True, 0.99, "review"), (0.01, True, 0.5, "apart"),
    ],
)  # fmt: skip
def test_decisions(probability: float, contradicts: bool, without: float, expected: Decision) -> None:
    assert decide(probability, contradicts=contradicts, without_serials=without) == expected


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_contradicts_is_never_a_match(probability: float, without: float) -> None:
    assert decide(probability, contradicts=True, without_serials=without) != "match"


DAY = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    ("prefer", "claims", "expected"),
    [
        ("cmms", [Claim("icu", 0, 1, "network", DAY[2]), Claim("er", 1, 1, "cmms", DAY[0])], "er"),
        ("cmms", [Claim("icu", 0, 1, "network", DAY[0]), Claim("er", 1, 1, "security", DAY[1])], "er"),
        ("network", [Claim("a", 0, 1, "cmms", DAY[2]), Claim("b", 1, 1, "security", DAY[0])], "b"),
        ("agreement", [Claim("x", 0, 1, "cmms", DAY[2]), Claim("y", 1, 1, "network"), Claim("y", 2, 1, "security")], "y"),
        ("agreement", [Claim("x", 0, 1, "cmms"), Claim("y", 1, 1, "network"), Claim("y", 1, 2, "network")], "x"),
        ("agreement", [Claim("x", 0, 1, "cmms", DAY[0]), Claim("y", 1, 1, "network", DAY[1])], "y"),
        ("agreement", [Claim("x", 1, 1, "cmms", DAY[0]), Claim("y", 0, 1, "network", DAY[0])], "y"),
        ("cmms", [Claim("n/a", 0, 1, "cmms", real=False), Claim("er", 1, 1, "network")], "er"),
    ],
)  # fmt: skip
def test_whose_word_counts(prefer: str, claims: list[Claim], expected: str) -> None:
    best = winner(claims, prefer)  # type: ignore[arg-type]  # the table holds only preferences
    assert best is not None
    assert best.value == expected


def test_nothing_wins_where_nothing_is_said() -> None:
    assert winner([Claim("n/a", 0, 1, "cmms", real=False)], "cmms") is None


def signature(first: str, *, short: str = "long", crowd: int = 0, near: int = 1, **levels: str) -> str:
    told = [levels.get(field, "unknown") for field in FIELDS]
    return "|".join([first, short, str(crowd), str(near), "across", *told])


def test_a_serial_is_expected_to_say_less_the_less_the_product_agrees() -> None:
    order = [
        "same model",
        "similar model",
        "same maker",
        "unknown",
        "other model",
        "other product",
        "other maker",
    ]
    shares = [expectation(read_pattern(signature("serial", serial="same", product=p), FIELDS)) for p in order]
    assert shares == sorted(shares, reverse=True)


def test_an_identifier_that_many_share_says_little() -> None:
    alone, crowded = (
        expectation(read_pattern(signature("mac", crowd=c, mac="same"), FIELDS)) for c in (0, 10)
    )
    assert alone > 0.9
    assert crowded < 0.1


def test_the_first_evidence_does_not_count_twice() -> None:
    assert own_fields(read_pattern(signature("serial", serial="same"), FIELDS)) == ("serial", "product")
    assert own_fields(read_pattern(signature("carried", host="carried"), FIELDS)) == ("host",)
    assert own_fields(read_pattern(signature("serial slip", serial="slip"), FIELDS)) == ("serial", "product")


def test_evidence_says_what_spoke_for_what_against_and_how_much() -> None:
    pattern = read_pattern(signature("mac", mac="same", serial="other", product="same model"), FIELDS)
    told = words(pattern, 6.0, {"serial": -5.0, "product": 2.0})
    assert (
        told
        == "for: same MAC (+6.0), same model (+2.0); against: serials differ: {lserial} / {rserial} (−5.0)"
    )
