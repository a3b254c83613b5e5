"""An answer as it is told: as JSON for a program, in words for whoever is awake at three in the morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pilothouse.governance.chain import Chain
from pilothouse.governance.rules import mandate_for
from pilothouse.governance.words import ANY_TOPIC, Answer, PassedOver, Person, Place, Position, Step
from pilothouse.kernel.times import as_instant

_HOW = {"delegate": "by delegation", "shift": "on shift", "holder": "holder", "deputy": "deputy"}


def answer_as_json(answer: Answer) -> dict[str, Any]:  # Any: JSON
    """The answer in the shape of the contracts; what is not known is None, times carry the zone's offset."""
    return {
        "topic": answer.topic,
        "place": {"kind": answer.place.kind, "id": answer.place.id},
        "at": answer.at.isoformat(),
        "person": answer.person,
        "name": answer.name,
        "email": answer.email,
        "phone": answer.phone,
        "position": answer.position,
        "title": answer.title,
        "away": answer.away,
        "path": [
            {
                "position": step.position,
                "why": step.why,
                "people": [{"person": passed.person, "why": away_until(passed)} for passed in step.people],
            }
            for step in answer.path
        ],
        "next": [{"person": following.person, "position": following.position} for following in answer.next],
    }


def away_until(passed: PassedOver) -> str:
    """`away until` and the end of the joined absences, which is empty if they are open."""
    return f"away until {'' if passed.until is None else passed.until.isoformat()}"


def answer_in_words(answer: Answer, chain: Chain) -> str:
    """The answer for a person: who, how to reach them, why, and whom to ask next. Plain text, no colours."""
    return "\n".join(_lines(answer, chain)) + "\n"


def _lines(answer: Answer, chain: Chain) -> Iterator[str]:
    person = chain.people[answer.person]
    yield f"{_topic(answer.topic)}, {_place(answer.place, chain)}, {_day_and_time(answer.at)} ({chain.zone.key})"
    yield ""
    yield f"  {_name(person)} answers, as {_office(chain.positions[answer.position])}"
    yield from (f"    {way}" for way in _ways(person))
    if answer.away:
        yield "    AWAY, like everyone on the way up; the holder of the helm answers all the same"
    yield ""
    yield "Why"
    yield f"  {_mandate(answer, chain)}"
    for step in answer.path:
        yield from _step(step, answer, chain)
    yield ""
    if not answer.next:
        yield "Nobody is next in line."
        return
    yield f"If {_name(person)} cannot be reached"
    for number, following in enumerate(answer.next, 1):
        other = chain.people[following.person]
        yield f"  {number}. {_name(other)}, {_title(chain.positions[following.position])}"
        yield from (f"     {way}" for way in _ways(other))


def _ways(person: Person) -> Iterator[str]:
    """How to reach a person, the telephone first."""
    if person.phone:
        yield f"phone  {person.phone}"
    if person.email:
        yield f"email  {person.email}"
    if not (person.phone or person.email):
        yield "no phone and no email on file"


def _mandate(answer: Answer, chain: Chain) -> str:
    """Which mandate the climb began at. The path begins at its position, so the amount need not be known."""
    start = chain.positions[answer.path[0].position]
    mandate = mandate_for(chain, answer.topic, answer.place, as_instant(answer.at))
    if mandate is None or mandate.position != start.id:
        return f"The question goes to {_office(start)}."
    topic = "everything without a mandate of its own" if mandate.topic == ANY_TOPIC else _topic(mandate.topic)
    return f"{topic} in {_place(mandate.scope, chain)} is the business of {_office(start)}."


def _step(step: Step, answer: Answer, chain: Chain) -> Iterator[str]:
    office = _office(chain.positions[step.position])
    if step.why.startswith("answers"):
        how = _HOW[step.why.partition("(")[2].rstrip(")")]
        yield f"  {office}: {_name(chain.people[answer.person])}, {how}"
    elif step.why == "mandate too small":
        yield f"  {office}: its mandate is too small for this amount"
    else:
        yield f"  {office}: {'nobody is appointed' if step.why == 'vacant' else 'everyone is away'}"
    for passed in step.people:
        until = "with no end known" if passed.until is None else f"until {_day_and_time(passed.until)}"
        yield f"    {_name(chain.people[passed.person])} is away {until}"


def _topic(topic: str) -> str:
    return "Any topic" if topic == ANY_TOPIC else topic.replace("_", " ").capitalize()


def _name(person: Person) -> str:
    return person.name or person.id


def _title(position: Position) -> str:
    return position.title or position.id


def _office(position: Position) -> str:
    return f"{position.title} ({position.id})" if position.title else position.id


def _place(place: Place, chain: Chain) -> str:
    """A place by id and name: `ICU (Intensive care, Mercy Hospital)`."""
    if place.id is None:
        return "the whole system"
    if place.kind == "facility":
        names = [chain.facilities[place.id].name]
    else:
        unit = chain.units[place.id]
        names = [unit.name, chain.facilities[unit.facility].name or unit.facility]
    told = ", ".join(name for name in names if name and name != place.id)
    return f"{place.id} ({told})" if told else place.id


def _day_and_time(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%B %Y, %H:%M}"
