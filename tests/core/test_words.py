"""The house's spelling of numbers, times and names."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core import words


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (12418, "12,418"), (-5, "−5")])
def test_whole_numbers_have_commas_and_a_true_minus(number: int, text: str) -> None:
    assert words.count(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(97, 100, "97 %"), (0, 3, "0 %"), (3, 3, "100 %"), (1, 3, "33 %"), (999, 1000, "99.9 %"), (99_999, 100_000, "99.9 %"), (4, 1000, "0.4 %"), (1, 100_000, "under 0.1 %")],
)  # fmt: skip
def test_a_share_is_whole_percent_unless_that_hides_something(part: float, whole: float, text: str) -> None:
    assert words.percent(part, whole) == text.replace(" %", "\N{NO-BREAK SPACE}%")


def test_a_share_of_nothing_is_unknown() -> None:
    assert words.percent(0, 0) == "unknown"


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_no_share_is_rounded_to_none_or_all(part: int, rest: int) -> None:
    assert words.percent(part, part + rest) not in ("0\N{NO-BREAK SPACE}%", "100\N{NO-BREAK SPACE}%")


def test_days_and_moments_are_absolute() -> None:
    assert words.day(date(2026, 12, 4)) == "Fri 4 Dec 2026"
    assert words.day(date(2026, 12, 4), today=date(2026, 1, 1)) == "Fri 4 Dec"
    assert words.moment(datetime(2026, 12, 4, 11, 0)) == "Fri 4 Dec 2026, 11:00"


@pytest.mark.parametrize(
    ("name", "mark"), [("Grace W.", "GW"), ("Elif van der Kamp", "EK"), ("helm", "HE"), ("", "?"), ("…", "?")]
)
def test_an_owners_mark_has_two_letters(name: str, mark: str) -> None:
    assert words.initials(name) == mark


def test_words_are_listed_with_and() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("score", "name"),
    [
        (10.0, "critical"),
        (9.0, "critical"),
        (8.9, "high"),
        (4.0, "medium"),
        (0.1, "low"),
        (0.0, "none"),
        (None, "none"),
    ],
)
def test_a_base_score_has_the_severity_of_the_standard(score: float | None, name: str) -> None:
    assert words.severity(score) == name
