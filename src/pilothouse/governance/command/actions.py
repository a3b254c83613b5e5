"""What is done with the chain of command: one verb each, one transaction, checked before it is written.

`seen`: the version of the position or person that was read (`versions`); a later one raises Stale and nothing is overwritten.
Source: docs/domains/governance.md, "Changes".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.jobs import enqueue
from pilothouse.core.keeping import Writing, writing
from pilothouse.core.models import Facility, Kept, Person, Unit
from pilothouse.core.permissions import NotAllowed, Viewer, need
from pilothouse.core.words import moment
from pilothouse.governance import models as m
from pilothouse.governance.asking import NoChain
from pilothouse.governance.command.jobs import CHAIN_FINDINGS
from pilothouse.governance.command.validity import Change, refuse_invalid
from pilothouse.governance.command.versions import version_of_person, version_of_position
from pilothouse.governance.loading import chain_zone
from pilothouse.governance.sources.cells import TOPIC_FORM
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_datetime, as_instant

KEY_FORM: Final = re.compile(r"[^\s\x00-\x1f]{1,60}")
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What was written: the revision (0: nothing had to be), the row, and what was done in words."""

    revision: int
    row: Any
    says: str


@dataclass(frozen=True, slots=True)
class Times:
    """From when until when, as instants; without: always, open."""

    start: Instant = ALWAYS
    end: Instant = OPEN

    def checked(self) -> Times:
        """Itself; raises Invalid where it holds no moment."""
        if self.end <= self.start:
            raise Invalid("It would end before it begins", {"end": "Choose a time after the beginning, or leave it empty."})  # fmt: skip
        return self


NOW_ON: Final = Times()


def found_chain(*, by: Viewer, at: datetime, key: str, title: str, person: int) -> Done:
    """The first position: the helm, held from now on by somebody. Raises Conflict where there is a chain."""
    need(by, "edit_chain")
    helm = m.Position(key=_key(key), title=_title(title), helm=True)
    holder = person_here(person)
    with _writing(by, at, "found_chain") as w:
        if m.Position.objects.exists():
            raise Conflict("There is a chain of command already; a new helm can only succeed the present one")
        w.save(helm)
        w.save(m.Appointment(position=helm, person=holder, kind=m.Appointment.Kind.HOLDER, start=as_instant(w.at)))  # fmt: skip
        refuse_invalid(Change([helm]))
        return _done(w, helm, f"position:{helm.pk}", f"{helm.title} is the helm, held by {holder}")


def add_position(
    *,
    by: Viewer,
    at: datetime,
    key: str,
    title: str,
    reports_to: int,
    facility: int | None = None,
    unit: int | None = None,
    times: Times = NOW_ON,
) -> Done:
    """A new office below another. Raises Invalid for a key that is taken."""
    times = times.checked()
    key, title = _key(key), _title(title)
    _may_at(by, facility, unit)
    with _writing(by, at, "add_position") as w:
        if m.Position.objects.filter(key=key).exists():
            raise Invalid("This key is taken", {"key": f"{key} is another position's."})
        above = position_of(reports_to)
        one = m.Position(key=key, title=title, facility_id=facility, unit_id=unit, reports_to=above, start=times.start, end=times.end)  # fmt: skip
        _commit(w, Change([one]))
        return _done(w, one, f"position:{one.pk}", f"{one} reports to {above}")


def change_position(
    position: int,
    *,
    by: Viewer,
    at: datetime,
    seen: int | None = None,
    title: str | None = None,
    reports_to: int | None = None,
    place: tuple[int | None, int | None] | None = None,
    end: Instant | None = None,
) -> Done:
    """Rename an office, move it below another or to another place, or let it end. None: stays as it is."""
    with _writing(by, at, "change_position") as w:
        one = position_of(position)
        _may_at(by, one.facility_id, one.unit_id)
        _unchanged(one, seen)
        told = []
        if title is not None and _title(title) != one.title:
            told.append(f"renamed from {one}")
            one.title = _title(title)
        if reports_to is not None and reports_to != one.reports_to_id:
            one.reports_to = position_of(reports_to)
            told.append(f"reports to {one.reports_to}")
        if place is not None and place != (one.facility_id, one.unit_id):
            _may_at(by, *place)
            one.facility_id, one.unit_id = place
            told.append(f"is for {_place_words(*place)}")
        if end is not None and end != one.end:
            if end <= one.start:
                raise Invalid("It would end before it begins", {"end": "Choose a later time."})
            one.end = end
            told.append(f"ends {_when(end)}" if end != OPEN else "has no end")
        if not told:
            return Done(0, one, "Nothing was changed")
        _commit(w, Change([one]))
        return _done(w, one, f"position:{one.pk}", f"{one}: {', '.join(told)}")


