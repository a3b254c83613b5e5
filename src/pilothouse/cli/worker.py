"""`pilothouse worker`: does the jobs that the server asks for."""

from __future__ import annotations

from collections.abc import Callable

import typer

HELP = """Do what is asked for in the background: imports, matches, syncs, what runs by the clock.

Ends on TERM or Ctrl-C after the step it is in; what it had begun goes on with the next worker. As many may run as the machine has
cores to spare.

\b
Example: pilothouse worker
"""


def register(app: typer.Typer) -> None:
    """Add the command `worker`."""
    app.command("worker", help=HELP, short_help="Do the jobs that the server asks for.")(_worker)


def _worker(
    beside: int = typer.Option(0, "--beside", hidden=True, help="End when this process has ended."),
) -> None:
    import signal

    from pilothouse.cli.server import the_house
    from pilothouse.cli.told import say

    with the_house():
        from pilothouse.core.working import Worker

        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.ending.set())
        if beside:
            _end_with(beside, worker.ending.set)
        say(f"The worker waits for jobs ({worker.name}).")
        worker.work_until_told()
        say("The worker has ended.")


def _end_with(process: int, end: Callable[[], None]) -> None:
    """Watch the process that started this one: killed at once, it could not tell us."""
    import os
    import threading
    import time

    def watch() -> None:
        while os.getppid() == process:
            time.sleep(1)
        end()

    threading.Thread(target=watch, daemon=True).start()
