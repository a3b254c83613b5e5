"""The indexed answer against the slow and obvious one, over random chains."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.governance.chain import Chain
from pilothouse.governance.check import errors
from pilothouse.governance.rules import who
from pilothouse.governance.words import (
    SYSTEM,
    Absence,
    Answer,
    Appointment,
    BeforeTheFirstHelm,
    Delegation,
    Mandate,
    Person,
    Place,
    Position,
    Rows,
    Shift,
    Unit,
    UnknownPlace,
)
from pilothouse.kernel.times import ALWAYS, OPEN, Span, as_datetime, zone
from tests.governance.slow_who import slow_who

HOUR = 3_600_000_000
GRID = [hour * HOUR for hour in range(1, 6)]
ZONE = zone("Europe/Berlin")
UNITS = (("U1", "F1"), ("U2", "F1"), ("U3", "F2"))
PLACES = [
    SYSTEM,
    Place("facility", "F1"),
    Place("facility", "F2"),
    *(Place("unit", unit) for unit, _ in UNITS),
]
PEOPLE = [f"p{number}" for number in range(7)]
TOPICS = ["recall", "repair", "*"]

spans = st.tuples(st.sampled_from([ALWAYS, *GRID]), st.sampled_from([*GRID, OPEN])).filter(
    lambda s: s[0] < s[1]
)
limits = st.sampled_from([None, Decimal(10), Decimal("99.5")])


def without_overlaps(rows: list[Any]) -> list[Any]:  # Any: appointments or mandates
    """The rows that overlap none kept before them."""
    kept: list[Any] = []
    for row in rows:
        if all(row.end <= other.start or other.end <= row.start for other in kept):
            kept.append(row)
    return kept


@st.composite
def chains(draw: st.DrawFn) -> Rows:
    """A valid chain: a tree of positions, people everywhere and nowhere, times that meet at their ends."""
    count = draw(st.integers(1, 6))
    positions = [Position(1, "P0", "Helm", SYSTEM, None, True, ALWAYS, OPEN)]
    for number in range(1, count):
        superior = f"P{draw(st.integers(0, number - 1))}"
        span = draw(st.one_of(st.just((ALWAYS, OPEN)), spans))
        positions.append(
            Position(number + 1, f"P{number}", None, draw(st.sampled_from(PLACES)), superior, False, *span)
        )
    names = [position.id for position in positions]
    name, person = st.sampled_from(names), st.sampled_from(PEOPLE)

    def rows_of(kind: Any, most: int, *columns: st.SearchStrategy[Any]) -> list[Any]:
        found = draw(st.lists(st.tuples(*columns, spans), max_size=most))
        return [kind(row, *cells[:-1], *cells[-1]) for row, cells in enumerate(found, 1)]

    drawn = rows_of(Appointment, 12, person, name, st.sampled_from(["holder", "deputy"]), st.just(None))
    deputies = [
        Appointment(
            100 + a.row,
            a.person,
            a.position,
            "deputy",
            draw(st.sampled_from([None, 1, 1, 2])),
            a.start,
            a.end,
        )
        for a in drawn
        if a.kind == "deputy"
    ]
    first_from = draw(st.sampled_from([ALWAYS, *GRID[:2]]))
    helms = [Appointment(200, draw(person), "P0", "holder", None, first_from, GRID[2])]
    helms.append(Appointment(201, draw(person), "P0", "holder", None, GRID[2], OPEN))
    holders: list[Appointment] = list(helms)
    for position in names[1:]:
        holders += without_overlaps([a for a in drawn if a.kind == "holder" and a.position == position])
    mandates = rows_of(
        Mandate, 8, st.sampled_from(TOPICS), st.sampled_from(PLACES), name, limits, st.just(None)
    )
    kept: list[Mandate] = []
    for topic in TOPICS:
        for place in PLACES:
            kept += without_overlaps([m for m in mandates if (m.topic, m.scope) == (topic, place)])
    return Rows(
        units=tuple(Unit(row, *unit, None, None, ALWAYS, OPEN) for row, unit in enumerate(UNITS, 1)),
        positions=tuple(positions),
        people=tuple(Person(row, name, None, None, None) for row, name in enumerate(PEOPLE, 1)),
        appointments=tuple(draw(st.permutations([*holders, *deputies]))),
        mandates=tuple(kept),
        absences=tuple(rows_of(Absence, 10, person)),
        shifts=tuple(rows_of(Shift, 8, name, person)),
        delegations=tuple(rows_of(Delegation, 6, name, st.sampled_from(TOPICS), person)),
        zone=ZONE,
    )


moments = st.builds(
    lambda hour, off: as_datetime(hour + off, ZONE),
    st.sampled_from([0, *GRID]),
    st.sampled_from([-1, 0, 1, HOUR // 2]),
)
amounts = st.sampled_from([None, Decimal(0), Decimal(10), Decimal("10.01"), Decimal(1000)])


def outcome(ask: Any, *question: Any) -> Answer | type[Exception]:
    try:
        answer: Answer = ask(*question)
    except (BeforeTheFirstHelm, UnknownPlace) as error:
        return type(error)
    return answer


@settings(max_examples=250, deadline=None)
@given(chains(), st.lists(moments, min_size=1, max_size=4), amounts)
def test_the_indexed_answer_is_the_obvious_one(
    rows: Rows, times: list[datetime], amount: Decimal | None
) -> None:
    assert errors(rows) == []
    chain = Chain(rows)
    for topic, place, at in product([*TOPICS, "access"], PLACES, times):
        assert outcome(who, chain, topic, place, at, amount) == outcome(
            slow_who, rows, topic, place, at, amount
        )


@settings(max_examples=80, deadline=None)
@given(chains(), st.sampled_from(TOPICS), st.sampled_from(PLACES), moments)
def test_there_is_one_answer_from_the_first_helm_holder_on(
    rows: Rows, topic: str, place: Place, at: datetime
) -> None:
    chain = Chain(rows)
    answer = outcome(who, chain, topic, place, at)
    if isinstance(answer, Answer):
        assert answer.person not in {following.person for following in answer.next}
        assert len({following.person for following in answer.next}) == len(answer.next) <= 3
        assert not (answer.away and answer.next)
        assert answer.path[-1].position == answer.position
        assert len({step.position for step in answer.path}) == len(answer.path)
    else:
        assert answer is BeforeTheFirstHelm
        assert at < as_datetime(chain.first_helm(), ZONE)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=1, max_size=7), st.integers(0, 6))
def test_reporting_lines_are_valid_exactly_if_everyone_arrives_at_the_one_helm(
    superiors: list[int | None], helm: int
) -> None:
    positions = tuple(
        Position(
            number + 1,
            f"P{number}",
            None,
            SYSTEM,
            None if superior is None else f"P{superior}",
            number == helm,
            *Span(ALWAYS, OPEN),
        )
        for number, superior in enumerate(superiors)
    )
    rows = Rows((), positions, (Person(1, "p", None, None, None),), (Appointment(1, "p", f"P{helm}", "holder", None, ALWAYS, OPEN),), (), (), (), (), ZONE)  # fmt: skip

    def arrives(at: int) -> bool:
        for _ in superiors:
            superior = superiors[at]
            if superior is None or superior >= len(superiors):
                return at == helm and superior is None
            at = superior
        return False

    valid = helm < len(superiors) and all(arrives(number) for number in range(len(superiors)))
    assert (errors(rows) == []) == valid
