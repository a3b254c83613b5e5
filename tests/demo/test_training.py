"""Nine hundred people and sixty skills: the holes told in the truth are those that the records show."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from pilothouse.demo.chain import chain_of
from pilothouse.demo.places import UNITS
from pilothouse.demo.training.holdings import WITHOUT_SUPER_USER
from pilothouse.demo.training.write import write_training
from tests.demo.judging import Judge
from tests.demo.reading import table

AS_OF = date(2026, 11, 2)
Line = dict[str, str]


def written(demo: Path, people: int, seed: int = 7) -> Path:
    (demo / "truth").mkdir(parents=True)
    write_training(demo / "training", demo / "truth", seed=seed, as_of=AS_OF, count=people)
    return demo


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everyone, as a demo of 2,500 devices has them."""
    return written(tmp_path_factory.mktemp("demo"), 900)


@pytest.fixture(scope="module")
def judge(folder: Path) -> Judge:
    return Judge(folder / "training")


def key(line: Line) -> tuple[str, str, str, str]:
    return line["unit"], line["shift"], line["skill"], line["level"]


def holes(folder: Path, kind: str) -> dict[tuple[str, str, str, str], Line]:
    return {key(line): line for line in table(folder / "truth" / "training_holes.csv") if line["hole"] == kind}  # fmt: skip


def test_the_sizes_are_those_stated(folder: Path) -> None:
    training = folder / "training"
    assert len({line["person"] for line in table(training / "people.csv")}) == 900
    assert len(table(training / "skills.csv")) == 60
    assert {line["unit"] for line in table(training / "needs.csv")} == {unit.key for unit in UNITS}
    assert len(table(training / "evidence.csv")) > 8000
    assert len(table(training / "sessions.csv")) > 60


def test_the_holes_in_the_truth_are_those_of_the_records(folder: Path, judge: Judge) -> None:
    assert found(judge) == told(folder)


def found(judge: Judge) -> set[tuple[str, ...]]:
    """Every hole that the records show: the need, its kind and day, how many are needed and how many there are."""
    shown: set[tuple[str, ...]] = set()
    for need in judge.needs:
        verdict = judge.verdict(need, AS_OF)
        counts = (str(verdict.needed), str(len(verdict.holders)))
        if verdict.single:
            shown.add((*key(need), "single", "", *counts))
        day = judge.breaks(need, AS_OF, 90)
        if verdict.short:
            shown.add((*key(need), "short", "", *counts))
        elif day is not None:
            shown.add((*key(need), "breaks", str(day), *counts))
    return shown


def told(folder: Path) -> set[tuple[str, ...]]:
    return {(*key(line), line["hole"], line["day"], line["needed"], line["have"]) for line in table(folder / "truth" / "training_holes.csv")}  # fmt: skip


def test_most_needs_are_met_and_a_believable_part_is_not(folder: Path, judge: Judge) -> None:
    needs = len(judge.needs)
    assert 0.08 * needs < len(holes(folder, "short")) < 0.16 * needs
    assert 0.05 * needs < len(holes(folder, "breaks")) < 0.13 * needs
    assert 0.03 * needs < len(holes(folder, "single")) < 0.12 * needs


def test_there_are_night_shifts_with_one_holder_and_a_unit_without_a_super_user(folder: Path, judge: Judge) -> None:  # fmt: skip
    assert any(line["shift"] == "night" for line in holes(folder, "single").values())
    super_user = [need for need in judge.needs if need["unit"] == WITHOUT_SUPER_USER and need["level"] == "3"]
    assert super_user
    assert not any(judge.verdict(need, AS_OF).holders for need in super_user)


def test_evidence_runs_out_in_clusters(folder: Path) -> None:
    days = [line["day"] for line in holes(folder, "breaks").values()]
    assert min(days) > str(AS_OF)
    assert max(days) <= str(AS_OF + timedelta(days=90))


def test_the_on_call_roster_ends_within_the_week(folder: Path, judge: Judge) -> None:
    on_call = [need for need in judge.needs if need["shift"] == "night" and need["skill"].startswith("Repair")]  # fmt: skip
    assert {need["unit"] for need in on_call} == {"NGH-ICU", "NGH-CCU"}
    for need in on_call:
        assert judge.breaks(need, AS_OF, 90) == AS_OF + timedelta(days=5)


