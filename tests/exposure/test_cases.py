"""The labelled cases, written from the advisories' own text before the resolver: how often `expose` is right."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from benchmarks.exposure_cases import answers

CASES = Path(__file__).parent / "cases" / "exposure_cases.csv"


@pytest.fixture(scope="module")
def told(public_data: Path) -> list[tuple[dict[str, str], str]]:
    """Every case with the answer it gets."""
    cases = list(csv.DictReader(CASES.read_text(encoding="utf-8").splitlines()))
    return list(zip(cases, answers(public_data / "csaf", cases), strict=True))


def test_at_least_300_cases_are_labelled(told: list[tuple[dict[str, str], str]]) -> None:
    assert len(told) >= 300


def test_affected_devices_are_found(told: list[tuple[dict[str, str], str]]) -> None:
    affected = [(case, answer) for case, answer in told if case["expected"] == "affected"]
    missed = [case["case"] for case, answer in affected if answer != "affected"]
    assert len(missed) <= 0.01 * len(affected), missed


def test_devices_called_affected_are_affected(told: list[tuple[dict[str, str], str]]) -> None:
    called = [case for case, answer in told if answer == "affected"]
    wrong = [case["case"] for case in called if case["expected"] != "affected"]
    assert len(wrong) <= 0.01 * len(called), wrong


def test_an_unknown_version_is_possible_wherever_the_answer_depends_on_it(told: list[tuple[dict[str, str], str]]) -> None:  # fmt: skip
    assert [
        case["case"] for case, answer in told if case["expected"] == "possible" and answer != "possible"
    ] == []
