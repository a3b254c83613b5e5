"""The pure rules, and the spans of days that everything rests on."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.competency.engine import known
from pilothouse.competency.rules import Skill, chain, circles, entitling_level, needed
from pilothouse.competency.spans import OPEN, Spans, common, united, without
from pilothouse.kernel.duck import engine
from tests.competency.slow_coverage import Assigned, Need, Proof, SkillRow, World
from tests.competency.worlds import AT, lists


def skills(**parents: str) -> dict[str, Skill]:
    """Skills by name with their parents; a parent that ends in ! means that the skill demands its own."""
    return {name: Skill(name, parent=parent.rstrip("!"), own=parent.endswith("!")) for name, parent in parents.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("level", "ladder", "least"),
    [
        (1, "user", 3),
        (3, "user", 3),
        (5, "user", 5),
        (1, "technician", 4),
        (4, "technician", 4),
        (5, "technician", 5),
    ],
)
def test_an_assessor_holds_the_larger_of_the_level_and_the_ladders_own(
    level: int, ladder: str, least: int
) -> None:
    assert entitling_level(level, "technician" if ladder == "technician" else "user") == least


@pytest.mark.parametrize(
    ("people", "share", "group", "expected"),
    [(2, None, 0, 2), (None, Fraction(1, 10), 30, 3), (None, Fraction(1, 10), 31, 4), (None, Fraction(1, 2), 0, 0), (None, Fraction(0), 9, 0), (None, Fraction(1), 9, 9), (None, Fraction(7, 10), 10, 7)],
)  # fmt: skip
def test_a_share_is_rounded_up_and_exact(
    people: int | None, share: Fraction | None, group: int, expected: int
) -> None:
    assert needed(people, share, group) == expected


def test_evidence_counts_upward_until_a_skill_demands_its_own() -> None:
    known_skills = skills(model="category", category="devices!", devices="everything")
    assert chain(known_skills, "model") == ["model", "category"]
    assert chain(known_skills, "devices") == ["devices", "everything"]
    assert chain(known_skills, "unheard of") == ["unheard of"]


def test_every_circle_is_found_once() -> None:
    assert circles(skills(a="b", b="c", c="a", d="a", e="e", f="g", g="")) == [["a", "b", "c"], ["e"]]
    assert circles(skills(a="b", b="c")) == []


_spans = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(0, 12)), max_size=12)


def _made(rows: list[tuple[int, int, int]]) -> Spans:
    columns = [np.array([row[at] for row in rows], np.int64) for at in range(3)]
    return united(*columns)


def _days(spans: Spans) -> set[tuple[int, int]]:
    return {(int(key), day) for key, start, end in zip(spans.key, spans.start, spans.end, strict=True) for day in range(start, end)}  # fmt: skip


@given(_spans, _spans)
def test_spans_are_sets_of_days(one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]) -> None:
    a, b = _made(one), _made(other)
    assert _days(a) == {(key, day) for key, start, end in one for day in range(start, end)}
    assert _days(common(a, a.key, b)) == _days(a) & _days(b)
    assert _days(without(a, a.key, b)) == _days(a) - _days(b)
    for spans in (a, without(a, a.key, b)):
        assert all(spans.end[at] < spans.start[at + 1] for at in range(len(spans) - 1) if spans.key[at] == spans.key[at + 1])  # fmt: skip


def test_the_year_9999_and_for_good_stay_apart() -> None:
    spans = united(np.array([0, 0]), np.array([3_652_059, 1]), np.array([OPEN, 5]))
    assert spans.end.tolist() == [5, OPEN]


@pytest.mark.parametrize(
    ("declared", "entitled"),
    [(-1, True), (0, False), (-364, True), (-365, False)],
)
def test_an_assessors_declaration_is_earlier_and_not_a_year_old(declared: int, entitled: bool) -> None:
    day = AT - timedelta(10)
    proofs = (Proof("Chief", "pump", 4, "course", day - timedelta(400)), Proof("Chief", "pump", 1, "declaration", day + timedelta(declared)), Proof("Ana", "pump", 2, "assessment", day, None, "Chief"))  # fmt: skip
    world = World((Assigned("Ana", "ICU"),), proofs, (Need("ICU", None, "pump", 2, 1),), (SkillRow("pump", declaration=True),))  # fmt: skip
    with engine(200, 1) as con:
        never = dict(known(con, lists(world)).counting.never)
    assert (2 not in never["not entitled"]) == entitled
    assert (2 not in world.never()) == entitled


def test_a_long_chain_of_assessors_is_followed_to_its_end() -> None:
    proofs = [Proof("P0", "pump", 5, "course", AT - timedelta(2000))]
    proofs += [Proof(f"P{at}", "pump", 5, "assessment", AT - timedelta(2000 - at), None, f"P{at - 1}") for at in range(1, 1500)]  # fmt: skip
    world = World((Assigned("P1499", "ICU"),), tuple(reversed(proofs)), (Need("ICU", None, "pump", 5, 1),))
    with engine(200, 1) as con:
        counting = known(con, lists(world)).counting
    assert len(counting.id) == 1500
