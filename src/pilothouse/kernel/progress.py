"""How a long job tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener for a job's steps. The command line draws bars, a server stores them, tests take none."""

    def step(self, text: str, total: int | None = None) -> None:
        """A new step begins; `total` is its amount of work where that is known."""

    def advance(self, amount: int = 1) -> None:
        """So much more of the present step is done."""

    def note(self, text: str) -> None:
        """Something the user should read, whatever becomes of the bar."""


class Silent:
    """The listener that hears nothing."""

    def step(self, text: str, total: int | None = None) -> None:
        return None

    def advance(self, amount: int = 1) -> None:
        return None

    def note(self, text: str) -> None:
        return None


SILENT = Silent()
