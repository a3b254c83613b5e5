"""CSV as hospitals write it: every record is read or refused with its place, and none is lost."""

from __future__ import annotations

import csv
import gzip
import io
import os
import resource
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.kernel import records
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.opening import open_table
from tests.kernel.reading_files import Whole, whole


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_any_usual_delimiter_is_told_from_the_lines(tmp_path: Path, delimiter: str) -> None:
    lines = [["Asset No", "Serial", "Model"], ["1", "A,1", "x"], ["2", "B;2", "y"], ["3", "C|3", "z"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    read = whole(tmp_path, text.getvalue())
    assert [list(read.columns), *read.cells] == lines


def test_a_byte_order_mark_between_two_joined_exports_is_no_part_of_a_value(tmp_path: Path) -> None:
    read = whole(tmp_path, "\ufeffAsset No,Serial\nA1,S1\n\ufeffA2,S2\n")
    assert read.cells == [["A1", "S1"], ["A2", "S2"]]


def test_decimal_commas_do_not_pass_for_the_delimiter(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No;Model;Purchase Price\n1;A;1.234,50\n2;B;99,00\n3;C;7,25\n")
    assert read.cells == [["1", "A", "1.234,50"], ["2", "B", "99,00"], ["3", "C", "7,25"]]


def test_the_line_in_which_excel_names_its_delimiter_is_obeyed(tmp_path: Path) -> None:
    read = whole(tmp_path, "sep=;\nAsset No;Serial\n1;A\n")
    assert (read.columns, read.cells, read.rows, read.lines) == (
        ("Asset No", "Serial"),
        [["1", "A"]],
        [1],
        [3],
    )


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    read = whole(tmp_path, "Asset No,Manufacturer\r\n1,Dräger\r\n2,Löwenstein – Köln\r\n".encode(encoding))
    assert read.columns == ("Asset No", "Manufacturer")
    assert read.cells == [["1", "Dräger"], ["2", "Löwenstein – Köln"]]


def test_two_encodings_in_one_file_are_read_line_by_line_and_noted(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Manufacturer\n1,Dräger\n".encode() + "2,Dräger\n".encode("cp1252"))
    assert read.cells == [["1", "Dräger"], ["2", "Dräger"]]
    assert any("mixed encodings" in note and "line 3" in note for note in read.notes)


def test_gzip_is_unpacked_on_the_way(tmp_path: Path) -> None:
    assert whole(tmp_path, gzip.compress(b"Asset No,Serial\n1,A\n"), "list.csv.gz").cells == [["1", "A"]]


def test_a_damaged_gzip_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(os.urandom(5000))
    with pytest.raises(UnreadableInput, match="damaged or cut off"):
        whole(tmp_path, packed[: len(packed) // 2], "list.csv.gz")


def test_rows_count_records_and_lines_count_physical_lines(tmp_path: Path) -> None:
    text = 'Asset No,Serial,Model\n1,"A\nB",x\n\n2,C,y,SURPLUS\n,,\n3,D,z\nTotal,3,\n4,E,w\n'
    read = whole(tmp_path, text)
    assert list(zip(read.rows, read.lines, strict=True)) == [(1, 2), (3, 7), (5, 9)]
    assert [(r.row, r.line) for r in read.refused] == [(2, 5), (4, 8)]
    assert read.records == 5


def test_a_record_with_more_cells_than_headers_is_refused_with_its_text(tmp_path: Path) -> None:
    (refused,) = whole(tmp_path, "Asset No,Serial\n1,A,extra\n2,B\n").refused
    assert (refused.row, refused.line, refused.raw) == (1, 2, "1,A,extra")
    assert refused.problem == "3 cells under 2 headers"


def test_surplus_empty_cells_are_no_trouble(tmp_path: Path) -> None:
    assert whole(tmp_path, "Asset No,Serial\n1,A,,,\n").cells == [["1", "A"]]


def test_a_record_with_fewer_cells_is_filled_and_noted(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Serial,Model\n1,A\n2,B,x\n")
    assert read.cells == [["1", "A", ""], ["2", "B", "x"]]
    assert any("1 records have fewer cells" in note and "line 2" in note for note in read.notes)


def test_duplicate_headers_get_numbers(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Model,Model\n1,A,B\n")
    assert read.columns == ("Asset No", "Model", "Model (2)")
    assert any("two columns are called 'Model'" in note for note in read.notes)


def test_title_lines_above_the_header_are_no_records(tmp_path: Path) -> None:
    read = whole(tmp_path, "St Mary's Hospital,,\nInventory as of today,,\n\nAsset No,Serial,Model\n1,A,x\n")
    assert (read.columns, read.rows, read.lines) == (("Asset No", "Serial", "Model"), [1], [5])


def test_two_header_lines_are_read_as_one(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset,Serial,Purchase,,\nNo,Number,Date,Price,Where\n1,A,2020-01-02,5,x\n")
    assert read.columns == ("Asset No", "Serial Number", "Purchase Date", "Purchase Price", "Where")
    assert read.rows == [1]


def test_a_record_that_holds_a_known_word_is_not_taken_for_a_second_header_line(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Owned by,Serial\nA-1,Department,S1\n")
    assert (read.columns, read.cells) == (("Asset No", "Owned by", "Serial"), [["A-1", "Department", "S1"]])


def test_a_banner_of_merged_cells_above_the_header_is_left_out(tmp_path: Path) -> None:
    read = whole(tmp_path, "Equipment,,Network,\nAsset No,Serial,MAC,IP\n1,A,m,i\n")
    assert read.columns == ("Asset No", "Serial", "MAC", "IP")


def test_a_repeated_header_is_refused_and_counted(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Serial\n1,A\nAsset No,Serial\n2,B\n")
    assert (read.rows, [r.problem for r in read.refused]) == ([1, 3], ["repeats the header"])


@pytest.mark.parametrize("total", ["Total,,,12", "TOTAL:,,,", "Grand total,3,,1.234", "Summe;;;7", ",Total assets,,44", "Total number of devices: 12,,,"])  # fmt: skip
def test_a_trailing_total_is_refused_and_counted(tmp_path: Path, total: str) -> None:
    mark = ";" if ";" in total else ","
    read = whole(tmp_path, f"Asset No,Serial,Model,Purchase Price\n1,A,x,2\n{total}\n".replace(",", mark))
    assert (read.rows, read.records) == ([1], 2)
    assert read.refused[0].problem == "looks like a total"


@pytest.mark.parametrize("device", ["Total Station,S1,x,2", "4,Total,TOTALCARE P500,7", "5,S9,Total Care,"])
def test_a_device_whose_name_begins_like_a_total_is_a_device(tmp_path: Path, device: str) -> None:
    assert whole(tmp_path, f"Asset No,Serial,Model,Purchase Price\n{device}\n").refused == []


def test_nul_bytes_are_taken_out_and_noted(tmp_path: Path) -> None:
    read = whole(tmp_path, b"Asset No,Serial\n1,A\x00B\n2,C\n")
    assert read.cells == [["1", "AB"], ["2", "C"]]
    assert any("NUL" in note and "line 2" in note for note in read.notes)


def test_an_unclosed_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    read = whole(tmp_path, 'Asset No,Serial,Model\n1,A,x\n2,"B, or C,y\n3,C,z\n4,"D",w\n5,E,v\n')
    assert [cells[0] for cells in read.cells] == ["1", "3", "4", "5"]
    (refused,) = read.refused
    assert (refused.row, refused.line, refused.raw) == (2, 3, '2,"B, or C,y')
    assert "never closed" in refused.problem


def test_an_unclosed_quote_that_fits_the_header_as_a_character_is_read_so_and_noted(tmp_path: Path) -> None:
    read = whole(tmp_path, 'Asset No,Serial,Model\n1,A,x\n2,"B,y\n3,C,z\n4,"D",w\n')
    assert read.cells == [["1", "A", "x"], ["2", '"B', "y"], ["3", "C", "z"], ["4", "D", "w"]]
    assert any("quotation mark" in note and "line 3" in note for note in read.notes)


def test_an_unclosed_quote_on_the_last_line_is_refused(tmp_path: Path) -> None:
    read = whole(tmp_path, 'Asset No,Serial\n1,A\n2,"B')
    assert (read.rows, [r.row for r in read.refused]) == ([1], [2])


def test_many_unclosed_quotes_end_in_good_time(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Serial,Model\n" + '1,"5 inch, flat,x\n' * 3000)
    assert (read.records, len(read.refused)) == (3000, 3000)


def test_an_inch_mark_inside_a_cell_is_text(tmp_path: Path) -> None:
    assert whole(tmp_path, 'Asset No,Model\n1,19" monitor\n').cells == [["1", '19" monitor']]


def test_a_cell_beyond_all_measure_is_refused_with_its_row(tmp_path: Path) -> None:
    read = whole(tmp_path, f"Asset No,Serial\n1,{'x' * (records.LONGEST_CELL + 1)}\n2,B\n")
    assert (read.rows, [r.row for r in read.refused]) == ([2], [1])
    assert len(read.refused[0].raw) < 200_000


def test_a_line_without_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="longer than 16 MiB"):
        whole(tmp_path, b"Asset No,Serial\n" + b"x" * (17 << 20))


def test_the_record_a_file_was_cut_off_in_is_refused(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Serial,Model\n1,A,x\n2,B,y\n3,C")
    assert (read.rows, read.refused[0].row) == ([1, 2], 3)
    assert "cut off" in read.refused[0].problem


def test_an_empty_file_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="empty"):
        whole(tmp_path, "")


def test_blank_lines_only_are_no_table(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no header"):
        whole(tmp_path, "\n \n,,\n")


def test_a_header_alone_is_a_table_of_no_records(tmp_path: Path) -> None:
    read = whole(tmp_path, "Asset No,Serial\n")
    assert (read.columns, read.records) == (("Asset No", "Serial"), 0)


def test_a_folder_instead_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="folder"):
        Whole(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such file"):
        Whole(tmp_path / "none.csv")


def test_a_picture_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="neither text nor a workbook"):
        whole(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_line(tmp_path: Path, end: str) -> None:
    read = whole(tmp_path, end.join(["Asset No,Serial", "1,A", "2,B", ""]))
    assert (read.cells, read.lines) == ([["1", "A"], ["2", "B"]], [2, 3])


def test_names_that_are_recognised_decide_where_odd_cells_outweigh_the_lines(tmp_path: Path) -> None:
    read = whole(tmp_path, 'Asset Tag,Serial,Model,MAC\n,^,"\'\r^0"\n')
    assert read.columns == ("Asset Tag", "Serial", "Model", "MAC")
    assert read.cells == [["", "^", "'\r^0", ""]]


def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("Asset No,Serial,Model\n")
        line = f"123456,SN0000,{'IntelliVue MX800 ' * 120}\n"
        for _ in range(60):
            file.write(line * 1000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = open_table(str(path))
    assert sum(batch.num_rows for batch in table.batches) == 60_000
    assert path.stat().st_size > 110 << 20
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 110


_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_TABLE = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), max_size=8)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TABLE, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_what_a_careful_writer_wrote_is_read_back_exactly(
    tmp_path: Path, table: list[list[str]], delimiter: str, encoding: str
) -> None:
    """Every cell quoted, whatever is in it; blank records aside, and totals, which look like totals."""
    width = len(table[0]) if table else 2
    header = ["Asset No", "Serial", "Model", "MAC", "IP"][:width]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([header, *table])
    read = whole(tmp_path, text.getvalue().encode(encoding))
    kept = [row for row in table if any(cell.strip() for cell in row)]
    assert read.records == len(kept)
    if not read.refused:
        assert read.cells == kept
