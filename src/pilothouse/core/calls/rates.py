"""How many calls a caller may make: so many in each minute of the clock, in all processes of the server together.

A process takes shares of a minute out of the database, a sixteenth of what is left each time, and gives calls out of its share:
together they never give more than the limit, and few calls cost a query. docs/operators/tokens.md.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError, connection

from pilothouse.core.errors import TooOften
from pilothouse.core.tokens import not_waiting

SHARES: Final = 16

_TAKE: Final = """
INSERT INTO core_called (caller, minute, taken) VALUES (%s, %s, %s)
ON CONFLICT (caller) DO UPDATE SET minute = excluded.minute, taken = excluded.taken +
    CASE WHEN core_called.minute = excluded.minute THEN core_called.taken ELSE 0 END
RETURNING taken"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a minute. resets_s: seconds until the next begins."""

    limit: int
    left: int
    resets_s: int


@dataclass(slots=True)
class Share:
    """What this process holds of a caller's minute. taken: by all together, as last heard; owed: given, not yet in the database."""

    minute: int
    taken: int = 0
    left: int = 0
    owed: int = 0


_shares: dict[str, Share] = {}
_one_at_a_time = threading.Lock()


def limit_per_minute() -> int:
    """PILOTHOUSE_API_RATE, else 1,200; 0 is no limit."""
    told = os.environ.get("PILOTHOUSE_API_RATE", "")
    return int(told) if told.isdecimal() else 1_200


def count_call(caller: str, now_s: float | None = None) -> Rate:
    """Count one call of a caller; raises TooOften when its minute is full."""
    limit, now = limit_per_minute(), time.time() if now_s is None else now_s
    minute, resets = int(now // 60), 60 - int(now % 60)
    if not limit:
        return Rate(0, 0, resets)
    with _one_at_a_time:
        share = _shares.get(caller)
        if share is None or share.minute != minute:
            share = _shares[caller] = Share(minute)
        if not share.left and share.taken < limit:
            _take(caller, share, limit)
        if not share.left:
            raise TooOften(f"{limit:,} calls a minute are taken; wait {resets} s", wait_s=resets)
        share.left -= 1
        return Rate(limit, limit - share.taken + share.left, resets)


def _take(caller: str, share: Share, limit: int) -> None:
    """One share more; while somebody else writes it is owed: a call that reads never waits for an import."""
    wanted = max(1, (limit - share.taken) // SHARES)
    try:
        with not_waiting(), connection.cursor() as cursor:
            cursor.execute(_TAKE, [caller, share.minute, wanted + share.owed])
            taken = int(cursor.fetchone()[0])
    except OperationalError:
        share.taken += wanted
        share.owed += wanted
        share.left = wanted
        return
    share.left = max(0, wanted - max(0, taken - limit))
    share.taken, share.owed = min(taken, limit), 0


def forget() -> None:
    """Hold no shares: for tests, whose database begins anew."""
    with _one_at_a_time:
        _shares.clear()