def appoint(
    position: int,
    person: int,
    *,
    by: Viewer,
    at: datetime,
    kind: str = "holder",
    rank: int | None = None,
    times: Times = NOW_ON,
    succeed: bool = False,
    seen: int | None = None,
) -> Done:
    """Give an office to a person, as holder or as deputy with a rank from 1.

    succeed: whoever holds it then ends at the beginning. Without it a second holder is refused.
    """
    times = times.checked()
    if kind not in m.Appointment.Kind.values:
        raise Invalid("An appointment is as holder or as deputy", {"kind": "Choose one of the two."})
    if rank is not None and (kind != "deputy" or not 1 <= rank <= 999):
        raise Invalid("A rank is a whole number from 1, for deputies", {"rank": "Enter 1 to 999, or nothing."})  # fmt: skip
    with _writing(by, at, "appoint") as w:
        one = _own_position(by, position, seen)
        holder = person_here(person)
        new = m.Appointment(
            position=one, person=holder, kind=kind, rank=rank, start=times.start, end=times.end
        )
        new.turn = _turn(m.Appointment, position=one, kind=kind, rank=rank, start=times.start)
        change = Change([new])
        if kind == "holder" and succeed:
            change = _succession(change, m.Appointment.objects.filter(position=one, kind="holder"), times)
        _commit(w, change)
        says = f"{holder} {'holds' if kind == 'holder' else 'is deputy of'} {one}{_told(times)}"
        return _done(w, new, f"position:{one.pk}", says)


def end_appointment(appointment: int, *, by: Viewer, at: datetime, end: Instant, seen: int | None = None) -> Done:  # fmt: skip
    """Let an appointment end; one that would hold no moment is withdrawn."""
    return _end(m.Appointment, appointment, "end_appointment", by, at, end, seen, "appointment")


def give_mandate(
    position: int,
    *,
    by: Viewer,
    at: datetime,
    topic: str,
    facility: int | None = None,
    unit: int | None = None,
    most: Decimal | None = None,
    currency: str = "",
    times: Times = NOW_ON,
    succeed: bool = False,
    seen: int | None = None,
) -> Done:
    """In this place this topic (or `*`) is answered by the position. succeed: whoever answered it then ends."""
    times = times.checked()
    topic = _topic(topic)
    with _writing(by, at, "give_mandate") as w:
        one = _own_position(by, position, seen)
        _may_at(by, facility, unit)
        new = m.Mandate(
            topic=topic, facility_id=facility, unit_id=unit, position=one, most="" if most is None else format(most, "f"),
            currency=currency.strip()[:10], start=times.start, end=times.end,
        )  # fmt: skip
        change = Change([new])
        if succeed:
            change = _succession(change, m.Mandate.objects.filter(topic=topic, facility=facility, unit=unit), times)  # fmt: skip
        _commit(w, change)
        says = f"{one} answers {_topic_words(topic)} for {_place_words(facility, unit)}{_told(times)}"
        return _done(w, new, f"position:{one.pk}", says)


def end_mandate(mandate: int, *, by: Viewer, at: datetime, end: Instant, seen: int | None = None) -> Done:
    """Let a mandate end; the question then goes to the next wider one."""
    return _end(m.Mandate, mandate, "end_mandate", by, at, end, seen, "mandate")


def delegate(
    position: int,
    person: int,
    *,
    by: Viewer,
    at: datetime,
    topic: str = "*",
    times: Times = NOW_ON,
    seen: int | None = None,
) -> Done:
    """Hand a position's duty for one topic, or for all, to a person; its holder may do it too."""
    times = times.checked()
    topic = _topic(topic)
    with _writing(by, at, "delegate") as w:
        one = _own_position(by, position, seen, holder_too=True)
        to = person_here(person)
        new = m.Delegation(position=one, topic=topic, person=to, start=times.start, end=times.end)
        new.turn = _turn(m.Delegation, position=one, topic=topic, start=times.start)
        _commit(w, Change([new]))
        says = f"{one} hands {_topic_words(topic)} to {to}{_told(times)}"
        return _done(w, new, f"position:{one.pk}", says)


def end_delegation(delegation: int, *, by: Viewer, at: datetime, end: Instant, seen: int | None = None) -> Done:  # fmt: skip
    """Take a delegation back."""
    return _end(m.Delegation, delegation, "end_delegation", by, at, end, seen, "delegation")


