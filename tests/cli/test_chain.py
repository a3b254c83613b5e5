"""`pilothouse chain check` through its entry point."""

from __future__ import annotations

import json
from pathlib import Path

from pilothouse.imports.contracts import CHAIN_FINDINGS
from tests.cli.test_who import AT, Run, chain, run
from tests.governance.hospital import FILES, with_changed, with_lines, write

__all__ = ["chain", "run"]


def test_a_chain_in_order_ends_with_0_and_says_where_htm_and_it_meet(run: Run, chain: Path) -> None:
    code, out, err = run("chain", "check", chain, *AT)
    assert (code, err) == (0, "")
    assert "HTM (HTM) and IT (CISO) meet at COO" in out
    assert "The chain of command is valid; no findings." in out


def test_findings_end_with_1(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, with_changed("people", 1, "ana,Ana Alvarez,,"))
    code, out, _ = run("chain", "check", folder, *AT)
    assert code == 1
    assert "people.csv, row 1: Ana Alvarez is in CN-ICU and has neither an email nor a phone on file" in out
    assert "valid; 1 finding." in out


def test_errors_end_with_2_and_stand_on_stdout(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, with_changed("positions", 4, "BIOMED,,facility,MERCY,XYZ,"))
    code, out, err = run("chain", "check", folder, *AT)
    assert (code, err) == (2, "")
    assert "positions.csv, row 4: there is no position XYZ" in out
    assert "invalid: 1 error." in out


def test_a_missing_file_is_an_error_without_a_row(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, {kind: lines for kind, lines in FILES.items() if kind != "people"})
    code, out, _ = run("chain", "check", folder, "--json")
    (error,) = json.loads(out)
    assert (code, error["level"], error["code"], error["file"], error["row"]) == (2, "error", "file_missing", "people.csv", None)  # fmt: skip


def test_json_lists_everything_with_the_columns_of_the_contracts(run: Run, tmp_path: Path) -> None:
    files = with_lines(
        absences=["person,from,to", "ana,,2026-11-05"], people=[*FILES["people"], FILES["people"][1]]
    )
    files["appointments"] = FILES["appointments"][:8]
    code, out, _ = run("chain", "check", write(tmp_path, files), *AT, "--json")
    told = json.loads(out)
    assert code == 1
    assert {tuple(issue) for issue in told} == {CHAIN_FINDINGS.columns}
    assert [(issue["level"], issue["code"], issue["file"], issue["row"]) for issue in told] == [
        ("finding", "no_holder", "positions.csv", 5),
        ("finding", "no_deputy", "positions.csv", 5),
        ("note", "repeated_row", "people.csv", 7),
        ("note", "bare_day_to", "absences.csv", 1),
        ("note", "htm_and_it_meet", "positions.csv", 1),
    ]


def test_notes_alone_end_with_0(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, with_lines(absences=["person,from,to", "ana,,2026-11-05"]))
    code, out, _ = run("chain", "check", folder, *AT)
    assert code == 0
    assert "absences.csv, row 1: to is 2026-11-05: valid until that day begins" in out


def test_a_moment_before_the_first_helm_holder_ends_with_2(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, with_changed("appointments", 1, "chief,COO,holder,,2026-11-03,"))
    code, out, err = run("chain", "check", folder, *AT)
    assert (code, out) == (2, "")
    assert "nobody held the helm" in err


def test_a_chain_that_is_not_there_ends_with_2(run: Run, tmp_path: Path) -> None:
    code, out, err = run("chain", "check", tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert "no such folder or workbook" in err


def test_the_help_shows_an_example(run: Run) -> None:
    code, out, _ = run("chain", "check", "--help")
    assert code == 0
    assert "pilothouse chain check demo-hospital/chain" in out
