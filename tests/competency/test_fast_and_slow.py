"""The fast engine against the slow day-by-day one, on worlds crowded around every boundary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings

from pilothouse.competency.engine import coverage, holdings, known
from pilothouse.kernel.duck import engine
from tests.competency.slow_coverage import World
from tests.competency.worlds import AT, lists, worlds

LAST = AT + timedelta(1827 + 400 + 366)
"""No fact of a drawn world changes on this day or later."""


def fast(world: World) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[int, str]]:
    """coverage.csv, people.csv and what can never count, of the engine."""
    told = lists(world)
    with engine(200, 1) as con:
        facts = known(con, told)
        found = coverage(facts, told.needs, AT)
        held = holdings(con, facts, told.evidence, AT)
    return found.table.to_pylist(), held.to_pylist(), dict(found.never)


@given(worlds)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip
def test_fast_and_slow_agree_on_coverage_people_and_what_never_counts(world: World) -> None:
    lines, held, never = fast(world)
    assert lines == [world.line(need, AT) for need in world.needs]
    slow = world.people_lines(AT, LAST)
    assert [{name: row[name] for name in ("person", "skill", "level", "held_until")} for row in held] == slow
    assert never == world.never()
