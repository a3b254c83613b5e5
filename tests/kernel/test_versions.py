"""The order of medical firmware versions: a total order whose keys compare as text."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.versions import (
    is_known_version,
    is_line,
    line_bounds,
    scheme,
    version_key,
    version_tokens,
)

VERSIONS = st.text(alphabet="0123456789abvxrcp._- ", min_size=1, max_size=14)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("B.06.9", "B.06.18"),
        ("SP2", "SP10"),
        ("1.0rc1", "1.0"),
        ("2.8.123", "2.8.123e"),
        ("2.8.123e", "2.8.124"),
        ("22D19", "22D28"),
        ("16", "16D38"),
        ("16D38", "17"),
        ("VA10B", "VA10B_SP01"),
        ("VA10B_SP01", "VA10B_SP2"),
        ("1.3.0 Build 14", "1.3.1 Build 13"),
        ("1.8.4", "1.8.4 Service Pack 01"),
        ("9", "10"),
        ("2.6A", "2.7A"),
    ],
)
def test_the_older_version_has_the_smaller_key(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)


@pytest.mark.parametrize(("one", "other"), [("05.02.00", "5.2"), ("v5.2", "Version 5.2"), ("Rev. B.02", "B.2"), ("1.0.0-sp1", "1 SP1"), ("FW 3.1", "3.1")])  # fmt: skip
def test_padding_labels_and_separators_say_nothing(one: str, other: str) -> None:
    assert version_key(one) == version_key(other)


@given(VERSIONS)
def test_zeros_behind_and_before_numbers_change_nothing(text: str) -> None:
    tokens = version_tokens(text)
    if tokens and tokens[0] not in ("r", "v", "rev"):  # before a number these are labels
        padded = ".".join(f"00{token}" if token.isdigit() else token for token in tokens) + ".0.0"
        assert version_key(padded) == version_key(".".join(tokens))


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_total_and_transitive_in_python_and_in_the_engine(a: str, b: str, c: str) -> None:
    keys = [version_key(text) for text in (a, b, c)]
    in_engine = duckdb.execute("SELECT list_sort(?)", [keys]).fetchall()[0][0]
    assert in_engine == sorted(keys)
    assert all(key.isascii() for key in keys)


@given(st.lists(st.integers(0, 10**100), min_size=1, max_size=4), st.lists(st.integers(0, 10**100), min_size=1, max_size=4))  # fmt: skip
def test_numbers_of_any_length_compare_as_numbers(one: list[int], other: list[int]) -> None:
    longest = max(len(one), len(other))
    padded = [numbers + [0] * (longest - len(numbers)) for numbers in (one, other)]
    keys = [version_key(".".join(map(str, numbers))) for numbers in (one, other)]
    assert (keys[0] < keys[1]) == (padded[0] < padded[1])
    assert (keys[0] == keys[1]) == (padded[0] == padded[1])


@pytest.mark.parametrize(
    ("version", "line", "inside"),
    [
        ("12.2.9", "12.2.x.x", True),
        ("12.3", "12.2.x.x", False),
        ("12.0", "12.0.x", True),
        ("12.0.5", "12.0.x", True),
        ("12.1", "12.0.x", False),
        ("C.05", "C.0x", True),
        ("C.10", "C.0x", False),
        ("8.00.01", "v8.X", True),
        ("80.1", "8.x", False),
    ],
)
def test_a_wildcard_stands_for_its_line_and_no_other(version: str, line: str, inside: bool) -> None:
    low, high = line_bounds(line)
    assert is_line(line)
    assert (low <= version_key(version) <= high) is inside


@pytest.mark.parametrize(("one", "other", "same"), [("K", "B.06.18", True), ("VM5.0", "VM10", True), ("VM5.0", "5.0", False), ("L81", "U61", False), ("R4.1", "4.2", True), ("22D19", "9.33", True)])  # fmt: skip
def test_versions_of_two_schemes_are_told_apart(one: str, other: str, same: bool) -> None:
    assert (scheme(one) == scheme(other)) is same


@pytest.mark.parametrize("missing", [None, "", " ", "N/A", "unknown", "latest", "see label", "0.0.0", "-", "not recorded by technician"])  # fmt: skip
def test_a_placeholder_is_no_version(missing: str | None) -> None:
    assert not is_known_version(missing)


@pytest.mark.parametrize(
    "known", ["9.33", "K", "Rev B", "22D19", "VM5.0", "smart3250-2.6.27-wlan2.1.7.cramfs"]
)
def test_what_carries_a_number_or_a_revision_letter_is_a_version(known: str) -> None:
    assert is_known_version(known)


CASES = Path(__file__).parents[1] / "exposure" / "cases" / "version_order.csv"


@pytest.mark.parametrize("case", list(csv.DictReader(CASES.read_text(encoding="utf-8").splitlines())), ids=lambda c: f"{c['left']} {c['relation']} {c['right']}")  # fmt: skip
def test_the_published_order_of_real_versions_holds(case: dict[str, str]) -> None:
    left, right = version_key(case["left"]), version_key(case["right"])
    comparable = scheme(case["left"]) == scheme(case["right"]) and is_known_version(case["left"])
    told = "?" if not comparable else "<" if left < right else ">" if left > right else "="
    assert told == case["relation"], case["source"]
