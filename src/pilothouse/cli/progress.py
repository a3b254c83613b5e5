"""Progress on stderr: bars on a terminal, one line a step elsewhere when asked for, nothing on stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pilothouse.kernel.progress import Silent

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Plain(Silent):
    """Only the notes, for pipes and schedulers."""

    def note(self, text: str) -> None:
        print(text, file=sys.stderr)  # noqa: T201


class Bars:
    """One bar a step; a finished step stays as a line with its time."""

    def __init__(self, rich: RichProgress) -> None:
        self._rich = rich
        self._task: TaskID | None = None

    def step(self, text: str, total: int | None = None) -> None:
        self.finish()
        self._task = self._rich.add_task(text, total=total)

    def advance(self, amount: int = 1) -> None:
        if self._task is not None:
            self._rich.advance(self._task, amount)

    def note(self, text: str) -> None:
        self._rich.console.print(text, markup=False, highlight=False)

    def finish(self) -> None:
        """Close the present step's bar."""
        if self._task is None:
            return
        task = self._rich.tasks[self._rich.task_ids.index(self._task)]
        total = task.total if task.total is not None else 1
        self._rich.update(self._task, total=total, completed=total)
        self._rich.stop_task(self._task)
        self._task = None


@contextmanager
def shown() -> Iterator[Plain | Bars]:
    """Bars when stderr is a terminal, else only notes."""
    if not sys.stderr.isatty():
        yield Plain()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TaskProgressColumn(), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=False) as rich:
        bars = Bars(rich)
        try:
            yield bars
        finally:
            bars.finish()


def elapsed(start: float) -> str:
    """Seconds since `start` (time.perf_counter) in words: `4.2 s`."""
    return f"{time.perf_counter() - start:.1f} s"
