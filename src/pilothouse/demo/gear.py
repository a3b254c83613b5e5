"""Office IT: what a network scan sees beside the medical devices, and no CMMS lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from pilothouse.demo.dice import Dice
from pilothouse.demo.identifiers import mac_text, serial_text
from pilothouse.demo.places import UNIT_WEIGHTS, UNITS, Unit

_BEYOND_DEVICES = 10_000_000
"""Numbers of office addresses begin here, where no device's reach."""


@dataclass(frozen=True, slots=True)
class Gear:
    """One piece of office IT that no CMMS lists."""

    number: int
    kind: str
    maker: str
    model: str
    os: str
    host: str
    mac: str
    serial: str
    unit: Unit
    ip: str
    seen: date
    network: int
    security: int

    @property
    def key(self) -> str:
        """Its name in the truth files."""
        return f"i{self.number:07d}"


_GEAR = (
    ("Workstation", "Dell Inc.", "OptiPlex 7090", "Windows 11", "PC", ("00065B", "000874"), 34),
    ("Workstation", "HP Inc.", "EliteDesk 800 G6", "Windows 10", "PC", ("0068EB", "040E3C"), 22),
    ("Laptop", "Lenovo", "ThinkPad T14", "Windows 11", "LT", ("10C595", "809621"), 14),
    ("IP Phone", "Cisco Systems, Inc", "CP-8845", "", "SEP", ("00000C", "000142"), 24),
    ("Printer", "Zebra Technologies Inc", "ZD421", "Link-OS", "LBL", ("000512", "78B8D6"), 14),
    ("Printer", "Hewlett Packard", "LaserJet M507", "", "PRN", ("0001E6", "0001E7"), 12),
    ("Camera", "Axis Communications AB", "P3245-V", "Linux", "CAM", ("00408C", "ACCC8E"), 8),
    ("Badge", "Vocera Communications", "B3000n", "", "VOC", ("0009EF",), 8),
)
_GEAR_WEIGHTS = tuple(accumulate(row[6] for row in _GEAR))


class OfficeIT:
    """Every piece of office IT of one demo, by its number."""

    def __init__(self, seed: int, as_of: date, shift: int) -> None:
        self._dice, self._as_of, self._shift = Dice(seed), as_of, shift

    def gear(self, number: int) -> Gear:
        """Piece of office IT `number`."""
        dice = self._dice.at("gear", number)
        kind, maker, model, system, short, prefixes, _ = dice.weighted(_GEAR, _GEAR_WEIGHTS)
        unit = dice.weighted(UNITS, UNIT_WEIGHTS)
        mac = mac_text(dice.pick(prefixes), number + _BEYOND_DEVICES, self._shift)
        watched = dice.chance(0.25)
        return Gear(
            number=number, kind=kind, maker=maker, model=model, os=system, mac=mac,
            host=f"SEP{mac.replace(':', '')}" if short == "SEP" else f"{unit.facility.key}-{short}-{number:06d}",
            serial=serial_text("5CG#######", number, self._shift), unit=unit,
            ip=f"10.{unit.facility.network}.{dice.between(10, 60)}.{dice.between(10, 250)}",
            seen=self._as_of - timedelta(days=dice.below(12)),
            network=int(dice.chance(0.9) or not watched), security=int(watched),
        )  # fmt: skip
