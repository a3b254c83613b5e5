"""The buyer's page: one HTML file that asks nothing of anyone, made from the scorecards of a list of receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pilothouse.core import words
from pilothouse.core.grid import Cell, Column, Grid
from pilothouse.core.page import Part, Place, Shell, Tab, drawn, table
from pilothouse.home.suppliers import pictures
from pilothouse.home.suppliers.cards import MOST_CARDS, Card, Row, by_chance, cards, expected_bad, most_worse
from pilothouse.home.suppliers.facts import ALL, Line, Quarters, ScoreFacts, bad_items, lines, quarters
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.parts.rates import RATES, Rate
from pilothouse.parts.watching import RUN

TEMPLATES = Path(__file__).parent / "templates"
MOST_ALARMS = 25
TABS = (Tab("worse", "Worse", "warn"), Tab("alarms", "Alarms", "clock"), Tab("funnels", "Funnels", "filter"), Tab("cards", "Suppliers", "list"))  # fmt: skip


def report(con: duckdb.DuckDBPyConnection, scores: pa.Table, facts: ScoreFacts, *, progress: Progress = SILENT) -> str:  # fmt: skip
    """The page as text.

    scores: the table of `engine.score`. con: as `score` and then `share` left it (`judged`, `shared_counts`), with the
    list itself as `read_receipts`.
    """
    progress.step("Writing the report")
    con.execute(f"SET VARIABLE reference_day = DATE '{facts.at.isoformat()}'")
    told, by_quarter, (bad, every) = lines(scores), quarters(con), bad_items(con)
    return page(told, by_quarter, bad, every, facts)


def page(told: Sequence[Line], by_quarter: Quarters, bad: pa.Table, every: int, facts: ScoreFacts) -> str:
    """The page from what `report` gathered. every: bad items there are, of which `bad` are the newest."""
    names = sorted({line.supplier for line in told})
    anchors = {name: f"supplier-{place}" for place, name in enumerate(_carded(told, names), 1)}
    expected = expected_bad(told)
    worse, likely = most_worse(told, anchors)
    alarmed = [(line.alarm, line) for line in told if line.alarm]
    alarms = [line for _, line in sorted(alarmed, key=lambda one: (one[0], one[1].worse or 0), reverse=True)]
    sheets = cards(told, by_quarter, bad, anchors, expected)
    context: dict[str, Any] = {
        "facts": facts,
        "day": words.day(facts.at),
        "worse": worse,
        "likely": likely,
        "worse_left": likely - sum(len(one.rows) for one in worse),
        "alarms": [_Alarm(Row(line, None, anchor=anchors.get(line.supplier, "")), _RATES[line.rate]) for line in alarms[:MOST_ALARMS]],
        "alarms_in_all": len(alarms),
        "chance": by_chance(told),
        "run": words.count(RUN),
        "funnels": _funnels(names, anchors, expected),
        "trends": [one for rate in RATES if (one := pictures.trend(rate, by_quarter.names, by_quarter.counts.get((ALL, rate.name), {})))],
        "by_quarter": _by_quarter(by_quarter),
        "rates": RATES,
        "grid": table(_grid(bad, every), "Bad items, newest first") if bad.num_rows else "",
        "few": _few(told),
        "cards": sheets,
        "uncarded": len(names) - len(sheets),
        "made": words.moment(facts.made_at),
    }  # fmt: skip
    shell = Shell(
        title="What the suppliers' parts did",
        dated=f"As of {words.day(facts.at)}",
        foot=f"Pilothouse. Suppliers' scorecards as of {words.day(facts.at)}. Made {words.moment(facts.made_at)}.",
        opening=_opening(len(names), likely, len(alarms), facts),
        places=_places(likely, len(alarms), every, sheets),
        tabs=TABS if told else (),
    )
    return drawn(shell, TEMPLATES, "suppliers/page.html", context)


_RATES = {rate.name: rate for rate in RATES}


@dataclass(frozen=True, slots=True)
class _Alarm:
    row: Row
    rate: Rate


def _carded(told: Sequence[Line], names: Sequence[str]) -> list[str]:
    """The suppliers that have a sheet: all, or those with the most items received."""
    if len(names) <= MOST_CARDS:
        return list(names)
    received = dict.fromkeys(names, 0)
    for line in told:
        if line.rate == "reject":
            received[line.supplier] += line.n
    return sorted(sorted(names, key=lambda name: -received[name])[:MOST_CARDS])


def _opening(suppliers: int, likely: int, alarms: int, facts: ScoreFacts) -> tuple[Part, ...]:
    if not suppliers:
        return (Part("No receipt could be scored."),)
    parts = [Part(f"{words.counted(facts.receipts, 'receipt')} of "), Part(words.counted(suppliers, "supplier"), "cards")]  # fmt: skip
    parts += [Part(": "), Part(words.counted(likely, "rate"), "worse"), Part(f" {words.are(likely)} most likely worse than the median of the same group, ")]  # fmt: skip
    parts += [Part(words.counted(alarms, "series", "series"), "alarms"), Part(" raised an alarm")]
    if facts.alike:
        parts.append(Part(f", {words.counted(facts.alike, 'pair')} of spellings may be one supplier"))
    return (*parts, Part("."))


def _places(likely: int, alarms: int, events: int, sheets: Sequence[Card]) -> tuple[Place, ...]:
    return (
        Place("worse", "Most likely worse", words.count(likely)),
        Place("alarms", "Alarms", words.count(alarms)),
        Place("funnels", "Funnels"),
        Place("trend", "By quarter"),
        Place("events", "Bad items", words.count(events)),
        Place("limits", "What this cannot say"),
        Place("cards", "Scorecards", words.count(len(sheets))),
    )


def _funnels(names: Sequence[str], anchors: dict[str, str], expected: dict[tuple[str, str], tuple[int, float, int]]) -> list[pictures.Funnel]:  # fmt: skip
    found = []
    for rate in RATES:
        told = [(name, anchors.get(name, ""), *expected[name, rate.name][:2]) for name in names if (name, rate.name) in expected]  # fmt: skip
        drawn_funnel = pictures.funnel(rate, told)
        if drawn_funnel:
            found.append(drawn_funnel)
    return found


def _by_quarter(by_quarter: Quarters) -> list[tuple[str, list[str]]]:
    """The trend as a table: for each quarter every rate with its count."""
    rows = []
    for place, name in enumerate(by_quarter.names):
        cells = []
        for rate in RATES:
            n, x = by_quarter.counts.get((ALL, rate.name), {}).get(place, (0, 0))
            cells.append(f"{pictures.rate_text(x / n)} % of {words.count(n)}" if n else "no item")
        rows.append((name, cells))
    return rows


def _grid(bad: pa.Table, every: int) -> Grid:
    day = pa.array([str(value) for value in bad["day"].to_pylist()], pa.string())
    shown = bad.select(["supplier", "what", "kind", "group", "receipt", "part"]).append_column("day", day)
    columns = (
        Column("day", "Day"),
        Column("supplier", "Supplier", filter=True),
        Column("kind", "Kind", filter=True),
        Column("what", "What"),
        Column("group", "Group", filter=True),
        Column("receipt", "Receipt", code=True),
        Column("part", "Part", code=True),
    )
    cells = (
        Cell("text", "Supplier", ("supplier",), 24, "top"),
        Cell("text", "Day", ("day",), 11, "row"),
        Cell("text", "What", ("what",), 22, "row"),
        Cell("text", "Group", ("group",), 22, "row"),
        Cell("code", "Receipt", ("receipt",), 11, "end"),
        Cell("code", "Part", ("part",), 10, "end"),
    )
    return Grid("bad", "bad item", "the list of receipts", shown, columns, cells, total=every)


def _few(told: Sequence[Line]) -> str:
    """How many lines stand on hardly anything."""
    known = [line.n for line in told if line.n]
    if not known:
        return ""
    few = sum(n < 30 for n in known)
    return f"{words.count(few)} of {words.counted(len(known), 'line')} stand on fewer than 30 items."
