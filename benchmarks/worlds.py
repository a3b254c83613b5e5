"""How well `reconcile` links the demo's four worlds: precision, recall, slips and review load against their truth.

Bars: precision of match 0.995; recall of true pairs in which an identifier survives, by match alone and with review,
by world; recall with review of pairs with one slip; review load at most 5 % of the true pairs. Tuned on seeds up to
10, reported on seeds from 101. Pairs without anything in common are told for orientation: nobody can know them.
"""

from __future__ import annotations

import csv
import json
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import duckdb
import pyarrow as pa

from pilothouse.demo.world import write
from pilothouse.equipment.fields import FIELDS
from pilothouse.imports.loading import load
from pilothouse.imports.sources import Source
from pilothouse.intake.engine import reconcile
from pilothouse.kernel.duck import engine

WORLDS = ("clean", "ordinary", "awful", "lying")
SEEDS = (101, 102, 103)
PRECISION = 0.995
MATCH_RECALL = {"clean": 0.99, "ordinary": 0.985, "awful": 0.98, "lying": 0.95}
REVIEW_RECALL = {"clean": 0.998, "ordinary": 0.998, "awful": 0.998, "lying": 0.985}
SLIP_RECALL = {"clean": 0.9, "ordinary": 0.9, "awful": 0.9, "lying": 0.85}
REVIEW_LOAD = 0.05


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares, 0 to 1, over pairs of rows of different files.

    recall and recall_with_review: of true pairs in which an identifier survives up to spelling; slips: of those whose
    only common identifier has one slip, with review; nothing: of those with nothing in common, with review;
    load: review pairs / true pairs.
    """

    precision: float
    recall: float
    recall_with_review: float
    slips: float
    load: float
    nothing: float


def measure(world: str, devices: int, seed: int) -> Quality:
    """Write a demo, reconcile its three sources, and compare with its truth."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / world
        write(folder, devices=devices, seed=seed, world=world)
        with engine() as con:
            reconcile(con, sources_of(folder))
            return judge(con, folder)


def sources_of(folder: Path) -> list[Source]:
    """A demo's three sources, read as the command reads them."""
    files = json.loads((folder / "demo.json").read_text(encoding="utf-8"))["files"]
    return [
        load(str(folder / files[kind]), ordinal=i, fields=FIELDS)
        for i, kind in enumerate(("cmms", "network", "security"))
    ]


def judge(con: duckdb.DuckDBPyConnection, folder: Path) -> Quality:
    """Compare the table `links` with DIR/truth/pairs.csv."""
    with (folder / "truth" / "pairs.csv").open(encoding="utf-8", newline="") as lines:
        truth = [(str(folder / t["left_file"]), int(t["left_row"]), str(folder / t["right_file"]), int(t["right_row"]), t["common"]) for t in csv.DictReader(lines)]  # fmt: skip
    names = ("left_file", "left_row", "right_file", "right_row", "common")
    con.register("truth", pa.table({name: [row[i] for row in truth] for i, name in enumerate(names)}))
    told = {
        (decision, common): pairs
        for decision, common, pairs in con.execute(
            """SELECT coalesce(l.decision, 'missed'), coalesce(t.common, 'false'), count(*)
               FROM (SELECT * FROM links WHERE left_file <> right_file) l
               FULL JOIN truth t USING (left_file, left_row, right_file, right_row) GROUP BY ALL"""
        ).fetchall()
    }
    con.unregister("truth")

    def count(decisions: Sequence[str], commons: Sequence[str]) -> int:
        return sum(told.get((d, c), 0) for d in decisions for c in commons)

    def share(decisions: Sequence[str], common: str) -> float:
        return count(decisions, [common]) / max(1, count(("match", "review", "missed"), [common]))

    true = ("identifier", "slip", "none")
    return Quality(
        precision=count(["match"], true) / max(1, count(["match"], (*true, "false"))),
        recall=share(["match"], "identifier"),
        recall_with_review=share(["match", "review"], "identifier"),
        slips=share(["match", "review"], "slip"),
        load=count(["review"], (*true, "false")) / max(1, count(("match", "review", "missed"), true)),
        nothing=share(["match", "review"], "none"),
    )


def bench(
    devices: int = 20_000, seeds: Sequence[int] = SEEDS, worlds: Iterable[str] = WORLDS
) -> list[tuple[str, str, str]]:
    """What was measured, the figures (mean and worst over the seeds), and the bar."""
    lines = []
    for world in worlds:
        found = [measure(world, devices, seed) for seed in seeds]
        bars = {"precision": f">= {PRECISION}", "recall": f">= {MATCH_RECALL[world]}", "recall_with_review": f">= {REVIEW_RECALL[world]}", "slips": f">= {SLIP_RECALL[world]}", "load": f"<= {REVIEW_LOAD}", "nothing": ""}  # fmt: skip
        for place, field in enumerate(fields(Quality)):
            values = [astuple(quality)[place] for quality in found]
            worst = max(values) if field.name == "load" else min(values)
            lines.append((f"{world}: {field.name.replace('_', ' ')}", f"{statistics.fmean(values):.4f}, worst {worst:.4f}", bars[field.name]))  # fmt: skip
    return lines