def test_every_line_that_does_not_count_is_told(folder: Path, judge: Judge) -> None:
    wrong = {int(line["row"]) for line in table(folder / "truth" / "evidence_wrong.csv")}
    assert len(wrong) >= 15
    for row, line in enumerate(table(folder / "training" / "evidence.csv"), 1):
        never = not judge.readable(line) or judge.ends(line) <= date.fromisoformat(line["got"])
        if line["kind"] != "declaration":
            never = never or not judge.entitled(line)
        assert never == (row in wrong), row


def test_people_of_the_chain_of_command_take_part(folder: Path) -> None:
    files, staff = chain_of(7, AS_OF)
    names = {person.key: person.name for person in staff.hired}
    roles = {line["person"]: line for line in table(folder / "truth" / "staff.csv")}
    charge = [line[0] for line in files.appointments if line[1] == "CN-NGH-ICU" and line[2] == "holder"]
    assert [roles[person]["role"] for person in charge] == ["charge nurse"]
    assert {line[1] for line in files.roster if line[0] == "HTM-NGH"} <= roles.keys()
    assert len(names.keys() & roles.keys()) > 60
    assert all(roles[person]["name"] == names[person] for person in names.keys() & roles.keys())
    assert len({line["name"] for line in roles.values()}) == len(roles)


def test_a_session_is_on_offer_for_what_is_short(folder: Path) -> None:
    offered = {(line["skill"], line["level"]) for line in table(folder / "training" / "sessions.csv")}
    assert {(skill, level) for _, _, skill, level in holes(folder, "short")} <= offered
    assert all(line["day"] > str(AS_OF) for line in table(folder / "training" / "sessions.csv"))


@pytest.mark.parametrize(("people", "seed"), [(150, 3), (400, 4)])
def test_smaller_staffs_are_asked_less_and_have_the_same_kinds_of_holes(tmp_path: Path, people: int, seed: int) -> None:  # fmt: skip
    demo = written(tmp_path / "demo", people, seed)
    judge = Judge(demo / "training")
    assert found(judge) == told(demo)
    assert 0.05 * len(judge.needs) < len(holes(demo, "short")) < 0.2 * len(judge.needs)
    assert len({line["person"] for line in table(demo / "training" / "people.csv")}) == people


def test_statements_and_badges_renew_what_their_people_hold_anyway(folder: Path, judge: Judge) -> None:
    training = folder / "training"
    meanings = {line["seen"]: line for line in table(training / "meanings.csv")}
    beyond = AS_OF + timedelta(days=90)
    statements = json.loads((training / "statements.json").read_text(encoding="utf-8"))
    assert len({one["id"] for one in statements}) == 12
    for one in statements:
        said = {
            name.rsplit("/", 1)[1]: value for name, value in one["object"]["definition"]["extensions"].items()
        }
        person, assessor = one["actor"]["account"]["name"], one["context"]["instructor"]["account"]["name"]
        assert judge.holds(person, said["skill"], said["level"], beyond)
        assert judge.holds(assessor, said["skill"], 4, AS_OF)
    badges = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((training / "badges").iterdir())
    ]
    assert len(badges) == 6
    for one in badges:
        skill = meanings[one["credentialSubject"]["achievement"]["id"]]
        person = meanings[one["credentialSubject"]["identifier"][0]["identityHash"]]
        assert judge.holds(person["means"], skill["means"], int(skill["level"]), beyond)


def test_documents_that_are_no_evidence_are_told(folder: Path) -> None:
    training = folder / "training"
    told = [(line["file"], line["what"]) for line in table(folder / "truth" / "documents_wrong.csv")]
    statements = json.loads((training / "statements.json").read_text(encoding="utf-8"))
    failed = [one for one in statements if one["verb"]["id"].endswith("failed") or "timestamp" not in one]
    unsigned = [
        path for path in (training / "badges").iterdir() if "proof" not in json.loads(path.read_text())
    ]
    assert len(failed) == sum(file == "statements.json" for file, _ in told) == 2
    assert [f"badges/{path.name}" for path in unsigned] == [
        file for file, _ in told if file != "statements.json"
    ]
