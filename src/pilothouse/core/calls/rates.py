"""How many calls a caller may make: so many in each minute of the clock.

Counted in Django's cache: with the cache in memory, which is the default, each worker process counts by itself, so that the
limit of a server is the limit times its workers; a shared cache makes it exact. docs/operators/tokens.md.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from django.core.cache import cache

from pilothouse.core.errors import TooOften


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a minute. resets_s: seconds until the next begins."""

    limit: int
    left: int
    resets_s: int


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
    key = f"calls:{caller}:{minute}"
    cache.add(key, 0, 120)
    try:
        made = cache.incr(key)
    except ValueError:  # thrown out between the two
        made = 1
    if made > limit:
        raise TooOften(f"{limit:,} calls a minute are taken; wait {resets} s", wait_s=resets)
    return Rate(limit, limit - made, resets)
