"""All that a finding's page shows, at a constant number of queries; today or as it was recorded on a past day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pilothouse.core import clocks, words
from pilothouse.core.attachments import attachments_of
from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import revision_at
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.models import Equipment, Redirect
from pilothouse.governance import asking, ports
from pilothouse.governance.findings.lines import RELATED, Line, label, line_of, moment, sure
from pilothouse.governance.findings.owners import catch_up
from pilothouse.governance.findings.reads import Changed
from pilothouse.governance.findings.seeing import seen_q
from pilothouse.governance.findings.story import story
from pilothouse.governance.models import (
    Absence,
    Appointment,
    Finding,
    FindingEver,
    FindingNote,
    FindingNotePast,
    Position,
)
from pilothouse.governance.words import Answer, BeforeTheFirstHelm, PassedOver, UnknownPlace
from pilothouse.kernel.times import as_instant

MOST_NOTES: Final = 200
MOST_OFFERED: Final = 60


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the way to the owner, as it is drawn. state: passed, holds, above."""

    state: str
    post: str
    holder: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A comment. mine: the viewer may take it back."""

    id: int
    at: datetime
    name: str
    text: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the thread: step is done, now or todo."""

    step: str
    name: str
    value: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class FindingPage:
    """A finding with everything around it. work, hand_over: what the viewer may do now; offered: whom it may be given to."""

    line: Line
    kind: str
    topic: str
    rule: str
    why: str
    ends: str
    facts: Sequence[tuple[str, str]]
    subject: ports.Subject | None
    blocks: Sequence[ports.Block]
    reach: Sequence[tuple[str, str, str]]
    owned_from: datetime
    rungs: Sequence[Rung]
    named: str
    notes: Sequence[Note]
    moments: Sequence[Changed]
    thread: Sequence[Stop]
    evidence: str
    by_hand: bool
    work: bool
    hand_over: bool
    offered: Sequence[tuple[str, str]]
    files: Sequence[Any]

    @property
    def subject_name(self) -> str:
        """What files are put to."""
        return f"finding:{self.line.id}"

    @property
    def clock(self) -> clocks.Clock:
        """The one large clock."""
        return self.line.clock


@dataclass(frozen=True, slots=True)
class OwnerCard:
    """The owner of a finding at a glance. why: who named them."""

    line: Line
    reach: Sequence[tuple[str, str, str]]
    owned_from: datetime
    why: str


def owner_card(viewer: Viewer, finding: int, now: datetime, as_of: datetime | None = None) -> OwnerCard:
    """The owner of a finding, for who may see both; raises NotFound like the page, and for who may see nobody."""
    if not viewer.may_somewhere("see_people"):
        raise NotFound("There is nobody here whom you may see")
    row, _ = _row(viewer, finding, now, as_of)
    line = line_of(row, viewer, as_of or now)
    by_chain = f"{label(row.topic)}, {line.place}: named by the chain of command."
    return OwnerCard(
        line, _reach(row.owner, as_of or now), sure(row.owned_from), _named(None, row) or by_chain
    )


def finding_page(viewer: Viewer, finding: int, now: datetime, as_of: datetime | None = None) -> FindingPage:
    """The page of a finding, raises NotFound for one that is hidden or unknown, or was not there yet."""
    row, revision = _row(viewer, finding, now, as_of)
    return _made(row, viewer, as_of or now, revision)


def _row(viewer: Viewer, finding: int, now: datetime, as_of: datetime | None) -> tuple[Any, int | None]:
    """A finding as it stands or stood, and the revision that was asked, if one was. `Any`: see line_of."""
    revision = None if as_of is None else revision_at(as_of)
    if revision is None:
        catch_up(now)
        rows = Finding.objects.filter(seen_q(viewer), pk=finding)
    else:
        rows = FindingEver.objects.filter(seen_q(viewer), id=finding, since__lte=revision, until__gt=revision)
    row = rows.select_related(*RELATED).first()
    if row is None:
        raise NotFound("There is no such finding, or it is not yours to see")
    return row, revision