def put_on_duty(position: int, person: int, *, by: Viewer, at: datetime, times: Times, seen: int | None = None) -> Done:  # fmt: skip
    """A shift of the roster: the person is on duty for the position."""
    times = times.checked()
    with _writing(by, at, "put_on_duty") as w:
        one = _own_position(by, position, seen)
        who = person_here(person)
        new = m.Shift(position=one, person=who, start=times.start, end=times.end)
        new.turn = _turn(m.Shift, position=one, start=times.start)
        _commit(w, Change([new]))
        return _done(w, new, f"position:{one.pk}", f"{who} is on duty for {one}{_told(times)}")


def end_shift(shift: int, *, by: Viewer, at: datetime, end: Instant, seen: int | None = None) -> Done:
    """Let a shift end earlier or later, or withdraw it."""
    return _end(m.Shift, shift, "end_shift", by, at, end, seen, "shift")


def note_absence(person: int, *, by: Viewer, at: datetime, times: Times, seen: int | None = None) -> Done:
    """A person is away. Everybody may say so of themselves."""
    times = times.checked()
    with _writing(by, at, "note_absence") as w:
        who = person_here(person)
        _may_of_person(by, who.pk, w.at)
        if seen is not None and seen != (now := version_of_person(who.pk)):
            raise Stale(f"Somebody changed {who}'s absences meanwhile", now)
        new = m.Absence(person=who, start=times.start, end=times.end)
        _commit(w, Change([new]))
        return _done(w, new, f"person:{who.pk}", f"{who} is away{_told(times)}")


def end_absence(absence: int, *, by: Viewer, at: datetime, end: Instant) -> Done:
    """Somebody is back earlier or later; one that would hold no moment is withdrawn."""
    with _writing(by, at, "end_absence") as w:
        one = _row(m.Absence, absence)
        _may_of_person(by, one.person_id, w.at)
        change, says = _ended(one, end)
        _commit(w, change)
        return _done(w, one, f"person:{one.person_id}", f"Absence of {one.person} {says}")


# ---- what the verbs share ----


@contextmanager
def _writing(by: Viewer, at: datetime, verb: str) -> Iterator[Writing]:
    with writing(by=by.person, at=at, verb=verb) as w:
        yield w


def _commit(w: Writing, change: Change) -> None:
    """Check, then write: what ends first, so that its seat is free."""
    refuse_invalid(change)
    for one in change.removes:
        w.remove(type(one), [one.pk])
    for one in sorted(change.saves, key=lambda row: row.pk is None):
        w.save(one)


def _done(w: Writing, row: Any, subject: str, says: str) -> Done:
    w.subject, w.note = subject, says
    enqueue(CHAIN_FINDINGS, by=None, at=w.at, key=CHAIN_FINDINGS)
    return Done(w.number, row, says)


def _end(
    model: type[Kept],
    record: int,
    verb: str,
    by: Viewer,
    at: datetime,
    end: Instant,
    seen: int | None,
    noun: str,
) -> Done:
    with _writing(by, at, verb) as w:
        one: Any = _row(model, record)  # Any: a row that names a position
        position = _own_position(by, one.position_id, seen, holder_too=model is m.Delegation)
        change, says = _ended(one, end)
        _commit(w, change)
        whom = f" of {one.person}" if hasattr(one, "person") else f" for {_topic_words(one.topic)}"
        return _done(w, one, f"position:{position.pk}", f"{position}: the {noun}{whom} {says}")


def _ended(one: Any, end: Instant) -> tuple[Change, str]:
    """The row with another end, or gone where it would hold no moment."""
    if end <= one.start:
        return Change(removes=[one]), "was withdrawn"
    one.end = end
    return Change([one]), f"ends {_when(end)}" if end != OPEN else "has no end"


def _succession(change: Change, rows: Any, times: Times) -> Change:
    """Rows that are valid when the new one begins end there; one that begins then as well makes way."""
    for one in rows.filter(start__lte=times.start, end__gt=times.start):
        if one.start == times.start:
            change.removes.append(one)
        else:
            one.end = times.start
            change.saves.append(one)
    return change


def _turn(model: type[Kept], **tie: Any) -> int:
    """After those it ties with. `Any`: column and value."""
    last = model.objects.filter(**tie).order_by("-turn").values_list("turn", flat=True).first()
    return 0 if last is None else last + 1


def _row(model: type[Kept], record: int) -> Any:  # Any: a row of the table
    one = model.objects.filter(pk=record).first()
    if one is None:
        raise NotFound("There is no such row any more; somebody may have withdrawn it")
    return one


