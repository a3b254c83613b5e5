"""Who decides? A topic, a place and a moment to one person, how to reach them, who is next, and why it is they.

Places are those the viewer sees; a device's tag gives its place. Constant queries; the past as recorded reads the whole chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from pilothouse.core import seeing
from pilothouse.core.errors import NotFound
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import moment
from pilothouse.equipment.models import Equipment
from pilothouse.governance.asking import Asked, NoChain, ask_many, ask_place
from pilothouse.governance.chain import NOTHING, Chain
from pilothouse.governance.command.reads import Rung, topic_words
from pilothouse.governance.recorded import whole
from pilothouse.governance.rules import who
from pilothouse.governance.words import SYSTEM, TOPICS, Answer, Place, Step
from pilothouse.kernel.times import OPEN, as_datetime, as_instant

MOST_PLACES: Final = 400
"""Places that a list offers; with more the field is typed."""
ASKED_AS: Final = {
    "cybersecurity": "Security or network",
    "recall": "Recall",
    "maintenance": "Maintenance",
    "repair": "Fault or repair",
    "incident": "A patient was harmed or nearly",
    "data_flow": "Missing data in the record",
    "training": "Training",
    "parts": "Parts",
    "purchase": "Purchase",
    "replacement": "Replacement",
    "inventory": "Inventory",
    "access": "Access",
}
"""How people on a ward call the twelve topics."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place as it is asked about. about: the device that led there, in words, and its address."""

    facility: int | None = None
    unit: int | None = None
    place: Place = SYSTEM
    name: str = "the whole system"
    about: str = ""
    about_url: str = ""

    @property
    def value(self) -> str:
        """What the field of places holds."""
        return self.place.id or ""


@dataclass(frozen=True, slots=True)
class Reach:
    """A person and how to reach them. tel: digits for a link."""

    name: str
    title: str
    url: str
    phone: str
    tel: str
    pager: str
    pager_tel: str
    email: str


@dataclass(frozen=True, slots=True)
class Decides:
    """The answer as the page shows it."""

    person: Reach
    how: str
    away: bool
    next: Sequence[Reach]
    path: Sequence[Rung]
    others: Sequence[tuple[str, str, str]]


def topic_asked(topic: str) -> str:
    """A topic as it is asked about."""
    return ASKED_AS.get(topic, topic_words(topic))


def own_place(viewer: Viewer) -> str:
    """The key of the viewer's own unit, else of their facility; empty: the whole system."""
    for kind, found in (("unit", seeing.units(viewer)), ("facility", seeing.facilities(viewer))):
        ids = [getattr(one, kind) for one in viewer.held if getattr(one, kind) is not None]
        if ids:
            return str(found.filter(pk=ids[0]).values_list("key", flat=True).first() or "")
    return ""


def places_of(viewer: Viewer, at: datetime) -> list[tuple[str, str]]:
    """(key, name) of what the viewer may ask about; empty where there are too many for a list."""
    instant = as_instant(at)
    units = list(
        seeing.units(viewer)
        .filter(start__lte=instant, end__gt=instant)
        .order_by("facility__key", "key")
        .values_list("key", "name", "facility__key", "facility__name")[: MOST_PLACES + 1]
    )
    if len(units) > MOST_PLACES:
        return []
    facilities = {key: name for _, _, key, name in units}
    named = [(key, f"{name or key}, all of it") for key, name in facilities.items()]
    return named + [
        (key, f"{name or key}, {facility_name or facility}") for key, name, facility, facility_name in units
    ]


def where_named(viewer: Viewer, key: str) -> Where:
    """The place of a key or a name among those the viewer sees; empty: the whole system. Raises NotFound."""
    text = key.replace("\0", "").strip()
    if not text:
        return Where()
    for field in ("key", "name__iexact"):
        units = list(seeing.units(viewer).filter(**{field: text})[:2])
        if len(units) == 1:
            (unit,) = units
            return Where(
                unit.facility_id,
                unit.pk,
                Place("unit", unit.key),
                f"{unit.name or unit.key}, {unit.facility}",
            )
        facilities = list(seeing.facilities(viewer).filter(**{field: text})[:2])
        if len(facilities) == 1:
            return Where(facilities[0].pk, None, Place("facility", facilities[0].key), str(facilities[0]))
    raise NotFound(f"There is no unit or facility {text!r} that you see")


def where_device(viewer: Viewer, tag: str) -> Where:
    """The place of a device by its tag. Raises NotFound for one the viewer does not see."""
    text = tag.replace("\0", "").strip()
    for value in dict.fromkeys((text, text.upper())):
        found = Equipment.objects.filter(viewer.scope("see_equipment").q(), tag=value).select_related("unit", "facility").first()  # fmt: skip
        if found is not None:
            return _of_device(found)
    raise NotFound(f"There is no equipment with the tag {text!r} that you see")


