"""Every address of the server, found in the resolver, with what stands for its arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import get_resolver
from django.urls.resolvers import RegexPattern

from tests.world import World

ARGUMENTS: Final[Mapping[str, str]] = {
    "equipment/<>": "equipment",
    "equipment/undo/<>": "change",
    "models/<>": "device_model",
    "rooms/<>": "room",
    "makers/<>": "maker",
    "people/<>": "person",
    "findings/<>": "finding",
    "findings/<>/<>": "deed",
    "findings/<>/undo/<>": "revision",
    "findings/undo/<>": "revision",
    "findings/<>/comments/<>": "note",
    "people/<>/roles/<>": "membership",
    "people/<>/tokens/<>": "token",
    "places/facilities/<>": "facility",
    "places/units/<>": "unit",
    "facilities/<>": "facility",
    "units/<>": "unit",
    "jobs/<>": "job",
    "audit/<>": "entry",
    "files/<>": "attachment",
    "sources/<>": "source",
    "runs/<>": "run",
    "review/<>": "pair",
    "tokens/<>": "token",
    "account/tokens/<>": "token",
    "chain/<>": "position",
    "chain/<>/<>": "verb",
    "chain/away/<>": "person",
    "chain/end/<>": "bond",
    "chain/end/<>/<>": "appointment",
    "chain/undo/<>": "chain_change",
    "chain/positions/<>": "position",
    "chain/appointments/<>": "appointment",
    "chain/mandates/<>": "mandate",
    "chain/delegations/<>": "delegation",
    "chain/shifts/<>": "shift",
    "chain/absences/<>": "absence",
    "advisories/<>": "advisory",
    "names/<>": "name",
    "names/decisions/<>": "name",
}
"""What an argument is, by the address up to it without `api/v1/`; a further address below needs no line of its own."""
FIXED: Final[Mapping[str, str]] = {
    "account_confirm_email": "sign-in/confirm-email/abc/",
    "account_reset_password_from_key": "sign-in/password/reset/key/1-abc/",
}
"""Addresses by patterns of regular expressions, whose arguments are secrets that nobody has."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address. route: as the resolver has it; kinds: what its arguments are, in order."""

    route: str
    name: str
    kinds: tuple[str, ...]

    def filled(self, values: Mapping[str, Any]) -> str:
        """The path with its arguments."""
        if self.name in FIXED:
            return f"/{FIXED[self.name]}"
        kinds = iter(self.kinds)
        return "/" + re.sub(r"<[^>]*>", lambda _: str(values[next(kinds)]), self.route)

    def of(self, world: World, *, hidden: bool) -> str:
        """The path to something that exists."""
        return self.filled({**world.seen, **world.hidden} if hidden else world.seen)

    def of_nothing(self) -> str:
        """The path to what does not exist."""
        return self.filled({kind: "nothing-there" if kind in TEXTS else 987_654_321 for kind in self.kinds})


TEXTS: Final = frozenset({"source", "deed", "verb", "bond"})
"""Kinds that are named by a text."""


def addresses() -> list[Address]:
    """All of them, in the order of the resolver."""
    return [Address(route, name, _kinds(route, name)) for route, name in _routes(get_resolver().url_patterns)]


def _routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for one in patterns:
        here = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _routes(one.url_patterns, here)
        elif isinstance(one.pattern, RegexPattern) and one.name not in FIXED:
            raise AssertionError(f"{here} needs a line in FIXED")
        else:
            yield here, one.name or ""


def _kinds(route: str, name: str) -> tuple[str, ...]:
    if name in FIXED:
        return ()
    bare = re.sub(r"<[^>]*>", "<>", route.removeprefix("api/v1/"))
    ends = [match.end() for match in re.finditer("<>", bare)]
    missing = [bare[:end] for end in ends if bare[:end] not in ARGUMENTS]
    if missing:
        raise AssertionError(
            f"{route}: name what {missing[0]} stands for in ARGUMENTS, and make it twice in tests/world.py"
        )
    return tuple(ARGUMENTS[bare[:end]] for end in ends)
