"""What findings ask of the rooms that open them. `config/wiring.py` names who answers; with nobody wired it is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pilothouse.core.answers import Answers
from pilothouse.core.permissions import Viewer


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a finding's page that its room draws. template: drawn with the context (`Any`: what it needs)."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about, as the viewer may know it. url: empty when they may not open it; facts: label and value."""

    name: str
    url: str = ""
    facts: Sequence[tuple[str, str]] = ()


class About(Protocol):
    """A room's word on its kinds of findings, at a constant number of queries."""

    kinds: frozenset[str]
    """Kinds of findings, or of subjects, that it speaks of."""

    def subject(self, viewer: Viewer, kind: str, number: int) -> Subject | None:
        """What the subject `kind:number` is; None for what it does not know or the viewer may not."""

    def blocks(
        self, viewer: Viewer, finding_kind: str, subject: int, detail: Mapping[str, Any]
    ) -> Sequence[Block]:
        """Its parts of the page. detail: what the finding holds. `Any`: JSON."""


abouts: Answers[About] = Answers()


def subject_of(viewer: Viewer, kind: str, number: int) -> Subject | None:
    """What a subject is, from the first room that knows."""
    for room in abouts:
        if kind in room.kinds and (found := room.subject(viewer, kind, number)) is not None:
            return found
    return None


def blocks_of(viewer: Viewer, kind: str, subject: int, detail: Mapping[str, Any]) -> list[Block]:
    """What all rooms add to a finding's page. `Any`: JSON."""
    return [
        one for room in abouts if kind in room.kinds for one in room.blocks(viewer, kind, subject, detail)
    ]
