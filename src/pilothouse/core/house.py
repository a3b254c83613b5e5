"""What the house chose in the browser and the frame needs on every page: its name, who must have a second factor.

One query a request, remembered on the request.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from pilothouse.core.models import Setting
from pilothouse.core.models.people import Role

NAME = "house"
SECOND_FACTOR_ROLES = "second_factor_roles"


@dataclass(frozen=True, slots=True)
class House:
    """name: of the health system, or empty. second_factor_roles: those who may only work with a second factor."""

    name: str = ""
    second_factor_roles: frozenset[str] = frozenset()


def house_of(request: HttpRequest) -> House:
    """The house's choices; what is not of the expected kind counts as not chosen."""
    known: House | None = getattr(request, "_house", None)
    if known is None:
        known = request._house = _read()
    return known


def _read() -> House:
    rows = dict(Setting.objects.filter(name__in=(NAME, SECOND_FACTOR_ROLES)).values_list("name", "value"))
    name, roles = rows.get(NAME), rows.get(SECOND_FACTOR_ROLES)
    listed = roles if isinstance(roles, list) else []
    return House(
        name if isinstance(name, str) else "", frozenset(role for role in listed if role in Role.values)
    )
