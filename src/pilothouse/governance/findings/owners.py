"""Finding owners: the chain answers for each topic and place once; who is away, has left or was handed over is found anew.

Nothing here asks what the chain's rules are: `governance.asking` does. ADR 0018.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Q

from pilothouse.core.errors import Conflict
from pilothouse.core.keeping import Writing
from pilothouse.core.models import Membership, Person, Revision
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import Viewer
from pilothouse.governance import asking
from pilothouse.governance.findings.rows import (
    Change,
    Owner,
    Question,
    among,
    helm_owner,
    listed,
    parts,
    put,
    stored,
    within,
)
from pilothouse.governance.findings.waking import woken
from pilothouse.governance.models import Absence, Basis, DueInstant, Finding, OwnersAsOf
from pilothouse.governance.words import Answer
from pilothouse.kernel.times import OPEN, Instant, as_datetime, as_instant, zone

WATCHED: Final = (
    "governance_position", "governance_appointment", "governance_mandate", "governance_absence", "governance_shift",
    "governance_delegation", "core_facility", "core_unit", "core_membership", "core_person",
)  # fmt: skip
"""The tables an answer depends on. All are kept, so that their latest revision tells whether anything changed."""
TIMED: Final = (*WATCHED[:6], "core_unit", "core_membership")
_EVERY_INSTANT: Final = (
    *(f'SELECT "{column}" AS at FROM {table}' for table in TIMED for column in ("start", "end")),
    "SELECT snoozed_until AS at FROM governance_finding WHERE state = 'snoozed'",
)
_UTC: Final = zone("UTC")
MOST_STEPS: Final = 200
"""Missed instants that are walked one by one."""


class NobodyAtTheHelm(Conflict):
    """A finding needs an owner: import the chain of command, or give somebody the role Helm for the whole system."""


def owners_for(questions: Collection[Question], at: datetime) -> dict[Question, Owner]:
    """Who owns what arises for each topic and place.

    With no chain, or before its first helm, whoever has the role Helm owns. Raises NobodyAtTheHelm.
    """
    if not questions:
        return {}
    asked = sorted(questions, key=_in_order)
    try:
        answers = dict(zip(asked, asking.ask_many(asked, at), strict=True))
    except asking.NoChain:
        answers = dict.fromkeys(asked)
    owners = _as_owners([answer for answer in answers.values() if answer is not None])
    found = {q: owners[answer.person, answer.position] for q, answer in answers.items() if answer is not None}
    if len(found) < len(asked):
        found = dict.fromkeys(asked, helm_by_role(as_instant(at))) | found
    return found


def _in_order(question: Question) -> tuple[str, int, int]:
    topic, facility, unit = question
    return topic, facility or 0, unit or 0


def _as_owners(answers: Iterable[Answer]) -> dict[tuple[str, str], Owner]:
    pairs = {(answer.person, answer.position) for answer in answers}
    people = asking.person_ids({person for person, _ in pairs}) if pairs else {}
    positions = asking.position_ids({position for _, position in pairs}) if pairs else {}
    return {(p, q): Owner(people[p], positions[q], str(Basis.CHAIN)) for p, q in pairs}


def helm_by_role(at: Instant) -> Owner:
    """Who has the role Helm for the whole system; of several the one who had it first. Raises NobodyAtTheHelm."""
    person = (
        Membership.objects.filter(
            role=Role.HELM, facility=None, unit=None, start__lte=at, end__gt=at, person__left=False
        )
        .order_by("start", "id")
        .values_list("person_id", flat=True)
        .first()
    )
    if person is None:
        raise NobodyAtTheHelm(NobodyAtTheHelm.__doc__)
    return helm_owner(person)


def away_or_left(people: Iterable[int], at: Instant) -> set[int]:
    """Those of these people who cannot own anything at an instant: away, or no longer here."""
    ids = list(people)
    away = Absence.objects.filter(person__in=ids, start__lte=at, end__gt=at).values_list(
        "person_id", flat=True
    )
    left = Person.objects.filter(id__in=ids, left=True).values_list("id", flat=True)
    return {*away, *left}


def reown(
    at: datetime,
    topics: Collection[str] | None = None,
    places: Collection[tuple[int | None, int | None]] | None = None,
    *,
    w: Writing | Viewer | Person | None = None,
) -> int:
    """Find the owners of open findings anew; how many changed hands.

    topics, places (facility, unit): only those. `assigned` holds unless that person is away or has left. w: an open revision, or
    who asked.
    """
    with within(w, at, "reown_findings") as open_one:
        return _reown(open_one, at, topics, places)


def _reown(
    w: Writing,
    at: datetime,
    topics: Collection[str] | None = None,
    places: Collection[tuple[int | None, int | None]] | None = None,
) -> int:
    instant = as_instant(at)
    groups = [
        (question, owner)
        for question, owner in open_groups(_gone(instant))
        if (topics is None or question[0] in topics) and (places is None or question[1:] in places)
    ]
    answers = owners_for({question for question, _ in groups}, at)
    stale = {(question, owner) for question, owner in groups if answers[question] != owner}
    return _handed_over(w, stale, answers, instant) if stale else 0


_OPEN: Final = "NOT (state = 'resolved')"


def _gone(at: Instant) -> set[int]:
    """People to whom something is assigned and who cannot own it any more."""
    assigned = Finding.objects.filter(~Q(state="resolved"), basis=Basis.ASSIGNED)
    return away_or_left(assigned.values_list("owner_id", flat=True).distinct(), at)


def open_groups(gone: Collection[int]) -> list[tuple[Question, Owner]]:
    """Each topic and place with each owner it has; of what is assigned only what is to these people, who are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT topic, facility_id, unit_id, owner_id, position_id, basis FROM governance_finding WHERE {_OPEN}"
            f" AND (basis <> 'assigned' OR {among('owner_id')})"
            " GROUP BY topic, facility_id, unit_id, owner_id, position_id, basis",
            [listed(gone)],
        )
        return [
            ((topic, facility, unit), Owner(*owner)) for topic, facility, unit, *owner in cursor.fetchall()
        ]


