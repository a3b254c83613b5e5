"""Why and why not: for each option its price at the plan's shadow prices, and what would change the answer.

Thresholds hold at the plan's shadow prices, one change at a time. Source: docs/domains/masterplan.md, "Why and why not".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pilothouse.masterplan.reduced import priced, reduce
from pilothouse.masterplan.rules import Flags, Floats, Ints, Plan, Problem, used

SHOWN_USES = 3


@dataclass(frozen=True, eq=False)
class Names:
    """The texts of a problem: a line an option, the names of bundles and of limits."""

    items: pa.Array
    options: pa.Array
    years: pa.Array
    bundles: Sequence[str]
    limits: Sequence[str]


def explain(con: duckdb.DuckDBPyConnection, problem: Problem, names: Names, plan: Plan, survives: Floats | None = None) -> None:  # fmt: skip
    """Leave the table `plan_lines` (item, option, year, chosen, benefit, price, survives, why), in the problem's order."""
    con.register("lines", _lines(problem, names, plan, survives))
    for statement in (
        files("pilothouse.masterplan").joinpath("sql/why.sql").read_text(encoding="utf-8").split(";\n")
    ):
        if statement.strip():
            con.execute(statement)
    con.unregister("lines")


def limit_rows(problem: Problem, plan: Plan) -> list[tuple[float, float, float]]:
    """For each limit its maximum, what the plan uses of it, and its shadow price."""
    return list(zip(problem.cap.tolist(), used(problem, plan.chosen), plan.price.tolist(), strict=True))


def _lines(problem: Problem, names: Names, plan: Plan, survives: Floats | None) -> pa.Table:
    p, worth = problem, plan.worth
    price = priced(p, plan.price)
    choice, rival = _rivals(p, worth, plan.chosen)
    main, main_price, main_amount = _main_use(p, plan.price)
    short, short_amount, short_left = _short(p, plan.chosen)
    excluded, room = _excluded(p)
    out = np.flatnonzero(excluded == "amount")
    short[out], short_amount[out], short_left[out] = _tightest(p, room, out)
    limits = np.append(np.array(names.limits, object), "")
    rival_option = np.where((choice >= 0) & ~plan.chosen, choice, p.options)
    option_names = np.append(names.options.to_numpy(zero_copy_only=False), "")
    missing = rival - worth
    tied = p.bundle >= 0
    sums = [
        np.bincount(p.bundle[tied], each[tied], len(names.bundles))
        for each in (p.benefit, price + np.where(np.isfinite(rival), np.maximum(rival, 0.0), 0.0))
    ]
    bundles = np.append(np.array(names.bundles, object), "")
    return pa.table(
        {
            "item": names.items, "option": names.options, "year": names.years, "chosen": plan.chosen, "benefit": p.benefit, "price": price,
            "survives": pa.nulls(p.options, pa.float64()) if survives is None else pa.array(survives),
            "committed": p.committed, "must": p.must[p.item], "worth": worth, "rival": rival, "needed": _needed(p, plan.chosen),
            "rival_name": pa.array(option_names[rival_option], pa.string()), "uses": _uses(p, names.limits, plan),
            "main": pa.array(limits[main], pa.string()), "enough": p.benefit + missing,
            "below": main_amount - np.divide(missing, main_price, out=np.full(p.options, np.inf), where=main_price > 0),
            "short_limit": pa.array(limits[short], pa.string()), "short_amount": short_amount, "short_left": short_left,
            "short_max": np.append(p.cap, 0.0)[short], "excluded": pa.array(excluded, pa.string()), "unmet": _unmet(p, names, plan.chosen),
            "bundle": pa.array(bundles[p.bundle], pa.string()), "bundle_benefit": np.append(sums[0], 0.0)[p.bundle], "bundle_price": np.append(sums[1], 0.0)[p.bundle],
        }
    )  # fmt: skip


def _rivals(p: Problem, worth: Floats, chosen: Flags) -> tuple[Ints, Floats]:
    """For each option what its item does now (-1 nothing), and the best worth of what it could do instead."""
    choice = np.full(p.items, -1)
    choice[p.item[chosen]] = np.flatnonzero(chosen)
    best = np.maximum.reduceat(worth, p.start[:-1])
    first = np.flatnonzero(worth == best[p.item])
    top = np.full(p.items, -1)
    top[p.item[first]] = first
    lowered = worth.copy()
    lowered[top] = -np.inf
    second = np.maximum.reduceat(lowered, p.start[:-1])
    other = np.where(np.arange(p.options) == top[p.item], second[p.item], best[p.item])
    none = np.where(p.must, -np.inf, 0.0)[p.item]
    rival = np.maximum(other, none)
    now = np.append(worth, 0.0)[choice][p.item]
    return choice[p.item], np.where(chosen, rival, np.where(np.isfinite(rival), np.maximum(rival, now), now))


