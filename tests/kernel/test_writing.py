"""Output files: whole or not at all, no formulas, and read back as they were."""

from __future__ import annotations

import errno
import io
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pilothouse.kernel import writing
from pilothouse.kernel.errors import BadUsage
from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.records import guarded, unguarded
from pilothouse.kernel.writing import (
    Outputs,
    UnwritableOutput,
    refuse_to_overwrite,
    write_rows,
    write_table,
    write_table_to,
)


def _text(table: pa.Table, *, raw: bool = False) -> str:
    stream = io.BytesIO()
    write_table(stream, table, table.column_names, raw=raw)
    return stream.getvalue().decode()


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30 1234", "-", "-1+2", "@cmd", "\tx", "\rx", "-a", "=HYPERLINK(1)", "'=x", "''@"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize(
    "cell", ["-5", "+5", "-0.5", "-1,5", "+1e10", "-.5", "a=b", "'", "'a", "", "1-2", "−5"]
)
def test_plain_numbers_and_other_texts_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell
    assert unguarded(cell) == cell


def test_raw_writes_values_as_they_are() -> None:
    assert _text(pa.table({"a": ["=1"]}), raw=True) == "a\n=1\n"


def test_values_of_every_type_have_one_form() -> None:
    moment = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    table = pa.table(
        {
            "n": pa.array([1, None], pa.int64()), "p": pa.array([0.25, None]), "y": pa.array([True, None]), "l": pa.array([["a", "b"], None]),
            "t": pa.array([moment, None], pa.timestamp("s", "UTC")), "d": pa.array([Decimal("9.5000"), None], pa.decimal128(18, 4)),
        }
    )  # fmt: skip
    assert _text(table) == 'n,p,y,l,t,d\n1,0.25,yes,"[""a"", ""b""]",2026-11-02T07:30:00Z,9.5000\n,,,,,\n'


def test_a_relation_of_duckdb_is_written_in_its_order(tmp_path: Path) -> None:
    con = duckdb.connect()
    relation = con.sql("SELECT i AS row, 'd' || i AS device FROM range(250000) t(i) ORDER BY i DESC")
    target = tmp_path / "out.csv"
    assert write_table_to(str(target), relation, ["device", "row"]) == 250_000
    lines = target.read_text().splitlines()
    assert (lines[0], lines[1], lines[-1], len(lines)) == ("device,row", "d249999,249999", "d0,0", 250_001)


def test_a_dash_means_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_table_to("-", pa.table({"a": ["x"]}), ["a"])
    assert capfdbinary.readouterr().out == b"a\nx\n"


def test_files_of_one_run_appear_together(tmp_path: Path) -> None:
    with Outputs(tmp_path / "new") as outputs:
        outputs.table("links.csv", pa.table({"a": ["x"]}), ["a"])
        outputs.text("report.html", ["<p>", "Köln", "</p>"])
        assert not (tmp_path / "new" / "links.csv").exists()
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["links.csv", "report.html"]
    assert (tmp_path / "new" / "report.html").read_text("utf-8") == "<p>Köln</p>"


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, RuntimeError])
def test_a_stopped_run_leaves_the_old_files_and_no_litter(
    tmp_path: Path, trouble: type[BaseException]
) -> None:
    def stopped() -> Iterator[str]:
        raise trouble
        yield ""

    (tmp_path / "links.csv").write_text("old")

    def run() -> None:
        with Outputs(tmp_path) as outputs:
            outputs.table("links.csv", pa.table({"a": ["x"]}), ["a"])
            outputs.text("report.html", stopped())

    with pytest.raises(trouble):
        run()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("links.csv", "old")]


def test_a_run_stopped_in_the_middle_of_a_file_leaves_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Outputs(tmp_path / "new") as outputs:
        outputs.text("report.html", pieces())
    assert not (tmp_path / "new").exists()


def test_a_full_disk_leaves_no_half_file_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "out.csv").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnwritableOutput, match=r"No space left on device.*; nothing was changed"):
        write_table_to(str(tmp_path / "out.csv"), pa.table({"a": ["x"]}), ["a"])
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("out.csv", "old")]


def test_a_file_that_this_run_has_not_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "rejected.csv").write_text("of an earlier run")
    with Outputs(tmp_path) as outputs:
        outputs.absent("rejected.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(UnwritableOutput, match="is no folder"), Outputs(tmp_path / "out"):
        pass


def test_a_folder_where_a_file_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(UnwritableOutput, match="is a folder"):
        write_table_to(str(tmp_path / "out.csv"), pa.table({"a": ["x"]}), ["a"])


def test_output_may_be_read_by_others_as_the_system_allows(tmp_path: Path) -> None:
    write_table_to(str(tmp_path / "out.csv"), pa.table({"a": ["x"]}), ["a"])
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o666 & ~writing._umask()


_CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("\t\r\n=+-@'\",;0 "),
    max_size=10,
)
_ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), max_size=6)
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ROWS)
@example([["'=", "''-1"], ["-1", "+1,5"], ["=1\r\n2", '"']])
def test_what_we_write_our_readers_read_back_exactly(tmp_path: Path, rows: list[list[str]]) -> None:
    """A wholly blank record is none, and one that looks like a total is refused with its text."""
    header = ["Asset No", "Serial", "Model", "MAC"][: len(rows[0]) if rows else 2]
    path = tmp_path / "out.csv"
    with path.open("wb") as stream:
        write_rows(stream, rows, header)
    table = open_table(str(path), lambda cell: float(cell in header))
    read = [list(row.values())[2:] for batch in table.batches for row in batch.to_pylist()]
    kept = [row for row in rows if any(guarded(cell).strip() for cell in row)]
    if not table.refused:
        assert [[unguarded(cell) for cell in row] for row in read] == kept
    assert table.records == len(kept)


@settings(max_examples=100, deadline=None)
@given(_ROWS, st.booleans())
def test_tables_and_rows_are_written_alike(rows: list[list[str]], raw: bool) -> None:
    names = list("abcd")[: len(rows[0]) if rows else 2]
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))]
    stream = io.BytesIO()
    write_rows(stream, rows, names, raw=raw)
    assert _text(pa.table(columns, names=names), raw=raw) == stream.getvalue().decode()


def _write_two(outputs: Outputs) -> None:
    outputs.text("a.csv", "x")
    outputs.text("b.csv", "x")


def test_a_stop_while_files_are_put_in_place_waits_until_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def replace_and_stop(self: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_and_stop)
    with pytest.raises(KeyboardInterrupt), Outputs(tmp_path) as outputs:
        _write_two(outputs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_a_place_that_is_no_ordinary_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnwritableOutput, match="no ordinary file"), Outputs(tmp_path) as outputs:
        outputs.text("pipe", "x")
    assert (tmp_path / "pipe").is_fifo()


def test_an_output_never_takes_the_place_of_an_input(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("x")
    (tmp_path / "alias.csv").symlink_to(tmp_path / "list.csv")
    with pytest.raises(BadUsage, match="is an input"):
        refuse_to_overwrite([tmp_path / "alias.csv"], [tmp_path / "." / "list.csv"])
