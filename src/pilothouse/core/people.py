"""What is done with people: known, given roles and sign-ins, withdrawn, erased. Rules: docs/domains/people.md.

`by` is who does it; None is the operator at the command line, who holds the database anyway.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import Writing, tables, writing
from pilothouse.core.leaving import end_sign_ins
from pilothouse.core.models import Account, Facility, Membership, Person, PersonPast, Unit
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import TABLE, NotAllowed, Viewer, need
from pilothouse.kernel.times import ALWAYS, OPEN, as_instant

ONE_TIME_GOOD_FOR: Final = timedelta(days=7)
TOP: Final = (str(Role.HELM), str(Role.KEEPER))
"""Roles without which nobody could let anybody in: the last one who holds them for the whole system cannot lose them."""
GIVEN_BY: Final[Mapping[str, frozenset[str]]] = {
    str(Role.HELM): frozenset({str(Role.HELM)}),
    str(Role.KEEPER): frozenset(TOP),
}
"""Roles that are given, and whose holders' sign-ins are changed, only by holders of these."""
LONGEST: Final = 200


class LastOne(Conflict):
    """Nobody else could let people in then."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person, as a list of people tells it. key: the chain's id of them."""

    key: str
    name: str = ""
    email: str = ""
    phone: str = ""
    pager: str = ""
    tested_on: str = ""
    test_ok: str = ""
    left: bool = False


def person_of(person_id: int) -> Person:
    """The person of this id; raises NotFound."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise NotFound("There is nobody with this number")
    return found


def is_erased(person: Person) -> bool:
    """Whether their personal texts were erased for good."""
    return bool(person.veil) and not person.salt


def add_person(
    *,
    by: Viewer | None,
    at: datetime,
    name: str,
    key: str = "",
    email: str = "",
    phone: str = "",
    pager: str = "",
) -> Person:
    """Somebody who works here. key: made from their number where none is given, for it can never be erased."""
    _need_people(by)
    name = _text("name", name)
    if not name:
        raise Invalid("A person needs a name", {"name": "Enter the name."})
    key = _text("key", key)
    with writing(by=_who(by), at=at, verb="add_person") as w:
        if key and Person.objects.filter(key=key).exists():
            raise Invalid("This key is taken", {"key": f"{key} is another person's."})
        number = w.new_ids(Person)[0]
        w.subject = f"person:{number}"
        row = _texts(email=email, phone=phone, pager=pager)
        one = Person(id=number, key=key or _free_key(number), name=name, **row)
        fields = [f.attname for f in Person._meta.concrete_fields if f.name not in ("id", "since")]
        w.insert(Person, [(number, tuple(getattr(one, name) for name in fields))])
    return person_of(number)


def change_person(
    person_id: int, *, by: Viewer | None, at: datetime, since: int, left: bool | None = None, **texts: str
) -> Person:
    """Change name, email, phone or pager, or that they have left. since: the version that was read; raises Stale."""
    _need_people(by)
    unknown = texts.keys() - {"name", "email", "phone", "pager"}
    if unknown:
        raise TypeError(f"no text of a person: {unknown}")
    with (
        writing(by=_who(by), at=at, verb="change_person") as w,
        _keeping_the_last(w.at),
    ):
        one = person_of(person_id)
        if one.since != since:
            raise Stale("Somebody changed this person meanwhile", one.since, asdict(known(one)))
        if is_erased(one):
            raise Conflict("This person was erased; nothing of them is written again")
        _need_above(by, one, w.at)
        for field, text in _texts(**texts).items():
            setattr(one, field, text)
        if not one.name:
            raise Invalid("A person needs a name", {"name": "Enter the name."})
        if left is not None:
            one.left = left
        w.save(one)
        w.subject = f"person:{person_id}" if one.since == w.number else ""
        if one.left:
            end_sign_ins([person_id], w.at)
    return one


def known(one: Person) -> Known:
    """What stands of a person."""
    return Known(
        one.key, one.name, one.email, one.phone, one.pager, one.tested_on, one.test_ok, bool(one.left)
    )


@dataclass(frozen=True, slots=True)
class Upserted:
    """What a list of people came to. ids: of every key in it."""

    ids: Mapping[str, int]
    added: int
    changed: int
    erased: tuple[str, ...]


def upsert_people(w: Writing, people: Iterable[Known]) -> Upserted:
    """Add and change people by key, in the caller's transaction. Who was erased stays erased, and is named."""
    wanted = {one.key: one for one in people}
    standing = {one.key: one for one in Person.objects.filter(key__in=list(wanted))}
    erased = tuple(key for key, one in standing.items() if is_erased(one))
    new = [one for key, one in wanted.items() if key not in standing]
    changed = [
        (standing[key], one)
        for key, one in wanted.items()
        if key in standing and key not in erased and known(standing[key]) != one
    ]
    numbers = w.new_ids(Person, len(new)) if new else range(0)
    w.insert(Person, [(number, _row(one)) for number, one in zip(numbers, new, strict=True)])
    w.overwrite(Person, [(old.pk, _row(one)) for old, one in changed])
    end_sign_ins([old.pk for old, one in changed if one.left], w.at)
    ids = {key: one.pk for key, one in standing.items()} | {
        one.key: n for n, one in zip(numbers, new, strict=True)
    }
    return Upserted(ids, len(new), len(changed), erased)


