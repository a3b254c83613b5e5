"""`pilothouse serve`: the house in the browser."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import typer

HELP = """Serve the pages and the API, with one worker beside it that does the jobs. Ctrl-C ends both.

It speaks plain HTTP: on a network put a proxy with TLS before it (docs/operators/reverse-proxy.md).

\b
Example: pilothouse serve --port 8000
"""
AGAIN_AFTER_S = 3.0
"""A worker that died is started again after so long."""
ENDS_WITHIN_S = 30.0


def register(app: typer.Typer) -> None:
    """Add the command `serve`."""
    app.command("serve", help=HELP, short_help="Serve the pages and the API.")(_serve)


def _serve(
    host: str = typer.Option("127.0.0.1", "--host", metavar="H", help="The address to listen at."),
    port: int = typer.Option(8000, "--port", metavar="P", min=1, max=65535),
    workers: int = typer.Option(
        2, "--workers", metavar="N", min=1, max=64, help="Processes that answer requests."
    ),
    threads: int = typer.Option(4, "--threads", metavar="N", min=1, max=64, help="Threads of each."),
    no_worker: bool = typer.Option(False, "--no-worker", help="Start no worker beside it."),
    migrate: bool = typer.Option(False, "--migrate", help="Bring the database to this version first."),
) -> None:
    from pilothouse.cli.server import need_tables, the_house
    from pilothouse.cli.told import say

    _need_free(host, port)
    with the_house(tables=False):
        from django.conf import settings
        from django.db import connections

        from pilothouse.core.assets import collect

        if migrate:
            from pilothouse.cli.migrate import migrated

            say(migrated())
        need_tables()
        collect()
        connections.close_all()
        shown = f"[{host}]" if ":" in host else host
        say(f"Pilothouse is at http://{shown}:{port}. Ctrl-C ends it.")
        if settings.DEBUG:
            say("warning: PILOTHOUSE_DEBUG is on: for this machine only.")
    beside = None if no_worker else Beside()
    try:
        _answer(f"{shown}:{port}", workers, threads)
    finally:
        if beside is not None:
            beside.end()


def _need_free(host: str, port: int) -> None:
    """Raise BadUsage when nothing can listen there."""
    import socket

    from pilothouse.kernel.errors import BadUsage

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise BadUsage(
                f"nothing can listen at {host} port {port}: {error.strerror}; --port names another"
            ) from None


class Beside:
    """The worker beside the server: started again when it dies, ended with the server."""

    def __init__(self) -> None:
        self._server = os.getpid()
        self._over = threading.Event()
        self._process = self._started()
        threading.Thread(target=self._watch, daemon=True).start()

    @staticmethod
    def _started() -> subprocess.Popen[bytes]:
        # a session of its own, so that Ctrl-C at the terminal reaches it once, through the server
        command = [sys.executable, "-m", "pilothouse", "worker", "--beside", str(os.getpid())]
        return subprocess.Popen(command, start_new_session=True)  # noqa: S603

    def _watch(self) -> None:
        while not self._over.is_set():
            self._process.wait()
            if self._over.wait(AGAIN_AFTER_S):
                return
            self._process = self._started()

    def end(self) -> None:
        """End it; a job it has begun goes on with the next worker."""
        if os.getpid() != self._server:  # a process that answers requests ends, not the server
            return
        self._over.set()
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _answer(where: str, workers: int, threads: int) -> None:
    """Listen until told to end. `Any` below: gunicorn carries no types."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in _settings(where, workers, threads).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from importlib import import_module

            return import_module("pilothouse.config.wsgi").application

    Server().run()


def _settings(where: str, workers: int, threads: int) -> dict[str, object]:
    return {
        "bind": [where],
        "workers": workers,
        "preload_app": True,  # imported once, before the processes part
        "threads": threads,
        "worker_class": "gthread",
        "control_socket_disable": True,
        "timeout": 120,
        "graceful_timeout": 20,
        "keepalive": 5,
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "loglevel": "warning",
        "proc_name": "pilothouse",
    }
