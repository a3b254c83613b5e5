"""What the house chose in the browser: its name, its time zone, who must have a second factor, how long things last.

A page asks once a request; what the operator sets in the environment goes before (docs/operators/settings.md).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from pilothouse.core.models import Setting
from pilothouse.core.models.people import Role
from pilothouse.kernel.times import UnknownZone, zone

NAME: Final = "house"
SECOND_FACTOR_ROLES: Final = "second_factor_roles"
TIME_ZONE: Final = "time_zone"
SESSION_HOURS: Final = "session_hours"
JOBS_KEPT_DAYS: Final = "jobs_kept_days"
BOUNDS: Final = {SESSION_HOURS: (1, 72), JOBS_KEPT_DAYS: (7, 3_650)}
"""The least and the most that can be chosen."""
KNOWN_FOR_S: Final = 30.0
"""Calls of the API follow a new time zone after so long: they shall not cost a query more."""
UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class House:
    """name: of the health system, or empty. second_factor_roles: those who may only work with a second factor.

    session_hours: how long one stays signed in. jobs_kept_days: how long finished jobs can be looked up.
    """

    name: str = ""
    second_factor_roles: frozenset[str] = frozenset()
    zone: ZoneInfo = UTC
    session_hours: int = 12
    jobs_kept_days: int = 90


UNCHOSEN: Final = House()
"""What holds until something is chosen."""


def house_of(request: HttpRequest) -> House:
    """The house's choices, read once a request; what is not of the expected kind counts as not chosen."""
    known: House | None = getattr(request, "_house", None)
    if known is None:
        known = request._house = read_house()
    return known


def read_house() -> House:
    """The house's choices now: one query."""
    names = (NAME, SECOND_FACTOR_ROLES, TIME_ZONE, *BOUNDS)
    rows = dict(Setting.objects.filter(name__in=names).values_list("name", "value"))
    name, roles = rows.get(NAME), rows.get(SECOND_FACTOR_ROLES)
    listed = roles if isinstance(roles, list) else []
    return House(
        name if isinstance(name, str) else "",
        frozenset(role for role in listed if role in Role.values),
        zone_from(rows.get(TIME_ZONE)),
        _within(SESSION_HOURS, rows.get(SESSION_HOURS), UNCHOSEN.session_hours),
        _within(JOBS_KEPT_DAYS, rows.get(JOBS_KEPT_DAYS), UNCHOSEN.jobs_kept_days),
    )


def zone_from(*chosen: object) -> ZoneInfo:
    """The operator's time zone where one is set, else the first chosen that is one, else UTC."""
    for named in (settings.TIME_ZONE,) if settings.ZONE_IS_SET else chosen:
        if isinstance(named, str) and named:
            try:
                return zone(named)
            except UnknownZone:
                continue
    return UTC


_known: tuple[float, ZoneInfo] | None = None


def use_zone(house: House | None = None) -> None:
    """From here on times are shown and read in the house's zone. house: None to ask, at most twice a minute."""
    global _known
    if house is not None:
        timezone.activate(house.zone)
        return
    if _known is None or not 0 <= time.monotonic() - _known[0] < KNOWN_FOR_S:
        _known = (time.monotonic(), read_house().zone)
    timezone.activate(_known[1])


def _within(name: str, told: object, default: int) -> int:
    least, most = BOUNDS[name]
    return told if isinstance(told, int) and least <= told <= most else default
