"""A file becomes a source: typed values beside their raw text, keys, and everything that could not be taken."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from pilothouse.equipment.fields import FIELDS
from pilothouse.imports import rejections
from pilothouse.imports.contracts import REJECTED
from pilothouse.imports.loading import load
from pilothouse.imports.sources import Source
from pilothouse.kernel.columns import AMOUNT, MOMENT, TEXTS
from pilothouse.kernel.errors import BadUsage, UnreadableInput
from pilothouse.kernel.writing import Outputs, write_rows

CMMS = """Asset Tag,Mfr,Model,Serial #,MAC Addr,OS Name,OS Version,Purchase Date,Purchase Price,Floor
A1,Philips,MX800,"SN1; SN2",00-09-FB-01-02-03,Windows,10 1809,25/01/2024,"$1,234.50",2
A2,Philips,MX800,5.42247E+09,0009.fb01.0204,Windows 7,7,soon,0,3
,Dräger,V500,N/A,,,,02/03/2024,,
Total,,,,,,,,"$1,234.50",
"""


def _source(folder: Path, text: str = CMMS, **said: object) -> Source:
    path = folder / "cmms.csv"
    path.write_text(text, "utf-8")
    return load(str(path), ordinal=0, fields=FIELDS, **said)  # type: ignore[arg-type]


def _column(source: Source, name: str) -> list[object]:
    found: list[object] = source.table.column(name).to_pylist()
    return found


def test_every_mapped_field_has_its_typed_value_and_its_raw_text(tmp_path: Path) -> None:
    source = _source(tmp_path)
    assert source.table.column_names[:3] == ["row", "line", "key"]
    assert source.table.column_names[3:] == [n for f in source.fields() for n in (f, f"{f}_raw")]
    types = {
        name: source.table.schema.field(name).type for name in ("tag", "serial", "mac", "purchased", "price")
    }
    assert types == {"tag": pa.string(), "serial": TEXTS, "mac": TEXTS, "purchased": MOMENT, "price": AMOUNT}
    assert _column(source, "serial") == [["SN1", "SN2"], None, ["N/A"]]
    assert _column(source, "serial_raw") == ["SN1; SN2", "5.42247E+09", "N/A"]
    assert _column(source, "mac") == [["00:09:fb:01:02:03"], ["00:09:fb:01:02:04"], None]
    assert _column(source, "purchased") == [
        datetime(2024, 1, 25, tzinfo=UTC),
        None,
        datetime(2024, 3, 2, tzinfo=UTC),
    ]
    assert _column(source, "price") == [Decimal("1234.5000"), Decimal("0.0000"), None]


def test_a_total_counts_as_a_record_and_an_unusable_value_leaves_its_record(tmp_path: Path) -> None:
    source = _source(tmp_path)
    assert (source.records, _column(source, "row")) == (4, [1, 2, 3])
    assert [(r.row, r.line, r.column, r.value) for r in source.rejected] == [
        (2, 3, "Serial #", "5.42247E+09"), (2, 3, "Purchase Date", "soon"), (4, 5, "", ""),
    ]  # fmt: skip
    assert "the record is kept without it" in source.rejected[0].problem
    assert source.rejected[2].problem == "looks like a total"


def test_the_version_stands_behind_the_operating_system_unless_it_is_there(tmp_path: Path) -> None:
    source = _source(tmp_path)
    assert _column(source, "os") == ["Windows 10 1809", "Windows 7", None]
    assert source.mapping["os"] == "OS Name + OS Version"


def test_the_key_is_the_sources_own_or_empty(tmp_path: Path) -> None:
    assert _column(_source(tmp_path), "key") == ["A1", "A2", ""]
    network = "MAC,IP,Host,Last Seen\n,10.0.0.1,a,2026-01-01\n00:09:FB:01:02:03,10.0.0.2,b,2026-01-01\n,,c,2026-01-01\n"
    assert _column(_source(tmp_path, network), "key") == ["10.0.0.1", "00:09:fb:01:02:03", "c"]


def test_what_is_not_mapped_is_named(tmp_path: Path) -> None:
    assert _source(tmp_path).unmapped == ("Floor",)


def test_the_user_corrects_the_guess(tmp_path: Path) -> None:
    source = _source(
        tmp_path, mapping={"room": "floor", "os": ""}, kind="other", as_of=datetime(2026, 11, 2, tzinfo=UTC)
    )
    assert (source.mapping["room"], "os" in source.mapping, source.kind) == ("Floor", False, "other")


def test_a_header_that_only_the_user_knows_is_found_by_its_mapping(tmp_path: Path) -> None:
    text = "Our list,\nof 2026,\nNummernschild,Teil\nA1,x\n"
    source = _source(tmp_path, text, mapping={"tag": "Nummernschild"})
    assert (_column(source, "tag"), _column(source, "row")) == (["A1"], [1])


def test_a_mapping_to_a_column_that_is_not_there_is_answered(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="no column 'Serail'"):
        _source(tmp_path, mapping={"serial": "Serail"})


def test_a_file_without_one_known_column_says_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableInput, match=r"no column was recognised among foo, bar; name them with --map"
    ):
        _source(tmp_path, "foo,bar\n1,x\n")


def test_a_list_without_a_header_is_refused_rather_than_losing_its_first_record(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="put a header line above"):
        _source(tmp_path, "00:09:fb:01:02:03,10.0.0.1\n00:09:fb:01:02:04,10.0.0.2\n")


def test_a_header_without_records_is_an_empty_source(tmp_path: Path) -> None:
    source = _source(tmp_path, "Asset Tag,Serial\n")
    assert (source.records, source.table.num_rows, source.table.column_names[-1]) == (0, 0, "serial_raw")


def test_the_guard_of_our_own_writer_is_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    with path.open("wb") as stream:
        write_rows(stream, [["-A1", "=1+1"], ["+2", "'@x"]], ["tag", "model"])
    source = load(str(path), ordinal=0, fields=FIELDS)
    assert (_column(source, "tag_raw"), _column(source, "model")) == (["-A1", "+2"], ["=1+1", "'@x"])


def test_two_mac_columns_become_one_list(tmp_path: Path) -> None:
    source = _source(tmp_path, "LAN MAC,WLAN MAC,IP\n0009fb010203,0009fb010204,10.0.0.1\n,0009fb010205,\n")
    assert _column(source, "mac") == [["00:09:fb:01:02:03", "00:09:fb:01:02:04"], ["00:09:fb:01:02:05"]]


def test_a_row_without_any_of_several_mac_columns_keeps_its_place(tmp_path: Path) -> None:
    text = "Serial,MAC,Wireless MAC\nAB1234,00:09:fb:01:02:03,\nAB1235,,\nAB1236,,00:09:fb:01:02:04\n"
    assert _column(_source(tmp_path, text), "mac") == [["00:09:fb:01:02:03"], None, ["00:09:fb:01:02:04"]]


def test_ambiguous_dates_are_noted_with_their_column(tmp_path: Path) -> None:
    source = _source(tmp_path, "Asset Tag,Purchase Date\nA,03/04/2024\n")
    assert source.notes == [
        "Purchase Date: dates with '/' read as month, day, year, though every one of them could be either"
    ]


def test_a_semicolon_file_reads_open_dates_day_first(tmp_path: Path) -> None:
    source = _source(tmp_path, "Asset Tag;Purchase Date;Price\nA;03/04/2024;1,5\n")
    assert _column(source, "purchased") == [datetime(2024, 4, 3, tzinfo=UTC)]


def test_rejected_records_are_written_in_the_shape_of_the_contract(tmp_path: Path) -> None:
    source = _source(tmp_path)
    with Outputs(tmp_path / "out") as outputs:
        assert rejections.write_rejected(outputs, source.rejected) == 3
    with (tmp_path / "out" / "rejected.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == REJECTED.columns
    assert (rows[2]["row"], rows[2]["line"], rows[2]["raw"]) == ("4", "5", 'Total,,,,,,,,"$1,234.50",')


def test_a_rejected_value_comes_with_its_whole_record_to_correct_and_send_again(tmp_path: Path) -> None:
    text = (
        'Asset Tag;Note;Purchase Date\nA;"two\nlines";2024-01-02\n\nB;"says ""x""\nand; y";soon\nC;;never\n'
    )
    refused = _source(tmp_path, text).rejected
    assert [(r.row, r.line, r.value, r.raw) for r in refused] == [
        (2, 5, "soon", 'B;"says ""x""\nand; y";soon'), (3, 7, "never", "C;;never"),
    ]  # fmt: skip


def test_a_record_with_two_rejected_values_is_given_with_both(tmp_path: Path) -> None:
    first, second, _ = _source(tmp_path).rejected
    assert first.raw == second.raw == "A2,Philips,MX800,5.42247E+09,0009.fb01.0204,Windows 7,7,soon,0,3"


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('[{"serial": "S1", "mac": "0009fb010203"}, {"serial": "S2", "mac": "?x", "floor": 2}]', '{"serial": "S2", "mac": "?x", "floor": "2"}'),
        ('{"serial": "S1", "mac": "0009fb010203"}\n{"serial": "S2", "mac": "?x"}\n', '{"serial": "S2", "mac": "?x"}'),
        ('<nmaprun><host><address addr="00:09:fb:01:02:03" addrtype="mac"/></host><host><address addr="?x" addrtype="mac"/><address addr="10.0.0.1" addrtype="ipv4"/></host></nmaprun>', "?x 10.0.0.1"),
    ],
)  # fmt: skip
def test_a_record_of_any_form_is_given_as_text(tmp_path: Path, text: str, raw: str) -> None:
    (refused,) = _source(tmp_path, text).rejected
    assert (refused.row, refused.value, refused.raw) == (2, "?x", raw)


def test_a_record_of_a_sheet_is_given_with_its_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (
        ["Our devices"],
        ["Serial", "Asset Tag", "Purchase Date"],
        ["S1", "A", "2024-01-02"],
        ["S2", None, "soon"],
    ):
        book.active.append(cells)
    book.save(tmp_path / "list.xlsx")
    (refused,) = load(str(tmp_path / "list.xlsx"), ordinal=0, fields=FIELDS).rejected
    assert (refused.line, refused.raw) == (4, "S2\t\tsoon")


def test_without_a_rejected_record_there_is_no_such_file(tmp_path: Path) -> None:
    (tmp_path / "rejected.csv").write_text("of an earlier run")
    with Outputs(tmp_path) as outputs:
        assert rejections.write_rejected(outputs, []) == 0
    assert not (tmp_path / "rejected.csv").exists()


def test_rejected_records_beside_a_single_file_carry_its_name() -> None:
    assert rejections.beside("out/exposures.csv") == "exposures.rejected.csv"


def test_a_list_with_more_records_than_may_be_is_refused_with_the_number(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("Asset Tag,Serial\n" + "".join(f"A{i},S{i}\n" for i in range(12)), encoding="utf-8")
    with pytest.raises(UnreadableInput, match="more than 10 records"):
        load(str(path), ordinal=0, fields=FIELDS, most=10)


def test_only_the_fields_that_are_needed_are_held_and_all_are_told(tmp_path: Path) -> None:
    path = tmp_path / "cmms.csv"
    path.write_text(
        "Asset Tag,Mfr,Model,Purchase Date\nA1,Philips,MX450,2019-02-01\nA2,Philips,MX450,2019-02-31\n",
        encoding="utf-8",
    )
    source = load(str(path), ordinal=0, fields=FIELDS, only=("maker", "model"))
    assert source.table.column_names == ["row", "line", "key", "tag", "tag_raw", "maker", "maker_raw", "model", "model_raw"]  # fmt: skip
    assert source.mapping["purchased"] == "Purchase Date"
    assert source.rejected == []
