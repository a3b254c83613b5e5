"""`pilothouse expose` as the contract says: files in, files out, exit codes, words on standard error."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.imports.contracts import CANDIDATES, EXPOSE, REJECTED
from tests.exposure.test_sources import csaf


@pytest.fixture
def advisories(tmp_path: Path) -> Path:
    folder = tmp_path / "advisories"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(csaf("ICSMA-1", product="Nimbus 300")), encoding="utf-8")
    return folder


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "cmms.csv"
    path.write_text("Asset Tag,Manufacturer,Model,Firmware Version\nA1,Acme Inc.,Nimbus 300,1.0\nA2,Acme,Nimbsu 300,\n=A3,Other,Thing,\n", encoding="utf-8")  # fmt: skip
    return path


def expose(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pilothouse", "expose", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def table(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return header, rows


def test_the_answer_has_the_contracts_columns_and_candidates_stand_beside_it(advisories: Path, inventory: Path, tmp_path: Path) -> None:  # fmt: skip
    out = tmp_path / "out.csv"
    run = expose(inventory, "--advisories", advisories, "--out", out)
    assert (run.returncode, run.stdout) == (0, "")
    header, rows = table(out)
    assert tuple(header) == EXPOSE.columns
    assert rows == [["1", "A1", "CVE-2024-0001", "ICSMA-1", "affected", "CISA", "All versions are named", "", "", "9.8"]]  # fmt: skip
    header, rows = table(tmp_path / "out.candidates.csv")
    assert tuple(header) == CANDIDATES.columns
    assert rows[0][:4] == ["2", "Acme Nimbsu 300", "Nimbus 300", "ICSMA-1"]
    assert "3 devices: 1 affected" in run.stderr
    assert "1 advisory read" in run.stderr


def test_a_confirmed_name_exposes_and_takes_the_old_candidates_away(advisories: Path, inventory: Path, tmp_path: Path) -> None:  # fmt: skip
    out, names = tmp_path / "out.csv", tmp_path / "names.csv"
    names.write_text("kind,seen,means,decision,by,on\nproduct,Nimbsu 300,Nimbus 300,same,Ana,2026-11-01\n", encoding="utf-8")  # fmt: skip
    expose(inventory, "--advisories", advisories, "--out", out)
    run = expose(inventory, "--advisories", advisories, "--out", out, "--names", names)
    assert run.returncode == 0
    assert [row[:2] for row in table(out)[1]] == [["1", "A1"], ["2", "A2"]]
    assert not (tmp_path / "out.candidates.csv").exists()


def test_standard_output_holds_nothing_but_the_answer(advisories: Path, inventory: Path) -> None:
    run = expose(inventory, "--advisories", advisories, "--out", "-")
    assert run.returncode == 0
    assert run.stdout.splitlines()[0] == ",".join(EXPOSE.columns)
    assert len(run.stdout.splitlines()) == 2


def test_a_damaged_advisory_is_named_and_the_exit_code_is_1(advisories: Path, inventory: Path, tmp_path: Path) -> None:  # fmt: skip
    whole = (advisories / "a.json").read_text(encoding="utf-8")
    (advisories / "half.json").write_text(whole[: len(whole) // 2], encoding="utf-8")
    run = expose(inventory, "--advisories", advisories, "--out", tmp_path / "out.csv")
    assert run.returncode == 1
    assert "half.json" in run.stderr
    assert len(table(tmp_path / "out.csv")[1]) == 1


def test_rejected_rows_stand_beside_the_answer_and_the_exit_code_is_1(
    advisories: Path, tmp_path: Path
) -> None:
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("Asset Tag,Manufacturer,Model\nA1,Acme,Nimbus 300\nA2,Acme,Nimbus 300,too,many,cells\n", encoding="utf-8")  # fmt: skip
    run = expose(ragged, "--advisories", advisories, "--out", tmp_path / "out.csv")
    header, rows = table(tmp_path / "out.rejected.csv")
    assert (run.returncode, tuple(header)) == (1, REJECTED.columns)
    assert rows[0][1] == "2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--advisories", "{empty}", "--out", "{out}"), "no advisory"),
        (("--advisories", "{nowhere}", "--out", "{out}"), "no such file or folder"),
        (("--advisories", "{advisories}", "--out", "{out}", "--names", "{nowhere}"), "cannot be read"),
        (("--advisories", "{advisories}", "--out", "{out}", "--kind", "{inventory}=toaster"), "toaster"),
    ],
)
def test_bad_usage_and_unreadable_input_end_with_2_and_leave_no_file(advisories: Path, inventory: Path, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:  # fmt: skip
    (tmp_path / "empty").mkdir()
    places = {"empty": tmp_path / "empty", "nowhere": tmp_path / "nowhere", "out": tmp_path / "out.csv", "advisories": advisories, "inventory": inventory}  # fmt: skip
    run = expose(inventory, *(argument.format(**places) for argument in arguments))
    assert run.returncode == 2
    assert words in run.stderr
    assert not (tmp_path / "out.csv").exists()


def test_help_shows_an_example() -> None:
    assert "Example: pilothouse expose" in " ".join(expose("--help").stdout.split())
