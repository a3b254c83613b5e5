"""The fast engine against the slow day-by-day one, on worlds crowded around every boundary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from pilothouse.competency.engine import coverage, holdings, known
from pilothouse.kernel.duck import engine
from tests.competency.slow_coverage import World
from tests.competency.worlds import AT, chains_of_assessors, ends_of_the_time_watched, lists, worlds

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine(200, 1) as connection:
        yield connection


def fast(
    con: duckdb.DuckDBPyConnection, world: World
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[int, str]]:
    """coverage.csv, people.csv and what can never count, of the engine."""
    told = lists(world)
    facts = known(con, told)
    found = coverage(facts, told.needs, AT)
    held = holdings(con, facts, told.evidence, AT)
    return found.table.to_pylist(), held.to_pylist(), dict(found.never)


def agree(con: duckdb.DuckDBPyConnection, world: World) -> None:
    lines, held, never = fast(con, world)
    assert never == world.never()
    assert lines == [world.line(need, AT) for need in world.needs]
    slow = world.people_lines(AT)
    assert [{name: row[name] for name in ("person", "skill", "level", "held_until")} for row in held] == slow


@given(worlds)
@settings(max_examples=80, deadline=None, suppress_health_check=CHECKS)
def test_fast_and_slow_agree_on_worlds_of_every_kind(con: duckdb.DuckDBPyConnection, world: World) -> None:
    agree(con, world)


@given(chains_of_assessors)
@settings(max_examples=150, deadline=None, suppress_health_check=CHECKS)
def test_fast_and_slow_agree_on_chains_of_assessors(con: duckdb.DuckDBPyConnection, world: World) -> None:
    agree(con, world)


@given(ends_of_the_time_watched)
@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)
def test_fast_and_slow_agree_around_the_last_day_that_is_watched(
    con: duckdb.DuckDBPyConnection, world: World
) -> None:
    agree(con, world)
