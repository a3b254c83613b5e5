"""The board paper's lines: by year, limit, option and scenario, with the widths of their bars. Pure but for SQL."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from pilothouse.core.words import MINUS, count, counted, decimal, percent
from pilothouse.home.board.facts import BoardFacts
from pilothouse.masterplan.explaining import amount_in_words, limit_rows
from pilothouse.masterplan.scenarios import Scenario, changes, is_money

MOST_LINES, MOST_CHANGES, SURE, DOUBTFUL = 12, 12, 0.9, 0.5
WITHOUT_YEAR = "without a year"


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year: options chosen, points removed, money used and there; widths in percent of the longest."""

    year: str
    options: int
    points: str
    points_width: float
    money: str
    money_max: str
    money_width: float
    max_width: float


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit: its use in words and as a bar, what is left, and what one percent more of it is worth."""

    name: str
    kind: str
    year: str
    used: str
    cap: str
    share: str
    width: float
    left: str
    worth: str
    is_short: bool


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option with its reason. survives: the share of draws in words, empty without draws; doubtful: under half."""

    item: str
    option: str
    year: str
    benefit: str
    why: str
    survives: str = ""
    width: float = 0.0

    @property
    def spoken(self) -> str:
        """The option with its year, unless its name says it."""
        return _spoken(self.option, self.year)


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """A scenario beside the base: what it brings, how sure, how much of the plan changes."""

    name: str
    benefit: str
    less: str
    gap: str
    options: str
    changed: str
    width: float
    why: str = ""


def points(number: float) -> str:
    """Points with one decimal below a thousand, whole above; the word follows."""
    return decimal(number, 0 if abs(number) >= 1000 else 1)


def by_year(con: duckdb.DuckDBPyConnection, facts: BoardFacts) -> list[YearLine]:
    """Money and risk by year, in the order of the years."""
    rows = con.execute(
        "SELECT year, count(*), sum(benefit) FROM plan_lines WHERE chosen = 'yes' GROUP BY year"
    ).fetchall()
    chosen = {year: (int(n), float(total)) for year, n, total in rows}
    limits = facts.wish.limits
    money: dict[str, tuple[float, float]] = {}
    for year, kind, (cap, used, _) in zip(limits.years, limits.kinds, limit_rows(facts.wish.problem, facts.plan), strict=True):  # fmt: skip
        if is_money(kind):
            cap_before, used_before = money.get(year, (0.0, 0.0))
            money[year] = (cap_before + cap, used_before + used)
    most_points = max((abs(total) for _, total in chosen.values()), default=0.0) or 1.0
    most_money = max((max(pair) for pair in money.values()), default=0.0) or 1.0
    lines = []
    for year in sorted({*chosen, *money}, key=lambda year: (not year, year)):
        n, total = chosen.get(year, (0, 0.0))
        cap, used = money.get(year, (0.0, 0.0))
        has = year in money
        lines.append(YearLine(year or WITHOUT_YEAR, n, points(total), _width(total, most_points), amount_in_words(used) if has else "", amount_in_words(cap) if has else "", _width(used, most_money), _width(cap, most_money)))  # fmt: skip
    return lines


def _width(amount: float, longest: float) -> float:
    return round(max(1.0, 100 * amount / longest), 1) if amount > 0 else 0.0


def money_kind(facts: BoardFacts) -> str:
    """The kind that all limits of money share, such as USD, or empty."""
    kinds = {kind for kind in facts.wish.limits.kinds if is_money(kind)}
    return kinds.pop() if len(kinds) == 1 else ""


def limits(facts: BoardFacts) -> list[LimitLine]:
    """Every limit, in the order of the list."""
    told = facts.wish.limits
    lines = []
    for name, year, kind, (cap, used, price) in zip(told.names, told.years, told.kinds, limit_rows(facts.wish.problem, facts.plan), strict=True):  # fmt: skip
        worth = price * cap / 100
        lines.append(
            LimitLine(
                name=name, kind=kind, year=year, used=amount_in_words(used), cap=amount_in_words(cap), share=percent(used, cap) if cap else "none to use",
                width=min(100.0, _width(used, cap or 1.0)), left=amount_in_words(max(cap - used, 0.0)),
                worth=f"{decimal(worth, 1) if worth >= 0.05 else 'under 0.1'} points" if worth > 1e-12 else "nothing: it is not short", is_short=worth > 1e-12,
            )
        )  # fmt: skip
    return lines


def chosen(con: duckdb.DuckDBPyConnection) -> list[OptionLine]:
    """What is in, most points first."""
    return _options(con, "chosen = 'yes'")


def left_out(con: duckdb.DuckDBPyConnection) -> list[OptionLine]:
    """What is out, items that get nothing first, most points first; one line an item."""
    return _options(
        con,
        "chosen = 'no' AND item NOT IN (SELECT item FROM plan_lines WHERE chosen = 'yes') AND benefit > 0",
    )


def _options(con: duckdb.DuckDBPyConnection, where: str) -> list[OptionLine]:
    rows = con.execute(f"""SELECT item, "option", year, benefit, why, survives FROM plan_lines WHERE {where}
        QUALIFY row_number() OVER (PARTITION BY item ORDER BY benefit DESC, "option") = 1 ORDER BY benefit DESC, item LIMIT {MOST_LINES}""").fetchall()  # fmt: skip
    longest = max((float(row[3]) for row in rows), default=1.0) or 1.0
    return [OptionLine(item, option, year, points(benefit), _clause(why), survived(share), _width(benefit, longest)) for item, option, year, benefit, why, share in rows]  # fmt: skip