def _row(one: Known) -> tuple[str | bool, ...]:
    values = asdict(one) | {"salt": "", "veil": ""}
    return tuple(values[f.name] for f in Person._meta.concrete_fields if f.name not in ("id", "since"))


def grant(
    person_id: int,
    *,
    by: Viewer | None,
    at: datetime,
    role: str,
    facility: int | None = None,
    unit: int | None = None,
    start: int = ALWAYS,
    end: int = OPEN,
) -> Membership:
    """Give a role at a place (the system when none is named), from start until end (instants)."""
    need_or_operator(by, "manage_people", facility, unit)
    if role not in Role.values:
        raise Invalid("There is no such role", {"role": "Choose one of the list."})
    if facility is not None and unit is not None:
        raise Invalid("A role has one place", {"unit": "Choose a facility or a unit, not both."})
    if start >= end:
        raise Invalid("The role would end before it begins", {"end": "Choose a day after the first."})
    with writing(by=_who(by), at=at, verb="grant_role", subject=f"person:{person_id}") as w:
        if facility is not None and not Facility.objects.filter(pk=facility).exists():
            raise NotFound("There is no such facility")
        if unit is not None and not Unit.objects.filter(pk=unit).exists():
            raise NotFound("There is no such unit")
        person = person_of(person_id)
        if person.left or is_erased(person):
            raise Conflict("Who has left is given no role")
        _need_to_give(by, person, role, facility, unit)
        same = Membership.objects.filter(person=person, role=role, facility_id=facility, unit_id=unit)
        if same.filter(start__lt=end, end__gt=start).exists():
            raise Conflict("They hold this role there in that time already")
        return w.save(
            Membership(person=person, role=role, facility_id=facility, unit_id=unit, start=start, end=end)
        )


def withdraw(membership_id: int, *, by: Viewer | None, at: datetime) -> Membership:
    """End a role now; one that has not begun goes as if it had never been."""
    one = Membership.objects.select_related("person").filter(pk=membership_id).first()
    if one is None:
        raise NotFound("There is no such role")
    try:
        need_or_operator(by, "manage_people", one.facility_id, one.unit_id)
    except NotAllowed:
        raise NotFound("There is no such role") from None
    with (
        writing(by=_who(by), at=at, verb="withdraw_role", subject=f"person:{one.person_id}") as w,
        _keeping_the_last(w.at),
    ):
        one.refresh_from_db()
        _need_above(by, one.person, w.at)
        _withdrawn(w, one)
    return one


def _withdrawn(w: Writing, one: Membership) -> None:
    now = as_instant(w.at)
    if one.start >= now:
        w.remove(Membership, [one.pk])
    elif one.end > now:
        one.end = now
        w.save(one)