def _of_device(device: Any) -> Where:  # Any: a piece of equipment
    try:
        url = reverse("equipment_page", args=[device.pk])
    except NoReverseMatch:
        url = ""
    if device.unit_id:
        place, name = Place("unit", device.unit.key), str(device.unit)
    elif device.facility_id:
        place, name = Place("facility", device.facility.key), str(device.facility)
    else:
        place, name = SYSTEM, "the whole system"
    return Where(device.facility_id, device.unit_id, place, name, str(device), url)


def decides(topic: str, where: Where, at: datetime, revision: int | None = None) -> Decides:
    """Who decides, as known now or as recorded at a revision. Raises NoChain, UnknownPlace, BeforeTheFirstHelm."""
    asked = (
        ask_place(topic, where.place, at)
        if revision is None
        else _as_recorded(topic, where.place, at, revision)
    )
    answer, chain = asked.answer, asked.chain
    others = _others(where, topic, at) if revision is None else []
    keys = {answer.person, *(one.person for one in answer.next), *(one.person for _, one in others)}
    people = {one.key: one for one in Person.objects.filter(key__in=keys)}
    return Decides(
        person=_reach(people, answer.person, chain, answer.position),
        how=_how(answer, chain),
        away=answer.away,
        next=[_reach(people, one.person, chain, one.position) for one in answer.next],
        path=[_rung(step, answer, chain) for step in reversed(answer.path)],
        others=[
            (other, topic_asked(other), str(people.get(one.person, one.person))) for other, one in others
        ],
    )


def _as_recorded(topic: str, place: Place, at: datetime, revision: int) -> Asked:
    rows = whole(revision).rows
    if not any(position.helm for position in rows.positions):
        raise NoChain
    chain = Chain(rows)
    return Asked(who(chain, topic, place, at), chain)


def _others(where: Where, topic: str, at: datetime) -> list[tuple[str, Answer]]:
    topics = [one for one in TOPICS if one != topic]
    answers = ask_many([(one, where.facility, where.unit) for one in topics], at)
    return [(one, answer) for one, answer in zip(topics, answers, strict=True) if answer is not None]


def _reach(people: dict[str, Any], key: str, chain: Chain, position: str) -> Reach:
    known, post = chain.people[key], chain.positions[position]
    row = people.get(key)  # the pager, and a page to go to, stand only in the register of people
    url = "" if row is None else reverse("person_page", args=[row.pk])
    pager = "" if row is None else row.pager
    phone = known.phone or ""
    return Reach(known.name or key, post.title or post.id, url, phone, _dialled(phone), pager, _dialled(pager), known.email or "")  # fmt: skip


def _dialled(number: str) -> str:
    """As a link dials it: an extension after a pause."""
    main, _, extension = number.lower().partition("x")
    digits = "".join(c for c in main if c.isdigit() or c == "+")
    more = "".join(c for c in extension if c.isdigit())
    return f"{digits},{more}" if digits and more else digits


def _how(answer: Answer, chain: Chain) -> str:
    """Why this person: on duty until, by delegation until, standing in."""
    why, at, position = answer.path[-1].why, as_instant(answer.at), answer.position
    if answer.away:
        return "Away like everyone on the way up, and answers all the same"
    if why == "answers (shift)":
        rows: Any = chain.shifts.get(position, NOTHING).at(at)
        return _until("On duty", next(r.end for r in rows if r.person == answer.person), chain)
    if why == "answers (delegate)":
        rows = [
            d
            for topic in (answer.topic, "*")
            for d in chain.delegations.get((position, topic), NOTHING).at(at)
        ]
        return _until("By delegation", next(r.end for r in rows if r.person == answer.person), chain)
    return "Holds the position" if why == "answers (holder)" else "Stands in as deputy"


def _until(words: str, end: int, chain: Chain) -> str:
    return words if end == OPEN else f"{words} until {moment(as_datetime(end, chain.zone))}"


def _rung(step: Step, answer: Answer, chain: Chain) -> Rung:
    post = chain.positions[step.position]
    name = chain.people[answer.person].name or answer.person
    gone = "; ".join(
        f"{chain.people[one.person].name or one.person} is away{'' if one.until is None else f' until {moment(one.until)}'}" for one in step.people
    )  # fmt: skip
    if step.why.startswith("answers"):
        return Rung("holds", post.title or post.id, name, gone)
    words = {"vacant": "Empty: nobody is appointed, on duty or delegated", "away": gone, "mandate too small": "Its mandate is too small"}  # fmt: skip
    return Rung("passed", post.title or post.id, "", words.get(step.why, step.why))
