"""One block of the fleet with all its rows and truth: the unit in which a demo is made, by one or several processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pilothouse.demo import truth
from pilothouse.demo.advisories import verdicts
from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import SET, Device, Fleet
from pilothouse.demo.gear import Gear, OfficeIT
from pilothouse.demo.habits import everywhere
from pilothouse.demo.identifiers import shift
from pilothouse.demo.rows import UNSTATED, Row
from pilothouse.demo.truth import CMMS, NETWORK, SECURITY, Placed
from pilothouse.demo.worlds import WORLDS

SIZE = 2000
"""Devices in a block: a multiple of every group that shares something, so that no group spans two blocks."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made: all that a block's bytes depend on. Fields as in `world.write`."""

    devices: int
    seed: int
    world: str
    as_of: date
    everywhere: bool = False

    def blocks(self) -> int:
        """How many blocks the fleet has."""
        return -(-self.devices // SIZE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to come: of a device or a piece of office IT, its first or second of this source."""

    thing: Device | Gear
    nth: int


@dataclass(frozen=True, slots=True)
class Made:
    """A made block: the bytes of its rows per source, and its lines of the truth files."""

    bodies: tuple[bytes, bytes, bytes]
    members: str
    pairs: str
    devices: str
    exposures: str


class Maker:
    """Makes blocks of one order, in any sequence."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.world = WORLDS[order.world]
        self._habits = everywhere(self.world.habits) if order.everywhere else self.world.habits
        self._fleet = Fleet(order.seed, order.world, self._habits, order.devices, order.as_of)
        self._office = OfficeIT(order.seed, order.as_of, shift(order.seed, "mac"))
        self._dice = Dice(order.seed)
        self._names = tuple(source.sheet.name for source in self.world.sources())

    def numbers(self, block: int) -> range:
        """The devices of a block."""
        return range(block * SIZE, min((block + 1) * SIZE, self.order.devices))

    def _gear_numbers(self, block: int) -> range:
        whole = int(SIZE * self._habits.gear)
        here = int(len(self.numbers(block)) * self._habits.gear)
        return range(block * whole, block * whole + here)

    def count(self, block: int) -> tuple[int, int, int]:
        """How many rows of each source the block has; the cheap half of making it."""
        cmms = network = security = 0
        for number in self.numbers(block):
            standing = self._fleet.standing(number)
            cmms += standing.cmms
            network += standing.network
            security += standing.security
        for number in self._gear_numbers(block):
            gear = self._office.gear(number)
            network += gear.network
            security += gear.security
        return cmms, network, security

    def make(self, block: int, before: tuple[int, int, int]) -> Made:
        """The block; `before` is how many rows of each source stand before it."""
        devices = [self._fleet.device(number) for number in self.numbers(block)]
        gear = [self._office.gear(number) for number in self._gear_numbers(block)]
        placed: dict[str, list[Placed]] = {}
        bodies: list[bytes] = []
        exposures: list[str] = []
        for file, source in enumerate(self.world.sources()):
            rows: list[Row] = []
            for entry in self._entries(file, block, devices, gear):
                row = self._row(file, entry, devices)
                rows.append(row)
                number = before[file] + len(rows)
                exposures.extend(self._exposures(file, number, entry.thing, row))
                for key, cards in self._owners(file, entry, devices):
                    placed.setdefault(key, []).append(Placed(file, number, row, cards))
            bodies.append(source.sheet.body(rows))
        return Made(
            (bodies[0], bodies[1], bodies[2]), "".join(self._members(placed)), "".join(self._pairs(placed)),
            truth.device_lines(devices, gear), "".join(exposures),
        )  # fmt: skip

    def _entries(self, file: int, block: int, devices: list[Device], gear: list[Gear]) -> list[Entry]:
        """The rows of one source in the order they are written: the CMMS by number, the others shuffled."""
        if file == CMMS:
            first = [Entry(device, 0) for device in devices if device.standing.cmms]
            return first + [Entry(device, 1) for device in devices if device.standing.cmms > 1]
        things: list[Device | Gear] = [*devices, *gear]
        entries = [Entry(thing, nth) for thing in things for nth in range(_rows_of(file, thing))]
        self._dice.at("order", block * 3 + file).shuffle(entries)
        return entries

    def _row(self, file: int, entry: Entry, devices: list[Device]) -> Row:
        source = self.world.sources()[file]
        thing, number = entry.thing, entry.thing.number * 2 + entry.nth
        if isinstance(thing, Gear):
            assert source.gear is not None
            return source.gear(thing, self._dice.at(f"gear {file}", number))
        dice = self._dice.at(f"row {file}", number)
        if file == CMMS and thing.standing.in_set and source.set is not None:
            return source.set(_set_of(thing, devices), dice)
        return source.device(thing, dice, entry.nth)

    def _owners(self, file: int, entry: Entry, devices: list[Device]) -> Iterator[tuple[str, int]]:
        """The devices a row belongs to, each with the network cards the row can show."""
        thing = entry.thing
        if isinstance(thing, Gear):
            yield thing.key, 1
        elif file == CMMS and thing.standing.in_set:
            yield from ((device.key, 1) for device in _set_of(thing, devices))
        elif file == NETWORK:
            yield thing.key, 1 << entry.nth % len(thing.macs)
        else:
            yield thing.key, 3 if file == SECURITY else 1

    def _exposures(self, file: int, number: int, thing: Device | Gear, row: Row) -> Iterator[str]:
        """What the advisories say of what this row states."""
        if isinstance(thing, Gear) or row.stated == UNSTATED:
            return
        for cve, advisory, status in verdicts(thing.product.key, row.stated):
            yield f"{self._names[file]},{number},{cve},{advisory},{status}\r\n"

    def _members(self, placed: dict[str, list[Placed]]) -> Iterator[str]:
        for key, rows in placed.items():
            for one in rows:
                yield f"{key},{self._names[one.file]},{one.number}\r\n"

    def _pairs(self, placed: dict[str, list[Placed]]) -> Iterator[str]:
        for rows in placed.values():
            for left, right, what in truth.pairs(rows):
                yield f"{self._names[left.file]},{left.number},{self._names[right.file]},{right.number},{what}\r\n"


def _rows_of(file: int, thing: Device | Gear) -> int:
    holder = thing.standing if isinstance(thing, Device) else thing
    return holder.network if file == NETWORK else holder.security


def _set_of(first: Device, devices: list[Device]) -> list[Device]:
    start = first.number % SIZE
    return devices[start : start + SET]
