"""What several commands tell on standard error: how a list was understood, what was read, what was not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pilothouse.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.exposure.advisories import Catalogue
    from pilothouse.imports.sources import Source

MOST = 5
"""Damaged files and the like that are named; the rest are counted."""

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code != ord("\n")}

_KINDS = {"cmms": "CMMS", "network": "network list", "security": "security tool", "other": "other list"}


def say(text: str = "") -> None:
    """One line on standard error."""
    print(visible(text), file=sys.stderr)  # noqa: T201


def visible(text: str) -> str:
    """The text with its control characters spelt out: names out of a file may hold what a terminal would obey."""
    return text.translate(_CONTROLS)


def tell_guess(source: Source) -> None:
    """How the columns of a list were understood, so that --map and --kind can correct it.

    Columns that bear the very name of their field need no table.
    """
    say(f"{source.file}: {_KINDS[source.kind]} ({source.kind_why}), {counted(source.records, 'row')}")
    plain = [guess.field for guess in source.guesses if guess.column == guess.field]
    rows = [(guess.field, guess.column, f"{guess.score:.2f}", guess.why) for guess in source.guesses if guess.column != guess.field]  # fmt: skip
    if plain:
        say(f"  columns that bear their field's name: {', '.join(plain)}")
    if rows or not plain:
        rows.insert(0, ("field", "column", "score", "why"))
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    for row in rows:
        say("  " + "  ".join((*(row[place].ljust(widths[place]) for place in range(3)), row[3])))
    for guess in source.others:
        say(f"  also {guess.field}: {guess.column} ({guess.score:.2f}), not used")
    if source.unmapped:
        say(f"  not mapped: {', '.join(source.unmapped)}")
    for note in source.notes:
        say(f"  note: {note}")


def tell_advisories(catalogue: Catalogue) -> None:
    """What was read of the advisories, and what was not, by name."""
    parts = [f"{counted(len(catalogue.advisories), 'advisory', 'advisories')} read"]
    if catalogue.superseded:
        parts.append(f"{counted(catalogue.superseded, 'older revision')} left out")
    if catalogue.passed_over:
        parts.append(f"{counted(catalogue.passed_over, 'other file')} passed over")
    say(f"{', '.join(parts)}.")
    for line in first(f"Not read: {damaged.file}: {damaged.problem}" for damaged in catalogue.damaged):
        say(line)


def first(lines: Iterable[str], indent: str = "") -> list[str]:
    """The first MOST lines, and how many more there are."""
    every = list(lines)
    more = [f"{indent}and {len(every) - MOST:,} more"] if len(every) > MOST else []
    return [f"{indent}{line}" for line in every[:MOST]] + more
