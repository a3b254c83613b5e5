"""`pilothouse coverage` and `training plan` as the contract says: files in, files out, exit codes, words on standard error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pilothouse.imports.contracts import COVERAGE, PEOPLE, REJECTED, TRAINING
from tests.cli.conftest import Demo
from tests.cli.running import Ended, header, pilothouse, table, written

LISTS = {
    "people.csv": "person,unit,ladder,from,to\nAna,ICU,user,2020-01-01,\nBen,ICU,user,,2026-12-01\nCy,ICU,technician,,\n",
    "evidence.csv": "person,skill,level,kind,got,expires,assessor,withdrawn\nAna,pump,3,course,2025-01-01,,,\nBen,pump,2,assessment,2025-02-01,,Ana,\nBen,vent,1,course,2026-10-01,,,\n",
    "needs.csv": "unit,shift,skill,level,people,share\nICU,,pump,2,2,\nICU,night,vent,2,,0.5\n",
    "skills.csv": "skill,ladder,parent,own,refresher_days,declaration\npump,user,,,800,\n",
}  # fmt: skip


def run(folder: Path, *more: object, command: tuple[str, ...] = ("coverage",), out: str | None = None, **changed: str) -> Ended:  # fmt: skip
    """The command on the lists, some of them changed; a list changed to nothing is not given."""
    arguments: list[object] = list(command)
    for name, text in {**LISTS, **{f"{key}.csv": value for key, value in changed.items()}}.items():
        if text:
            arguments += [f"--{name.removesuffix('.csv')}", written(folder, name, text)]
    if command == ("coverage",):
        arguments += ["--at", "2026-11-02"]
    return pilothouse(*arguments, "--out", out or folder / "out", *more)


def test_coverage_says_who_is_short_what_breaks_and_who_holds_it(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert (ended.code, ended.out) == (0, "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "coverage.csv",
        "people.csv",
        "report.html",
    ]
    assert header(tmp_path / "out" / "coverage.csv") == ",".join(COVERAGE.columns)
    assert [list(row.values()) for row in table(tmp_path / "out" / "coverage.csv")] == [
        ["ICU", "", "pump", "2", "2", "2", "0", "2026-12-01", "", "Ana;Ben"],
        ["ICU", "night", "vent", "2", "1", "0", "1", "2026-11-02", "", ""],
    ]
    assert header(tmp_path / "out" / "people.csv") == ",".join(PEOPLE.columns)
    assert [list(row.values()) for row in table(tmp_path / "out" / "people.csv")] == [
        ["Ana", "pump", "3", "2027-03-12", "course 2025-01-01"],
        ["Ben", "pump", "2", "2027-04-12", "assessment 2025-02-01"],
        ["Ben", "vent", "1", "", "course 2026-10-01"],
    ]


def test_the_summary_is_for_a_ward_manager(tmp_path: Path) -> None:
    told = run(tmp_path).err
    assert (
        "On Mon 2 Nov 2026, 1 need of 2 is short, 1 place in all:\n  ICU, night: vent at level 2: 0 of 1\n"
        in told
    )
    assert "1 need met today breaks within 90 days:\n  Tue 1 Dec 2026: ICU: pump at level 2\n" in told


def test_evidence_on_a_parent_says_so(tmp_path: Path) -> None:
    run(tmp_path, skills="skill,ladder,parent,own,refresher_days,declaration\npump,,infusion,,,\n", evidence=LISTS["evidence.csv"] + "Cy,infusion,2,certificate,2026-01-01,2027-01-01,,\n")  # fmt: skip
    rows = [list(row.values()) for row in table(tmp_path / "out" / "people.csv") if row["person"] == "Cy"]
    assert rows == [["Cy", "infusion", "2", "2027-01-01", "certificate 2026-01-01"], ["Cy", "pump", "2", "2027-01-01", "certificate 2026-01-01 on infusion"]]  # fmt: skip


def test_without_the_option_the_roster_is_not_asked(tmp_path: Path) -> None:
    needs = "unit,shift,skill,level,people,share\nICU,night,pump,2,1,\n"
    run(tmp_path, needs=needs)
    assert table(tmp_path / "out" / "coverage.csv")[0]["holders"] == "Ana;Ben"
    run(tmp_path, needs=needs, roster="person,unit,shift,from,to\nBen,ICU,night,2026-11-02,2026-11-03\n")
    (row,) = table(tmp_path / "out" / "coverage.csv")
    assert (row["holders"], row["single"], row["breaks_on"]) == ("Ben", "yes", "2026-11-03")


REJECTED_ROWS = [
    ("people", ",ICU,user,,", "person", "no person is named"),
    ("people", "Dee,,user,,", "unit", "no unit is named"),
    ("people", "Dee,ICU,boss,,", "ladder", "this is no ladder"),
    ("people", "Dee,ICU,user,2026-05-01,2026-05-01", "to", "it ends on or before the day it begins"),
    ("people", "Dee,ICU,user,soon,", "from", "this day cannot be read"),
    ("evidence", "Ana,,2,course,2025-01-01,,,", "skill", "no skill is named"),
    ("evidence", "Ana,pump,0,course,2025-01-01,,,", "level", "this is no level"),
    ("evidence", "Ana,pump,two,course,2025-01-01,,,", "level", "this is no level"),
    ("evidence", "Ana,pump,2,rumour,2025-01-01,,,", "kind", "this is no kind of evidence"),
    ("evidence", "Ana,pump,2,course,,,,", "got", "no day on which it was got"),
    ("evidence", "Ana,pump,2,course,2025-01-01,31.02.2027,,", "expires", "this day cannot be read"),
    ("evidence", "Ana,pump,2,course,2025-01-01,2025-01-01,,", "expires", "it expires on or before the day it was got; it never counts"),
    ("evidence", "Ana,pump,2,course,2025-01-01,,,2024-12-31", "withdrawn", "it was withdrawn on or before the day it was got; it never counts"),
    ("evidence", "Cy,pump,2,assessment,2025-02-01,,,", "assessor", "an assessment without an assessor; it never counts"),
    ("evidence", "Cy,pump,2,assessment,2025-02-01,,Cy,", "assessor", "a person who assessed themself; it never counts"),
    ("evidence", "Cy,pump,2,assessment,2025-01-01,,Ana,", "assessor", "not entitled: Ana did not hold pump at level 3 on 2025-01-01 by evidence got earlier that counts; it never counts"),
    ("evidence", "Cy,pump,4,assessment,2025-02-01,,Ana,", "assessor", "not entitled: Ana did not hold pump at level 4 on 2025-02-01 by evidence got earlier that counts; it never counts"),
    ("evidence", "Cy,pump,1,declaration,2026-01-01,,,", "kind", "a declaration alone gives no skill, and pump asks for none; it never counts"),
    ("needs", ",,pump,2,1,", "unit", "no unit is named"),
    ("needs", "ICU,,pump,2,1,0.5", "people", "both people and share are given"),
    ("needs", "ICU,,pump,2,,", "people", "neither people nor share is given"),
    ("needs", "ICU,,pump,2,-1,", "people", "this is no number of people"),
    ("needs", "ICU,,pump,2,,1.01", "share", "this is no share"),
    ("needs", "ICU,,pump,2,,50 %", "share", "this is no share"),
    ("needs", "ICU,,pump,6,1,", "level", "no level of its ladder is so high: nobody can hold it; the need is kept and stays short"),
    ("needs", "Ward,,pump,2,1,", "unit", "nobody is ever present there within 1,826 days: nobody can meet it; the need is kept and stays short"),
    ("needs", "ICU,,pump,2,4,", "people", "more than are ever present there at once within 1,826 days: nobody can meet it; the need is kept and stays short"),
    ("needs", "Ward,,pump,2,,0.5", "share", "a share of nobody: no one of the skill's ladder is ever present there within 1,826 days; the need is kept, none are needed"),
    ("skills", "vent,chief,,,,", "ladder", "this is no ladder"),
    ("skills", "vent,,,maybe,,", "own", "this is neither yes nor no"),
    ("skills", "vent,,,,0,", "refresher_days", "this is no number of days"),
    ("skills", "pump,,,,700,", "skill", "this skill stands in an earlier row already"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "column", "problem"), REJECTED_ROWS)
def test_what_cannot_be_is_named_with_its_row(tmp_path: Path, name: str, line: str, column: str, problem: str) -> None:  # fmt: skip
    changed: dict[str, Any] = {name: LISTS[f"{name}.csv"] + line + "\n"}
    ended = run(tmp_path, **changed)
    assert ended.code == 1
    assert header(tmp_path / "out" / "rejected.csv") == ",".join(REJECTED.columns)
    rows = table(tmp_path / "out" / "rejected.csv")
    last = LISTS[f"{name}.csv"].count("\n")
    mine = [row for row in rows if row["row"] == str(last) and Path(row["file"]).name == f"{name}.csv"]
    assert [(row["column"], row["problem"], row["line"], row["raw"]) for row in mine] == [(column, problem, str(last + 1), line)]  # fmt: skip
    assert mine[0]["expected"]


def test_a_need_that_nobody_can_meet_is_kept_and_stays_short(tmp_path: Path) -> None:
    run(tmp_path, needs="unit,shift,skill,level,people,share\nWard,,pump,2,3,\n")
    (row,) = table(tmp_path / "out" / "coverage.csv")
    assert (row["needed"], row["have"], row["short"], row["breaks_on"]) == ("3", "0", "3", "2026-11-02")


def test_what_rests_on_a_rejected_skill_is_not_answered(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        skills="skill,ladder,parent,own,refresher_days,declaration\npump,user,,,never,\nvent,,pump,,,\n",
    )
    assert ended.code == 1
    assert table(tmp_path / "out" / "coverage.csv") == []
    problems = {row["problem"] for row in table(tmp_path / "out" / "rejected.csv") if not row["file"].endswith("skills.csv")}  # fmt: skip
    assert problems == {"what this skill asks for is not known, because its row in the list of skills was rejected"}  # fmt: skip


def test_circles_in_skills_are_an_error_that_names_them(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        skills="skill,ladder,parent,own,refresher_days,declaration\na,,b,,,\nb,,c,,,\nc,,a,,,\nd,,d,,,\n",
    )
    assert ended.code == 2
    assert "parents go in a circle: a (row 1) -> b (row 2) -> c (row 3) -> a; d (row 4) -> d" in ended.err
    assert not (tmp_path / "out").exists()


def test_a_share_is_exact_and_rounded_up(tmp_path: Path) -> None:
    many = "person,unit,ladder,from,to\n" + "".join(f"P{at},ICU,user,,\n" for at in range(10))
    shares = ("0.1", "0,7", ".3", "1", "0", "0.10000000001", "0.05")
    needs = "unit;shift;skill;level;people;share\n" + "".join(f"ICU;;pump;2;;{share}\n" for share in shares)
    ended = run(tmp_path, people=many, needs=needs)
    assert ended.code == 0
    assert [row["needed"] for row in table(tmp_path / "out" / "coverage.csv")] == ["1", "7", "3", "10", "0", "2", "1"]  # fmt: skip


def test_statements_and_badges_stand_beside_a_list_and_names_can_be_corrected(tmp_path: Path) -> None:
    statement = {"actor": {"mbox": "mailto:cy@example.org"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}, "object": {"id": "https://lms/skills/pump"}, "timestamp": "2026-01-01T00:00:00Z"}  # fmt: skip
    lrs = written(tmp_path, "lrs.json", json.dumps([statement, {**statement, "verb": {"id": "http://adlnet.gov/expapi/verbs/attempted"}}]))  # fmt: skip
    meanings = written(tmp_path, "meanings.csv", "what,seen,means,level\nperson,cy@example.org,Cy,\nskill,https://lms/skills/pump,pump,2\n")  # fmt: skip
    ended = run(tmp_path, "--evidence", lrs, "--meanings", meanings)
    assert ended.code == 1
    assert table(tmp_path / "out" / "coverage.csv")[0]["holders"] == "Ana;Ben;Cy"
    assert f"{lrs}: 1 statement or badge taken as evidence, 1 refused" in ended.err
    (row,) = table(tmp_path / "out" / "rejected.csv")
    assert (row["row"], row["column"], row["problem"]) == ("2", "verb.id", "'attempted' does not say that anything can be done")  # fmt: skip


def test_a_clean_run_takes_the_old_rejected_rows_away(tmp_path: Path) -> None:
    run(tmp_path, people=LISTS["people.csv"] + ",ICU,user,,\n")
    assert (tmp_path / "out" / "rejected.csv").exists()
    assert run(tmp_path).code == 0
    assert not (tmp_path / "out" / "rejected.csv").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [(("--at", "someday"), "--at 'someday'"), (("--map", "people.csv:unit=x"), "is none of the files")],
)
def test_bad_usage_ends_with_2(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    ended = run(tmp_path, *more)
    assert ended.code == 2
    assert said in ended.err


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    people = written(tmp_path, "people.csv", LISTS["people.csv"])
    ended = pilothouse("coverage", "--people", people, "--evidence", people, "--needs", people, "--at", "2026-11-02", "--out", tmp_path)  # fmt: skip
    assert ended.code == 2
    assert "would be overwritten" in ended.err


SESSIONS = "session,skill,level,day,hours,places,assessor\nS1,vent,1,2026-11-10,2,5,\nS2,vent,2,2026-11-12,3.5,2,\nS3,vent,2,2026-11-20,1,0,\n"
PLAN = ("training", "plan")


def test_a_plan_closes_the_shortage_in_the_fewest_hours(tmp_path: Path) -> None:
    sessions = written(tmp_path, "sessions.csv", SESSIONS)
    plan = str(tmp_path / "plan.csv")
    ended = run(tmp_path, "--sessions", sessions, "--hours", 40, "--json", command=PLAN, out=plan)
    assert ended.code == 0
    assert header(Path(plan)) == ",".join(TRAINING.columns)
    assert table(Path(plan)) == [{"session": "S2", "person": "Ben", "closes": "1"}]
    assert json.loads(ended.out) == {"closed": 1, "left": 0, "hours": 3.5, "bound": 1, "gap": 0.0, "horizon": "2026-11-21"}  # fmt: skip
    assert "1 place of shortage closed, 0 left, by 1 person in 1 session and 3.5 person-hours" in ended.err
    assert "No plan can close more." in ended.err


def test_a_plan_goes_to_standard_output_alone(tmp_path: Path) -> None:
    sessions = written(tmp_path, "sessions.csv", SESSIONS)
    ended = run(tmp_path, "--sessions", sessions, "--hours", 3, command=PLAN, out="-")
    assert (ended.code, ended.out) == (0, "session,person,closes\n")
    assert run(tmp_path, "--sessions", sessions, "--hours", 3, "--json", command=PLAN, out="-").code == 2


def test_sessions_that_cannot_be_are_named_beside_the_plan(tmp_path: Path) -> None:
    sessions = written(tmp_path, "sessions.csv", SESSIONS + "S2,vent,1,2026-11-10,2,5,\nS4,vent,1,,2,5,\nS5,vent,1,2026-11-10,2,-5,\nS6,vent,1,2026-10-10,2,5,\n")  # fmt: skip
    ended = run(tmp_path, "--sessions", sessions, "--hours", 40, "--at", "2026-11-02", command=PLAN, out=str(tmp_path / "plan.csv"))  # fmt: skip
    assert ended.code == 1
    rows = table(tmp_path / "plan.rejected.csv")
    assert [(row["row"], row["problem"]) for row in rows] == [
        ("4", "this session stands in an earlier row already"),
        ("5", "no day of the session"),
        ("6", "this is no number of places"),
        ("7", "this session is over on the reference day"),
    ]


def given(demo: Demo) -> list[object]:
    """The lists of a demo's training folder as options."""
    folder = demo.folder / "training"
    options: list[object] = []
    for name in ("people", "needs", "skills", "roster", "absences", "meanings"):
        options += [f"--{name}", folder / f"{name}.csv"]
    for name in ("evidence.csv", "statements.json", "badges"):
        options += ["--evidence", folder / name]
    return options


