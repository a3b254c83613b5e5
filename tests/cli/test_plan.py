"""`pilothouse plan` as the contract says: files in, files out, exit codes, words on standard error."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pilothouse.imports.contracts import PLAN, PLAN_LIMITS, PLAN_SCENARIOS, REJECTED
from tests.cli.running import Ended, header, pilothouse, table, written

OPTIONS = """item,option,year,benefit,must,bundle,requires,committed
MRI-1,replace,2027,120,,,,
MRI-1,upgrade,2027,70,,,,
PUMP-W3,replace,2027,41,,pumps,,
PUMP-W4,replace,2027,39,,pumps,NET/segment,
NET,segment,2027,15,,,,
VENT-9,repair,2027,12,yes,,,
VENT-9,replace,2028,30,,,,
TRAIN-ICU,train,2027,8.5,,,,yes
BED-1,replace,2027,3,,,,
"""
USES = """item,option,limit,amount
MRI-1,replace,capital 2027,900000
MRI-1,upgrade,capital 2027,300000
PUMP-W3,replace,capital 2027,120000
PUMP-W4,replace,capital 2027,110000
NET,segment,capital 2027,40000
NET,segment,hours 2027,80
VENT-9,repair,hours 2027,12
VENT-9,replace,capital 2028,45000
TRAIN-ICU,train,hours 2027,20.5
BED-1,replace,capital 2027,31000
"""
LIMITS = """limit,max,year,kind
capital 2027,600000,2027,USD
capital 2028,700000,2028,USD
hours 2027,150,2027,h
"""


def planned(
    folder: Path, options: str = OPTIONS, uses: str = USES, limits: str = LIMITS, *more: object
) -> Ended:
    lists = [written(folder, f"{name}.csv", text) for name, text in (("options", options), ("uses", uses), ("limits", limits))]  # fmt: skip
    return pilothouse("plan", lists[0], "--uses", lists[1], "--limits", lists[2], "--out", folder / "out", "--gap", "0", *more)  # fmt: skip


def test_the_files_are_those_of_the_contract(tmp_path: Path) -> None:
    ended = planned(tmp_path)
    assert (ended.code, ended.out) == (0, ""), ended.err
    out = tmp_path / "out"
    assert header(out / "plan.csv") == ",".join(PLAN.columns)
    assert header(out / "limits.csv") == ",".join(PLAN_LIMITS.columns)
    assert sorted(path.name for path in out.iterdir()) == [
        "limits.csv",
        "plan.csv",
        "report.html",
        "summary.json",
    ]
    told = json.loads((out / "summary.json").read_text())
    assert list(told) == ["benefit", "bound", "gap", "seconds", "status", "items", "options"]
    assert (told["benefit"], told["bound"], told["status"], told["items"], told["options"]) == (203.5, 203.5, "optimal", 7, 9)  # fmt: skip


def test_lines_stand_in_the_lists_order_and_each_says_why(tmp_path: Path) -> None:
    planned(tmp_path)
    rows = table(tmp_path / "out" / "plan.csv")
    assert [(row["item"], row["option"]) for row in rows] == [tuple(line.split(",")[:2]) for line in OPTIONS.splitlines()[1:]]  # fmt: skip
    chosen = {f"{row['item']}/{row['option']}" for row in rows if row["chosen"] == "yes"}
    assert chosen == {"MRI-1/upgrade", "PUMP-W3/replace", "PUMP-W4/replace", "NET/segment", "VENT-9/replace", "TRAIN-ICU/train"}  # fmt: skip
    why = {f"{row['item']}/{row['option']}": row["why"] for row in rows}
    assert why["MRI-1/replace"] == "excluded: takes 900,000 of capital 2027, of which there are 600,000"
    assert why["TRAIN-ICU/train"] == "committed: chosen whatever it costs"
    assert why["PUMP-W3/replace"].startswith(
        "chosen with bundle pumps: removes 41 points for 120,000 of capital 2027"
    )
    assert "takes 31,000 of capital 2027 where 30,000 are left" in why["BED-1/replace"] or "would be chosen from" in why["BED-1/replace"]  # fmt: skip


def test_limits_say_what_is_used_and_what_more_would_bring(tmp_path: Path) -> None:
    tight = LIMITS.replace("600000", "560000")
    planned(tmp_path, limits=tight)
    rows = table(tmp_path / "out" / "limits.csv")
    assert [(row["limit"], float(row["max"])) for row in rows] == [("capital 2027", 560000.0), ("capital 2028", 700000.0), ("hours 2027", 150.0)]  # fmt: skip
    assert all(float(row["used"]) <= float(row["max"]) for row in rows)
    assert float(rows[0]["shadow_price"]) > 0
    assert float(rows[1]["shadow_price"]) == 0


def test_a_threshold_holds_when_it_is_tried(tmp_path: Path) -> None:
    """What would be chosen from so many points is chosen with them, and not with fewer."""
    options = "item,option,year,benefit\n" + "".join(f"D{i},replace,2027,{40 - i}\n" for i in range(30))
    uses = "item,option,limit,amount\n" + "".join(f"D{i},replace,money,{10 + i % 3}\n" for i in range(30))
    planned(tmp_path, options, uses, "limit,max,year,kind\nmoney,100,2027,USD\n")
    row = next(
        row for row in table(tmp_path / "out" / "plan.csv") if row["chosen"] == "no" and "from" in row["why"]
    )
    said = re.search(r"from ([\d.]+) points", row["why"])
    assert said
    for points, chosen in ((float(said[1]) + 4, "yes"), (float(said[1]) - 4, "no")):
        changed = options.replace(f"{row['item']},replace,2027,{row['benefit']}\n", f"{row['item']},replace,2027,{points}\n")  # fmt: skip
        planned(tmp_path, changed, uses, "limit,max,year,kind\nmoney,100,2027,USD\n")
        after = next(r for r in table(tmp_path / "out" / "plan.csv") if r["item"] == row["item"])
        assert after["chosen"] == chosen


BAD_OPTIONS = {
    ",replace,2027,5,,,,": "no item is named",
    "X1,,2027,5,,,,": "no option is named",
    "MRI-1,upgrade,2027,70,,,,": "this item has several options of this name",
    "X2,replace,2027,NaN,,,,": "this is no number",
    "X3,replace,2027,inf,,,,": "this is no number",
    "X4,replace,2027,,,,,": "no benefit is given",
    "X5,replace,soon,5,,,,": "this is no year",
    "X6,replace,2027,5,perhaps,,,": "this is neither yes nor no",
    "X7,replace,2027,5,,,MRI-9/replace,": "what it requires is not listed",
    "X8,replace,2027,5,,,,": "no use of a limit is listed, so what it takes is not known",
    "X9,one,2027,5,,,X9/two,": "it requires an option of its own item, of which only one may be chosen",
    "C1,a,2027,5,,,C2/a,": "the options that it requires lead back to it",
    "C2,a,2027,5,,,C1/a,": "the options that it requires lead back to it",
    "X10,a,2027,5,,,X2/replace,": "what it requires was left out",
    "X11,a,2027,5,,lot,,": "another option of its bundle was left out, and a bundle goes whole or not at all",
    "X12,a,2027,much,,lot,,": "this is no number",
}  # fmt: skip


def test_each_bad_option_is_named_with_its_row_and_left_out(tmp_path: Path) -> None:
    good = OPTIONS + "X9,two,2027,5,,,,\n"
    free = [line.split(",")[:2] for line in BAD_OPTIONS if not line.startswith((",", "X1,", "X8", "MRI"))]
    uses = (
        USES + "X9,two,hours 2027,1\n" + "".join(f"{item},{option},hours 2027,1\n" for item, option in free)
    )
    ended = planned(tmp_path, good + "\n".join(BAD_OPTIONS) + "\n", uses)
    assert ended.code == 1
    rows = table(tmp_path / "out" / "rejected.csv")
    assert header(tmp_path / "out" / "rejected.csv") == ",".join(REJECTED.columns)
    named = {int(row["row"]): row["problem"] for row in rows if row["file"].endswith("options.csv")}
    first = len(good.splitlines())
    assert [named.pop(first + at) for at in range(len(BAD_OPTIONS))] == list(BAD_OPTIONS.values())
    assert named == {2: "this item has several options of this name"}
    left = {(row["item"], row["option"]) for row in table(tmp_path / "out" / "plan.csv")}
    assert ("MRI-1", "upgrade") not in left
    assert ("X9", "two") in left


BAD_USES = {
    "MRI-1,upgrade,capital 2099,5": "this limit does not exist, or was rejected",
    "GHOST,replace,capital 2027,5": "no option of this item is listed",
    "MRI-1,ghost,capital 2027,5": "this item has no such option",
    "BED-1,replace,hours 2027,-3": "an amount below zero",
    "NET,segment,hours 2027,1e999": "this is no number",
}  # fmt: skip


def test_each_bad_use_is_named_and_its_option_is_not_planned(tmp_path: Path) -> None:
    uses = USES.replace("NET,segment,hours 2027,80\n", "") + "\n".join(BAD_USES) + "\n"
    ended = planned(tmp_path, uses=uses)
    assert ended.code == 1
    rows = table(tmp_path / "out" / "rejected.csv")
    told = [(int(row["row"]), row["problem"]) for row in rows if row["file"].endswith("uses.csv")]
    assert told == [(len(uses.splitlines()) - len(BAD_USES) + at, problem) for at, problem in enumerate(BAD_USES.values())]  # fmt: skip
    left = {row["item"] + "/" + row["option"] for row in table(tmp_path / "out" / "plan.csv")}
    # NET went with its use, PUMP-W4 required it, PUMP-W3 is of its bundle.
    assert left == {"MRI-1/replace", "VENT-9/repair", "VENT-9/replace", "TRAIN-ICU/train"}


@pytest.mark.parametrize(("line", "problem"), [("capital 2027,5,2027,USD", "several limits have this name"), ("x,-5,2027,USD", "a maximum below zero"), ("y,NaN,2027,USD", "this is no number"), (",5,2027,USD", "no limit is named"), ("z,5,soon,USD", "this is no year")])  # fmt: skip
def test_a_bad_limit_is_named(tmp_path: Path, line: str, problem: str) -> None:
    ended = planned(tmp_path, limits=LIMITS + line + "\n")
    assert ended.code == 1
    rows = [row for row in table(tmp_path / "out" / "rejected.csv") if row["file"].endswith("limits.csv")]
    assert (rows[-1]["row"], rows[-1]["problem"]) == ("4", problem)


@pytest.mark.parametrize("name", ["options", "uses", "limits"])
def test_an_empty_list_is_bad_usage(tmp_path: Path, name: str) -> None:
    text = {"options": OPTIONS, "uses": USES, "limits": LIMITS}
    text[name] = text[name].splitlines()[0] + "\n"
    ended = planned(tmp_path, text["options"], text["uses"], text["limits"])
    assert ended.code == 2
    assert not (tmp_path / "out").exists()
    assert f"{name}.csv" in ended.err


def test_commitments_that_cannot_hold_together_are_named(tmp_path: Path) -> None:
    options = OPTIONS.replace("MRI-1,replace,2027,120,,,,", "MRI-1,replace,2027,120,,,,yes")
    ended = planned(tmp_path, options)
    assert ended.code == 2
    assert "the smallest set that cannot hold together: MRI-1/replace is committed (row 1) and capital 2027 is at most 600,000" in ended.err  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_two_commitments_for_one_item_are_named_without_a_limit(tmp_path: Path) -> None:
    options = OPTIONS.replace("VENT-9,repair,2027,12,yes,,,", "VENT-9,repair,2027,12,yes,,,yes").replace("VENT-9,replace,2028,30,,,,", "VENT-9,replace,2028,30,,,,yes")  # fmt: skip
    ended = planned(tmp_path, options)
    assert ended.code == 2
    assert ended.err.rstrip().endswith(
        "VENT-9/repair is committed (row 6) and VENT-9/replace is committed (row 7)"
    )


def test_scenarios_stand_side_by_side(tmp_path: Path) -> None:
    more = written(tmp_path, "more.csv", LIMITS.replace("600000", "1300000"))
    none = written(tmp_path, "none.csv", LIMITS.replace("150", "5"))
    ended = planned(tmp_path, OPTIONS, USES, LIMITS, "--scenario", f"more={more}", "--scenario", f"no hours={none}", "--draws", 10)  # fmt: skip
    assert ended.code == 0, ended.err
    out = tmp_path / "out"
    assert header(out / "scenarios.csv") == ",".join(PLAN_SCENARIOS.columns)
    rows = [row for row in table(out / "scenarios.csv") if row["scenario"] == "more"]
    mri = {row["option"]: (row["base"], row["chosen"]) for row in rows if row["item"] == "MRI-1"}
    assert mri == {"upgrade": ("yes", "no"), "replace": ("no", "yes")}
    told = json.loads((out / "summary.json").read_text())
    assert [one["status"] for one in told["scenarios"]] == ["optimal", "infeasible"]
    assert "TRAIN-ICU/train is committed" in told["scenarios"][1]["why"]
    assert all(0 <= float(row["survives"]) <= 1 for row in table(out / "plan.csv"))
    assert "Scenarios side by side" in (out / "report.html").read_text()


def test_a_scenario_with_other_limits_is_bad_usage(tmp_path: Path) -> None:
    short = written(tmp_path, "short.csv", "\n".join(LIMITS.splitlines()[:3]) + "\n")
    ended = planned(tmp_path, OPTIONS, USES, LIMITS, "--scenario", f"short={short}")
    assert ended.code == 2
    assert "hours 2027" in ended.err


def test_columns_of_points_must_add_up(tmp_path: Path) -> None:
    options = "item,option,year,benefit,points age,points security\nA,x,2027,10,4,6\nB,x,2027,10,4,5\n"
    ended = planned(tmp_path, options, "item,option,limit,amount\nA,x,capital 2027,1\nB,x,capital 2027,1\n")
    assert ended.code == 1
    assert "the parts of the benefit do not add up to it" in ended.err


@pytest.mark.parametrize("arguments", [("--gap", "2"), ("--draws", "-1"), ("--scenario", "nameless"), ("--seconds", "0")])  # fmt: skip
def test_bad_usage_ends_with_2(tmp_path: Path, arguments: tuple[str, str]) -> None:
    assert planned(tmp_path, OPTIONS, USES, LIMITS, *arguments).code == 2


def test_help_shows_an_example() -> None:
    ended = pilothouse("plan", "--help")
    assert ended.code == 0
    assert "Example: pilothouse plan" in ended.out


def test_numbers_of_any_size_come_through(tmp_path: Path) -> None:
    options = "item,option,benefit\nA,x,1e12\nB,x,0.001\nC,x,0.00001\n"
    uses = "item,option,limit,amount\nA,x,m,1e15\nB,x,m,0.00001\nC,x,m,0.00002\n"
    ended = planned(tmp_path, options, uses, "limit,max\nm,1000000000000001\n")
    assert ended.code == 0, ended.err
    rows = table(tmp_path / "out" / "plan.csv")
    assert [(row["chosen"], float(row["benefit"])) for row in rows] == [("yes", 1e12), ("yes", 0.001), ("yes", 0.00001)]  # fmt: skip


@pytest.mark.parametrize("use", ["GONE,replace,capital 2027,1", "MRI-1,gone,capital 2027,1"])
def test_a_use_of_an_option_that_is_not_listed_is_named_and_the_rest_is_planned(
    tmp_path: Path, use: str
) -> None:
    ended = planned(tmp_path, OPTIONS, f"{USES}{use}\n")
    assert ended.code == 1, ended.err
    assert [row["row"] for row in table(tmp_path / "out" / "rejected.csv")] == ["11"]
    assert len(table(tmp_path / "out" / "plan.csv")) == 9


def test_a_committed_option_that_cannot_be_taken_ends_the_run_instead_of_vanishing(tmp_path: Path) -> None:
    ended = planned(tmp_path, OPTIONS, f"{USES}TRAIN-ICU,train,no such limit,1\n")
    assert ended.code == 2
    assert "committed" in ended.err
    assert "row 8" in ended.err
    assert "row 11, limit: this limit does not exist" in ended.err
    assert not (tmp_path / "out").exists()


def test_an_item_that_must_have_an_option_and_has_none_left_ends_the_run(tmp_path: Path) -> None:
    uses = f"{USES}VENT-9,repair,no such limit,1\nVENT-9,replace,no such limit,1\n"
    assert planned(tmp_path, OPTIONS, uses).code == 2


def test_a_list_of_which_nothing_can_be_taken_says_why(tmp_path: Path) -> None:
    ended = planned(tmp_path, OPTIONS, USES, "limit,max,year,kind\ncapital 2027,-1,2027,USD\n")
    assert ended.code == 2
    assert "row 1, max: a maximum below zero" in ended.err


@pytest.mark.parametrize("seconds", ["nan", "inf"])
def test_a_time_without_an_end_is_refused(tmp_path: Path, seconds: str) -> None:
    assert planned(tmp_path, OPTIONS, USES, LIMITS, "--seconds", seconds).code == 2
