"""What commands on plain lists have in common: days, mappings, reading with the guess told, one output file, the end."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pilothouse.cli.told import first, say, tell_guess
from pilothouse.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pilothouse.imports.fields import Field
    from pilothouse.imports.sources import Rejected, Source
    from pilothouse.kernel.progress import Progress


def day(option: str, text: str) -> date:
    """A day as typed. Raises BadUsage, naming the option."""
    from pilothouse.kernel import values
    from pilothouse.kernel.errors import BadUsage

    try:
        return values.moment(text.strip()).date()
    except values.Unusable as wrong:
        raise BadUsage(f"{option} {text!r}: {wrong.problem}; expected {wrong.expected}") from None


def day_or_today(option: str, text: str | None) -> date:
    """A day as typed, or the day it is. Raises BadUsage, naming the option."""
    return today() if text is None else day(option, text)


def today() -> date:
    """The day it is, in UTC."""
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def spare(inputs: Sequence[str], outputs: Sequence[Path]) -> None:
    """Raise BadUsage if an output would take the place of an input."""
    from pilothouse.kernel.reading.opening import divided
    from pilothouse.kernel.writing import refuse_to_overwrite

    refuse_to_overwrite([divided(path)[0] for path in inputs], outputs)


def refuse_twice(option: str, files: Sequence[str]) -> None:
    """Raise BadUsage for a file that is named twice, whose rows would count twice."""
    from pilothouse.kernel.errors import BadUsage

    seen: set[str] = set()
    for file in files:
        real = os.path.realpath(file)
        if real in seen:
            raise BadUsage(f"{option} {file} is named twice; a file counts once")
        seen.add(real)


def mappings(
    maps: list[str], files: Sequence[str], fields: Sequence[Sequence[Field]]
) -> list[dict[str, str]]:
    """For each file what `--map` says of it; the fields differ from file to file."""
    from pilothouse.imports import options

    every = list({field.name: field for group in fields for field in group}.values())
    options.mappings(maps, files, every)  # names an unknown file or field
    said = []
    for file, known in zip(files, fields, strict=True):
        longer = [other for other in files if len(other) > len(file)]
        own = [text for text in maps if text.startswith(file + ":")]
        own = [text for text in own if not any(text.startswith(other + ":") for other in longer)]
        said.append(options.mappings(own, [file], known)[file])
    return said


def read(file: str, ordinal: int, fields: Sequence[Field], mapping: dict[str, str], progress: Progress) -> Source:  # fmt: skip
    """One list as a source, with its guess told.

    A column that bears a field's own name is that field, whatever stands in it: `expires` with nothing but nonsense
    must be named, not left aside as a column that nobody knows.
    """
    from pilothouse.imports.loading import load
    from pilothouse.kernel.text import squash

    progress.step(f"Reading {file}")
    source = load(file, ordinal=ordinal, fields=fields, kind="other", mapping=mapping, progress=progress)
    by_name = {squash(field.name.replace("_", "")): field.name for field in fields}
    doubted = {by_name[name]: column for column in source.unmapped if (name := squash(column.replace("_", ""))) in by_name}  # fmt: skip
    doubted = {field: column for field, column in doubted.items() if field not in source.mapping and field not in mapping}  # fmt: skip
    if doubted:
        source = load(file, ordinal=ordinal, fields=fields, kind="other", mapping={**mapping, **doubted}, progress=progress)  # fmt: skip
    tell_guess(source)
    return source


def tell_rejected(rejected: Sequence[Rejected], where: str, *, what: str = "could not be taken") -> None:
    """How much could not be taken, where it stands, and the first few."""
    if not rejected:
        return
    say(f"{counted(len(rejected), 'value or row', 'values or rows')} {what}: {where}")
    for text in first(f"{one.file}, row {one.row}, {one.column}: {one.problem}; expected {one.expected}" for one in rejected):  # fmt: skip
        say(f"  {text}")


def end(rejected: Sequence[Rejected], out: str) -> None:
    """Say where the answer is, and end with the contract's exit code."""
    if out != "-":
        say(f"Written: {out}")
    sys.stderr.flush()
    raise typer.Exit(1 if rejected else 0)
