"""The command `pilothouse`: registers the commands and turns errors into words and exit codes.

Each command's module imports only Typer and the standard library; what it needs to work is imported when
it runs, so that `who` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from pilothouse import __version__
from pilothouse.cli.told import visible
from pilothouse.kernel.errors import BadUsage, PilothouseError

COMMANDS = ("reconcile", "expose", "who", "chain", "demo")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"pilothouse {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The application with every command."""
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
    """Run the command line; bad input ends with its message on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a letter shows its code
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        _refuse_broken_text(sys.argv[1:])
        build()()
    except PilothouseError as error:
        print(visible(f"pilothouse: {error}"), file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("pilothouse: stopped; no output file was left half written.", file=sys.stderr)  # noqa: T201
        sys.exit(130)
