"""The composed run of `plan` on files: read, plan, compare, draw, explain, then write everything or nothing.

Source: docs/contracts.md, "plan".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np

from pilothouse.core.words import counted, decimal, listed, percent
from pilothouse.home.board.facts import LESS, BoardFacts
from pilothouse.home.board.page import board
from pilothouse.imports import contracts
from pilothouse.imports.fields import Field
from pilothouse.imports.headers import Vocabulary
from pilothouse.imports.rejections import write_rejected
from pilothouse.imports.sources import Rejected, Source
from pilothouse.kernel.duck import engine
from pilothouse.kernel.errors import PilothouseError, UnreadableInput
from pilothouse.kernel.progress import Progress
from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.text import near_it
from pilothouse.kernel.writing import Outputs
from pilothouse.masterplan.conflicts import Clash, clash
from pilothouse.masterplan.draws import Survival, survive
from pilothouse.masterplan.engine import Contradiction, solve
from pilothouse.masterplan.explaining import Names, explain, limit_rows
from pilothouse.masterplan.rules import Floats, Plan, Problem, broken
from pilothouse.masterplan.scenarios import Scenario, changes, less_money, under
from pilothouse.masterplan.sources.fields import LIMITS, OPTIONS, USES
from pilothouse.masterplan.sources.wish import Limits, Wish, criteria, read_limits, read_wish

Read = Callable[[str, int, Sequence[Field], dict[str, str], Progress], Source]
"""Opens one list: path, place on the command line, fields, what `--map` says of it, who listens."""

OUTPUT_FILES = (contracts.PLAN.name, contracts.PLAN_LIMITS.name, contracts.PLAN_SCENARIOS.name, contracts.REJECTED.name, "summary.json", "report.html")  # fmt: skip
"""Every name that a run may write, or take away, in its folder."""


class NoPlan(PilothouseError):
    """What is committed cannot hold together under the limits; the text names the smallest set."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a plan is asked for; files as typed, mapping by file, scenarios as (name, limits file).

    made_at: when the run is made, with a zone. command: as typed, for the report.
    """

    options: str
    uses: str
    limits: str
    out: Path
    made_at: datetime
    scenarios: Sequence[tuple[str, str]] = ()
    mapping: Mapping[str, dict[str, str]] = field(default_factory=dict)
    gap: float = 0.005
    seconds: float = 30.0
    draws: int = 0
    seed: int = 0
    raw: bool = False
    command: str = ""


@dataclass(slots=True)
class Answer:
    """What became of it: what to tell, and what was rejected."""

    told: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def plan(order: Order, read: Read, progress: Progress) -> Answer:
    """Do the whole run and write its files; nothing is written if anything fails.

    Raises NoPlan with the smallest set that cannot hold together, and UnreadableInput.
    """
    answer = Answer()
    with engine() as con:
        wish, others = _wish(con, order, read, progress, answer)
        found = _solved(wish, wish.problem, wish.limits, "", order, progress)
        survival = _drawn(wish, wish.problem, found, "", order, progress)
        scenarios = [_scenario(wish, limits, name, order, progress) for name, limits in others]
        facts = BoardFacts(wish, found, survival, tuple(scenarios), _less(wish, order, progress), order.made_at, order.command, len(answer.rejected))  # fmt: skip
        progress.step("Explaining")
        explain(con, wish.problem, _names(wish), found, np.round(survival.share, 4) if survival else None)
        with Outputs(order.out, raw=order.raw) as outputs:
            outputs.table(
                contracts.PLAN.name, con.sql(_IN_FILE_ORDER).to_arrow_table(), contracts.PLAN.columns
            )
            outputs.rows(contracts.PLAN_LIMITS.name, _limits(wish, found), contracts.PLAN_LIMITS.columns)
            if scenarios:
                outputs.rows(contracts.PLAN_SCENARIOS.name, _compared(wish, found, scenarios), contracts.PLAN_SCENARIOS.columns)  # fmt: skip
            else:
                outputs.absent(contracts.PLAN_SCENARIOS.name)
            outputs.text("summary.json", json.dumps(_summary(facts), indent=2, ensure_ascii=False) + "\n")
            progress.step("Writing the report")
            outputs.text("report.html", board(con, facts))
            write_rejected(outputs, answer.rejected)
        answer.told += _told(facts)
    return answer


_IN_FILE_ORDER = "SELECT p.* FROM plan_lines p POSITIONAL JOIN wish_rows r ORDER BY r.row"


# --- Reading -------------------------------------------------------------------------------------------------


def _wish(con: duckdb.DuckDBPyConnection, order: Order, read: Read, progress: Progress, answer: Answer) -> tuple[Wish, list[tuple[str, Limits]]]:  # fmt: skip
    columns = open_table(order.options, Vocabulary(OPTIONS).best).columns
    options = read(
        order.options, 0, (*OPTIONS, *criteria(columns)), order.mapping.get(order.options, {}), progress
    )
    uses = read(order.uses, 1, USES, order.mapping.get(order.uses, {}), progress)
    source = read(order.limits, 2, LIMITS, order.mapping.get(order.limits, {}), progress)
    progress.step("Checking the lists")
    limits, refused = read_limits(con, source)
    wish, more = read_wish(con, options, uses, limits)
    told = [*options.rejected, *uses.rejected, *source.rejected, *refused, *more]
    others = []
    for place, (name, file) in enumerate(order.scenarios, 3):
        listed_ = read(file, place, LIMITS, order.mapping.get(file, {}), progress)
        other, refused = read_limits(con, listed_)
        told += [*listed_.rejected, *refused]
        others.append((name, _aligned(limits, other, name, file)))
    place_of = {file: place for place, file in enumerate([order.options, order.uses, order.limits])}
    answer.rejected += sorted(told, key=lambda one: (place_of.get(one.file, 9), one.file, one.row or 0))
    con.register("wish_rows", wish.table.select(["row"]))
    return wish, others


def _aligned(base: Limits, other: Limits, name: str, file: str) -> Limits:
    """The scenario's limits in the order of the base's. Raises UnreadableInput unless both have the same limits."""
    caps = dict(zip(other.names, other.cap.tolist(), strict=True))
    unknown = [one for one in other.names if one not in base.names]
    if unknown:
        raise UnreadableInput(f"{file}: scenario {name} names a limit that the base list has not: {unknown[0]!r}{near_it(unknown[0], base.names)}")  # fmt: skip
    missing = [one for one in base.names if one not in caps]
    if missing:
        raise UnreadableInput(f"{file}: scenario {name} has no line that can be taken for {listed(missing[:5])}; a scenario lists every limit")  # fmt: skip
    return Limits(base.names, np.array([caps[one] for one in base.names], float), base.years, base.kinds)


def _names(wish: Wish) -> Names:
    text = {name: wish.table[name].combine_chunks() for name in ("item", "option", "year")}
    return Names(text["item"], text["option"], text["year"], wish.bundles, wish.limits.names)


# --- Planning ------------------------------------------------------------------------------------------------


def _solved(wish: Wish, problem: Problem, limits: Limits, scenario: str, order: Order, progress: Progress) -> Plan:  # fmt: skip
    """The plan, checked once more before anything is written of it. Raises NoPlan with the smallest clash."""
    try:
        found = solve(problem, gap=order.gap, seconds=order.seconds, progress=progress)
    except Contradiction:
        progress.step("Looking for what cannot hold together")
        raise NoPlan(_clash_in_words(wish, limits, clash(problem), scenario)) from None
    if wrong := broken(problem, found.chosen):
        raise AssertionError(f"the plan breaks {wrong[:3]}")
    return found


def _drawn(wish: Wish, problem: Problem, found: Plan, scenario: str, order: Order, progress: Progress) -> Survival | None:  # fmt: skip
    if not order.draws:
        return None
    progress.step(f"Moving the weights{f', {scenario}' if scenario else ''}", total=order.draws)
    return survive(problem, found, wish.parts, order.draws, order.seed, progress)


def _scenario(wish: Wish, limits: Limits, name: str, order: Order, progress: Progress) -> Scenario:
    """A plan under the scenario's limits; that there is none is an answer too."""
    problem = under(wish.problem, limits.cap)
    try:
        found = _solved(wish, problem, limits, name, order, progress)
    except NoPlan as none:
        return Scenario(name, problem, None, None, str(none))
    return Scenario(name, problem, found, _drawn(wish, problem, found, name, order, progress))


