"""People as their pages show them. Persons lie at no place: who may see people somewhere sees that they exist, their names and how to
reach them; roles, sign-ins and tokens are for who manages people, and one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from pilothouse.core import ports
from pilothouse.core.errors import NotFound
from pilothouse.core.leaving import left_open
from pilothouse.core.models import Account, Facility, Membership, Person, Token, Unit
from pilothouse.core.people import is_erased
from pilothouse.core.permissions import Viewer
from pilothouse.kernel.times import ALWAYS, OPEN, as_instant

WHOLE = "the whole system"
MOST_PLACES = 500
"""Places that a field offers while one types; with more it is typed alone."""


def may_manage(viewer: Viewer) -> bool:
    """Whether all of a person may be seen and changed."""
    return viewer.may("manage_people")


def people(viewer: Viewer, at: datetime) -> QuerySet[Person]:
    """Everybody, with the roles that hold now and whether they can sign in. Raises NotFound for who may see nobody."""
    if not viewer.may_somewhere("see_people"):
        raise NotFound("There is nothing here")
    now = as_instant(at)
    held = (
        Membership.objects.filter(start__lte=now, end__gt=now)
        .select_related("facility", "unit")
        .order_by("id")
    )
    account = Account.objects.filter(person=OuterRef("pk"))
    return Person.objects.annotate(
        can_sign_in=Exists(account.filter(is_active=True)), has_account=Exists(account)
    ).prefetch_related(Prefetch("membership_rows", queryset=held, to_attr="held"))


@dataclass(frozen=True, slots=True)
class Held:
    """A role at a place in words. state: holds, to come, over."""

    id: int
    role: str
    place: str
    start: datetime | None
    end: datetime | None
    state: str
    may_end: bool


@dataclass(frozen=True)
class Page:
    """A person as the viewer may see them."""

    person: Person
    erased: bool
    manage: bool
    own: bool
    held: Sequence[Held]
    account: Account | None
    second_factor: bool
    tokens: Sequence[Token]
    blocks: Sequence[ports.PersonBlock]
    left_open: Sequence[tuple[str, str]]

    @property
    def sees_all(self) -> bool:
        """Whether roles and sign-in are shown."""
        return self.manage or self.own


def person_page(viewer: Viewer, number: int, at: datetime) -> Page:
    """One person; raises NotFound."""
    one = Person.objects.filter(pk=number).first()
    if one is None or not viewer.may_somewhere("see_people"):
        raise NotFound("There is nobody with this number, or you may not see them")
    manage, own = may_manage(viewer), viewer.person.pk == number
    somewhere = viewer.may_somewhere("manage_people")
    account = Account.objects.filter(person=one).first() if manage or own else None
    return Page(
        person=one,
        erased=is_erased(one),
        manage=manage,
        own=own,
        held=_held(viewer, one, at) if somewhere or own else (),
        account=account,
        second_factor=account is not None
        and Authenticator.objects.filter(user=account).exclude(type="recovery_codes").exists(),
        tokens=list(Token.objects.filter(account=account).order_by("-id")) if account else (),
        blocks=[block for panel in ports.person_panels for block in panel.blocks(viewer, number)],
        left_open=left_open(viewer, number) if one.left else (),
    )


def _held(viewer: Viewer, one: Person, at: datetime) -> list[Held]:
    """The roles that the viewer may see: at places where they manage people, and their own."""
    now = as_instant(at)
    rows = (
        Membership.objects.filter(person=one)
        .select_related("facility", "unit")
        .order_by("-end", "role", "id")
    )
    return [_as_held(row, now, viewer) for row in rows if _sees(viewer, row)]


def _sees(viewer: Viewer, row: Membership) -> bool:
    return viewer.person.pk == row.person_id or _manages(viewer, row)


def _manages(viewer: Viewer, row: Membership) -> bool:
    facility = row.unit.facility_id if row.unit else row.facility_id
    return viewer.may("manage_people", facility=facility, unit=row.unit_id)


def _as_held(row: Membership, now: int, viewer: Viewer) -> Held:
    state = "over" if row.end <= now else "to come" if row.start > now else "holds"
    return Held(
        id=row.pk,
        role=row.get_role_display(),
        place=place_of(row),
        start=moment(row.start),
        end=moment(row.end),
        state=state,
        may_end=state != "over" and _manages(viewer, row),
    )


def moment(instant: int) -> datetime | None:
    """An instant as a moment of the house's zone; None for always and for ever."""
    if instant in (ALWAYS, OPEN):
        return None
    try:
        return timezone.localtime(
            datetime.fromtimestamp(instant / 1_000_000, tz=timezone.get_current_timezone())
        )
    except (OverflowError, ValueError, OSError):
        return None


def place_of(row: Membership) -> str:
    """Where a role counts, in words."""
    return str(row.unit or row.facility or WHOLE)


def places_offered() -> list[tuple[str, str]]:
    """(id, name) of facilities and units for a field to offer; empty where there are too many."""
    rows = [*Facility.objects.order_by("key").values_list("key", "name")[: MOST_PLACES + 1]]
    rows += Unit.objects.order_by("key").values_list("key", "name")[: MOST_PLACES + 1]
    return rows if len(rows) <= MOST_PLACES else []


def find_place(text: str) -> tuple[int | None, int | None]:
    """Facility and unit that a typed id or name means; neither for nothing typed. Raises NotFound."""
    typed = text.strip()
    if not typed or typed.casefold() == WHOLE:
        return None, None
    for field in ("key", "name__iexact"):
        units = list(Unit.objects.filter(**{field: typed}).values_list("id", flat=True)[:2])
        facilities = list(Facility.objects.filter(**{field: typed}).values_list("id", flat=True)[:2])
        if len(units) + len(facilities) == 1:
            return (facilities[0], None) if facilities else (None, units[0])
    raise NotFound(f"No one facility or unit is called {typed!r}")
