"""Moving the helm: who holds it, what changes hands when somebody succeeds, and doing it.

The last holder of the helm has no end and can only be succeeded, so that there is never a moment without one.
Source: docs/domains/governance.md, "Changes".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pilothouse.core.errors import Conflict, Invalid
from pilothouse.core.models import Account, Membership
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import Viewer, need
from pilothouse.core.words import counted, moment
from pilothouse.governance import models as m
from pilothouse.governance.asking import NoChain
from pilothouse.governance.command import actions
from pilothouse.governance.command.versions import version_of_position
from pilothouse.governance.loading import chain_zone
from pilothouse.governance.models import Finding
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_datetime


@dataclass(frozen=True, slots=True)
class Helm:
    """The helm as it is held: its office, whoever holds it last and from when (without an end), and the version that was read."""

    position: Any
    holder: Any
    start: Instant
    since: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a succession changes and what it does not, in words. warnings: what should be seen to beside it."""

    changes: Sequence[str]
    stays: Sequence[str]
    warnings: Sequence[str]


def helm() -> Helm:
    """Raises NoChain where there is none yet."""
    last = (
        m.Appointment.objects.filter(position__helm=True, kind="holder", end=OPEN)
        .select_related("position", "person")
        .first()
    )
    if last is None:
        raise NoChain
    return Helm(last.position, last.person, last.start, version_of_position(last.position_id))


def outlook(viewer: Viewer, person: int, *, start: Instant, now: Instant) -> Outlook:
    """What would change hands if this person held the helm from then on; writes nothing. Raises as `succeed` does."""
    need(viewer, "edit_chain")
    held, one = helm(), actions.person_here(person)
    _fits(held, one, start)
    when = "now" if start <= now else moment(as_datetime(start, chain_zone()))
    open_ones = Finding.objects.exclude(state="resolved").filter(owner=held.holder)
    passing = open_ones.filter(position=held.position, basis="chain").count()
    assigned = open_ones.filter(basis="assigned").count()
    below = m.Position.objects.filter(reports_to=held.position, end__gt=start).count()
    deputies = m.Appointment.objects.filter(position=held.position, kind="deputy", end__gt=start)
    changes = [
        f"{one} holds {held.position} from {when} on; {held.holder} no longer does.",
        f"{counted(below, 'office')} {'reports' if below == 1 else 'report'} to {one} then.",
        _passing(passing, held.holder, one),
    ]
    stays = [
        f"Deputies stay: {', '.join(str(each.person) for each in deputies.select_related('person').order_by('rank', 'id')) or 'there are none'}.",
        "Roles stay: who may see and do what is given on people's pages.",
    ]
    if assigned:
        stays.append(
            f"What somebody assigned to {held.holder} stays with them: {counted(assigned, 'finding')}."
        )
    return Outlook(changes, stays, _warnings(held, one, start))


def _passing(number: int, old: Any, new: Any) -> str:
    """What goes from the one to the other. `Any`: people."""
    waits = f"{counted(number, 'open finding')} that {'waits' if number == 1 else 'wait'} for {old} at the helm {'goes' if number == 1 else 'go'} to {new}, and "
    return (
        f"{waits}whatever climbs to the top from then on."
        if number
        else f"Whatever climbs to the top from then on goes to {new}."
    )


def _warnings(held: Helm, one: Any, start: Instant) -> list[str]:
    """What the new holder lacks. `Any`: a person."""
    told = []
    away = m.Absence.objects.filter(person=one, start__lte=start, end__gt=start).order_by("-end").first()
    if away is not None:
        until = "" if away.end == OPEN else f" until {moment(as_datetime(away.end, chain_zone()))}"
        told.append(f"{one} is away{until}; deputies answer meanwhile.")
    if not Membership.objects.filter(
        person=one, role=Role.HELM, facility=None, unit=None, start__lte=start, end__gt=start
    ).exists():
        told.append(
            f"{one} does not have the role Helm for the whole system, so they may see and do less than the helm."
        )
    if not Account.objects.filter(person=one, is_active=True).exists():
        told.append(f"{one} cannot sign in.")
    if not (one.phone or one.pager or one.email):
        told.append(f"No way to reach {one} is known.")
    return told


def succeed(
    viewer: Viewer, person: int, *, at: datetime, start: Instant, seen: int | None = None
) -> actions.Done:
    """The person holds the helm from then on, without an end; whoever holds it last ends there. Raises Stale, Conflict, Invalid.

    One helm always: a succession before the present holder began, or beside one that is planned, is refused.
    """
    need(viewer, "edit_chain")
    held = helm()
    _fits(held, actions.person_here(person), start)
    times = actions.Times(start)
    return actions.appoint(
        held.position.pk, person, by=viewer, at=at, times=times, succeed=True, seen=held.since if seen is None else seen
    )  # fmt: skip


def _fits(held: Helm, one: Any, start: Instant) -> None:  # Any: a person
    if one.pk == held.holder.pk:
        raise Conflict(f"{one} holds the helm already")
    if start <= held.start:
        raise Invalid(
            f"{held.holder} holds it only from {moment(as_datetime(held.start, chain_zone()))} on",
            {"begins": "Choose a later time, or take the planned succession back first."},
        )


def as_moment(instant: Instant) -> datetime | None:
    """On the chain's clock; None for always."""
    return None if instant in (ALWAYS, OPEN) else as_datetime(instant, chain_zone())
