"""The permission table as a page shows it: what each role may do."""

from __future__ import annotations

from dataclasses import dataclass

from pilothouse.core.models.people import Role
from pilothouse.core.permissions import TABLE


@dataclass(frozen=True, slots=True)
class Line:
    """One permission: its words, and for each role whether it has it."""

    name: str
    words: str
    marks: tuple[tuple[str, bool], ...]


def table() -> tuple[tuple[str, ...], list[Line]]:
    """The roles' names, and a line for each permission in the table's order."""
    roles = [(str(value), str(label)) for value, label in Role.choices]
    lines = [
        Line(
            name,
            name.replace("_", " ").capitalize(),
            tuple((label, role in holders) for role, label in roles),
        )
        for name, holders in TABLE.items()
    ]
    return tuple(label for _, label in roles), lines
