"""Settings that are changed in the browser; each change stands in the audit log."""

from __future__ import annotations

import json
from datetime import datetime

from pilothouse.core.errors import Invalid
from pilothouse.core.keeping import writing
from pilothouse.core.models import Setting
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import Viewer, need


def change_settings(
    *, by: Viewer, at: datetime, house: str | None = None, second_factor_roles: list[str] | None = None
) -> list[str]:
    """Change what is given; names of what did change. Raises NotAllowed, Invalid."""
    need(by, "manage_settings")
    wanted: dict[str, object] = {}
    if house is not None:
        wanted["house"] = _one_line(house)
    if second_factor_roles is not None:
        if unknown := set(second_factor_roles) - set(Role.values):
            raise Invalid(f"There is no role {min(unknown)!r}")
        wanted["second_factor_roles"] = sorted(set(second_factor_roles))
    with writing(by=by.person, at=at, verb="change_settings") as w:
        stand = dict(Setting.objects.filter(name__in=list(wanted)).values_list("name", "value"))
        changed = {name: value for name, value in wanted.items() if stand.get(name) != value}
        for name, value in changed.items():
            Setting.objects.update_or_create(name=name, defaults={"value": value})
        told = [f"{name}: {_told(stand.get(name))} to {_told(value)}" for name, value in changed.items()]
        w.subject, w.note = ("settings:0", "; ".join(told)) if told else ("", "")
    return list(changed)


def _one_line(text: str) -> str:
    clean = " ".join(text.split())
    if len(clean) > 80 or not clean.isprintable():
        raise Invalid("This name cannot be taken", {"house": "At most 80 characters that can be shown."})
    return clean


def _told(value: object) -> str:
    return "nothing" if value in (None, "", []) else json.dumps(value, ensure_ascii=False)