def test_the_demos_holes_and_wrong_evidence_are_what_is_found(demo: Demo, tmp_path: Path) -> None:
    assert pilothouse("coverage", *given(demo), "--at", "2026-11-02", "--out", tmp_path).code == 1
    found = set()
    for row in table(tmp_path / "coverage.csv"):
        need = (row["unit"], row["shift"], row["skill"], row["level"])
        if row["short"] != "0":
            found.add(("short", *need, ""))
        elif row["breaks_on"] and row["breaks_on"] <= "2027-01-31":
            found.add(("breaks", *need, row["breaks_on"]))
        if row["single"]:
            found.add(("single", *need, ""))
    truth = table(demo.folder / "truth" / "training_holes.csv")
    assert found == {(row["hole"], row["unit"], row["shift"], row["skill"], row["level"], row["day"] if row["hole"] == "breaks" else "") for row in truth}  # fmt: skip
    wrong = {(row["row"], row["column"]) for row in table(demo.folder / "truth" / "evidence_wrong.csv")}
    told = {(row["row"], row["column"]) for row in table(tmp_path / "rejected.csv") if row["file"].endswith("evidence.csv")}  # fmt: skip
    assert told == wrong
    documents = table(demo.folder / "truth" / "documents_wrong.csv")
    named = [row["file"] for row in table(tmp_path / "rejected.csv") if row["file"].endswith(".json")]
    assert sorted(Path(name).name for name in named) == sorted(Path(row["file"]).name for row in documents)


