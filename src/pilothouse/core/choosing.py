"""Settings that are changed in the browser; each change stands in the audit log."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from django.conf import settings

from pilothouse.core import house as chosen
from pilothouse.core.errors import Invalid
from pilothouse.core.keeping import writing
from pilothouse.core.models import Setting
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import Viewer, need
from pilothouse.kernel.times import UnknownZone, zone

LONGEST_NAME: Final = 80
UNCHOSEN: Final[dict[str, object]] = {
    chosen.TIME_ZONE: chosen.UNCHOSEN.zone.key,
    chosen.SESSION_HOURS: chosen.UNCHOSEN.session_hours,
    chosen.JOBS_KEPT_DAYS: chosen.UNCHOSEN.jobs_kept_days,
}
"""What holds while nothing was chosen: to choose the same changes nothing."""


def change_settings(
    *,
    by: Viewer,
    at: datetime,
    house: str | None = None,
    time_zone: str | None = None,
    second_factor_roles: list[str] | None = None,
    session_hours: int | None = None,
    jobs_kept_days: int | None = None,
) -> list[str]:
    """Change what is given; names of what did change. Raises NotAllowed, Invalid."""
    need(by, "manage_settings")
    wanted: dict[str, object] = {}
    if house is not None:
        wanted[chosen.NAME] = _one_line(house)
    if time_zone is not None:
        wanted[chosen.TIME_ZONE] = _zone(time_zone)
    if second_factor_roles is not None:
        if unknown := set(second_factor_roles) - set(Role.values):
            raise Invalid(f"There is no role {min(unknown)!r}")
        wanted[chosen.SECOND_FACTOR_ROLES] = sorted(set(second_factor_roles))
    for name, number in ((chosen.SESSION_HOURS, session_hours), (chosen.JOBS_KEPT_DAYS, jobs_kept_days)):
        if number is not None:
            wanted[name] = _within(name, number)
    with writing(by=by.person, at=at, verb="change_settings") as w:
        stand = UNCHOSEN | dict(Setting.objects.filter(name__in=list(wanted)).values_list("name", "value"))
        changed = {name: value for name, value in wanted.items() if stand.get(name) != value}
        for name, value in changed.items():
            Setting.objects.update_or_create(name=name, defaults={"value": value})
        told = [f"{name}: {_told(stand.get(name))} to {_told(value)}" for name, value in changed.items()]
        w.subject, w.note = ("settings:0", "; ".join(told)) if told else ("", "")
    return list(changed)


def _zone(name: str) -> str:
    if settings.ZONE_IS_SET:
        raise Invalid("The operator has set the time zone", {chosen.TIME_ZONE: "PILOTHOUSE_TZ goes before."})
    try:
        return zone(name).key
    except UnknownZone as error:
        raise Invalid("There is no such time zone", {chosen.TIME_ZONE: str(error)}) from None


def _within(name: str, number: int) -> int:
    least, most = chosen.BOUNDS[name]
    if not least <= number <= most:
        raise Invalid("This number cannot be taken", {name: f"Enter {least} to {most:,}."})
    return number


def _one_line(text: str) -> str:
    clean = " ".join(text.split())
    if len(clean) > LONGEST_NAME or not clean.isprintable():
        raise Invalid(
            "This name cannot be taken",
            {chosen.NAME: f"At most {LONGEST_NAME} characters that can be shown."},
        )
    return clean


def _told(value: object) -> str:
    return "nothing" if value in (None, "", []) else json.dumps(value, ensure_ascii=False)
