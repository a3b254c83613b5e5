"""One cell's text as a value: what is understood, and what is refused rather than mended."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel import columns, values
from pilothouse.kernel.values import Unusable

MAC = "00:1a:2b:3c:4d:5e"


@pytest.mark.parametrize("text", ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "001A2B3C4D5E", '["00:1A:2B:3C:4D:5E"]', "001a2b3c4d5e; 00-1A-2B-3C-4D-5E"])  # fmt: skip
def test_a_mac_in_any_notation_is_one_address(text: str) -> None:
    assert values.macs(text) == [MAC]


@pytest.mark.parametrize("glue", ["; ", ",", " | ", " ", "\n"])
def test_several_macs_in_a_cell_are_several(glue: str) -> None:
    assert values.macs(glue.join(["00-1A-2B-3C-4D-5E", "001A2B3C4D5F"])) == [MAC, "00:1a:2b:3c:4d:5f"]


@pytest.mark.parametrize("text", ["00:1A:2B:3C:4D", "1.23E+11", "00:1A-2B:3C:4D:5E", "001A2B3C4D5G", "wifi"])
def test_what_is_no_mac_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(Unusable) as refused:
        values.macs(text)
    assert "twelve hexadecimal digits" in refused.value.expected


@pytest.mark.parametrize(
    ("text", "found"),
    [("10.0.0.1", ["10.0.0.1"]), ("10.0.0.1/24", ["10.0.0.1"]), ("FE80:0::1%eth0", ["fe80::1"]), ('["10.0.0.1", "fe80::1"]', ["10.0.0.1", "fe80::1"]), ("10.0.0.1 10.0.0.2", ["10.0.0.1", "10.0.0.2"])],
)  # fmt: skip
def test_ip_addresses_are_read_in_canonical_form(text: str, found: list[str]) -> None:
    assert values.ips(text) == found


@pytest.mark.parametrize("text", ["10.0.0.256", "010.0.0.1", "10.0.0", "DHCP"])
def test_what_is_no_ip_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        values.ips(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('["A1", "B2"]', ["A1", "B2"]), ("SN123; SN124", ["SN123", "SN124"]), ("A1|B2", ["A1", "B2"]), ("A1\nB2\r\nC3", ["A1", "B2", "C3"]),
        ("US123, US124", ["US123", "US124"]), ("US123 / DE9 44", ["US123", "DE9 44"]), ("US123 and US124", ["US123", "US124"]),
        ("AB12345/AB12346", ["AB12345", "AB12346"]), ("AB12345 AB12346", ["AB12345", "AB12346"]), ("11111 22222 33333", ["11111", "22222", "33333"]),
        ("A100, A101; A102\nA103 / A104", ["A100", "A101", "A102", "A103", "A104"]),
    ],
)  # fmt: skip
def test_several_serials_in_a_cell_are_several(text: str, found: list[str]) -> None:
    assert values.serials(text) == found


@pytest.mark.parametrize("text", ["2019/00451", "US-1234-5", "12345/67890", "SN 12345678", "US 1234 5678", "1,234,567", "A/B", "REF 453, no label", "N/A", "12 and counting"])  # fmt: skip
def test_one_serial_with_marks_in_it_stays_one(text: str) -> None:
    assert values.serials(text) == [text]


@pytest.mark.parametrize("text", ["1.23457E+11", "1,23457E+11", "5E+07", "1.2e12"])
def test_a_serial_in_scientific_notation_is_refused_never_mended(text: str) -> None:
    for read in (values.serials, values.identifier):
        with pytest.raises(Unusable, match="scientific notation"):
            read(text)


@pytest.mark.parametrize("text", ["5E07", "12E4567", "E+12"])
def test_a_serial_that_only_resembles_scientific_notation_is_kept(text: str) -> None:
    assert values.identifier(text) == text


@pytest.mark.parametrize(
    "text",
    ["2024-11-02", "2024/11/02", "20241102", "11/02/2024", "11-2-24", "2 Nov 2024", "02-NOV-24", "Nov 2, 2024", "November 2nd, 2024", "2. November 2024", "45598", "45598.0", "1730505600", "1730505600000", "2024-11-02T00:00:00Z", "2024-11-02 02:00:00+02:00", "2024-11-01T20:00-0400", "NOV 02, 2024@00:00", "11/2/2024 12:00 AM", '["2024-10-01", "2024-11-02"]'],
)  # fmt: skip
def test_a_date_in_any_notation_is_one_moment(text: str) -> None:
    assert values.moment(text) == datetime(2024, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "13/13/2024",
        "2015",
        "soon",
        "0000-00-00 00:00",
        "11/02/1824",
        "25:00",
        "2024-11-02T25:00:00",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        values.moment(text)


def test_one_date_above_twelve_decides_for_the_whole_column() -> None:
    (order,) = values.date_orders(["03/04/2024", "25/04/2024"])
    assert (order.day_first, order.sure) == (True, True)
    typed = columns.typed(pa.array(["03/04/2024", "25/04/2024"]), "moment")
    assert typed.values.to_pylist()[0] == datetime(2024, 4, 3, tzinfo=UTC)
    assert typed.notes == []


def test_a_column_that_nothing_decides_is_read_by_month_and_noted() -> None:
    typed = columns.typed(pa.array(["03/04/2024", "05/06/2024"]), "moment")
    assert typed.values.to_pylist()[0] == datetime(2024, 3, 4, tzinfo=UTC)
    assert ["could be either" in note for note in typed.notes] == [True]


def test_a_date_against_the_order_of_its_column_is_refused_not_turned_round() -> None:
    typed = columns.typed(pa.array(["25/04/2024", "26/04/2024", "04/27/2024"]), "moment")
    assert typed.values.to_pylist()[2] is None
    assert [position for position, *_ in typed.unusable] == [2]


def test_dots_mean_day_first_beside_american_slashes() -> None:
    typed = columns.typed(pa.array(["02.11.2024", "11/25/2024"]), "moment")
    assert typed.values.to_pylist() == [datetime(2024, 11, 2, tzinfo=UTC), datetime(2024, 11, 25, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["$1,234.50", "12"], ["1234.50", "12"]), (["1.234,50 €", "12,5"], ["1234.50", "12.5"]), (["1 234,50"], ["1234.50"]),
        (["CHF 1'234.50"], ["1234.50"]), (["(1,200.00)", "15-"], ["-1200.00", "-15"]), (["1.234", "7,5"], ["1234", "7.5"]), (["0"], ["0"]), (["1.5E3"], ["1500"]),
    ],
)  # fmt: skip
def test_amounts_are_read_with_the_decimal_mark_of_their_column(texts: list[str], found: list[str]) -> None:
    assert columns.typed(pa.array(texts), "amount").values.to_pylist() == [Decimal(f) for f in found]


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "31/12/9999", "[" * 50_000]
)
def test_a_moment_at_the_end_of_the_calendar_is_unusable_and_named(text: str) -> None:
    typed = columns.typed(pa.array([text, "2024-11-02"]), "moment")
    assert (typed.values.null_count, [position for position, *_ in typed.unusable]) == (1, [0])


@pytest.mark.parametrize("text", ["1e400", "-1e999999999999", "1e99999999999999999999", "9" * 400])
def test_an_amount_beyond_all_prices_is_unusable_and_named(text: str) -> None:
    typed = columns.typed(pa.array([text, "7,5"]), "amount")
    assert (typed.values.null_count, [position for position, *_ in typed.unusable]) == (1, [0])


def test_amounts_are_kept_to_a_hundredth_of_a_cent() -> None:
    typed = columns.typed(pa.array(["1.23456", "1e-7", "2.5e1"]), "amount")
    assert typed.values.to_pylist() == [Decimal("1.2346"), Decimal(0), Decimal(25)]


def test_a_column_of_amounts_that_nothing_decides_is_noted() -> None:
    typed = columns.typed(pa.array(["1,234", "5,678"]), "amount")
    assert (typed.values.to_pylist(), len(typed.notes)) == ([Decimal(1234), Decimal(5678)], 1)


def test_words_for_nothing_are_no_value_and_no_trouble() -> None:
    for shape in ("macs", "ips", "moment", "amount"):
        typed = columns.typed(pa.array(["N/A", "", None, "unknown", " - "]), shape)
        assert (typed.values.null_count, typed.unusable) == (5, [])


def test_a_placeholder_serial_is_kept_for_others_to_judge() -> None:
    typed = columns.typed(pa.array(["UNKNOWN", "N/A", "A1; A2"]), "serials")
    assert typed.values.to_pylist() == [["UNKNOWN"], ["N/A"], ["A1", "A2"]]


_TEXTS = st.one_of(
    st.text("0123456789abcdefABCDEF:-.; ", max_size=20),
    st.ip_addresses().map(str),
    st.binary(min_size=6, max_size=6).map(lambda b: b.hex(":")),
    st.datetimes(datetime(1960, 1, 1), datetime(2090, 1, 1)).map(str),
    st.dates().map(str),
    st.text("AB123,/;&\n ", max_size=14),
    st.sampled_from(["1.5E+10", "N/A", "-12.50", "1,5"]),
)
_ONE = {"serials": values.serials, "macs": values.macs, "ips": values.ips}


@given(
    st.lists(_TEXTS, max_size=8),
    st.sampled_from(["serials", "macs", "ips", "identifier", "moment", "amount"]),
)
def test_a_column_reads_as_its_cells_do_one_by_one(texts: list[str], shape: str) -> None:
    """Arrow's quick paths and the parsers of single cells agree, and every filled cell is a value or is named."""
    typed = columns.typed(pa.array(texts, pa.string()), shape)  # type: ignore[arg-type]
    named = {position for position, *_ in typed.unusable}
    assert len(typed.values) == len(texts)
    for position, (text, value) in enumerate(zip(texts, typed.values.to_pylist(), strict=True)):
        bare = text.strip()
        if position in named:
            assert value is None
        elif shape in _ONE and bare and not (shape != "serials" and values.is_empty(bare)):
            assert (value or []) == _ONE[shape](bare)
        elif bare and not values.is_empty(bare):
            assert value is not None


@given(st.datetimes(datetime(1960, 1, 1), datetime(2090, 1, 1)))
def test_iso_moments_by_arrow_and_by_hand_are_one(moment: datetime) -> None:
    text = moment.replace(microsecond=0).isoformat()
    assert columns.typed(pa.array([text]), "moment").values[0].as_py() == values.moment(text)