def position_of(position: int) -> Any:  # Any: a position
    """The position of this id. Raises NotFound, or NoChain where there is none at all."""
    one = m.Position.objects.filter(pk=position).first()
    if one is None:
        if not m.Position.objects.exists():
            raise NoChain
        raise NotFound("There is no such position")
    return one


def person_here(person: int) -> Any:  # Any: a person
    """The person of this id. Raises NotFound, and Invalid for who has left."""
    one = Person.objects.filter(pk=person).first()
    if one is None:
        raise NotFound("There is no such person")
    if one.left:
        raise Invalid(f"{one} does not work here any more", {"person": f"{one} left."})
    return one


def _own_position(by: Viewer, position: int, seen: int | None, *, holder_too: bool = False) -> Any:
    """The position, if the viewer may change it and it is as they saw it. `Any`: a position."""
    one = position_of(position)
    if not (holder_too and _holds(by, one.pk)):
        _may_at(by, one.facility_id, one.unit_id)
    _unchanged(one, seen)
    return one


def _unchanged(one: Any, seen: int | None) -> None:
    if seen is not None and seen != (now := version_of_position(one.pk)):
        raise Stale(f"Somebody changed {one} meanwhile", now, _present(one))


def _present(one: Any) -> dict[str, object]:
    """What stands of a position, by the names that forms give it. `Any`: a position."""
    holder = (
        m.Appointment.objects.filter(position=one, kind="holder", end=OPEN).select_related("person").first()
    )
    place = one.unit or one.facility
    above = one.reports_to
    return {
        "title": one.title,
        "reports_to": "" if above is None else above.key,
        "place": "" if place is None else place.key,
        "person": "" if holder is None else str(holder.person),
        "end": "" if one.end == OPEN else _when(one.end),
    }


def _holds(by: Viewer, position: int) -> bool:
    return bool(m.Appointment.objects.filter(position=position, person=by.person, kind="holder", end=OPEN).exists())  # fmt: skip


def _may_at(by: Viewer, facility: int | None, unit: int | None) -> None:
    """Raise unless the viewer may edit the chain there; a unit is its facility's too."""
    if facility is not None and unit is not None:
        raise Invalid("A scope is one place", {"place": "Choose a facility or a unit."})
    above = facility
    if unit is not None:
        above = Unit.objects.filter(pk=unit).values_list("facility_id", flat=True).first()
    if (unit is not None and above is None) or (facility is not None and not Facility.objects.filter(pk=facility).exists()):  # fmt: skip
        raise NotFound("There is no such place")
    need(by, "edit_chain", facility=above, unit=unit)


def may_edit_person(by: Viewer, person: int, at: datetime) -> bool:
    """Whether the viewer may say when a person is away: themselves, or who may edit a position of theirs."""
    if by.person.pk == person or by.may("edit_chain"):
        return True
    scope = by.scope("edit_chain")
    now = as_instant(at)
    mine = m.Appointment.objects.filter(person=person, start__lte=now, end__gt=now)
    return any(
        scope.holds(facility=facility or above, unit=unit)
        for facility, unit, above in mine.values_list(
            "position__facility", "position__unit", "position__unit__facility"
        )
    )


def _may_of_person(by: Viewer, person: int, at: datetime) -> None:
    if not may_edit_person(by, person, at):
        raise NotAllowed("You may not say when this person is away")


def _key(text: str) -> str:
    clean = text.strip()
    if not KEY_FORM.fullmatch(clean):
        raise Invalid("A key is up to 60 characters without blanks", {"key": "Such as CN-ICU."})
    return clean


def _title(text: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > LONGEST or any(not c.isprintable() for c in clean):
        raise Invalid("A position needs a title", {"title": f"Enter 1 to {LONGEST} characters."})
    return clean


def _topic(text: str) -> str:
    clean = text.strip()
    if len(clean) > 60 or not TOPIC_FORM.fullmatch(clean):
        raise Invalid("A topic has small letters, digits and _", {"topic": "Such as data_flow, or * for every topic."})  # fmt: skip
    return clean


def _topic_words(topic: str) -> str:
    return "everything" if topic == "*" else topic.replace("_", " ")


def _place_words(facility: int | None, unit: int | None) -> str:
    if unit is not None:
        return str(Unit.objects.filter(pk=unit).first())
    return "the whole system" if facility is None else str(Facility.objects.filter(pk=facility).first())


def _when(instant: Instant) -> str:
    return moment(as_datetime(instant, chain_zone()))


def _told(times: Times) -> str:
    start = "" if times.start == ALWAYS else f" from {_when(times.start)}"
    return start + ("" if times.end == OPEN else f" until {_when(times.end)}")
