"""What a room must offer to be a target of imports, and which rooms do. ADR 0016."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pilothouse.core.permissions import Viewer
from pilothouse.imports.fields import Field
from pilothouse.imports.models import Run
from pilothouse.imports.sources import Guess, Rejected
from pilothouse.kernel.errors import BadUsage
from pilothouse.kernel.progress import Progress


@dataclass(frozen=True, slots=True)
class Sample:
    """One record as a preview shows it. what: new, changed, vanished or joined; was and becomes: field to value."""

    what: str
    key: str
    was: Mapping[str, str]
    becomes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import or an undo would do: how many records of each sort, a few of each, what could not be taken.

    guesses, unmapped, mapping, columns and kind: how the file was understood.
    """

    counts: Mapping[str, int]
    samples: tuple[Sample, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    guesses: tuple[Guess, ...] = ()
    unmapped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    kind: str = ""


class Target(Protocol):
    """Where an import goes. Each method may be called again after a kill and goes on where it stopped."""

    name: str
    needs: str
    """The permission that importing here asks for."""
    fields: Sequence[Field]
    """The fields whose columns may be corrected; none for files of a fixed form."""
    private: Mapping[str, str]
    """Fields whose values only those see who have a permission of their own: field to permission."""

    def preview(self, run: Run, path: Path, progress: Progress) -> Outlook:
        """What applying would do; writes nothing."""

    def apply(self, run: Run, path: Path, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Write, in transactions that each leave the run resumable."""

    def preview_undo(self, run: Run) -> Outlook:
        """What undoing would do; writes nothing."""

    def undo(self, run: Run, *, by: Viewer, at: datetime, progress: Progress) -> Outlook:
        """Withdraw what the run brought; what later runs or people set stays."""


_TARGETS: dict[str, Callable[[], Target]] = {}


def offer(name: str, made: Callable[[], Target]) -> None:
    """Make a room's target known by its name; made: imports it when it is first needed. config.wiring does this for every room."""
    _TARGETS[name] = functools.cache(made)


def target(name: str) -> Target:
    """The target of that name. Raises BadUsage with those there are."""
    if name not in _TARGETS:
        raise BadUsage(
            f"nothing takes imports of {name!r}; there are {', '.join(sorted(_TARGETS)) or 'none'}"
        )
    return _TARGETS[name]()


def targets() -> Iterator[str]:
    """The name of every target."""
    yield from sorted(_TARGETS)


def fields_of(name: str) -> Sequence[Field]:
    """The fields of a target whose columns may be corrected."""
    return target(name).fields
