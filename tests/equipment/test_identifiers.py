"""Identifiers: spellings of one identifier meet, different ones and placeholders never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.equipment.identifiers import (
    one_slip,
    read_host,
    read_mac,
    read_serial,
    read_tag,
    read_uid,
    tags_in_host,
)


@pytest.mark.parametrize(
    "spelling",
    ["DE-12340", "de12340", "S/N DE12340", "SN: DE12340", "ser. DE 12340", "Serial No. DE12340", "DE1234O", "DEI2340", "S.N. DE12340", "#DE12340", "SNDE-12340", " DE/12.340 ", "SNDE12340"],
)  # fmt: skip
def test_spellings_of_one_serial_have_one_key(spelling: str) -> None:
    assert read_serial(spelling).key == "DE12340"


@pytest.mark.parametrize(
    "spelling", ["004711", "4711", "SN004711", "4711.0", "S/N: 4711", "0O4711", "47l1", "4,711"]
)
def test_a_number_is_the_same_with_and_without_leading_zeros(spelling: str) -> None:
    assert read_serial(spelling).key == "4711"


@pytest.mark.parametrize(
    "text",
    ["N/A", "n.a.", "-", "0", "0000", "UNKNOWN", "none", "TBD", "12345", "123456789", "1111111", "XXXX", "see label", "REF 13652", "Model: MX800-2", "Not Available", "S/N", "SN: N/A", "serial", "", "  ", "9999", "0000-0000"],
)  # fmt: skip
def test_placeholders_are_no_serials(text: str) -> None:
    assert read_serial(text).key == ""


@pytest.mark.parametrize(
    ("text", "doubt"),
    [("N/A", "placeholder"), ("0000", "placeholder"), ("XXXX", "placeholder"), ("SN: N/A", "placeholder"), ("-", "placeholder"), ("", "empty"), ("12345", "too plain"), ("1111111", "too plain"), ("LABEL", "too plain"), ("REF 13652", "a catalogue number"), ("12", "too short"), ("ЖЯ", "not Latin script")],
)  # fmt: skip
def test_a_serial_without_a_key_says_why(text: str, doubt: str) -> None:
    assert read_serial(text).doubt == doubt


@pytest.mark.parametrize(
    ("text", "doubt"),
    [("7", "too short"), ("07", "too short"), ("12345", "too plain"), ("9999", "too plain"), ("STAND", "too plain"), ("0", "placeholder"), ("0000", "placeholder"), ("no tag", "placeholder"), ("Tag: none", "placeholder"), ("Asset #", "placeholder")],
)  # fmt: skip
def test_a_tag_without_a_key_says_why(text: str, doubt: str) -> None:
    assert (read_tag(text).key, read_tag(text).doubt) == ("", doubt)


@pytest.mark.parametrize("text", ["1.23457E+11", "1,23457E+11", "4E+08", "1.2E+05", "1.23457e+11"])
def test_scientific_notation_is_recognised_and_not_trusted(text: str) -> None:
    assert read_serial(text).doubt == "scientific notation"


def test_a_serial_with_an_e_inside_is_not_scientific() -> None:
    assert read_serial("12E4567").key == "12E4567"


def test_small_l_is_one_only_where_no_other_small_letter_stands() -> None:
    assert read_serial("X5l0").key == "X510"
    assert read_serial("xl500").key == read_serial("XL500").key == "XL500"


@pytest.mark.parametrize("text", ["Tag # A-004711", "a4711", "A 4711", "ASSET: A-04711"])
def test_spellings_of_one_tag_have_one_key(text: str) -> None:
    assert read_tag(text).key == "A4711"


@pytest.mark.parametrize("text", ["00:00:00:00:00:00", "FF-FF-FF-FF-FF-FF", "01:00:5e:00:00:01", "00:00:5E:00:01:0A", "02:42:ac:11:00:02", "12:34", "n/a"])  # fmt: skip
def test_addresses_of_no_device_do_not_link(text: str) -> None:
    assert read_mac(text).key == ""


@pytest.mark.parametrize("text", ["00:09:FB:1a:2b:3c", "00-09-fb-1A-2B-3C", "0009.fb1a.2b3c", "0009FB1A2B3C"])
def test_four_notations_of_a_mac_have_one_key(text: str) -> None:
    assert read_mac(text).key == "0009fb1a2b3c"


def test_running_numbers_are_no_uid_across_systems() -> None:
    assert read_uid("17").key == ""
    assert read_uid("3f2a9c1e-77aa").key == "3F2A9C1E77AA"


def test_a_host_is_its_first_label_and_an_address_is_none() -> None:
    assert read_host("Pump-17.icu.example.org").key == "PUMP-17"
    assert read_host("10.2.3.4").key == ""
    assert read_host("localhost").key == ""


def test_a_tag_is_found_inside_a_host_name() -> None:
    assert {"A4711", "4711"} <= set(tags_in_host(read_host("icu-mon-A004711.example.org").key))
    assert "4711" in tags_in_host("MON004711")
    assert tags_in_host("NURSESTATION") == ()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("12345", "12354", True), ("12345", "1245", True), ("12345", "123945", True), ("12345", "12945", True), ("12345", "12345", False), ("12345", "12453", False), ("12345", "54321", False), ("ab", "ba", True), ("1", "", True)],
)  # fmt: skip
def test_one_slip_of_the_pen(left: str, right: str, expected: bool) -> None:
    assert one_slip(left, right) is expected


@given(st.text("01AB", max_size=7), st.text("01AB", max_size=7))
def test_one_slip_is_what_a_slow_search_finds(left: str, right: str) -> None:
    assert one_slip(left, right) == (right in _slips(left) - {left})


def _slips(word: str) -> set[str]:
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    gone = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + c + b[1:] for a, b in cuts if b for c in "01AB"}
    added = {a + c + b for a, b in cuts for c in "01AB"}
    return gone | swapped | changed | added


@given(st.text(max_size=20))
def test_reading_a_key_again_changes_nothing(text: str) -> None:
    for read in (read_serial, read_tag, read_mac, read_uid):
        key = read(text).key
        assert read(key).key in (key, "")
