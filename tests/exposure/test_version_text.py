"""Version texts of advisories as intervals: every shape that the real advisories hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.exposure.version_text import read_versions
from pilothouse.kernel.versions import scheme, version_key


def named(text: str, version: str) -> bool:
    """Whether a version lies inside one of the intervals."""
    key, own = version_key(version), scheme(version)
    return any(
        i.scheme == own and (i.low < key or (i.low == key and not i.low_open)) and (key < i.high or (key == i.high and not i.high_open))
        for i in read_versions(text).intervals
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["vers:all/*", "*", "all versions", "All Versions", "* (end-of-life 2011)", ""]
)
def test_all_versions_are_everything(text: str) -> None:
    assert read_versions(text).everything
    assert not read_versions(text).condition


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("vers:all/<V3.2.17", "3.2.16", "V3.2.17"),
        ("<V14_SP1_Upd_9", "V14 SP1 Update 8", "V14 SP1 Update 9"),
        (">= 1.3.4 | < 1.5.3", "1.3.4", "1.5.3"),
        ("A10 < A11", "A10", "A11"),
        ("2.2.3  until 2.2.3.3", "2.2.3.1", "2.2.2"),
        ("All_versions_between_V2.5_(including)_and_V2.7_(excluding)", "2.5", "2.7"),
        ("<= U61 |<= L81", "L81", "L82"),
        ("9.13 | 9.19 | 9.33", "9.19", "9.20"),
        ("(Release 1.3.2 1.4.0 1.4.1)", "1.4.0", "1.4.2"),
        ("2.3.6 and  below", "2.3.5", "2.3.7"),
        ("SCADA Web Server Version 2.02.0007 and prior", "2.02.0006", "2.02.0008"),
        (">FW19_up_to_and_including_FW26", "FW26", "FW19"),
        ("<= 12.2.x.x", "12.2.9", "12.3"),
        ("A.01 <= C.0x | 4.0", "C.05", "C.10"),
        ("Rev J-M | (X3/MX100 for Rev M only)", "M.04", "P.01"),
        ("<=N", "N.01", "P"),
        ("1.03.07 (build 317)", "1.03.07 build 317", "1.03.07"),
        ("< 1.8.4 Service Pack 01", "1.8.4", "1.8.4 SP1"),
        ("053L000091 (global) / 054U000091 (U.S.)", "054U000091", "054U000092"),
        ("<=smart3250-2.6.27-wlan2.1.7.cramfs", "smart3250-2.6.27-wlan2.1.7.cramfs", "2.1"),
    ],
)
def test_a_text_names_what_it_says_and_no_more(text: str, inside: str, outside: str) -> None:
    assert named(text, inside)
    assert not named(text, outside)
    assert read_versions(text).readable


@pytest.mark.parametrize("text", ["<  july 1 2017", "distributed  < april 1, 2018", "<= first five digits of serial number 24061", "<= a3b04b7bc4872a5a39e5de3fdc5fbde52c09e10e", "Accu-Chek Inform II"])  # fmt: skip
def test_what_is_no_version_stays_unclear(text: str) -> None:
    assert read_versions(text).unclear
    assert not read_versions(text).readable


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("<=11.2 on Windows 8.1 with IIS 7.5", "on Windows 8.1 with IIS 7.5"),
        ("* running on old, unsupported operating systems such as Windows 2000", "running on old, unsupported operating systems such as Windows 2000"),
        ("<= 3.3-006 (with <= bacnetstac 4.2.1)", "with <= bacnetstac 4.2.1"),
        ("<= 2.01 (end-of-life Nov 2017)", ""),
    ],
)  # fmt: skip
def test_a_condition_is_kept_and_a_remark_dropped(text: str, condition: str) -> None:
    assert read_versions(text).condition == condition


def test_the_versions_of_a_part_stand_apart_from_the_devices() -> None:
    versions = read_versions("8.x (Wireless Battery Modules v17 | >= 20D29 | <= 20D32)")
    assert [interval.words for interval in versions.intervals] == ["versions 8.x"]
    assert [interval.words for interval in versions.module] == ["version v17", "versions 20D29 to 20D32"]
    assert versions.module_words == ("wireless", "battery", "module")


@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_read(text: str) -> None:
    versions = read_versions(text)
    assert versions.everything or versions.intervals or versions.unclear
    assert all(interval.low <= interval.high or versions.text for interval in versions.intervals)
