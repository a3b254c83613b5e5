"""Small demo worlds of each kind are linked nearly as well as the bars ask of large ones."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest
from benchmarks.worlds import MATCH_RECALL, PRECISION, REVIEW_LOAD, REVIEW_RECALL, judge, sources_of

from pilothouse.demo.world import write
from pilothouse.imports.sources import Source
from pilothouse.intake.engine import reconcile
from pilothouse.kernel.duck import engine

SMALL_SAMPLE = 0.01
"""Six hundred devices are few: one pair is a thousandth."""


@pytest.mark.parametrize("world", ["clean", "ordinary", "awful", "lying"])
def test_a_small_world_is_linked_as_asked(world: str, tmp_path: Path) -> None:
    folder = tmp_path / world
    write(folder, devices=600, seed=5, world=world, processes=1)
    with engine(memory_mb=500) as con:
        reconcile(con, sources_of(folder))
        found = judge(con, folder)
    assert found.precision >= PRECISION
    assert found.recall >= MATCH_RECALL[world] - SMALL_SAMPLE
    assert found.recall_with_review >= REVIEW_RECALL[world] - SMALL_SAMPLE
    assert found.slips >= 0.7
    assert found.load <= REVIEW_LOAD


def test_the_order_of_rows_changes_no_link_and_no_probability(tmp_path: Path) -> None:
    write(tmp_path / "lying", devices=900, seed=6, world="lying", processes=1)
    sources = sources_of(tmp_path / "lying")
    told = _told(sources, [list(range(s.records + 1)) for s in sources])
    chance = random.Random(4)
    orders = []
    for source in sources:
        order = chance.sample(range(source.table.num_rows), source.table.num_rows)
        orders.append([0, *(source.table.column("row")[place].as_py() for place in order)])
        renumbered = pa.array(range(1, len(order) + 1), pa.int64())
        source.table = (
            source.table.take(pa.array(order)).drop_columns(["row"]).add_column(0, "row", renumbered)
        )
    assert _told(sources, orders) == told


def _told(sources: list[Source], original_rows: list[list[int]]) -> set[tuple[object, ...]]:
    """The links by the rows' original numbers; place 0 of a list of numbers is nobody's."""
    original = {source.file: rows for source, rows in zip(sources, original_rows, strict=True)}
    with engine(memory_mb=500) as con:
        reconcile(con, sources)
        links = con.execute(
            "SELECT left_file, left_row, right_file, right_row, decision, probability FROM links"
        ).fetchall()
    return {
        (frozenset(((a, original[a][b]), (c, original[c][d]))), decision, round(p, 4))
        for a, b, c, d, decision, p in links
    }
