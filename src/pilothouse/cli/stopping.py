"""Ctrl-C, and the signals by which a scheduler or a closed terminal ends a run, let it tidy up before it goes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stopped(BaseException):
    """The run was told to end. No `Exception`, so that nothing on the way takes it for a failure."""


@contextmanager
def stoppable() -> Iterator[list[int]]:
    """Inside, such a signal raises Stopped; the list holds the signals that came.

    It is the list that counts: DuckDB turns what a signal raises into an error of its own.
    """
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        came.append(number)
        raise Stopped

    # A signal that is ignored stays so: `nohup`, and jobs in the background of a script.
    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    former = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield came
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
