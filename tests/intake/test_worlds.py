"""Small demo worlds of each kind are linked nearly as well as the bars ask of large ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.worlds import MATCH_RECALL, PRECISION, REVIEW_LOAD, REVIEW_RECALL, judge, sources_of

from pilothouse.demo.world import write
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
