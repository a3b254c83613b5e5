"""How much is written beside the fleet: receipts, people and options, for a fleet of a given size."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE = 2500
"""Devices from which on everything beside the fleet has its full size: it stays there for any larger fleet."""
_RECEIPTS, _PEOPLE, _OPTIONS = 30_000, 900, 2_000


@dataclass(frozen=True, slots=True)
class Scale:
    """Rows beside the fleet. share: of the full size, above 0 to 1."""

    share: float
    receipts: int
    people: int
    options: int


def scale(devices: int) -> Scale:
    """The full sizes from 2,500 devices on, in proportion below, and never so few that a story has no room."""
    share = min(1.0, devices / WHOLE)
    return Scale(
        share,
        max(300, round(_RECEIPTS * share)),
        max(150, round(_PEOPLE * share)),
        max(100, round(_OPTIONS * share)),
    )