def _main_use(p: Problem, prices: Floats) -> tuple[Ints, Floats, Floats]:
    """The use of each option that costs most at the prices: its limit (last place: none), price a unit, amount."""
    cost = prices[p.use_limit] * p.use_amount
    order = np.argsort(cost, kind="stable")
    use = np.full(p.options, -1)
    use[p.use_option[order]] = order
    has = (use >= 0) & (np.append(cost, 0.0)[use] > 0)
    limit = np.where(has, np.append(p.use_limit, p.limits)[use], p.limits)
    return limit, np.append(prices, 0.0)[limit], np.where(has, np.append(p.use_amount, 0.0)[use], 0.0)


def _short(p: Problem, chosen: Flags) -> tuple[Ints, Floats, Floats]:
    """For each option that would not fit in place of what its item does: the limit, what it takes, what is left for it."""
    total = np.array(used(p, chosen))
    item = p.item[p.use_option]
    key = item * p.limits + p.use_limit
    mine = chosen[p.use_option]
    order = np.argsort(key[mine], kind="stable")
    keys, amounts = key[mine][order], p.use_amount[mine][order]
    at = np.minimum(np.searchsorted(keys, key), max(len(keys) - 1, 0))
    own = np.where(keys[at] == key, amounts[at], 0.0) if len(keys) else np.zeros(len(key))
    left = p.cap[p.use_limit] - total[p.use_limit] + own
    lacking = np.flatnonzero((p.use_amount > left * (1 + 1e-12)) & ~mine)
    use = np.full(p.options, -1)
    use[p.use_option[lacking]] = lacking
    return np.append(p.use_limit, p.limits)[use], np.append(p.use_amount, 0.0)[use], np.append(left, 0.0)[use]


def _tightest(p: Problem, room: Floats, options: Ints) -> tuple[Ints, Floats, Floats]:
    """For options that never fit: the limit of which each takes most beyond what the commitments leave."""
    uses = [max(range(int(p.use_start[o]), int(p.use_start[o + 1])), key=lambda use: p.use_amount[use] - room[p.use_limit[use]]) for o in options.tolist()]  # fmt: skip
    at = np.array(uses, np.int64)
    return p.use_limit[at], p.use_amount[at], room[p.use_limit[at]]


def _excluded(p: Problem) -> tuple[npt.NDArray[np.object_], Floats]:
    """For each option why no plan can hold it (item, amount, tie, or nothing); what the commitments leave of each limit."""
    why = np.full(p.options, "", object)
    reduced = reduce(p)
    held = np.bincount(p.item[reduced.forced], minlength=p.items) > 0
    why[~reduced.allowed] = "tie"
    room = p.cap - reduced.used
    tight = ~reduced.allowed[p.use_option] & (p.use_amount > room[p.use_limit] * (1 + 1e-12))
    why[p.use_option[tight]] = "amount"
    why[held[p.item] & ~reduced.forced] = "item"
    return why, room


def _needed(p: Problem, chosen: Flags) -> Flags:
    needed = np.zeros(p.options, bool)
    if len(p.needs):
        needed[p.needs[chosen[p.needs[:, 0]], 1]] = True
    return needed


def _unmet(p: Problem, names: Names, chosen: Flags) -> pa.Array:
    """For each option the first of the options that it requires and the plan has not."""
    unmet = np.full(p.options, "", object)
    if len(p.needs):
        for option, need in p.needs[~chosen[p.needs[:, 1]]][::-1].tolist():
            unmet[option] = f"{names.items[need]}/{names.options[need]}"
    return pa.array(unmet, pa.string())


def _uses(p: Problem, limits: Sequence[str], plan: Plan) -> pa.Array:
    """What each chosen option uses, in words: `12,000 of capital 2028`, the dearest first, three at most."""
    texts = np.full(p.options, "", object)
    for option in np.flatnonzero(plan.chosen).tolist():
        at = range(int(p.use_start[option]), int(p.use_start[option + 1]))
        dearest = sorted(at, key=lambda use: -plan.price[p.use_limit[use]] * p.use_amount[use])
        told = [
            f"{amount_in_words(float(p.use_amount[use]))} of {limits[p.use_limit[use]]}"
            for use in dearest[:SHOWN_USES]
        ]
        more = len(dearest) - SHOWN_USES
        texts[option] = ", ".join(told) + (f" and {more} more" if more > 0 else "")
    return pa.array(texts, pa.string())


def amount_in_words(amount: float) -> str:
    """`12,000`, `0.35`: whole from a hundred on, three digits below."""
    if abs(amount) >= 1e15:
        return f"{amount:.3g}"
    return f"{amount:,.0f}" if abs(amount) >= 100 or amount == round(amount) else f"{amount:.3g}"
