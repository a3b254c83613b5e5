"""docs/contracts.md, "Common": exit codes, streams, output files, rejected rows, what is read and how it is mapped."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Answer, Demo
from tests.cli.running import Ended, header, pilothouse, table, written

LIST = "Asset Tag,Manufacturer,Model,Serial Number,Department\n"
MONITOR = "40231,Philips,IntelliVue MX450,DE48213377,ICU\n"
PUMP = "40232,Baxter,Spectrum IQ,35220821,ED\n"


def reconciled(folder: Path, text: str, *options: object, name: str = "list.csv") -> tuple[Ended, Path]:
    """One list reconciled; how it ended, and the folder of the answer."""
    ended = pilothouse("reconcile", written(folder, name, text), "--out", folder / "out", *options)
    return ended, folder / "out"


@pytest.mark.parametrize("command", [("reconcile",), ("expose",), ("who",), ("chain", "check"), ("demo",)])
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    ended = pilothouse(*command, "--help")
    assert (ended.code, f"pilothouse {' '.join(command)} " in ended.out) == (0, True)


def test_results_are_no_problem_and_end_with_0(answer: Answer) -> None:
    rejected = (answer.out / "rejected.csv").exists()
    assert answer.ended.code == int(rejected)
    assert any(row["status"] == "affected" for row in table(answer.out / "exposures.csv"))


def test_stdout_stays_empty_and_no_bar_is_drawn_off_a_terminal(answer: Answer) -> None:
    assert (answer.ended.out, "\x1b" in answer.ended.err, "━" in answer.ended.err) == ("", False, False)


def test_a_rejected_row_is_told_with_its_place_and_ends_with_1(tmp_path: Path) -> None:
    ended, out = reconciled(tmp_path, LIST + MONITOR + "40233,GE,B650,S1,ICU,too,many\n" + PUMP)
    assert ended.code == 1
    assert header(out / "rejected.csv") == "file,row,line,column,value,problem,expected,raw"
    (row,) = table(out / "rejected.csv")
    assert (row["file"], row["row"], row["line"]) == (str(tmp_path / "list.csv"), "2", "3")
    assert row["raw"] == "40233,GE,B650,S1,ICU,too,many"
    assert "" not in (row["problem"], row["expected"])
    assert len(table(out / "members.csv")) == 2


def test_without_rejected_rows_there_is_no_such_file_and_an_old_one_goes(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    written(tmp_path / "out", "rejected.csv", "old")
    ended, out = reconciled(tmp_path, LIST + MONITOR)
    assert (ended.code, (out / "rejected.csv").exists()) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reconcile", "{list}"), "--out"), (("reconcile", "{nowhere}", "--out", "{out}"), "no such file"),
        (("reconcile", "{empty}", "--out", "{out}"), "empty"), (("reconcile", "{folder}", "--out", "{out}"), "folder"),
        (("reconcile", "{list}", "{list}", "--out", "{out}"), "named twice"), (("reconcile", "{list}", "--out", "{list}"), "no folder"),
        (("reconcile", "{list}", "--out", "{out}", "--map", "{list}:seriel=Model"), "near it: serial"),
        (("reconcile", "{list}", "--out", "{out}", "--map", "{list}:serial=Seriel Number"), "near it: Serial Number"),
        (("reconcile", "{list}", "--out", "{out}", "--map", "other.csv:serial=Model"), "none of the files"),
        (("reconcile", "{list}", "--out", "{out}", "--kind", "{list}=cmmms"), "cmms, network, security, other"),
        (("reconcile", "{list}", "--out", "{out}", "--as-of", "{list}=soon"), "expected a date"),
    ],
)  # fmt: skip
def test_bad_usage_and_unreadable_input_end_with_2_and_write_nothing(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    places = {"list": written(tmp_path, "list.csv", LIST + MONITOR), "empty": written(tmp_path, "empty.csv", ""), "nowhere": tmp_path / "no.csv", "folder": tmp_path, "out": tmp_path / "out"}  # fmt: skip
    ended = pilothouse(*(word.format(**places) for word in arguments))
    assert (ended.code, ended.out, (tmp_path / "out").exists()) == (2, "", False)
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_a_formula_is_written_with_an_apostrophe_and_read_back_as_it_was(tmp_path: Path) -> None:
    text = LIST + "40231,Philips,=HYPERLINK(1),DE48213377,@ward\n40232,Baxter,-12.5,35220821,+ED\n"
    _, out = reconciled(tmp_path, text)
    first = {row["tag"]: row for row in table(out / "register.csv")}
    assert (first["40231"]["model"], first["40231"]["unit"]) == ("'=HYPERLINK(1)", "'@ward")
    assert (first["40232"]["model"], first["40232"]["unit"]) == ("-12.5", "'+ED")
    again = pilothouse("reconcile", out / "register.csv", "--out", tmp_path / "again", "--raw")
    raw = {row["tag"]: row for row in table(tmp_path / "again" / "register.csv")}
    assert (again.code, raw["40231"]["model"], raw["40232"]["unit"]) == (0, "=HYPERLINK(1)", "+ED")


def test_rows_count_every_record_but_no_blank_line_and_no_quoted_line_break(tmp_path: Path) -> None:
    text = (
        LIST + MONITOR + "\n\n" + '40232,Baxter,"Spectrum\nIQ",35220821,ED\n' + "bad,row,with,too,many,cells\n"
        "40234,GE,B650,SQC11223344,ED\n" + "Total,4,,,\n" + "40236,GE,B650,SQC11223399,ED\n"
    )  # fmt: skip
    ended, out = reconciled(tmp_path, text)
    assert sorted(int(row["row"]) for row in table(out / "members.csv")) == [1, 2, 4, 6]
    refused = [(row["row"], row["line"]) for row in table(out / "rejected.csv")]
    assert (ended.code, refused) == (1, [("3", "7"), ("5", "9")])


def test_a_second_header_line_is_no_record(tmp_path: Path) -> None:
    text = "Asset,,Device,,\nTag,Status,Maker,Model,Serial\n40231,active,Philips,MX450,DE48213377\n"
    _, out = reconciled(tmp_path, text)
    assert [row["row"] for row in table(out / "members.csv")] == ["1"]


def test_the_guess_the_kind_and_the_unmapped_columns_are_told(tmp_path: Path) -> None:
    ended, _ = reconciled(tmp_path, "Control No.,Mfr,Ser. Nr,Zorblax\n40231,Philips,DE48213377,x\n40232,GE,SQC11223344,y\n")  # fmt: skip
    told = [line.split() for line in ended.err.splitlines()]
    assert ["tag", "Control", "No."] in [words[:3] for words in told]
    assert "CMMS" in ended.err
    assert "not mapped: Zorblax" in ended.err


def test_map_and_kind_correct_the_guess(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = "Asset Tag,Where,Thing\n40231,ICU,DE48213377\n40232,ED,SQC11223344\n"
    ended, out = reconciled(tmp_path, text, "--map", f"{path}:serial=Thing", "--map", f"{path}:room=Where", "--kind", f"{path}=other")  # fmt: skip
    row = next(row for row in table(out / "register.csv") if row["tag"] == "40231")
    assert (row["serial"], row["room"], row["unit"]) == ("DE48213377", "ICU", "")
    assert "other list (as said)" in ended.err


def test_a_sheet_is_named_behind_a_hash_and_the_first_with_known_headers_is_the_default(tmp_path: Path) -> None:  # fmt: skip
    book = openpyxl.Workbook()
    book.active.append(["Our hospital"])
    for name, tag in (("Gear", "40231"), ("Old", "40232")):
        sheet = book.create_sheet(name)
        sheet.append(["Asset Tag", "Serial Number"])
        sheet.append([tag, f"DE48{tag}"])
    book.save(tmp_path / "list.xlsx")
    for typed, tag in ((f"{tmp_path / 'list.xlsx'}#Old", "40232"), (str(tmp_path / "list.xlsx"), "40231")):
        assert pilothouse("reconcile", typed, "--out", tmp_path / "out").code == 0
        assert [row["tag"] for row in table(tmp_path / "out" / "register.csv")] == [tag]
        assert [row["file"] for row in table(tmp_path / "out" / "members.csv")] == [typed]


NMAP = '<?xml version="1.0"?><nmaprun scanner="nmap">{}</nmaprun>'
HOST = '<host><status state="up"/><address addr="10.1.0.{0}" addrtype="ipv4"/><address addr="00:1A:22:AA:00:0{0}" addrtype="mac"/></host>'


@pytest.mark.parametrize(
    ("name", "text", "field", "values"),
    [
        ("top.json", '[{"serialNumber": "DE48213377"}, {"serialNumber": "DE48213999"}]', "serial", ["DE48213377", "DE48213999"]),
        ("only.json", '{"count": 1, "result": {"devices": [{"serialNumber": "DE48213377"}]}}', "serial", ["DE48213377"]),
        ("lines.jsonl", '{"serialNumber": "DE48213377"}\n{"serialNumber": "DE48213999"}\n', "serial", ["DE48213377", "DE48213999"]),
        ("scan.xml", NMAP.format(HOST.format(1) + HOST.format(2)), "mac", ["00:1a:22:aa:00:01", "00:1a:22:aa:00:02"]),
        ("semicolon.csv", "Serial Number;Model\nDE48213377;MX450\nDE48213999;MX450\n", "serial", ["DE48213377", "DE48213999"]),
        ("listed.csv", 'Asset Tag,MAC Address\n40231,"[""001a22aa0001"", ""001a22aa0002""]"\n', "mac", ["00:1a:22:aa:00:01; 00:1a:22:aa:00:02"]),
    ],
)  # fmt: skip
def test_every_form_of_list_is_read(tmp_path: Path, name: str, text: str, field: str, values: list[str]) -> None:  # fmt: skip
    ended, out = reconciled(tmp_path, text, name=name)
    assert (ended.code, sorted(row[field] for row in table(out / "register.csv"))) == (0, values)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_any_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes((LIST + "40231,Dräger,Evita V500,ASDK0017,Köln Süd\n").encode(encoding))
    assert pilothouse("reconcile", path, "--out", tmp_path / "out").code == 0
    assert [row["unit"] for row in table(tmp_path / "out" / "register.csv")] == ["Köln Süd"]


def test_an_output_folder_that_holds_the_input_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "rejected.csv", LIST + MONITOR)
    ended = pilothouse("reconcile", path, "--out", tmp_path)
    assert (ended.code, path.read_text(encoding="utf-8")) == (2, LIST + MONITOR)
    assert "is an input" in ended.err


def test_a_stop_while_writing_ends_with_130_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pilothouse.home.run.report", lambda *_: signal.raise_signal(signal.SIGINT))
    ended, out = reconciled(tmp_path, LIST + MONITOR)
    assert (ended.code, out.exists()) == (130, False)
    assert "stopped" in ended.err


def test_an_error_of_ours_is_told_without_a_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PILOTHOUSE_TRACE", raising=False)
    monkeypatch.setattr("pilothouse.home.run.report", lambda *_: 1 // 0)
    ended, out = reconciled(tmp_path, LIST + MONITOR)
    assert (ended.code, out.exists(), "Traceback" in ended.err) == (2, False, False)
    assert "ZeroDivisionError" in ended.err


def test_what_a_terminal_would_obey_is_spelt_out(tmp_path: Path) -> None:
    ended, _ = reconciled(tmp_path, "Asset Tag,Serial Number,\x1b[31mred\n40231,DE48213377,x\n")
    assert ("\x1b" in ended.err, "\\x1b[31mred" in ended.err) == (False, True)


def test_a_name_that_is_no_utf_8_is_told_before_the_work() -> None:
    ended = pilothouse("reconcile", b"caf\xe9.csv".decode("utf-8", "surrogateescape"), "--out", "out")
    assert (ended.code, "not in UTF-8" in ended.err) == (2, True)


def test_the_chains_answer_as_json_is_all_there_is_on_stdout(demo: Demo) -> None:
    ended = pilothouse("who", "cybersecurity", "--chain", demo.chain, "--at", "2026-11-02T12:00", "--json")
    assert (ended.code, json.loads(ended.out)["topic"]) == (0, "cybersecurity")
