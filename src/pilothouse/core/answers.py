"""Who answers a port: imported when the port is first asked, so that a command loads only the rooms that it needs. ADR 0017."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Answers(Generic[T]):
    """The rooms that answer one port, in the order in which they were named; with nobody named it is empty."""

    def __init__(self) -> None:
        self._later: list[Callable[[], Iterable[T]]] = []
        self._here: list[T] = []
        self._asked = threading.RLock()

    def come_from(self, named: Callable[[], Iterable[T]]) -> None:
        """Who answers. named: imports them and gives them; called once, at the first question."""
        self._later.append(named)

    def __iter__(self) -> Iterator[T]:
        if self._later:
            with self._asked:
                while self._later:
                    self._here += self._later[0]()
                    del self._later[0]
        return iter(self._here)

    def __len__(self) -> int:
        return sum(1 for _ in self)
