"""Tokens of the API: made for one's own account, shown once, kept as a hash, used within their scopes until their end.

A token may never do more than its person: its scopes are names of `permissions.TABLE`, and a role that is gone takes them along.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError, connection
from django.db.models import Q

from pilothouse.core.errors import Conflict, Invalid, NotFound
from pilothouse.core.keeping import writing
from pilothouse.core.models import Account, Token
from pilothouse.core.permissions import TABLE, Viewer, viewer_of

MARK: Final = "ph_"
"""What every token begins with, so that it is known when it turns up where it should not."""
PREFIX: Final = 11
"""So many characters of a token are kept and shown; the other 35 carry 208 bits."""
MOST: Final = 50
"""Tokens an account may hold at once."""
USED_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use is remembered."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls by a token: the account, what it may see, and the token itself."""

    account: Account
    viewer: Viewer
    token: Token


def hashed(plain: str) -> str:
    """What is stored of a token. No salt or slow hash: it is random, nobody guesses it."""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def make_token(
    *, by: Viewer, at: datetime, name: str, scopes: Iterable[str], ends_at: datetime | None = None
) -> tuple[Token, str]:
    """A new token of one's own account, and its text, which nobody can read again.

    Raises Invalid for a name, a scope or an end that cannot be taken; Conflict when the account holds too many.
    """
    account = _account(by)
    wanted = sorted(set(scopes))
    if wrong := _problems(name, wanted, ends_at, at):
        raise Invalid("The token was not made", wrong)
    plain = MARK + secrets.token_urlsafe(32)
    with writing(
        by=by.person, at=at, verb="make_token", subject=f"account:{account.pk}", note=f"{plain[:PREFIX]}… for {', '.join(wanted)}"
    ):  # fmt: skip
        if live_tokens(account, at) >= MOST:
            raise Conflict(f"You hold {MOST} tokens already; withdraw one that is no longer used")
        token = Token.objects.create(
            account=account,
            name=name.strip(),
            prefix=plain[:PREFIX],
            hashed=hashed(plain),
            scopes=wanted,
            made_at=at,
            ends_at=ends_at,
        )
    return token, plain


def withdraw_token(*, by: Viewer, at: datetime, token_id: int) -> Token:
    """The token is of no use from now on. One's own, or anybody's for those who manage people; others' are not found."""
    found = Token.objects.select_related("account").filter(pk=token_id)
    if not by.may("manage_people"):
        found = found.filter(account__person_id=by.person.pk)
    token = found.first()
    if token is None:
        raise NotFound("There is no such token")
    if token.withdrawn_at is None:
        with writing(
            by=by.person, at=at, verb="withdraw_token", subject=f"account:{token.account_id}", note=f"{token.prefix}…"
        ):  # fmt: skip
            token.withdrawn_at = at
            token.save(update_fields=["withdrawn_at"])
    return token


def tokens_of(viewer: Viewer) -> Sequence[Token]:
    """One's own tokens, the newest first; withdrawn ones too."""
    return list(Token.objects.filter(account__person_id=viewer.person.pk).order_by("-made_at", "-id")[:200])


def scopes_for(viewer: Viewer) -> Sequence[str]:
    """The permissions that a token of this viewer could use at all."""
    return [name for name in TABLE if viewer.may_somewhere(name)]


def live_tokens(account: Account, at: datetime) -> int:
    """How many tokens of an account work at a time."""
    return (
        Token.objects.filter(account=account, withdrawn_at=None)
        .filter(Q(ends_at=None) | Q(ends_at__gt=at))
        .count()
    )


def caller_of(plain: str, at: datetime) -> Caller | None:
    """Who holds this token, or None when it is unknown, withdrawn, past its end, or its person may not sign in. Two queries."""
    token = (
        Token.objects.select_related("account__person")
        .filter(hashed=hashed(plain), withdrawn_at=None, account__is_active=True, account__person__left=False)
        .filter(Q(ends_at=None) | Q(ends_at__gt=at))
        .first()
    )
    if token is None:
        return None
    _note_use(token, at)
    scopes = [scope for scope in token.scopes if scope in TABLE]
    return Caller(token.account, viewer_of(token.account.person, at, only=scopes), token)


def _account(viewer: Viewer) -> Account:
    if viewer.only is not None:
        raise Conflict("A token cannot make tokens: sign in for that")
    account = Account.objects.filter(person_id=viewer.person.pk, is_active=True).first()
    if account is None:
        raise Conflict("You have no account that signs in")
    return account


def _problems(name: str, scopes: Sequence[str], ends_at: datetime | None, at: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    if not name.strip() or len(name.strip()) > 100 or "\x00" in name:
        found["name"] = "Give it a name of up to 100 letters that says where it is used"
    if unknown := [scope for scope in scopes if scope not in TABLE]:
        found["scopes"] = f"{unknown[0][:60]!r} is no permission"
    elif not scopes:
        found["scopes"] = "Choose at least one thing it may do"
    if ends_at is not None and ends_at <= at:
        found["ends_at"] = "Its end lies in the past"
    return found


def _note_use(token: Token, at: datetime) -> None:
    """At most once a minute, and never waiting for another writer: the mark is worth less than the answer."""
    if token.used_at is not None and at - token.used_at < USED_EVERY:
        return
    try:
        with not_waiting():
            Token.objects.filter(pk=token.pk).update(used_at=at)
    except OperationalError:
        return


@contextmanager
def not_waiting() -> Iterator[None]:
    """On SQLite an import that writes would be waited for; here it is not."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        usual = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
