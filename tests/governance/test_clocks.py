"""The clocks are those that were published, row by row."""

from __future__ import annotations

import csv
import io
import tarfile
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from pilothouse.governance import clocks
from pilothouse.kernel.times import DAY, OPEN


def published(folder: Path, name: str) -> list[list[str]]:
    """The rows of one of CERT/CC's tables, without the row's number."""
    with tarfile.open(folder / "conformance" / "certcc-ssvc-tables.tar.xz") as archive:
        member = next(one for one in archive.getmembers() if one.name.endswith(name))
        stream = archive.extractfile(member)
        assert stream is not None
        return [row[1:] for row in csv.reader(io.StringIO(stream.read().decode()))][1:]


def test_bod_26_04_is_the_published_table(public_data: Path) -> None:
    for kev, exposed, automatable, impact, expected in published(public_data, "cisa_bod_26_04_1_0_0.csv"):
        clock = clocks.bod_26_04(
            in_kev=kev == "yes",
            exposed=exposed == "yes",
            automatable=automatable == "yes",
            total_impact=impact == "total",
        )
        told = "fix on system upgrade" if clock.days is None else f"{clock.days} days"
        assert told + (" & forensic investigation" if clock.forensic else "") == expected


def test_the_deployer_tree_is_the_published_table(public_data: Path) -> None:
    rows = published(public_data, "deployer_patch_application_priority_1_0_0.csv")
    assert len(rows) == 72
    for exploitation, exposure, automatable, impact, expected in rows:
        assert clocks.ssvc_decision(exploitation, exposure, automatable == "yes", impact) == expected  # type: ignore[arg-type]


def test_human_impact_is_the_published_table(public_data: Path) -> None:
    rows = published(public_data, "human_impact_1_0_0.csv")
    assert len(rows) == 16
    for safety, mission, expected in rows:
        assert clocks.human_impact(safety, mission) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("severity", "days"), [("critical", 3), ("high", 14), ("medium", 60), ("low", None)])
def test_severity_alone_gives_a_length(severity: clocks.Severity, days: int | None) -> None:
    clock = clocks.by_severity(severity)
    assert clock.days == days
    assert clock.due_at(7) == (OPEN if days is None else 7 + days * DAY)


def test_every_decision_has_a_clock_or_says_that_it_has_none() -> None:
    lengths = {
        clocks.ssvc(exploitation, exposure, automatable, impact).days
        for exploitation in get_args(clocks.Exploitation)
        for exposure in get_args(clocks.Exposure)
        for automatable in (True, False)
        for impact in get_args(clocks.HumanImpact)
    }
    assert lengths == {3, 14, 60, None}


def test_ten_work_days_skip_weekends_and_holidays() -> None:
    friday = date(2026, 11, 20)
    assert clocks.work_day_after(friday, 10) == date(2026, 12, 4)
    assert clocks.work_day_after(friday, 10, frozenset({date(2026, 11, 26)})) == date(2026, 12, 7)


def test_pauses_move_what_is_due_and_nothing_else() -> None:
    assert clocks.with_pauses(100, [(1, 3), (10, 15)]) == 107
    assert clocks.with_pauses(OPEN, [(1, 3)]) == OPEN
