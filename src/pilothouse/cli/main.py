"""The command `pilothouse`: registers the commands and turns errors into words and exit codes.

Each command's module imports only Typer and the standard library; what it needs to work is imported when
it runs, so that `who` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from pilothouse import __version__
from pilothouse.cli.stopping import Stopped, stoppable
from pilothouse.cli.told import visible
from pilothouse.kernel.errors import BadUsage, PilothouseError

if TYPE_CHECKING:
    import typer

TRACE = "PILOTHOUSE_TRACE"
"""Set in the environment, an error that should not have happened is shown whole."""

COMMANDS = (
    "reconcile",
    "expose",
    "who",
    "chain",
    "suppliers",
    "coverage",
    "training",
    "plan",
    "report",
    "demo",
    "importing",
    "sync",
    "match",
    "findings",
    "serve",
    "worker",
    "migrate",
    "createuser",
    "check",
    "backup",
    "restore",
    "bench",
)


def _version(value: bool) -> None:
    import typer

    if value:
        typer.echo(f"pilothouse {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The application with every command."""
    import typer  # here, so that Ctrl-C finds `main` ready for it from the first moment on

    app = typer.Typer(
        name="pilothouse",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="One register that all believe, one accountable person for every open question. "
        "Plain files in, plain files out.",
    )

    @app.callback()
    def _common(
        version: bool = typer.Option(
            False, "--version", help="The version.", callback=_version, is_eager=True
        ),
    ) -> None:
        return None

    for name in COMMANDS:
        import_module(f"pilothouse.cli.{name}").register(app)
    return app


def _refuse_broken_text(words: Sequence[str]) -> None:
    """A name that is no UTF-8 cannot stand in an output file; better told at once than after the work."""
    for word in words:
        if any("\ud800" <= character <= "\udfff" for character in word):
            shown = word.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            raise BadUsage(f"{shown}: this name is not in UTF-8; rename the file")


def main() -> None:
    """Run the command line; whatever goes wrong ends with a message on stderr and an exit code, never a trace."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a letter shows its code
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    with stoppable() as signals:
        try:
            _refuse_broken_text(sys.argv[1:])
            build()()
        except (Exception, Stopped) as error:
            sys.exit(_ended_early(error, signals))


def _ended_early(error: BaseException, signals: Sequence[int]) -> int:
    """Tell why the run ended; the exit code."""
    if signals:
        _tell("stopped; no output file was left half written.")
        return 128 + signals[0]
    if isinstance(error, PilothouseError):
        _tell(str(error))
        return error.exit_code
    if os.environ.get(TRACE):
        raise error
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        _tell(f"{name}{error.strerror}; no output file was left half written.")
        return 2
    _tell(f"this should not have happened: {type(error).__name__}: {error}\nNo output file was left half written. Please report it; with {TRACE}=1 the whole trace is shown.")  # fmt: skip
    return 2


def _tell(text: str) -> None:
    print(visible(f"pilothouse: {text}"), file=sys.stderr)  # noqa: T201
