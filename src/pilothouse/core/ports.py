"""What core asks of the rooms above it. `config/wiring.py` names who answers; with nobody wired the answer is empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pilothouse.core.answers import Answers
from pilothouse.core.permissions import Viewer

if TYPE_CHECKING:
    from pilothouse.core.keeping import Writing


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a search found. kind: in the plural as a heading, `Equipment`; url: where it is looked at."""

    kind: str
    title: str
    detail: str
    url: str


class Finder(Protocol):
    """A room's part of the search over everything."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """What the viewer may see and the text fits, best first, at most so many."""


class Counter(Protocol):
    """A room's numbers in the navigation: how many things wait for this viewer to act, at constant cost."""

    def waiting(self, viewer: Viewer) -> Mapping[str, int]:
        """By the name of a page's address (`review`); what is 0 or left out shows no number."""


class Check(Protocol):
    """A room's invariants, for `pilothouse check`."""

    def problems(self) -> Iterable[str]:
        """What is not as it must be, each in words that name the record; nothing when all is well."""


class Subjects(Protocol):
    """A room's answer to who may see and change what a subject (`equipment:12`) stands for."""

    kind: str
    """What its subjects begin with: `equipment`."""

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """Whether the viewer may know of it."""

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Whether the viewer may put something to it."""

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """What each is called, and the address of its page or an empty text; at constant cost."""


@dataclass(frozen=True, slots=True)
class PersonBlock:
    """What a room shows on a person's page: a heading, a template and what it takes (any object)."""

    title: str
    template: str
    context: Mapping[str, object]


class PersonPanel(Protocol):
    """A room's part of a person's page: the positions they hold, what they own."""

    def blocks(self, viewer: Viewer, person: int) -> list[PersonBlock]:
        """What the viewer may see of it, at constant cost; nothing when there is nothing to say."""


class PlaceFollower(Protocol):
    """A room to which places matter: equipment stands in them, the chain answers for them."""

    def places_changed(self, w: Writing, units: Sequence[int]) -> None:
        """Facilities or units were written in this revision; units: which of these. What it raises undoes the change."""

    def standing_at(self, viewer: Viewer, facility: int | None, unit: int | None) -> list[tuple[str, str]]:
        """What is at a unit, or in a facility, as far as the viewer may know: words with a number, and an address or nothing."""


class Leaving(Protocol):
    """A room in which something may wait for a person or hang on them."""

    def open_with(self, viewer: Viewer, person: int) -> list[tuple[str, str]]:
        """As far as the viewer may know: words, and an address or nothing; at constant cost."""


leavings: Answers[Leaving] = Answers()
place_followers: Answers[PlaceFollower] = Answers()
finders: Answers[Finder] = Answers()
person_panels: Answers[PersonPanel] = Answers()
counters: Answers[Counter] = Answers()
checks: Answers[Check] = Answers()
subjects: Answers[Subjects] = Answers()


def hits(viewer: Viewer, text: str, most: int) -> Iterable[Hit]:
    """What all rooms find, in the order in which they are wired, at most so many of each."""
    plain = "".join(c for c in text if c.isprintable())  # no database takes a NUL
    for finder in finders:
        yield from finder.find(viewer, plain, most)
