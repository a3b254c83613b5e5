"""JSON and JSON lines: one array, whatever is around it, and a cut that costs only what was cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.kernel.errors import UnreadableInput
from tests.kernel.reading_files import Whole, whole


def test_an_array_at_the_top_is_the_table(tmp_path: Path) -> None:
    read = whole(tmp_path, '[{"serial": "A", "n": 1}, {"serial": "B", "new": true}]')
    assert (read.columns, read.cells) == (("serial", "n", "new"), [["A", "1", ""], ["B", "", "true"]])


def test_the_only_array_of_objects_is_found_wherever_it_lies(tmp_path: Path) -> None:
    read = whole(tmp_path, '{"count": 1, "tags": ["x"], "result": {"page": 1, "devices": [{"serial": "A"}]}}')
    assert (read.cells, read.notes) == ([["A"]], ["array result.devices"])


def test_of_several_arrays_the_one_with_known_columns_is_read(tmp_path: Path) -> None:
    read = whole(tmp_path, '{"columns": [{"id": 1}], "rows": [{"serial": "A", "mac": "m"}]}')
    assert (read.columns, read.notes) == (("serial", "mac"), ["array rows"])


def test_of_several_arrays_that_nothing_tells_apart_one_must_be_named(tmp_path: Path) -> None:
    document = '{"left": [{"a": 1}], "right": [{"b": 2}]}'
    with pytest.raises(UnreadableInput, match="left, right"):
        whole(tmp_path, document, "two.json")
    assert Whole(f"{tmp_path / 'two.json'}#right").cells == [["2"]]


def test_objects_and_lists_in_a_record_become_columns(tmp_path: Path) -> None:
    record = {"os": {"name": "Linux", "version": 5}, "macs": ["a", "b"], "one": ["c"], "ports": [{"mac": "d"}, {"mac": "e", "up": True}]}  # fmt: skip
    read = whole(tmp_path, json.dumps([record]))
    found = dict(zip(read.columns, read.cells[0], strict=True))
    assert found == {"os.name": "Linux", "os.version": "5", "macs": '["a", "b"]', "one": "c", "ports.mac": '["d", "e"]', "ports.up": "true"}  # fmt: skip


def test_an_element_that_is_no_object_is_refused_and_counted(tmp_path: Path) -> None:
    read = whole(tmp_path, '[{"serial": "A"}, 7, {"serial": "B"}]')
    assert (read.rows, [(r.row, r.raw) for r in read.refused]) == ([1, 3], [(2, "7")])


def test_the_line_of_each_element_is_kept(tmp_path: Path) -> None:
    read = whole(tmp_path, '[\n {"serial": "A"},\n\n {"serial":\n "B"},\n {"serial": "C"}]')
    assert read.lines == [2, 4, 6]


@pytest.mark.parametrize("start", ["[", '{"total": 3, "devices": ['])
def test_a_document_cut_in_half_keeps_what_was_whole(tmp_path: Path, start: str) -> None:
    read = whole(tmp_path, start + '\n{"serial": "A"},\n{"serial": "B"},\n{"serial": "C')
    assert [cells[0] for cells in read.cells] == ["A", "B"]
    (refused,) = read.refused
    assert (refused.row, refused.line) == (3, 4)
    assert "cut off" in refused.problem


def test_broken_json_without_a_whole_record_is_unreadable_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="line 2"):
        whole(tmp_path, '[\n{"serial": A}]')


def test_json_without_an_array_of_objects_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no array of objects"):
        whole(tmp_path, '{"a": [1, 2],\n "b": {"c": 3}}')


def test_endless_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="too deep"):
        whole(tmp_path, '[{"a":' + "[" * 100_000 + "]" * 100_000 + "}]")


def test_json_in_utf_16_is_read(tmp_path: Path) -> None:
    assert whole(tmp_path, '[{"manufacturer": "Dräger"}]'.encode("utf-16")).cells == [["Dräger"]]


def test_json_lines_are_one_record_a_line(tmp_path: Path) -> None:
    read = whole(tmp_path, '{"serial": "A"}\n\n{"serial": "B", "ip": "10.0.0.1"}\n')
    assert (read.form, read.rows, read.lines) == ("json lines", [1, 2], [1, 3])


def test_a_broken_line_of_json_lines_costs_that_line(tmp_path: Path) -> None:
    read = whole(tmp_path, '{"serial": "A"}\n{"serial": \n{"serial": "C"}\n[1]\n{"serial": "D"')
    assert (read.rows, [(r.row, r.line) for r in read.refused]) == ([1, 3], [(2, 2), (4, 4), (5, 5)])


def test_a_single_line_of_json_lines_is_one_record(tmp_path: Path) -> None:
    assert whole(tmp_path, '{"serial": "A", "ip": "10.0.0.1"}\n').cells == [["A", "10.0.0.1"]]


_VALUE = st.text(max_size=8) | st.integers() | st.booleans() | st.none()
_RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["serial", "ip", "a b"]), _VALUE, min_size=1), min_size=1, max_size=6
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_RECORDS, st.sampled_from([None, 1]), st.booleans())
def test_array_and_lines_of_the_same_records_read_alike(
    tmp_path: Path, records: list[dict[str, object]], indent: int | None, inside: bool
) -> None:
    document: object = {"page": 1, "items": records} if inside else records
    array = whole(tmp_path, json.dumps(document, indent=indent), "a.json")
    lines = whole(
        tmp_path, "".join(json.dumps(record) + "\n" for record in [*records, {"serial": "z"}]), "a.jsonl"
    )
    known = dict.fromkeys(array.columns)
    assert [dict(zip(array.columns, cells, strict=True)) for cells in array.cells] == [
        {k: v for k, v in zip(lines.columns, cells, strict=True) if k in known} for cells in lines.cells[:-1]
    ]


def test_numbers_stay_as_they_are_spelt_whatever_their_length(tmp_path: Path) -> None:
    long = "9" * 10_000
    assert whole(tmp_path, f'[{{"serial": {long}, "model": 1.10}}]').cells == [[long, "1.10"]]


def test_half_a_character_is_replaced_and_costs_nothing_else(tmp_path: Path) -> None:
    read = whole(tmp_path, r'[{"serial": "A\ud83dB"}, {"serial": "\ud83d\ude91"}]')
    assert (read.cells, read.refused) == ([["A\ufffdB"], ["\U0001f691"]], [])


def test_half_a_character_in_a_columns_name_is_replaced_too(tmp_path: Path) -> None:
    assert whole(tmp_path, r'[{"serial": "A", "x\ud83d": "B"}]').columns == ("serial", "x\ufffd")
