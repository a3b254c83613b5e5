"""The labelled cases, written from the advisories' own text: how often `expose` is right.

All files but the first were written and committed before the engine had met them; tests/exposure/cases/README.md
tells the figures of that first meeting.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from benchmarks.exposure_cases import answers

CASES = Path(__file__).parent / "cases"
FILES = {
    "exposure_cases.csv": 0.01,
    "exposure_cases_second.csv": 0.02,
    "exposure_cases_third.csv": 0.01,
    "exposure_cases_fourth.csv": 0.01,
}
"""Each file with the share of affected devices that may be missed."""

Told = list[tuple[dict[str, str], str]]


@pytest.fixture(scope="module")
def told_by_file(public_data: Path) -> dict[str, Told]:
    """Every case of every file with the answer it gets."""
    cases = {file: list(csv.DictReader((CASES / file).read_text(encoding="utf-8").splitlines())) for file in FILES}  # fmt: skip
    answered = iter(answers(public_data / "csaf", [case for file in FILES for case in cases[file]]))
    return {file: [(case, next(answered)) for case in cases[file]] for file in FILES}


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest) -> str:
    """One file of cases."""
    return str(request.param)


@pytest.fixture
def told(file: str, told_by_file: dict[str, Told]) -> Told:
    """Every case of one file with the answer it gets."""
    return told_by_file[file]


def test_at_least_300_cases_are_labelled_and_as_many_held_back(told_by_file: dict[str, Told]) -> None:
    seen, *held_back = (len(told) for told in told_by_file.values())
    assert seen >= 300
    assert sum(held_back) >= 300


def test_affected_devices_are_found(file: str, told: Told) -> None:
    affected = [(case, answer) for case, answer in told if case["expected"] == "affected"]
    missed = [case["case"] for case, answer in affected if answer != "affected"]
    assert len(missed) <= FILES[file] * len(affected), missed


def test_devices_called_affected_are_affected(told: Told) -> None:
    called = [case for case, answer in told if answer == "affected"]
    wrong = [case["case"] for case in called if case["expected"] != "affected"]
    assert len(wrong) <= 0.01 * len(called), wrong


def test_an_unknown_version_is_never_called_affected_or_not_affected(told: Told) -> None:
    assert [
        case["case"]
        for case, answer in told
        if case["expected"] == "possible" and answer in ("affected", "not_affected")
    ] == []


def test_an_unknown_version_is_possible_wherever_the_answer_depends_on_it(told: Told) -> None:
    silent = [
        case["case"] for case, answer in told if case["expected"] == "possible" and answer != "possible"
    ]
    assert len(silent) <= 1, silent
