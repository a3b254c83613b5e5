"""What can go wrong for a user in any room, and the one table that tells which HTTP status each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pilothouse.core.permissions import NotAllowed
from pilothouse.kernel.errors import BadUsage, PilothouseError, UnreadableInput


class NotFound(PilothouseError):
    """There is no such thing, or you may not see it."""


class NotSignedIn(PilothouseError):
    """Nobody is signed in, or the token is unknown, withdrawn or past its end."""


class Invalid(PilothouseError):
    """A value is not one that can be taken. fields: the message for each field that is wrong."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: Mapping[str, str] = fields or {}


class Conflict(PilothouseError):
    """This does not fit what is there now."""


class Stale(PilothouseError):
    """Somebody else has changed this since you read it. since: the version that stands; present: what it holds."""

    def __init__(self, message: str, since: int = 0, present: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.since = since
        self.present: Mapping[str, object] = present or {}


class NoVersion(PilothouseError):
    """Say which version you have read: If-Match with the ETag you were given."""


class TooOften(PilothouseError):
    """Too many calls. wait_s: seconds until the next is taken."""

    def __init__(self, message: str, wait_s: int = 60) -> None:
        super().__init__(message)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of error is called in an address, in words, and as an HTTP status."""

    name: str
    status: int
    title: str


KINDS: Final[Mapping[type[PilothouseError], Kind]] = {
    NotSignedIn: Kind("not-signed-in", 401, "Sign in first"),
    NotAllowed: Kind("not-allowed", 403, "You may not do this"),
    NotFound: Kind("not-found", 404, "Not found"),
    Conflict: Kind("conflict", 409, "This does not fit what is there now"),
    Stale: Kind("changed-meanwhile", 412, "Somebody changed it meanwhile"),
    NoVersion: Kind("version-needed", 428, "Say which version you have read"),
    TooOften: Kind("too-often", 429, "Too many calls"),
    Invalid: Kind("invalid", 422, "A value cannot be taken"),
    BadUsage: Kind("invalid", 422, "A value cannot be taken"),
    UnreadableInput: Kind("unreadable", 422, "The file cannot be read"),
    PilothouseError: Kind("refused", 422, "This cannot be done"),
}
"""From the nearest class to its kind; rooms derive theirs from these."""


def kind_of(error: PilothouseError) -> Kind:
    """The kind of an error, by the nearest of its classes in `KINDS`."""
    return next(KINDS[one] for one in type(error).__mro__ if one in KINDS)
