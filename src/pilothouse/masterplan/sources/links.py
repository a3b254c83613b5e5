"""What ties options together: the options that one requires, circles of them, bundles; each fault named."""

from __future__ import annotations

import json
import re

import duckdb
import pyarrow as pa

from pilothouse.imports.checks import Check, failing
from pilothouse.imports.sources import Rejected, Source
from pilothouse.masterplan.sources.fields import OPTIONS

Pairs = list[tuple[int, int]]
"""Rows of an option and of one that it requires."""

_CHECKS = {
    "unknown": Check("requires", "why = 'unknown'", "what it requires is not listed", "item/option of the list of options; several with ; between them"),
    "own": Check("requires", "why = 'own'", "it requires an option of its own item, of which only one may be chosen", "an option of another item"),
    "circle": Check("requires", "why = 'circle'", "the options that it requires lead back to it", "requirements without a circle; what must go together is a bundle"),
    "left out": Check("requires", "why = 'left out'", "what it requires was left out", "the line of what it requires put right"),
    "bundle": Check("bundle", "why = 'bundle'", "another option of its bundle was left out, and a bundle goes whole or not at all", "the line of the other option put right"),
}  # fmt: skip


def requirements(
    con: duckdb.DuckDBPyConnection, options: Source, out: set[int]
) -> tuple[Pairs, list[Rejected]]:
    """Every pair of rows (option, required option), and what is wrong with some; their rows join `out`."""
    rows = con.execute('SELECT "row", item, requires FROM read_options WHERE requires IS NOT NULL ORDER BY "row"').fetchall()  # fmt: skip
    if not rows:
        return [], []
    wanted: list[tuple[int, str, str]] = []
    for row, item, text in rows:
        wanted += [(row, item, one) for one in _divided(text)]
    con.register("wanted_names", pa.table({"name": pa.array([name for _, _, name in wanted], pa.string())}))
    known = {name: (row, item) for name, row, item in con.execute("""SELECT w.name, min(o."row"), min(o.item)
        FROM (SELECT DISTINCT name FROM wanted_names) w JOIN read_options o ON o.item || '/' || o."option" = w.name GROUP BY w.name""").fetchall()}  # fmt: skip
    wrong: dict[int, str] = {}
    pairs: Pairs = []
    for row, item, name in wanted:
        if name not in known:
            wrong.setdefault(row, "unknown")
        elif known[name][1] == item:
            wrong.setdefault(row, "own")
        else:
            pairs.append((row, known[name][0]))
    for row in _in_circles(pairs):
        wrong.setdefault(row, "circle")
    return pairs, _named(con, options, wrong, out)


def ties(con: duckdb.DuckDBPyConnection, options: Source, pairs: Pairs, out: set[int]) -> list[Rejected]:
    """The options that are left out because one that they need, or one of their bundle, was; until nothing changes."""
    members: dict[str, list[int]] = {}
    bundle_of: dict[int, str] = {}
    for row, name in con.execute(
        'SELECT "row", bundle FROM read_options WHERE bundle IS NOT NULL'
    ).fetchall():
        members.setdefault(name, []).append(row)
        bundle_of[row] = name
    dependants: dict[int, list[int]] = {}
    for row, needed in pairs:
        dependants.setdefault(needed, []).append(row)
    wrong: dict[int, str] = {}
    todo = sorted(out)
    while todo:
        gone = todo.pop()
        fresh = [(row, "left out") for row in dependants.get(gone, ())]
        if gone in bundle_of:
            fresh += [(row, "bundle") for row in members.pop(bundle_of[gone], ())]
        for row, why in fresh:
            if row not in out and row not in wrong:
                wrong[row] = why
                todo.append(row)
    return _named(con, options, wrong, out)


def _divided(text: str) -> list[str]:
    """`a/b; c/d` or a JSON array, each item/option without blanks around it."""
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            return [text]
        return [str(one).strip() for one in listed] or [text]
    return [one.strip() for one in re.split(r"[;\n]", text) if one.strip()]


def _in_circles(pairs: Pairs) -> list[int]:
    """The rows that stand on a circle of requirements (Tarjan's components, without recursion)."""
    after: dict[int, list[int]] = {}
    for row, needed in pairs:
        after.setdefault(row, []).append(needed)
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[int] = []
    for root in after:
        if root in index:
            continue
        work = [(root, iter(after.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, children = work[-1]
            child = next(children, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        top = stack.pop()
                        on_stack.discard(top)
                        component.append(top)
                        if top == node:
                            break
                    if len(component) > 1:
                        found += component
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(after.get(child, ()))))
            elif child in on_stack:
                low[node] = min(low[node], index[child])
    return sorted(found)


def _named(
    con: duckdb.DuckDBPyConnection, options: Source, wrong: dict[int, str], out: set[int]
) -> list[Rejected]:
    """The faults as lines of rejected.csv, one a row that is not out already; the rows join `out`."""
    fresh = {row: why for row, why in wrong.items() if row not in out}
    out.update(fresh)
    if not fresh:
        return []
    con.register("faults", pa.table({"fault_row": pa.array(list(fresh), pa.int64()), "why": pa.array(list(fresh.values()), pa.string())}))  # fmt: skip
    con.execute(
        'CREATE OR REPLACE TABLE faulty AS SELECT o.*, why FROM read_options o JOIN faults ON fault_row = "row"'
    )
    return failing(con, options, OPTIONS, "faulty", [_CHECKS[why] for why in dict.fromkeys(fresh.values())])[
        0
    ]