def _handed_over(
    w: Writing, stale: set[tuple[Question, Owner]], answers: Mapping[Question, Owner], at: Instant
) -> int:
    ids = _ids_of(stale)
    for part in parts(ids):
        changes: list[Change] = []
        for one in stored(among("id"), [listed(part)]):
            changes.append((one.id, one.row, one.row.owned_by(answers[one.row.question], at)))
        put(w, changes, at)
    return len(ids)


def _ids_of(stale: set[tuple[Question, Owner]]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, topic, facility_id, unit_id, owner_id, position_id, basis FROM governance_finding WHERE {_OPEN} ORDER BY id"
        )
        return [
            record
            for record, topic, facility, unit, *owner in cursor.fetchall()
            if ((topic, facility, unit), Owner(*owner)) in stale
        ]


def wake_due(w: Writing, at: Instant) -> int:
    """Snoozed findings whose day has come are open again; how many."""
    due = stored("state = 'snoozed' AND snoozed_until <= %s", [at])
    put(w, [(one.id, one.row, woken(one.row, one.row.snoozed_until)) for one in due], at)
    return len(due)


def wake(at: datetime, *, w: Writing | Viewer | Person | None = None) -> int:
    """The same as an action of its own."""
    with within(w, at, "wake_findings") as open_one:
        return wake_due(open_one, as_instant(at))


def catch_up(at: datetime) -> bool:
    """Bring owners and snoozes up to a moment, before anything is read; whether there was something to do.

    One query over indexes when nothing is due, so that every read may call it and no late worker is seen. What was missed is walked
    instant by instant: intervals begin when they were due, the revision that writes them says when that was found.
    """
    instant = as_instant(at)
    if not _behind(instant)[1]:
        return False
    with within(None, at, "catch_up_findings") as w:
        revision, behind, chain_changed = _behind(instant)
        if not behind:
            return False
        for step in _steps(instant, _changed_at(revision) if chain_changed else None):
            wake_due(w, step)
            if Finding.objects.filter(~Q(state="resolved")).exists():
                with suppress(
                    NobodyAtTheHelm
                ):  # they stay with whom they are with; `pilothouse check` says so
                    _reown(w, as_datetime(step, _UTC))
        if chain_changed:
            plan_instants(instant)
        DueInstant.objects.filter(at__lte=instant).delete()
        OwnersAsOf.objects.update_or_create(id=1, defaults={"revision": revision, "instant": instant})
    return True


def _steps(now: Instant, changed: Instant | None) -> list[Instant]:
    """The instants at which owners are to be found, the earliest first, so that each interval begins when it was due.

    changed: when what answers depend on was last written; it counts from then on, never from before somebody said so, and what was
    due earlier begins with it. After a very long stop only the last `MOST_STEPS` instants are walked, which the first stands for.
    """
    if changed is None:
        due = DueInstant.objects.filter(at__lte=now).order_by("at").values_list("at", flat=True)
        return list(due)[-MOST_STEPS:]
    begin = min(changed, now)
    return [begin, *_instants(begin, now)[-MOST_STEPS:]]


def _changed_at(revision: int) -> Instant | None:
    """When a revision was recorded."""
    found = Revision.objects.filter(pk=revision).values_list("at", flat=True).first()
    return None if found is None else as_instant(found)


def _instants(after: Instant, upto: Instant) -> list[Instant]:
    """Every begin and end of the chain's rows, and every day a snooze ends, later than one instant and not later than another."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT at FROM ({' UNION '.join(_EVERY_INSTANT)}) t WHERE at > %s AND at <= %s AND at < {OPEN} ORDER BY at",
            [after, upto],
        )
        return [at for (at,) in cursor.fetchall()]


def is_behind(at: datetime) -> bool:
    """Whether owners are not those of this moment yet."""
    return _behind(as_instant(at))[1]


def _behind(at: Instant) -> tuple[int, bool, bool]:
    """The latest revision of what answers depend on, whether anything is to be done, and whether because of that revision."""
    columns = [
        column
        for table in WATCHED
        for column in (f"(SELECT MAX(since) FROM {table})", f"(SELECT MAX(until) FROM {table}past)")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT revision FROM governance_ownersasof WHERE id = 1), (SELECT MIN(at) FROM governance_dueinstant), "
            + ", ".join(columns)
        )
        known, due, *revisions = cursor.fetchone()
    latest = max(filter(None, revisions), default=0)
    changed = latest != (known or 0)
    return latest, changed or (due is not None and due <= at), changed


def plan_instants(at: Instant) -> None:
    """Fill the table of due instants anew: every later begin and end of the chain's rows, and every day a snooze ends."""
    DueInstant.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO governance_dueinstant (at) SELECT at FROM ({' UNION '.join(_EVERY_INSTANT)}) t WHERE at > %s AND at < %s",
            [at, OPEN],
        )


def remember_instant(at: Instant) -> None:
    """One more instant at which something is due."""
    DueInstant.objects.get_or_create(at=at)
