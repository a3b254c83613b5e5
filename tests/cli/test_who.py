"""`pilothouse who` through its entry point."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.governance.hospital import FILES, with_changed, with_lines, workbook, write

Run = Callable[..., tuple[int, str, str]]

AT = ("--at", "2026-11-02 12:00")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process; gives the exit code, stdout and stderr."""
    from pilothouse.cli.main import main

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pilothouse", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    return write(tmp_path / "chain", FILES)


def test_the_answer_is_told_in_words_on_stdout_and_nothing_on_stderr(run: Run, chain: Path) -> None:
    code, out, err = run("who", "repair", "--chain", chain, "--unit", "ICU", *AT)
    assert (code, err) == (0, "")
    assert "Ana Alvarez answers, as Charge nurse ICU (CN-ICU)" in out
    assert "\x1b" not in out


def test_the_answer_as_json_is_one_object_on_stdout(run: Run, chain: Path) -> None:
    code, out, err = run("who", "repair", "--chain", chain, "--unit", "ICU", *AT, "--json")
    told = json.loads(out)
    assert (code, err, told["person"], told["place"]) == (0, "", "ana", {"kind": "unit", "id": "ICU"})
    assert list(told) == ["topic", "place", "at", "person", "name", "email", "phone", "position", "title", "away", "path", "next"]  # fmt: skip


def test_without_a_place_the_question_is_the_systems(run: Run, chain: Path) -> None:
    _, out, _ = run("who", "repair", "--chain", chain, *AT, "--json")
    assert (json.loads(out)["place"], json.loads(out)["position"]) == ({"kind": "system", "id": None}, "HTM")


def test_a_facility_may_be_asked_for(run: Run, chain: Path) -> None:
    _, out, _ = run("who", "repair", "--chain", chain, "--facility", "MERCY", *AT, "--json")
    assert json.loads(out)["position"] == "BIOMED"


def test_the_default_moment_is_now_in_the_zone_of_the_chain(run: Run, chain: Path) -> None:
    _, out, _ = run("who", "repair", "--chain", chain, "--tz", "Asia/Kolkata", "--json")
    assert json.loads(out)["at"].endswith("+05:30")


def test_an_offset_in_at_is_turned_into_the_zones(run: Run, chain: Path) -> None:
    _, out, _ = run(
        "who", "repair", "--chain", chain, "--at", "2026-07-01T12:00Z", "--tz", "Europe/Berlin", "--json"
    )
    assert json.loads(out)["at"] == "2026-07-01T14:00:00+02:00"


def test_an_amount_moves_the_question_to_a_larger_mandate(run: Run, chain: Path) -> None:
    _, out, _ = run("who", "repair", "--chain", chain, "--unit", "ICU", "--amount", "750.50", *AT, "--json")
    assert json.loads(out)["position"] == "BIOMED"


def test_an_answer_marked_away_is_still_an_answer(run: Run, tmp_path: Path) -> None:
    everyone = [f"{line.split(',')[0]},," for line in FILES["people"][1:]]
    folder = write(tmp_path, with_lines(absences=["person,from,to", *everyone]))
    code, out, _ = run("who", "repair", "--chain", folder, *AT, "--json")
    assert (code, json.loads(out)["away"], json.loads(out)["next"]) == (0, True, [])


