"""The command `demo`: what it writes, says and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pilothouse.cli import demo
from pilothouse.kernel.errors import BadUsage


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    demo.register(made)

    @made.callback()
    def _common() -> None:
        return None

    return made


def test_it_writes_a_demo_and_says_where_on_stderr(app: typer.Typer, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["demo", str(tmp_path / "demo"), "--devices", "40", "--world", "clean"])
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "cmms.csv: 3" in done.stderr
    assert (tmp_path / "demo" / "truth" / "pairs.csv").exists()


def test_help_shows_an_example(app: typer.Typer) -> None:
    assert "Example: pilothouse demo" in CliRunner().invoke(app, ["demo", "--help"]).output


@pytest.mark.parametrize("wrong", [("--devices", "-3"), ("--world", "flat"), ("--as-of", "soon")])
def test_wrong_options_are_refused_in_words(app: typer.Typer, tmp_path: Path, wrong: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, ["demo", str(tmp_path / "demo"), *wrong])
    assert isinstance(done.exception, BadUsage)
    assert done.exception.exit_code == 2
