"""`pilothouse suppliers` as the contract says: files in, files out, exit codes, words on standard error."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.imports.contracts import (
    CHOICE,
    COUNTS,
    REJECTED,
    SCORECARDS,
    SIMILAR,
    SPARES,
    scorecards_layout,
)

HEADER = "receipt,supplier,part,category,condition,price,ordered,promised,received,installed,outcome,outcome_on,device,support_calls,support_hours,support_solved,cancelled"  # fmt: skip
GOOD = (
    "R1,Acme,P1,board,new,100,2026-01-01,2026-01-10,2026-01-09,2026-01-20,ok,,D1,1,2,yes,",
    "R2,Acme,P1,board,new,100,2026-01-01,2026-01-10,2026-01-11,2026-01-20,failed,2026-02-01,D1,,,,",
    "R3,Best,P1,board,new,100,2026-01-01,2026-01-10,2026-01-11,,doa,,D1,,,,",
    "R4,Best,P1,board,new,100,2026-01-01,2026-01-10,,,,,,,,,",
)


def suppliers(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pilothouse", "suppliers", *map(str, arguments)], capture_output=True, text=True, check=False)  # fmt: skip


def table(path: Path) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    text = path.read_text(encoding="utf-8")
    header = next(csv.reader(text.splitlines()))
    return tuple(header), list(csv.DictReader(text.splitlines()))


def write(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return write(tmp_path / "receipts.csv", *GOOD)


def test_scorecards_have_the_contracts_columns_and_a_line_for_each_rate(events: Path, tmp_path: Path) -> None:
    run = suppliers("score", events, "--out", tmp_path / "out", "--at", "2026-11-01")
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    header, rows = table(tmp_path / "out" / "scorecards.csv")
    assert header == SCORECARDS.columns
    assert [(row["supplier"], row["rate"], row["n"], row["x"]) for row in rows] == [
        ("Acme", "doa", "2", "0"), ("Acme", "early30", "2", "1"), ("Acme", "early90", "2", "1"), ("Acme", "reject", "2", "0"), ("Acme", "on_time", "2", "1"), ("Acme", "support", "1", "1"),
        ("Best", "doa", "1", "1"), ("Best", "early30", "0", "0"), ("Best", "early90", "0", "0"), ("Best", "reject", "1", "0"), ("Best", "on_time", "2", "0"), ("Best", "support", "0", "0"),
    ]  # fmt: skip
    assert not (tmp_path / "out" / "rejected.csv").exists()
    assert "4 receipts of 2 suppliers" in run.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "4 receipts of 2 suppliers" in page
    assert page.count('class="sec pad long sheet-of"') == 2


BAD = {
    "R1,Best,P1,board,new,10,,,2026-01-11,,ok,,,,,,": "this receipt stands in an earlier row already",
    ",Best,P1,board,new,10,,,2026-01-11,,ok,,,,,,": "no receipt is named",
    "B3,,P1,board,new,10,,,2026-01-11,,ok,,,,,,": "no supplier is named",
    "B4,Best,P1,,new,10,,,2026-01-11,,ok,,,,,,": "no category is named",
    "B5,Best,P1,board,good,10,,,2026-01-11,,ok,,,,,,": "this is no condition",
    "B6,Best,P1,board,new,10,,,2026-01-11,,broken,,,,,,": "this is no outcome",
    "B7,Best,P1,board,new,10,,,,,,,,,,,": "neither received nor promised",
    "B8,Best,P1,board,new,10,,2026-01-01,,,ok,,,,,,": "installed or tested but not received",
    "B9,Best,P1,board,new,10,2026-02-01,,2026-01-11,,ok,,,,,,": "received before it was ordered",
    "B10,Best,P1,board,new,10,,,2026-01-11,2026-01-10,ok,,,,,,": "installed before it was received",
    "B11,Best,P1,board,new,10,,,2026-01-11,2026-01-20,failed,2026-01-15,,,,,": "failed before it was installed",
    "B12,Best,P1,board,new,-10,,,2026-01-11,,ok,,,,,,": "a price below zero; the record is kept without its price",
    "B13,Best,P1,board,new,10,,,2026-01-11,,failed,2026-02-01,,,,,": "failed without a day of installation; the record is kept without the early failure rates",
    "B15,Best,P1,board,new,10,2026-02-01,2026-03-01,,,,,,,,,2026-01-15": "cancelled before it was ordered",
    "B17,Best,P1,board,new,10,2026-02-01,2026-03-01,,,,,,,,,soon": "whether it was cancelled cannot be told",
    "B14,Best,P1,board,new,10,,,2026-01-11,,ok,,,1,1,maybe,": "this is neither yes nor no; the record is kept without its support",
}  # fmt: skip


def test_each_bad_record_is_named_with_its_row_and_the_exit_code_is_1(tmp_path: Path) -> None:
    cancelled = "C1,Best,P1,board,new,10,2026-02-01,2026-03-01,,,,,,,,,2026-02-15"
    events = write(tmp_path / "receipts.csv", GOOD[0], *BAD, cancelled)
    run = suppliers("score", events, "--out", tmp_path / "out", "--at", "2026-11-01")
    assert run.returncode == 1
    header, rows = table(tmp_path / "out" / "rejected.csv")
    assert header == REJECTED.columns
    assert [(int(row["row"]), row["problem"], row["raw"]) for row in rows] == [(place + 2, problem, line) for place, (line, problem) in enumerate(BAD.items())]  # fmt: skip


def test_a_supplier_spelt_three_ways_is_asked_about_and_not_joined(tmp_path: Path) -> None:
    spelt = ("Nordic Parts", "NORDIC PARTS Inc.", "Nordic Pars", "Other House")
    events = write(tmp_path / "receipts.csv", *(f"R{i},{name},P,board,new,1,,,2026-01-09,,ok,,,,,," for i, name in enumerate(spelt)))  # fmt: skip
    run = suppliers("score", events, "--out", tmp_path / "out")
    assert run.returncode == 0
    header, rows = table(tmp_path / "out" / "similar.csv")
    assert header == SIMILAR.columns
    assert [(row["row"], row["resembles_row"]) for row in rows] == [("2", "1"), ("3", "1"), ("3", "2")]
    assert "Are they one?" in run.stderr
    assert len({row["supplier"] for row in table(tmp_path / "out" / "scorecards.csv")[1]}) == 4


def test_a_supplier_spelt_otherwise_in_the_offers_or_counts_is_asked_about_and_taken_for_new(events: Path, tmp_path: Path) -> None:  # fmt: skip
    offers = write(tmp_path / "offers.csv", "A,ACME Inc.,board,new,1000,20,3,1", "B,Acme,board,new,900,,40,0.5", header="offer,supplier,category,condition,price,freight,lead_days,credit")  # fmt: skip
    run = suppliers("choose", offers, "--events", events, "--downtime-per-day", 100, "--labour", 50, "--out", "-", "--at", "2026-11-01")  # fmt: skip
    assert run.returncode == 0
    assert {row["offer"]: row["n"] for row in csv.DictReader(run.stdout.splitlines())} == {"A": "0", "B": "2"}
    assert "ACME Inc. (the offers) and Acme (receipts)" in run.stderr
    counts = write(tmp_path / "counts.csv", "Acme Ltd,board,new,2026-Q2,doa,10,1", header=",".join(COUNTS.columns))  # fmt: skip
    run = suppliers("score", events, "--out", tmp_path / "out", "--pool", counts, "--at", "2026-11-01")
    assert "Acme Ltd (the counts) and Acme (receipts)" in run.stderr
    assert {row["n_pool"] for row in table(tmp_path / "out" / "scorecards.csv")[1]} == {"0"}


def test_counts_go_out_and_come_in_without_prices_or_names(events: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    assert suppliers("pool", events, "--out", counts, "--at", "2026-11-01").returncode == 0
    header, rows = table(counts)
    assert header == COUNTS.columns
    assert {"supplier": "Acme", "category": "board", "condition": "new", "quarter": "2026-Q1", "rate": "early90", "n": "2", "x": "1"} in rows  # fmt: skip
    run = suppliers("score", events, "--out", tmp_path / "out", "--pool", counts, "--at", "2026-11-01")
    assert run.returncode == 0, run.stderr
    header, rows = table(tmp_path / "out" / "scorecards.csv")
    assert header == scorecards_layout(with_pool=True).columns
    assert (rows[1]["n"], rows[1]["n_pool"], rows[1]["x_pool"]) == ("2", "2", "1")


def test_outside_counts_of_a_quarter_after_the_reference_day_are_not_known_on_it(
    events: Path, tmp_path: Path
) -> None:
    counts = write(tmp_path / "counts.csv", "Acme,board,new,2026-Q2,doa,10,1", "Acme,board,new,2026-Q3,doa,100,50", header=",".join(COUNTS.columns))  # fmt: skip
    run = suppliers("score", events, "--out", tmp_path / "out", "--pool", counts, "--at", "2026-06-30")
    assert run.returncode == 0, run.stderr
    assert table(tmp_path / "out" / "scorecards.csv")[1][0]["n_pool"] == "10"
    assert "1 outside line of quarters after the reference day" in run.stderr


def test_what_no_receipt_tells_is_left_empty_in_the_choice_and_said(tmp_path: Path) -> None:
    events = write(tmp_path / "receipts.csv", "R1,Acme,P1,board,new,1,,2026-01-10,2026-01-09,,,,,,,,")
    offers = write(tmp_path / "offers.csv", "A,Acme,board,new,1000,20,3,1", header="offer,supplier,category,condition,price,freight,lead_days,credit")  # fmt: skip
    run = suppliers("choose", offers, "--events", events, "--downtime-per-day", 10, "--labour", 0, "--out", "-")  # fmt: skip
    assert run.returncode == 0
    row = next(csv.DictReader(run.stdout.splitlines()))
    assert (row["p_doa"], row["p_early90"], row["expected"]) == ("", "", "1050.0")
    assert "no item that tells DOA or early failure: unknown" in run.stderr


def test_outside_counts_that_cannot_be_are_named(events: Path, tmp_path: Path) -> None:
    counts = write(tmp_path / "counts.csv", "Acme,board,new,2026-Q1,doa,10,11", "Acme,board,new,2026-Q1,colour,10,1", header=",".join(COUNTS.columns))  # fmt: skip
    run = suppliers("score", events, "--out", tmp_path / "out", "--pool", counts)
    assert run.returncode == 1
    assert [row["problem"] for row in table(tmp_path / "out" / "rejected.csv")[1]] == ["more were counted than there are", "this is no rate"]  # fmt: skip


def test_offers_are_ranked_and_an_impossible_one_is_refused(events: Path, tmp_path: Path) -> None:
    offers = write(tmp_path / "offers.csv", "A,Acme,board,new,1000,20,3,1", "B,New House,board,new,900,,40,0.5", "C,Acme,board,new,-5,20,3,1", header="offer,supplier,category,condition,price,freight,lead_days,credit")  # fmt: skip
    out = tmp_path / "choice.csv"
    run = suppliers("choose", offers, "--events", events, "--downtime-per-day", 100, "--labour", 50, "--out", out, "--at", "2026-11-01")  # fmt: skip
    assert run.returncode == 1
    header, rows = table(out)
    assert header == CHOICE.columns
    assert [(row["offer"], row["rank"], row["n"]) for row in rows] == [("A", "1", "2"), ("B", "2", "0")]
    assert rows[0]["changes_if"].endswith("then B")
    assert table(tmp_path / "choice.rejected.csv")[1][0]["row"] == "3"


def test_spares_list_the_depot_and_its_places_and_buy_straight_what_it_does_not_hold(tmp_path: Path) -> None:
    demand = write(tmp_path / "demand.csv", "P1,North,4,2,800,1,", "P1,South,8,3,500,0,", "P2,North,2,30,800,3,700", "P3,North,2,30,800,3,", header="part,place,demand_per_year,resupply_days,downtime_per_day,stock,price")  # fmt: skip
    depot = write(tmp_path / "depot.csv", "P1,1500,30,2", header="part,price,lead_days,stock")
    run = suppliers("spares", demand, "--depot", depot, "--holding", 0.2, "--out", "-")
    assert run.returncode == 1
    rows = list(csv.DictReader(run.stdout.splitlines()))
    assert tuple(rows[0]) == SPARES.columns
    assert [(row["part"], row["place"], row["stock_today"]) for row in rows] == [("P1", "depot", "2"), ("P1", "North", "1"), ("P1", "South", "0"), ("P2", "North", "3")]  # fmt: skip
    assert "without a price" in run.stderr


@pytest.mark.parametrize("command", ["score", "choose", "spares", "pool"])
def test_help_shows_an_example(command: str) -> None:
    run = suppliers(command, "--help")
    assert run.returncode == 0
    assert f"Example: pilothouse suppliers {command}" in run.stdout


def test_bad_usage_ends_with_2(events: Path, tmp_path: Path) -> None:
    assert suppliers("score", events, "--out", tmp_path / "out", "--at", "soon").returncode == 2
    assert suppliers("score", tmp_path / "none.csv", "--out", tmp_path / "out").returncode == 2
    assert suppliers("pool", events, "--out", events).returncode == 2
    run = suppliers(
        "score", write(tmp_path / "x.csv", "1,2", header="supplier,price"), "--out", tmp_path / "out"
    )
    assert run.returncode == 2
    assert "no column was recognised for receipt, category, received" in run.stderr


@pytest.mark.parametrize("quarter", ["nonsense", "2026-Q5", "2026-13", ""])
def test_outside_counts_of_no_quarter_are_named_and_not_used(
    events: Path, tmp_path: Path, quarter: str
) -> None:
    header = "supplier,category,condition,quarter,rate,n,x"
    counts = write(tmp_path / "counts.csv", f"Acme,board,new,{quarter},doa,500,400", "Acme,board,new,2026-Q1,doa,9,0", header=header)  # fmt: skip
    run = suppliers("score", events, "--out", tmp_path / "out", "--at", "2026-11-02", "--pool", counts)
    assert run.returncode == 1
    _, rejected = table(tmp_path / "out" / "rejected.csv")
    assert [(row["row"], row["problem"]) for row in rejected if row["file"] == str(counts)] == [("1", "this is no quarter")]  # fmt: skip


def test_the_same_counts_do_not_count_twice(events: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    assert suppliers("pool", events, "--out", counts, "--at", "2026-11-02").returncode == 0
    run = suppliers("score", events, "--out", tmp_path / "out", "--pool", counts, "--pool", tmp_path / "." / "counts.csv")  # fmt: skip
    assert run.returncode == 2
    assert "named twice" in run.stderr
