"""The composed run of `plan` on files: read, plan, compare, draw, explain, then write everything or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pilothouse.core.words import counted, decimal, listed, percent
from pilothouse.imports import contracts
from pilothouse.imports.fields import Field
from pilothouse.imports.headers import Vocabulary
from pilothouse.imports.rejections import write_rejected
from pilothouse.imports.sources import Rejected, Source
from pilothouse.kernel.duck import engine
from pilothouse.kernel.errors import PilothouseError
from pilothouse.kernel.progress import Progress
from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.writing import Outputs
from pilothouse.masterplan.conflicts import Clash, clash
from pilothouse.masterplan.engine import Contradiction, solve
from pilothouse.masterplan.explaining import Names, explain, limit_rows
from pilothouse.masterplan.rules import Plan, broken
from pilothouse.masterplan.sources.fields import LIMITS, OPTIONS, USES
from pilothouse.masterplan.sources.wish import Limits, Wish, criteria, read_limits, read_wish

Read = Callable[[str, int, Sequence[Field], dict[str, str], Progress], Source]


class NoPlan(PilothouseError):
    """What is committed cannot hold together under the limits; the text names the smallest set."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a plan is asked for; files as typed, mapping by file, scenarios as (name, limits file)."""

    options: str
    uses: str
    limits: str
    out: Path
    scenarios: Sequence[tuple[str, str]]
    mapping: Mapping[str, dict[str, str]]
    gap: float
    seconds: float
    draws: int
    seed: int
    raw: bool


@dataclass(slots=True)
class Answer:
    """What became of it: what to tell, and what was rejected."""

    told: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def plan(order: Order, read: Read, progress: Progress) -> Answer:
    """Do the whole run and write its files; nothing is written if anything fails."""
    answer = Answer()
    with engine() as con:
        wish = _wish(con, order, read, progress, answer)
        found = _solved(wish, wish.limits, "", order, progress)
        names = _names(wish)
        progress.step("Explaining")
        explain(con, wish.problem, names, found)
        with Outputs(order.out, raw=order.raw) as outputs:
            lines = con.sql(_IN_FILE_ORDER).to_arrow_table()
            outputs.table(contracts.PLAN.name, lines, contracts.PLAN.columns)
            outputs.rows(contracts.PLAN_LIMITS.name, _limits(wish.limits, wish, found), contracts.PLAN_LIMITS.columns)
            outputs.text("summary.json", json.dumps(_summary(wish, found), indent=2) + "\n")
            write_rejected(outputs, answer.rejected)
        answer.told.append(_told(wish, found))
    return answer


_IN_FILE_ORDER = "SELECT p.* FROM plan_lines p POSITIONAL JOIN wish_rows r ORDER BY r.row"


def _wish(con: duckdb.DuckDBPyConnection, order: Order, read: Read, progress: Progress, answer: Answer) -> Wish:
    columns = open_table(order.options, Vocabulary(OPTIONS).best).columns
    options = read(order.options, 0, (*OPTIONS, *criteria(columns)), order.mapping.get(order.options, {}), progress)
    uses = read(order.uses, 1, USES, order.mapping.get(order.uses, {}), progress)
    source = read(order.limits, 2, LIMITS, order.mapping.get(order.limits, {}), progress)
    progress.step("Checking the lists")
    limits, refused = read_limits(con, source)
    wish, more = read_wish(con, options, uses, limits)
    answer.rejected += sorted([*options.rejected, *uses.rejected, *source.rejected, *refused, *more], key=lambda one: (one.file, one.row or 0))  # fmt: skip
    con.register("wish_rows", wish.table.select(["row"]))
    return wish


def _names(wish: Wish) -> Names:
    text = {name: wish.table[name].combine_chunks() for name in ("item", "option", "year")}
    return Names(text["item"], text["option"], text["year"], wish.bundles, wish.limits.names)


def _solved(wish: Wish, limits: Limits, scenario: str, order: Order, progress: Progress) -> Plan:
    """The plan, checked once more before anything is written of it. Raises NoPlan with the smallest clash."""
    try:
        found = solve(wish.problem, gap=order.gap, seconds=order.seconds, progress=progress)
    except Contradiction:
        progress.step("Looking for what cannot hold together")
        raise NoPlan(_clash_in_words(wish, limits, clash(wish.problem), scenario)) from None
    if wrong := broken(wish.problem, found.chosen):
        raise AssertionError(f"the plan breaks {wrong[:3]}")
    return found


def _clash_in_words(wish: Wish, limits: Limits, found: Clash | None, scenario: str) -> str:
    begin = f"scenario {scenario}: " if scenario else ""
    if found is None:
        return f"{begin}no plan was found in the time; give it more with --seconds"
    table, problem = wish.table, wish.problem
    parts = []
    for kind, place in found.wishes:
        if kind == "committed":
            parts.append(f"{table['item'][place]}/{table['option'][place]} is committed (row {table['row'][place]})")
        elif kind == "must":
            first = int(problem.start[place])
            parts.append(f"{table['item'][first]} must have an option")
        else:
            parts.append(f"{limits.names[place]} is at most {decimal(float(limits.cap[place]), 2)}")
    which = "the smallest set that cannot hold together" if found.is_smallest else "these cannot hold together"
    return f"{begin}there is no plan; {which}: {listed(parts)}"


def _limits(limits: Limits, wish: Wish, found: Plan) -> list[tuple[object, ...]]:
    rows = limit_rows(wish.problem, found)
    return [(name, year, kind, *row) for name, year, kind, row in zip(limits.names, limits.years, limits.kinds, rows, strict=True)]  # fmt: skip


def _summary(wish: Wish, found: Plan) -> dict[str, object]:
    return {"benefit": found.benefit, "bound": found.bound, "gap": found.gap, "seconds": round(found.seconds, 3), "status": found.status, "items": wish.problem.items, "options": wish.problem.options}  # fmt: skip


def _told(wish: Wish, found: Plan) -> str:
    return f"{counted(int(found.chosen.sum()), 'option')} of {counted(wish.problem.items, 'item')} chosen: {decimal(found.benefit)} points; no plan has more than {decimal(found.bound)} ({percent(found.gap)} more at most), after {found.seconds:.1f} s."  # fmt: skip