def _clause(why: str) -> str:
    """The reason without the word that the part of the page says already."""
    for begin in ("not chosen: ", "chosen: ", "committed: chosen "):
        if why.startswith(begin):
            text = why.removeprefix(begin)
            return f"committed {text}" if begin.startswith("committed") else text
    return why


def survived(share: float | None) -> str:
    return "" if share is None else percent(share)


def wavering(con: duckdb.DuckDBPyConnection) -> list[OptionLine]:
    """The chosen options that the fewest draws choose."""
    rows = con.execute(f"""SELECT item, "option", year, benefit, why, survives FROM plan_lines
        WHERE chosen = 'yes' AND survives < {SURE} ORDER BY survives, benefit DESC, item LIMIT {MOST_LINES}""").fetchall()  # fmt: skip
    return [OptionLine(item, option, year, points(benefit), _clause(why), survived(share), _width(share, 1.0)) for item, option, year, benefit, why, share in rows]  # fmt: skip


def waiting(con: duckdb.DuckDBPyConnection) -> list[OptionLine]:
    """The options left out that many draws would choose."""
    rows = con.execute(f"""SELECT item, "option", year, benefit, why, survives FROM plan_lines
        WHERE chosen = 'no' AND survives >= {DOUBTFUL} ORDER BY survives DESC, benefit DESC, item LIMIT {MOST_LINES}""").fetchall()  # fmt: skip
    return [OptionLine(item, option, year, points(benefit), _clause(why), survived(share), _width(share, 1.0)) for item, option, year, benefit, why, share in rows]  # fmt: skip


def compared(facts: BoardFacts) -> list[ScenarioLine]:
    """The base plan and every scenario, side by side."""
    base = facts.plan
    every = [("this plan", base, ""), *((one.name, one.plan, one.problem_text) for one in (*((facts.less,) if facts.less else ()), *facts.scenarios))]  # fmt: skip
    longest = max((plan.benefit for _, plan, _ in every if plan), default=1.0) or 1.0
    lines = []
    for place, (name, plan, why) in enumerate(every):
        if plan is None:
            lines.append(ScenarioLine(name, "no plan", "", "", "", "", 0.0, why))
            continue
        apart = plan.benefit - base.benefit
        differ = changes(facts.wish.problem, base.chosen, plan.chosen).items
        sign = "+" if apart > 0 else ""
        lines.append(ScenarioLine(name, points(plan.benefit), f"{sign}{points(apart)}" if place else "", percent(plan.gap), count(int(plan.chosen.sum())), count(differ) if place else "", _width(plan.benefit, longest)))  # fmt: skip
    return lines


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What an item does in this plan and in the other one."""

    item: str
    before: str
    after: str
    apart: str


def changed(facts: BoardFacts, other: Scenario) -> tuple[list[ChangeLine], int]:
    """The items that the other plan treats in another way, the largest losses first; and how many there are."""
    if other.plan is None:
        return [], 0
    problem, table = facts.wish.problem, facts.wish.table
    before, after = (_choice(facts, plan) for plan in (facts.plan.chosen, other.plan.chosen))
    items = np.flatnonzero(before != after)
    benefit = np.append(problem.benefit, 0.0)
    apart = benefit[after[items]] - benefit[before[items]]
    order = items[np.argsort(apart, kind="stable")][:MOST_CHANGES]

    def name(option: int) -> str:
        return (
            _spoken(table["option"][option].as_py(), table["year"][option].as_py())
            if option >= 0
            else "nothing"
        )

    lines = [ChangeLine(table["item"][int(problem.start[i])].as_py(), name(int(before[i])), name(int(after[i])), _signed(float(benefit[after[i]] - benefit[before[i]]))) for i in order.tolist()]  # fmt: skip
    return lines, len(items)


def _spoken(option: str, year: str) -> str:
    return option if not year or year in option else f"{option} {year}"


def _signed(number: float) -> str:
    return f"+{points(number)}" if number > 0 else points(number) if number else f"{MINUS}0"


def _choice(facts: BoardFacts, plan: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:  # fmt: skip
    problem = facts.wish.problem
    choice = np.full(problem.items, -1)
    choice[problem.item[plan]] = np.flatnonzero(plan)
    return choice


def status_said(facts: BoardFacts) -> str:
    """How far the plan can be from the best, in plain words."""
    plan = facts.plan
    if plan.status == "optimal":
        return f"No other plan within these limits removes more: this is proven. It took {plan.seconds:.1f} seconds."
    apart = plan.bound - plan.benefit
    end = "The search stopped there, because that was near enough." if plan.status == "within_gap" else "The search stopped because its time was over; more time may find a better plan."  # fmt: skip
    return f"No plan within these limits can remove more than {points(plan.bound)} points. This one removes {points(plan.benefit)}, so at most {points(apart)} points ({percent(plan.gap)}) are left on the table. {end} It took {plan.seconds:.1f} seconds."  # fmt: skip


def survival_said(facts: BoardFacts) -> str:
    """Which choices hold when the weights are moved, in a sentence."""
    if facts.survival is None:
        return ""
    kept = facts.survival.share[facts.plan.chosen]
    sure, doubtful = int((kept >= SURE).sum()), int((kept < DOUBTFUL).sum())
    how = "each criterion's weight between half and double" if facts.wish.parts else "each item's points by up to a quarter, because the list does not divide them by criterion"  # fmt: skip
    return f"In {counted(facts.survival.draws, 'draw')} that moved {how}, {count(sure)} of {counted(len(kept), 'chosen option')} stayed in at least {percent(SURE)}; {count(doubtful)} stayed in fewer than half. The drawn plans are within {percent(facts.survival.gap)} of their bounds on average."  # fmt: skip