def _less(wish: Wish, order: Order, progress: Progress) -> Scenario | None:
    """The plan with a tenth less of all money; None if no limit says that it is money."""
    problem = less_money(wish.problem, wish.limits.kinds, LESS)
    if problem is None:
        return None
    limits = Limits(wish.limits.names, problem.cap, wish.limits.years, wish.limits.kinds)
    name = f"{percent(LESS)} less money"
    try:
        return Scenario(name, problem, _solved(wish, problem, limits, name, order, progress))
    except NoPlan as none:
        return Scenario(name, problem, None, None, str(none))


def _clash_in_words(wish: Wish, limits: Limits, found: Clash | None, scenario: str) -> str:
    begin = f"{scenario}: " if scenario else ""
    if found is None:
        return f"{begin}no plan was found in the time; give it more with --seconds"
    table, problem = wish.table, wish.problem
    parts = []
    for kind, place in found.wishes:
        if kind == "committed":
            parts.append(
                f"{table['item'][place]}/{table['option'][place]} is committed (row {table['row'][place]})"
            )
        elif kind == "must":
            parts.append(f"{table['item'][int(problem.start[place])]} must have an option")
        else:
            parts.append(f"{limits.names[place]} is at most {_number(float(limits.cap[place]))}")
    which = (
        "the smallest set that cannot hold together" if found.is_smallest else "these cannot hold together"
    )
    return f"{begin}there is no plan; {which}: {listed(parts)}"


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount == round(amount) and abs(amount) < 1e15 else f"{amount:,.6g}"


