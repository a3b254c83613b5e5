"""How right `expose` is on labelled cases: recall and precision of `affected`, unknown versions called possible."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from pilothouse.equipment.makers import load_names
from pilothouse.exposure.engine import expose
from pilothouse.exposure.sources import load_advisories
from pilothouse.kernel.duck import engine

WORST = {"affected": 3, "possible": 2, "not_affected": 1}


def answers(advisories: Path, cases: Sequence[dict[str, str]]) -> list[str]:
    """For each case the status of its advisory (of its vulnerability, if one is named): the worst line, or `none`."""
    columns = {
        name: [case[name] or None for case in cases] for name in ("maker", "model", "name", "firmware")
    }
    nothing = pa.nulls(len(cases), pa.string())
    table = pa.table({"row": pa.array(range(len(cases)), pa.int64()), "device_id": [case["case"] for case in cases], **columns, "os": nothing, "host": nothing})  # fmt: skip
    with engine() as con:
        con.register("cases", table)
        expose(con, "cases", load_advisories(advisories), load_names())
        lines = con.execute('SELECT "row", advisory, vulnerability, status FROM exposures').fetchall()
    found: dict[tuple[int, str, str], str] = {}
    for row, advisory, vulnerability, status in lines:
        for named in ("", vulnerability):
            present = found.get((row, advisory, named), status)
            found[(row, advisory, named)] = max(present, status, key=WORST.__getitem__)
    return [
        found.get((row, case["advisory"], case["vulnerability"]), "none") for row, case in enumerate(cases)
    ]


def judged(advisories: Path, paths: Sequence[Path]) -> dict[str, float]:
    """cases, recall and precision of `affected`, and the share of expected `possible` that is called so."""
    cases = [case for path in paths for case in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    told = list(zip((case["expected"] for case in cases), answers(advisories, cases), strict=True))
    hits = told.count(("affected", "affected"))
    expected, said = (sum(pair[side] == "affected" for pair in told) for side in (0, 1))
    open_cases = sum(pair[0] == "possible" for pair in told)
    return {"cases": len(cases), "recall": hits / expected, "precision": hits / said, "possible": told.count(("possible", "possible")) / open_cases}  # fmt: skip
