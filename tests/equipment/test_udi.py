"""UDIs of all three agencies, as scanners send them and people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.equipment.udi import GS, NoUdi, Udi, full_year, gs1_check_digit, hibc_check, read_udi

TODAY = date(2026, 11, 24)
GTIN = "00643169001763"


def read(text: str) -> Udi:
    return read_udi(text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(17)270331(10)A1B2(21)SN77", f"01{GTIN}1727033110A1B2{GS}21SN77", f"]d201{GTIN}1727033110A1B2{GS}21SN77",
        f"]C101{GTIN}1727033110A1B2<GS>21SN77\r\n", f"]e0{GS}01{GTIN}1727033110A1B2{{GS}}21SN77", f"UDI: (01) {GTIN} (17) 270331 (10) A1B2 (21) SN77 ",
        f"\ufeff01{GTIN}21SN77{GS}1727033110A1B2", "( 01 )0-0643169-001763(17)270331(10)A1B2(21)SN77",
    ],
)  # fmt: skip
def test_one_code_of_gs1_in_every_notation(text: str) -> None:
    found = read(text)
    assert (found.agency, found.di, found.lot, found.serial, found.expires) == ("GS1", GTIN, "A1B2", "SN77", date(2027, 3, 31))  # fmt: skip


def test_day_00_is_the_end_of_the_month() -> None:
    assert read(f"(01){GTIN}(17)280200").expires == date(2028, 2, 29)


@pytest.mark.parametrize(("digits", "year"), [(26, 2026), (76, 2076), (77, 1977), (99, 1999), (0, 2000)])
def test_a_year_of_two_digits_is_the_nearest(digits: int, year: int) -> None:
    assert full_year(digits, TODAY) == year


def test_a_bracket_within_a_value_is_no_identifier() -> None:
    assert read(f"(01){GTIN}(21)AB(5)C").serial == "AB(5)C"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("(01)00643169001764(21)A", 18, "should be 3"), (f"01{GTIN}17271331", 19, "month 13"), (f"01{GTIN}1727033110A1B2C3D4E5F6G7H8I9J0K1L2", 47, "separator"),
        (f"01{GTIN}99", 19, "no value"), (f"01{GTIN}88X", 17, "no identifier"), ("0100643169", 11, "needs 14"), ("(21)A", 1, "01 is missing"),
        ("hello", 1, "begins with"), ("", 1, "nothing"), ("01O0643169001763", 3, "digits only"), (f"(01){GTIN}(17)270231", 23, "no day 31"), ("x" * 500, 401, "at most"),
        (f"(01){GTIN}(21)A\u00e4", 24, "cannot stand"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, place: int, words: str) -> None:
    with pytest.raises(NoUdi) as refused:
        read(text)
    assert words in str(refused.value)
    assert refused.value.place == place


def coded(body: str) -> str:
    return body + hibc_check(body)


@pytest.mark.parametrize(
    ("secondary", "expected"),
    [
        ("$$3270331LOT7/SXYZ456/16D20240202", {"expires": date(2027, 3, 31), "lot": "LOT7", "serial": "XYZ456", "made": date(2024, 2, 2)}),
        ("$$0327LOT7", {"expires": date(2027, 3, 31), "lot": "LOT7"}), ("$$+2033127S9", {"expires": date(2027, 3, 31), "serial": "S9"}),
        ("$$527090LOT", {"expires": date(2027, 3, 31), "lot": "LOT"}), ("$$7LOT", {"lot": "LOT"}), ("$+SER", {"serial": "SER"}), ("$LOT", {"lot": "LOT"}),
        ("27090LOT", {"expires": date(2027, 3, 31), "lot": "LOT"}), ("$$8053270331L", {"quantity": 5, "expires": date(2027, 3, 31), "lot": "L"}),
        ("$$9005007L", {"quantity": 500, "lot": "L"}), ("$$+7SN-5", {"serial": "SN-5"}),
    ],
)  # fmt: skip
def test_secondary_data_of_hibcc(secondary: str, expected: dict[str, object]) -> None:
    found = read(f"*{coded(f'+A999123450/{secondary}')}*")
    assert found.agency == "HIBCC"
    assert found.di == "A999123450"
    assert {name: getattr(found, name) for name in expected} == expected


def test_primary_and_secondary_of_hibcc_in_two_codes() -> None:
    primary = coded("+A999123450")
    secondary = coded(f"+$$3270331LOT7{primary[-1]}")
    found = read(f"{primary}\n{secondary}")
    assert (found.di, found.lot, found.expires) == ("A999123450", "LOT7", date(2027, 3, 31))
    other = next(c for c in "ABC" if c != primary[-1])
    with pytest.raises(NoUdi, match="not of one label"):
        read(f"{primary} {coded(f'+$$3270331LOT7{other}')}")
    with pytest.raises(NoUdi, match="primary data"):
        read(secondary)


def test_a_misread_letter_of_hibcc_is_told() -> None:
    with pytest.raises(NoUdi, match="check character"):
        read(coded("+A999123450").replace("5", "6", 1))


def test_a_code_of_iccbba() -> None:
    found = read("=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123")
    assert (found.agency, found.di, found.serial, found.lot) == (
        "ICCBBA",
        "A9999XYZ100T0944",
        "000025",
        "XYZ123",
    )
    assert (found.expires, found.made, found.donation) == (
        date(2014, 2, 1),
        date(2013, 2, 1),
        "A99971312345600",
    )
    assert read("]C0 =)1TE123456A&)RZ12345678").di == "1TE123456A"
    with pytest.raises(NoUdi) as refused:
        read("=/A9999XYZ100T0944=,0002")
    assert refused.value.place == 25
    with pytest.raises(NoUdi, match="no structure"):
        read("=/A9999XYZ100T0944&?1")


ALNUM = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./", min_size=1, max_size=20)
DAYS = st.dates(date(1980, 1, 1), date(2070, 12, 31))


@given(st.text("0123456789", min_size=13, max_size=13), ALNUM, ALNUM, DAYS)
def test_what_is_written_for_gs1_is_read(digits: str, lot: str, serial: str, expires: date) -> None:
    di = digits + gs1_check_digit(digits)
    for text in (
        f"(01){di}(10){lot}(21){serial}(17){expires:%y%m%d}",
        f"01{di}10{lot}{GS}21{serial}{GS}17{expires:%y%m%d}",
        f"]d201{di}17{expires:%y%m%d}10{lot}{GS}21{serial}",
    ):
        found = read(text)
        assert (found.di, found.lot, found.serial, found.expires) == (di, lot, serial, expires)


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=18),
    ALNUM.filter(lambda t: "/" not in t),
    DAYS,
)
def test_what_is_written_for_hibcc_is_read(number: str, serial: str, expires: date) -> None:
    found = read(coded(f"+H123{number}1/$$+3{expires:%y%m%d}{serial}"))
    assert (found.di, found.serial, found.expires) == (f"H123{number}1", serial, expires)


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_misread_digit_of_a_gtin_is_always_found(digits: str, place: int, by: int) -> None:
    di = digits + gs1_check_digit(digits)
    wrong = di[:place] + str((int(di[place]) + by) % 10) + di[place + 1 :]
    with pytest.raises(NoUdi):
        read(f"(01){wrong}")


@given(st.one_of(st.text(max_size=60), st.text("()+=&$/0123456789ABC,>}" + GS, max_size=60)))
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        read(text)
    except NoUdi as refused:
        place = refused.place
        assert 1 <= place <= len(text) + 2