def _made(row: Any, viewer: Viewer, at: datetime, revision: int | None) -> FindingPage:
    line = line_of(row, viewer, at)
    detail: Mapping[str, Any] = json.loads(row.detail)
    answer = _answer(row, at) if line.is_open else None
    owns = line.me
    place = {"facility": row.facility_id, "unit": row.unit_id}
    may_give = revision is None and line.is_open and (owns or viewer.may("assign_findings", **place))
    moments = story(row.id, at, revision)
    return FindingPage(
        line=line,
        kind=label(row.kind),
        topic=label(row.topic),
        rule=row.clock,
        why=str(detail.get("why") or detail.get("clock") or "").rstrip("."),
        ends=_ends(line),
        facts=[(str(name), str(value)) for name, value in detail.get("facts", [])],
        subject=_subject(viewer, row),
        blocks=ports.blocks_of(viewer, row.kind, row.subject, detail),
        reach=_reach(row.owner, at),
        owned_from=sure(row.owned_from),
        rungs=_rungs(answer, line) if answer is not None and row.basis == "chain" else (),
        named=_named(answer, row),
        notes=_notes(viewer, row.id, revision),
        moments=moments,
        thread=_thread(line, row, at),
        evidence=row.evidence,
        by_hand=row.by_hand,
        work=revision is None and (owns or viewer.may("work_findings", **place)),
        hand_over=may_give,
        offered=_offered(row, at) if may_give else (),
        files=attachments_of(viewer, f"finding:{row.id}"),
    )


def _ends(line: Line) -> str:
    """What happens when the time is up, in words; no more than what the house does."""
    if not line.is_open or line.due_at is None:
        return ""
    if line.snoozed_until is not None:
        return f"While it waits the clock stands still. It comes back on {words.moment(line.snoozed_until)}."
    late = "It counts" if line.clock.state == "breached" else "When the time is up it counts"
    return f"{late} as overdue on the helm's page and here; it stays with {line.owner} until it is resolved or handed over."


def _subject(viewer: Viewer, row: Any) -> ports.Subject | None:
    """What it is about, as far as the viewer may know it. `Any`: a finding or a version of one, as below."""
    if row.subject_kind == "equipment":
        number = Redirect.objects.filter(old=row.subject).values_list("new", flat=True).first() or row.subject
        found = Equipment.objects.filter(viewer.scope("see_equipment").q(), pk=number).first()
        if found is None:
            return None
        named = (
            ("Maker", found.maker),
            ("Model", found.model),
            ("Serial", found.serial),
            ("Firmware", found.firmware),
        )
        return ports.Subject(
            str(found), f"/equipment/{found.pk}/", [(name, value) for name, value in named if value]
        )
    return ports.subject_of(viewer, row.subject_kind, row.subject)


def _answer(row: Any, at: datetime) -> Answer | None:
    """What the chain says of its topic and place."""
    try:
        return asking.ask_many([(row.topic, row.facility_id, row.unit_id)], at)[0]
    except (asking.NoChain, BeforeTheFirstHelm, UnknownPlace):
        return None


def _rungs(answer: Answer, line: Line) -> list[Rung]:
    """The way from where the question started up to who answers and who would be next, top first."""
    offices = {step.position for step in answer.path} | {one.position for one in answer.next}
    people = {p.person for step in answer.path for p in step.people} | {one.person for one in answer.next}
    titles = {p.key: str(p) for p in Position.objects.filter(key__in=offices)}
    names = {p.key: str(p) for p in Person.objects.filter(key__in=people)}
    rungs = [
        Rung(
            "above",
            titles.get(one.position, one.position),
            names.get(one.person, one.person),
            _AFTER[min(number, 1)],
        )
        for number, one in enumerate(answer.next)
    ][::-1]
    *passed, last = answer.path
    how = last.why.removeprefix("answers (").rstrip(")")
    away = _aways(last.people, names)
    rungs.append(
        Rung(
            "holds", titles.get(last.position, last.position), answer.name or answer.person, _HOW[how] + away
        )
    )
    for step in reversed(passed):
        why = "Nobody is appointed, so it climbed" if step.why == "vacant" else "Its mandate is too small"
        told = _aways(step.people, names).removeprefix("; ") if step.people else why
        rungs.append(Rung("passed", titles.get(step.position, step.position), "", told))
    rungs.append(Rung("passed", "Started at", "", f"{label(answer.topic)}, {line.place}"))
    return rungs


