"""What a kind of world is: its habits, its three files, and how a device becomes a row of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import Device
from pilothouse.demo.gear import Gear
from pilothouse.demo.habits import Habits
from pilothouse.demo.rows import Row
from pilothouse.demo.sheets import Sheet

DeviceRow = Callable[[Device, Dice, int], Row]
"""A device, dice at the beginning of its row, and 0 for its first row or 1 for its second."""
GearRow = Callable[[Gear, Dice], Row]
SetRow = Callable[[Sequence[Device], Dice], Row]


@dataclass(frozen=True, slots=True)
class Source:
    """One of the three sources: its file and how its rows are made. `gear` is None where it lists no office IT."""

    sheet: Sheet
    device: DeviceRow
    gear: GearRow | None = None
    set: SetRow | None = None


@dataclass(frozen=True, slots=True)
class World:
    """One kind of world."""

    name: str
    habits: Habits
    cmms: Source
    network: Source
    security: Source

    def sources(self) -> tuple[Source, Source, Source]:
        """In the order of the truth: cmms, network, security."""
        return self.cmms, self.network, self.security
