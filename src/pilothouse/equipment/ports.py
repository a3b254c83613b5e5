"""What the register asks of the rooms above it. `config/wiring.py` names who answers; with nobody wired it is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pilothouse.core.answers import Answers
from pilothouse.core.permissions import Viewer

Stop = Literal["sources", "register", "finding", "owner", "decision", "work", "evidence"]
"""The seven stops of the thread that heads a device's page."""


@dataclass(frozen=True, slots=True)
class PanelBlock:
    """A part of the device's page. The page draws the heading: title, and note as a faint clause beside it.

    template: draws what stands below, with the context (`Any`: what it needs); place: `main` or `side`; knots: the stops of the
    thread that the room can fill.
    """

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    place: Literal["main", "side"] = "main"
    note: str = ""
    knots: Sequence[Knot] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to a device, or is planned. text: plain words; kind: as the timeline draws it (`owner`, `broke`, `plan`)."""

    at: datetime
    text: str
    url: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Knot:
    """What a stop of the thread says of a device: one short value."""

    stop: Stop
    value: str
    url: str = ""
    state: Literal["done", "now", "next"] = "done"


class Panel(Protocol):
    """A room's view of one device, each at a constant number of queries."""

    def panels(self, viewer: Viewer, equipment_id: int, as_of_revision: int | None) -> list[PanelBlock]:
        """The room's parts of the page; as_of_revision: as it was recorded then, None for now."""

    def timeline(self, viewer: Viewer, equipment_id: int) -> list[Moment]:
        """What the room knows to have happened, newest first, at most some fifty."""


class Follower(Protocol):
    """A room that must know when devices change. Called inside the transaction that changes them; must be quick: enqueue."""

    def changed(self, ids: Sequence[int], revision: int) -> None:
        """These devices are new, different or gone."""

    def merged(self, old_to_new: Mapping[int, int], revision: int) -> None:
        """What was said of the old device is now said of the new one."""


panels: Answers[Panel] = Answers()
followers: Answers[Follower] = Answers()


def tell_changed(ids: Sequence[int], revision: int) -> None:
    """Tell every room that follows; ids may be many."""
    if ids:
        for follower in followers:
            follower.changed(ids, revision)


def tell_merged(old_to_new: Mapping[int, int], revision: int) -> None:
    """Tell every room that follows which devices became which."""
    if old_to_new:
        for follower in followers:
            follower.merged(old_to_new, revision)
