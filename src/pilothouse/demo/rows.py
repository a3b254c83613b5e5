"""A row of a source with what is true about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Mark(IntEnum):
    """What became of an identifier in a row."""

    GONE = 0
    """Empty, a placeholder, or another device's."""
    SLIP = 1
    """The device's own with one slip of the pen."""
    TRUE = 2
    """The device's own, at most spelt differently."""


UNSTATED = "?"
"""The row does not say, in words an advisory uses, what model it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its cells, and what is true about it.

    serial, mac, tag: what became of the device's identifiers. stated: the version the row states for a
    product it names as advisories do; empty if it names no readable version, UNSTATED if it does not name
    the product.
    """

    cells: Sequence[str | list[str]]
    serial: Mark = Mark.GONE
    mac: Mark = Mark.GONE
    tag: Mark = Mark.GONE
    stated: str = UNSTATED