def test_a_topic_that_no_mandate_names_is_answered_with_a_warning(run: Run, chain: Path) -> None:
    code, out, err = run("who", "repairs", "--chain", chain, *AT, "--json")
    assert (code, json.loads(out)["position"]) == (0, "HTM")
    assert err == "warning: no mandate names the topic repairs at that time; near it: repair\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unit", "ICU", "--facility", "MERCY"], "not both"),
        (["--unit", "icu"], "near it: ICU (Intensive care)"),
        (["--facility", "MERCI"], "near it: MERCY (Mercy Hospital)"),
        (["--at", "yesterday"], "--at is 'yesterday'"),
        (["--tz", "Europe/Berln"], "Europe/Berlin"),
        (["--amount", "-5"], "--amount is '-5'"),
        (["--amount", "1,000"], "--amount is '1,000'"),
        (["--amount", "nan"], "--amount is 'nan'"),
    ],
)
def test_a_question_that_cannot_be_taken_ends_with_2_and_says_what_would_be_right(
    run: Run, chain: Path, arguments: list[str], message: str
) -> None:
    code, out, err = run("who", "repair", "--chain", chain, *AT, *arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("topic", ["Repair", "data flow", "", "re-pair", "**"])
def test_a_topic_outside_its_form_ends_with_2(run: Run, chain: Path, topic: str) -> None:
    code, out, err = run("who", topic, "--chain", chain, *AT)
    assert (code, out) == (2, "")
    assert "is no topic" in err


def test_an_invalid_chain_names_nobody_and_tells_every_error(run: Run, tmp_path: Path) -> None:
    files = {
        **with_changed("positions", 4, "BIOMED,,facility,XYZ,CN-ICU,"),
        "absences": ["person,from,to", "zoe,,"],
    }
    code, out, err = run("who", "repair", "--chain", write(tmp_path, files), *AT, "--json")
    assert (code, out) == (2, "")
    for part in ("positions.csv, row 4: there is no facility XYZ", "positions.csv, row 4: BIOMED reports to itself",
                 "positions.csv, row 5", "absences.csv, row 1: there is no person zoe"):  # fmt: skip
        assert part in err


def test_a_question_before_the_first_helm_holder_ends_with_2(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, with_changed("appointments", 1, "chief,COO,holder,,2026-11-03,"))
    code, out, err = run("who", "repair", "--chain", folder, *AT)
    assert (code, out) == (2, "")
    assert "nobody held the helm" in err


def test_a_chain_that_is_not_there_ends_with_2(run: Run, tmp_path: Path) -> None:
    code, out, err = run("who", "repair", "--chain", tmp_path / "nowhere", *AT)
    assert (code, out) == (2, "")
    assert "no such folder or workbook" in err


def test_a_repeated_row_is_noted_on_stderr(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, with_lines(units=[*FILES["units"], FILES["units"][1]]))
    code, out, err = run("who", "repair", "--chain", folder, *AT, "--json")
    assert (code, json.loads(out)["person"]) == (0, "dee")
    assert err == "note: units.csv, row 4: repeats row 1 and is ignored\n"


def test_the_help_shows_an_example(run: Run) -> None:
    code, out, _ = run("who", "--help")
    assert code == 0
    assert "pilothouse who recall --chain" in out


HEAVY = ("django", "duckdb", "splink", "pyarrow", "numpy", "rich", "sqlglot")


@pytest.mark.parametrize("form", ["folder", "workbook"])
def test_who_starts_without_the_heavy_libraries_and_answers_at_once(chain: Path, form: str) -> None:
    asked = chain if form == "folder" else workbook(chain.with_suffix(".xlsx"), FILES)
    program = (
        "import sys, runpy; sys.argv[0] = 'pilothouse'\n"
        "try: runpy.run_module('pilothouse', run_name='__main__')\n"
        f"finally: print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    arguments = ["who", "repair", "--chain", str(asked), "--unit", "ICU", *AT, "--json"]
    started = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - started
    assert (ended.returncode, json.loads(ended.stdout)["person"]) == (0, "ana")
    assert ended.stderr.strip() == "[]"
    assert took < 5  # the bar of 0.4 s is benchmarks/who.py's; this only catches a heavy import


def test_the_installed_command_answers_from_start_to_end(chain: Path) -> None:
    command = Path(sys.executable).with_name("pilothouse")
    arguments = [str(command), "who", "cybersecurity", "--chain", str(chain), *AT]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Fay Fox answers" in ended.stdout