def create_account(
    person_id: int, *, by: Viewer | None, at: datetime, login: str, password: str | None = None
) -> tuple[Account, str]:
    """A sign-in for a person; answers the one-time password to hand to them, empty when a password was given."""
    _need_people(by)
    login = _text("login", login)
    if not login or any(c.isspace() for c in login) or len(login) > 150:
        raise Invalid("This is no name to sign in with", {"login": "Up to 150 characters without spaces."})
    with writing(by=_who(by), at=at, verb="create_account", subject=f"person:{person_id}") as w:
        person = person_of(person_id)
        _need_above(by, person, w.at)
        if person.left or is_erased(person):
            raise Conflict("Who has left is given no sign-in")
        if Account.objects.filter(person=person).exists():
            raise Conflict("They can sign in already")
        if Account.objects.filter(login__iexact=login).exists():
            raise Invalid("This name is taken", {"login": f"Somebody else signs in as {login}."})
        account = Account(login=login, email=person.email, person=person)
        return account, _given_password(account, at, password)


def reset_password(person_id: int, *, by: Viewer | None, at: datetime) -> str:
    """A new one-time password; whoever is signed in as them is signed out, and their second factor is taken off."""
    _need_people(by)
    with writing(by=_who(by), at=at, verb="reset_password", subject=f"person:{person_id}") as w:
        account = _account_of(person_id)
        _need_above(by, account.person, w.at)
        Authenticator.objects.filter(user=account).delete()
        return _given_password(account, at, None)


def _given_password(account: Account, at: datetime, password: str | None) -> str:
    one_time = "" if password else "-".join(secrets.token_hex(2) for _ in range(5))
    account.set_password(password or one_time)
    account.one_time_until = at + ONE_TIME_GOOD_FOR if one_time else None
    account.save()
    return one_time


def enable_account(person_id: int, *, by: Viewer | None, at: datetime, on: bool) -> Account:
    """Let a person sign in again, or no more."""
    _need_people(by)
    verb = "enable_account" if on else "disable_account"
    with (
        writing(by=_who(by), at=at, verb=verb, subject=f"person:{person_id}") as w,
        _keeping_the_last(w.at),
    ):
        account = _account_of(person_id)
        _need_above(by, account.person, w.at)
        if on and account.person.left:
            raise Conflict("Who has left cannot sign in")
        account.is_active = on
        account.save(update_fields=["is_active"])
    return account


def erase_person(person_id: int, *, by: Viewer | None, at: datetime) -> Person:
    """Blank a person's texts now and in the past, end their roles, delete their sign-in. The log still verifies. ADR 0011.

    What stays is their key and number, and what they did. Raises LastOne, NotAllowed.
    """
    _need_people(by)
    if by is not None and by.person.pk == person_id:
        raise NotAllowed("You cannot erase yourself")
    with (
        writing(by=_who(by), at=at, verb="erase_person", subject=f"person:{person_id}") as w,
        _keeping_the_last(w.at),
    ):
        person = person_of(person_id)
        _need_above(by, person, w.at)
        for one in Membership.objects.filter(person=person, end__gt=as_instant(w.at)):
            _withdrawn(w, one)
        Account.objects.filter(person=person).delete()
        person.left = True
        w.save(person)
        _blank(person_id)
    return person_of(person_id)


def _blank(person_id: int) -> None:
    """The only writing to kept rows that goes past `Writing`: what is blanked was never sealed itself."""
    table = tables()[Person]
    texts = ", ".join(f"{table.columns[i]} = ''" for i in (*table.personal, table.salt))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table.name} SET {texts} WHERE id = %s", [person_id])
        cursor.execute(f"UPDATE {PersonPast._meta.db_table} SET {texts} WHERE record = %s", [person_id])


def holders(role: str, at: datetime) -> set[int]:
    """Who holds a role for the whole system without an end and can sign in."""
    instant = as_instant(at)
    return set(
        Membership.objects.filter(
            role=role, facility=None, unit=None, start__lte=instant, end=OPEN, person__left=False
        )
        .filter(person__account__is_active=True)
        .values_list("person_id", flat=True)
    )