_AFTER: Final = ("Next in line", "After that")
_HOW: Final = {
    "holder": "Holds the office",
    "deputy": "Answers as deputy",
    "shift": "Is on shift",
    "delegate": "Answers by delegation",
}


def _aways(people: Iterable[PassedOver], names: Mapping[str, str]) -> str:
    return "".join(
        f"; {names.get(one.person, one.person)} is away{f' until {words.moment(one.until)}' if one.until else ''}"
        for one in people
    )


def _named(answer: Answer | None, row: Any) -> str:
    """Beside an owner whom no chain named: why, and whom the chain would name."""
    if row.basis == "chain":
        return (
            "" if answer is None or not answer.away else f"Everybody on the way up is away, {row.owner} too."
        )
    if row.basis == "helm":
        return "There is no chain of command yet, so whoever has the role Helm owns what is found."
    if answer is None:
        return "Given by a person."
    return f"Given by a person; handed back, it goes to {answer.name or answer.person}."


def _reach(owner: Any, at: datetime) -> list[tuple[str, str, str]]:
    """How to reach a person, and when they are away next."""
    instant = as_instant(at)
    told = [(icon, name, text) for icon, name, text in (("phone", "Phone", owner.phone), ("pager", "Pager", owner.pager), ("mail", "Mail", owner.email)) if text]  # fmt: skip
    away = Absence.objects.filter(person=owner, end__gt=instant).order_by("start").first()
    if away is not None:
        start, end = moment(away.start), moment(away.end)
        until = f"until {words.day(end.date(), at.date())}" if end else "with no end known"
        told.append(
            (
                "clock",
                "Away",
                until if start is None or start <= at else f"{words.day(start.date(), at.date())}, {until}",
            )
        )
    return told


def _notes(viewer: Viewer, finding: int, revision: int | None) -> list[Note]:
    rows = list(
        FindingNote.objects.filter(finding=finding)
        .select_related("person")
        .order_by("-at", "-id")[:MOST_NOTES]
    )
    if revision is not None:
        gone = FindingNotePast.objects.filter(finding=finding, since__lte=revision, until__gt=revision)
        rows = [one for one in rows if one.since <= revision] + list(gone.select_related("person"))
        rows.sort(key=lambda one: one.at, reverse=True)
    return [
        Note(
            getattr(one, "id", 0) or one.record,
            sure(one.at),
            str(one.person),
            one.text,
            one.person_id == viewer.person.pk,
        )
        for one in rows
    ]


def _thread(line: Line, row: Any, at: datetime) -> list[Stop]:
    """The stops that exist; decisions and work get theirs with their rooms."""
    opened = words.stamp(line.opened_at, at)
    held = words.lasting(at - sure(row.owned_from)) if line.is_open else ""
    return [
        Stop("done", "Finding", f"{line.number}, {opened}"),
        Stop(
            "now" if line.is_open else "done",
            "Owner",
            f"{line.owner}, {held}" if held else line.owner,
            "#owner",
        ),
        Stop("todo", "Evidence", "none yet")
        if line.is_open
        else Stop("done", "Evidence", words.stamp(line.closed_at or at, at), "#evidence"),
    ]


def _offered(row: Any, at: datetime) -> list[tuple[str, str]]:
    """Whom it may be given to at a click: who holds or deputises for an office at its place or above; (key, name and office)."""
    instant = as_instant(at)
    places: list[dict[str, Any]] = [{"position__facility": None, "position__unit": None}]
    if row.unit_id is not None:
        places.append({"position__unit": row.unit_id})
    if row.facility_id is not None:
        places.append({"position__facility": row.facility_id})
    found: dict[str, str] = {}
    for place in reversed(places):
        rows = Appointment.objects.filter(start__lte=instant, end__gt=instant, person__left=False, **place)
        for one in rows.select_related("person", "position").order_by("position__title", "-kind", "id")[
            :MOST_OFFERED
        ]:
            found.setdefault(one.person.key, f"{one.person}, {one.position}")
    return list(found.items())[:MOST_OFFERED]
