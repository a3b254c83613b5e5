"""The board paper: money and risk by year, what is in, what is out and why, and how sure the plan is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from pilothouse.core import words
from pilothouse.core.grid import Cell, Column, Grid, View
from pilothouse.core.page import Part, Place, Shell, drawn, table
from pilothouse.home.board import figures
from pilothouse.home.board.facts import LESS, BoardFacts

TEMPLATES = Path(__file__).parent / "templates"
MOST_ROWS = 100_000
TITLE = "Plan for the board"


def board(con: duckdb.DuckDBPyConnection, facts: BoardFacts) -> str:
    """The page as text; con: the table plan_lines and the rows of the list."""
    less_lines, less_items = figures.changed(facts, facts.less) if facts.less else ([], 0)
    limits = figures.limits(facts)
    context = {
        "years": figures.by_year(con, facts),
        "has_money": any(line.money for line in figures.by_year(con, facts)),
        "money_kind": figures.money_kind(facts),
        "short": [line for line in limits if line.is_short],
        "ample": [line for line in limits if not line.is_short],
        "chosen": figures.chosen(con),
        "chosen_n": int(facts.plan.chosen.sum()),
        "left_out": figures.left_out(con),
        "scenarios": figures.compared(facts),
        "less": facts.less,
        "less_share": words.percent(LESS),
        "less_said": _less_said(facts, less_items),
        "less_lines": less_lines,
        "less_more": less_items - len(less_lines),
        "survival": figures.survival_said(facts),
        "wavering": figures.wavering(con) if facts.survival else [],
        "waiting": figures.waiting(con) if facts.survival else [],
        "sure": figures.status_said(facts),
        "made": _made(facts),
        "grid": table(_grid(con, facts), "Every option, chosen first"),
    }
    made = words.moment(facts.made_at)
    shell = Shell(
        title=TITLE,
        dated=f"Made {made}",
        foot=f"Pilothouse. {TITLE}. Made {made}.",
        opening=_opening(facts),
        places=_places(facts),
    )
    return drawn(shell, TEMPLATES, "board/page.html", context)


def _opening(facts: BoardFacts) -> tuple[Part, ...]:
    """At most 40 words with the page's numbers."""
    plan, problem = facts.plan, facts.wish.problem
    chosen = int(plan.chosen.sum())
    items = len({int(i) for i in problem.item[plan.chosen]})
    parts = [
        Part(f"{words.count(chosen)} of {words.counted(problem.options, 'option')}", "options", (("chosen", "yes"),)),
        Part(f", for {words.count(items)} of {words.counted(problem.items, 'item')}, {'removes' if chosen == 1 else 'remove'} "),
        Part(f"{figures.points(plan.benefit)} points", "years"),
        Part(" of risk. "),
    ]  # fmt: skip
    if plan.status == "optimal":
        parts.append(Part("No plan within these limits removes more.", "sure"))
    else:
        parts += [
            Part("No plan removes more than "),
            Part(f"{figures.points(plan.bound)}", "sure"),
            Part("."),
        ]
    return tuple(parts)


def _places(facts: BoardFacts) -> tuple[Place, ...]:
    every = [
        Place("years", "By year"), Place("in", "What is in", words.count(int(facts.plan.chosen.sum()))), Place("out", "What is out, and why"),
        Place("limits", "Limits", words.count(facts.wish.problem.limits)),
        *([Place("less", "With less money")] if facts.less else []),
        *([Place("scenarios", "Scenarios", words.count(len(facts.scenarios)))] if facts.scenarios else []),
        *([Place("survives", "If weights move")] if facts.survival else []),
        Place("sure", "How sure this is"), Place("options", "Every option", words.count(facts.wish.problem.options)), Place("made", "How this was made"),
    ]  # fmt: skip
    return tuple(every)


def _less_said(facts: BoardFacts, items: int) -> str:
    less = facts.less
    if less is None:
        return ""
    if less.plan is None:
        return less.problem_text
    apart = facts.plan.benefit - less.plan.benefit
    return f"With {words.percent(LESS)} less of every limit that is money the plan removes {figures.points(less.plan.benefit)} points, {figures.points(max(apart, 0.0))} fewer ({words.percent(max(apart, 0.0), facts.plan.benefit)}); {words.counted(items, 'item')} would be treated in another way."  # fmt: skip


def _made(facts: BoardFacts) -> list[tuple[str, str]]:
    told = [
        ("Check", "Before it was written, a second program added up every limit from the lists and looked for broken bundles, requirements and commitments. It found none."),
        ("Points", "The benefits are those of the list; points are as good as the judgements behind them."),
        ("Shadow prices", "What one more unit of a limit would add, at the margin, if options could be divided. Thresholds change one thing at a time."),
    ]  # fmt: skip
    if facts.rejected:
        told.append(("Left out", f"{words.counted(facts.rejected, 'row')} of the lists could not be taken; they stand in rejected.csv with the reason."))  # fmt: skip
    if facts.command:
        told.append(("Command", facts.command))
    return told


_COLUMNS = (
    Column("item", "Item"), Column("option", "Option"), Column("year", "Year", filter=True), Column("chosen", "Chosen", filter=True),
    Column("benefit", "Points"), Column("price", "Price of its uses"), Column("survives", "Survives, %"), Column("why", "Why"),
)  # fmt: skip


def _grid(con: duckdb.DuckDBPyConnection, facts: BoardFacts) -> Grid:
    rows = con.sql(f"""SELECT item, "option", CASE WHEN year = '' THEN 'any' ELSE year END AS year, chosen, round(benefit, 2) AS benefit, round(price, 2) AS price,
        round(100 * survives, 1) AS survives, why FROM plan_lines ORDER BY chosen DESC, plan_lines.benefit DESC, item, "option" LIMIT {MOST_ROWS}""").to_arrow_table()  # fmt: skip
    total = facts.wish.problem.options
    chosen = int(facts.plan.chosen.sum())
    views = (View("Every option", {}, rows.num_rows), View("Chosen", {"chosen": "yes"}, min(chosen, MOST_ROWS)), View("Not chosen", {"chosen": "no"}, rows.num_rows - min(chosen, MOST_ROWS)))  # fmt: skip
    survives = (Cell("percent", "Survives", ("survives",), 8, "hide"),) if facts.survival else ()
    columns = tuple(column for column in _COLUMNS if facts.survival or column.key != "survives")
    cells = (
        Cell("thing", "Item", ("item", "option"), 30, "top"), Cell("text", "Year", ("year",), 7, "row"), Cell("text", "Chosen", ("chosen",), 8, "end"),
        Cell("number", "Points", ("benefit",), 9, "hide"), *survives, Cell("words", "Why", ("why",), 38 if survives else 46, "row"),
    )  # fmt: skip
    return Grid("options", "option", "plan.csv", _plain(rows), columns, cells, search="Search in options", views=views, lines=2, total=total)  # fmt: skip


def _plain(rows: pa.Table) -> pa.Table:
    return rows.combine_chunks()