class _keeping_the_last:
    """Around what may take a top role from somebody: raises LastOne when its last holder would lose it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __enter__(self) -> None:
        self.before = {role for role in TOP if holders(role, self.at)}

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        for role in self.before:
            if not holders(role, self.at):
                raise LastOne(
                    f"This is the last one who holds the role {Role(role).label} for the whole system and can sign in. Give it to somebody else first."
                )


def _need_to_give(
    by: Viewer | None, person: Person, role: str, facility: int | None, unit: int | None
) -> None:
    """Raise NotAllowed where somebody would give what is above them, or lift themselves."""
    if by is None:
        return
    mine = {str(one.role) for one in by.held if one.facility is None and one.unit is None}
    if role in GIVEN_BY and not mine & GIVEN_BY[role]:
        raise NotAllowed(f"The role {Role(role).label} is given only by who holds it")
    if by.person.pk == person.pk:
        wider = [
            p for p, roles in TABLE.items() if role in roles and not by.may(p, facility=facility, unit=unit)
        ]
        if wider:
            raise NotAllowed("You cannot give yourself more than you hold; somebody else can")


def _need_above(by: Viewer | None, person: Person, at: datetime) -> None:
    """Raise NotAllowed where who does it could take over the sign-in of somebody above them."""
    if by is None or by.person.pk == person.pk:
        return
    mine = {str(one.role) for one in by.held if one.facility is None and one.unit is None}
    theirs = Membership.objects.filter(person=person, end__gt=as_instant(at)).values_list("role", flat=True)
    for role in theirs:
        if role in GIVEN_BY and not mine & GIVEN_BY[role]:
            raise NotAllowed(f"{Role(role).label} is above your own roles; who holds it can do this")


def need_or_operator(by: Viewer | None, permission: str, facility: int | None, unit: int | None) -> None:
    """`need`, but the operator may do all. A unit is also its facility's."""
    if by is None:
        return
    if facility is None and unit is not None:
        above = Unit.objects.filter(pk=unit).values_list("facility_id", flat=True).first()
        if by.may(permission, facility=above):
            return
    need(by, permission, facility=facility, unit=unit)


def _need_people(by: Viewer | None) -> None:
    need_or_operator(by, "manage_people", None, None)


def _who(by: Viewer | None) -> Person | None:
    return None if by is None else by.person


def _account_of(person_id: int) -> Account:
    found = Account.objects.select_related("person").filter(person_id=person_id).first()
    if found is None:
        raise NotFound("They have no sign-in")
    return found


def _free_key(number: int) -> str:
    taken = set(Person.objects.filter(key__startswith=f"P{number}").values_list("key", flat=True))
    return next(key for n in count() if (key := f"P{number}-{n}" if n else f"P{number}") not in taken)


def _text(name: str, text: str) -> str:
    clean = " ".join(text.split())
    if len(clean) > LONGEST:
        raise Invalid(f"The {name} is too long", {name: f"At most {LONGEST} characters."})
    if any(not c.isprintable() for c in clean):
        raise Invalid(f"The {name} cannot be taken", {name: "Letters that cannot be shown are in it."})
    return clean


def _texts(**texts: str) -> dict[str, str]:
    return {name: _text(name, text) for name, text in texts.items()}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to be let in. facility, unit: keys of places; key: of a person who is known already, or of a new one."""

    name: str
    login: str
    role: str
    facility: str | None = None
    unit: str | None = None
    key: str = ""
    email: str = ""


def let_in(asked: Newcomer, *, by: Viewer | None, at: datetime, password: str | None = None) -> str:
    """Add a person, a role and a sign-in together, or nothing; the one-time password, empty where one was given."""
    if asked.role not in Role.values:
        raise Invalid(f"There is no role {asked.role!r}; there are {', '.join(Role.values)}")
    if password is not None:
        _need_strong(password, asked)
    with transaction.atomic():
        facility = _place(Facility, asked.facility)
        unit = _place(Unit, asked.unit)
        one = Person.objects.filter(key=asked.key).first() if asked.key else None
        one = one or add_person(by=by, at=at, name=asked.name, key=asked.key, email=asked.email)
        grant(one.pk, by=by, at=at, role=asked.role, facility=facility, unit=unit)
        _, one_time = create_account(one.pk, by=by, at=at, login=asked.login, password=password)
    return one_time


def _place(model: type[Facility] | type[Unit], key: str | None) -> int | None:
    if key is None:
        return None
    found = model.objects.filter(key=key).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(f"There is no {model.__name__.lower()} {key!r}")
    return found


def _need_strong(password: str, asked: Newcomer) -> None:
    try:
        validate_password(password, Account(login=asked.login, email=asked.email))
    except ValidationError as error:
        raise Invalid(f"The password is too weak: {' '.join(error.messages)}") from None
