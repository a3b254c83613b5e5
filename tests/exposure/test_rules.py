"""What follows from an advisory: severity, danger, how a finding is called."""

from __future__ import annotations

import pytest

from pilothouse.exposure.rules import (  # fmt: skip
    Danger,
    danger_of,
    finding_severity,
    finding_title,
    noun_of,
    plain_title,
    severity_of,
    tenths_of,
)


@pytest.mark.parametrize(("cvss", "word"), [("10.0", "critical"), ("9.0", "critical"), ("8.9", "high"), ("7.0", "high"), ("6.9", "medium"), ("4.0", "medium"), ("3.9", "low"), ("0.1", "low"), ("0.0", ""), ("", "")])  # fmt: skip
def test_a_score_has_its_word(cvss: str, word: str) -> None:
    assert severity_of(tenths_of(cvss)) == word


@pytest.mark.parametrize(
    ("vector", "automatable", "total"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", True, True),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", False, True),
        ("CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", False, False),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", True, True),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", True, True),
        ("", False, False),
        ("nonsense", False, False),
    ],
)
def test_a_vector_tells_what_the_clock_asks(vector: str, automatable: bool, total: bool) -> None:
    assert danger_of(vector, kev=True) == Danger(True, automatable, total)


def test_known_exploitation_is_critical_and_a_mere_possibility_one_step_less() -> None:
    assert finding_severity("medium", kev=True, affected=1) == "critical"
    assert finding_severity("high", kev=False, affected=0) == "medium"
    assert finding_severity("", kev=False, affected=3) == "medium"
    assert finding_severity("low", kev=False, affected=0) == "low"


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Baxter Sigma Spectrum Infusion Pump (Update A)", "Baxter Sigma Spectrum Infusion Pump"),
        ("ICSA-17-038-01_Sielco Sistemi Winlog", "Sielco Sistemi Winlog"),
        ("(Update B)", "(Update B)"),
    ],
)
def test_a_title_is_freed_of_its_number_and_update(title: str, plain: str) -> None:
    assert plain_title(title) == plain


def test_a_findings_title_holds_its_numbers() -> None:
    assert finding_title("Pumps keep secrets (Update A)", "infusion pump", affected=105, possible=21) == "Pumps keep secrets: 105 infusion pumps affected, 21 more may be"  # fmt: skip
    assert finding_title("X.", "battery", affected=0, possible=2) == "X: 2 batteries may be affected"
    assert finding_title("X", "device", affected=1, possible=0) == "X: 1 device affected"


@pytest.mark.parametrize(
    ("names", "noun"),
    [
        ({"INFUSION PUMP": 6, "Infusion pump": 3, "Pump": 1}, "infusion pump"),
        ({"CT SCANNER": 3}, "CT scanner"),
        ({"CT scanner": 3}, "CT scanner"),
        ({"Infusion pump": 5, "Monitor": 5}, "device"),
        ({"PUMP, INFUSION": 9}, "device"),
        ({"Pump 35700": 9}, "device"),
        ({}, "device"),
    ],
)
def test_devices_are_called_as_most_of_them_are(names: dict[str, int], noun: str) -> None:
    assert noun_of(names) == noun