# --- Writing -------------------------------------------------------------------------------------------------


def _limits(wish: Wish, found: Plan) -> Iterator[tuple[object, ...]]:
    limits = wish.limits
    for name, year, kind, row in zip(limits.names, limits.years, limits.kinds, limit_rows(wish.problem, found), strict=True):  # fmt: skip
        yield (name, year, kind, *row)


def _compared(wish: Wish, base: Plan, scenarios: Sequence[Scenario]) -> Iterator[tuple[object, ...]]:
    """Item by item: every option that the base plan or the scenario's chooses."""
    rows = wish.table["row"].to_numpy()
    names = [wish.table[name].to_pylist() for name in ("item", "option", "year")]
    for scenario in scenarios:
        if scenario.plan is None:
            continue
        either = np.flatnonzero(base.chosen | scenario.plan.chosen)
        share: Floats | None = scenario.survival.share if scenario.survival else None
        for o in either[np.argsort(rows[either], kind="stable")].tolist():
            yield (scenario.name, *(texts[o] for texts in names), bool(base.chosen[o]), bool(scenario.plan.chosen[o]), float(wish.problem.benefit[o]), None if share is None else round(float(share[o]), 4))  # fmt: skip


def _summary(facts: BoardFacts) -> dict[str, object]:
    problem = facts.wish.problem
    told: dict[str, object] = {**_of(facts.plan), "items": problem.items, "options": problem.options}
    if facts.survival:
        told["draws"] = facts.survival.draws
    if facts.scenarios:
        told["scenarios"] = [{"name": one.name, **_of(one.plan), "changed_items": changes(problem, facts.plan.chosen, one.plan.chosen).items} if one.plan else {"name": one.name, "status": "infeasible", "why": one.problem_text} for one in facts.scenarios]  # fmt: skip
    return told


def _of(found: Plan) -> dict[str, object]:
    return {"benefit": found.benefit, "bound": found.bound, "gap": found.gap, "seconds": round(found.seconds, 3), "status": found.status}  # fmt: skip


def _told(facts: BoardFacts) -> list[str]:
    wish, found = facts.wish, facts.plan
    lines = [f"{counted(int(found.chosen.sum()), 'option')} of {counted(wish.problem.options, 'option')} chosen: {decimal(found.benefit)} points; no plan has more than {decimal(found.bound)} (gap {percent(found.gap)}), after {found.seconds:.1f} s."]  # fmt: skip
    for one in (*facts.scenarios, *((facts.less,) if facts.less else ())):
        if one.plan is None:
            lines.append(f"{one.name}: {one.problem_text}")
        else:
            differ = changes(wish.problem, found.chosen, one.plan.chosen).items
            lines.append(
                f"{one.name}: {decimal(one.plan.benefit)} points; {counted(differ, 'item')} in another way."
            )
    if facts.survival:
        kept = facts.survival.share[found.chosen]
        lines.append(f"{counted(int((kept >= 0.9).sum()), 'chosen option')} of {len(kept):,} stay chosen in 90 % or more of {counted(facts.survival.draws, 'draw')}.")  # fmt: skip
    return lines
