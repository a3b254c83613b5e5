"""Somebody leaves: their sign-in and their keys end at once, and what they leave open is told. Rules: docs/domains/people.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pilothouse.core import ports
from pilothouse.core.models import Account, Person, Token
from pilothouse.core.permissions import Viewer


def end_sign_ins(people: Iterable[int], at: datetime) -> None:
    """Close their accounts, end their sessions for good, withdraw their tokens. In the transaction that marks them as having left."""
    accounts = list(Account.objects.filter(person__in=list(people)))
    for one in accounts:
        one.is_active = False
        one.choices["turn"] = int(one.choices.get("turn", 0)) + 1
        one.save(update_fields=["is_active", "choices"])
    Token.objects.filter(account__in=accounts, withdrawn_at=None).update(withdrawn_at=at)


def left_open(viewer: Viewer, person: int) -> list[tuple[str, str]]:
    """What still waits for somebody or hangs on them, as far as the viewer may know: words, and an address or nothing."""
    return [one for room in ports.leavings for one in room.open_with(viewer, person)]


class LeftCheck:
    """Who has left cannot sign in and holds no key; for `pilothouse check`."""

    def problems(self) -> Iterator[str]:
        """Contradictions, by the person's key."""
        gone = Person.objects.filter(left=True)
        for key in gone.filter(account__is_active=True).order_by("key").values_list("key", flat=True):
            yield f"{key} has left and their account is still open"
        held = gone.filter(account__tokens__withdrawn_at=None, account__tokens__isnull=False)
        for key in held.order_by("key").values_list("key", flat=True).distinct():
            yield f"{key} has left and has a token that was not withdrawn"