def test_help_shows_an_example() -> None:
    assert "Example: pilothouse coverage" in pilothouse("coverage", "--help").out
    assert "Example: pilothouse training plan" in pilothouse("training", "plan", "--help").out


def test_one_workbook_holds_every_list(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in ("people", "evidence", "needs"):
        sheet = book.create_sheet(name)
        for line in LISTS[f"{name}.csv"].splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "book.xlsx")
    sheets = [part for name in ("people", "evidence", "needs") for part in (f"--{name}", f"{tmp_path}/book.xlsx#{name}")]  # fmt: skip
    ended = pilothouse("coverage", *sheets, "--at", "2026-11-02", "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert len(table(tmp_path / "out" / "coverage.csv")) == 2


def test_a_list_of_sessions_of_which_none_can_be_taken_says_why(tmp_path: Path) -> None:
    sessions = written(tmp_path, "sessions.csv", "session,skill,level,day,hours,places,assessor\nS1,pump,1,someday,4,10,\n")  # fmt: skip
    ended = run(tmp_path, "--sessions", sessions, "--hours", "10", command=("training", "plan"), out=str(tmp_path / "plan.csv"))  # fmt: skip
    assert ended.code == 2
    assert "row 1, day: this day cannot be read; expected a day such as 2026-11-02" in ended.err
    assert "or nothing" not in ended.err
