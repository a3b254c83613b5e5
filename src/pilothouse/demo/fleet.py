"""What truly stands in the demo hospitals: every device and every piece of office IT, as a function of seed and number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from pilothouse.demo.dice import Dice, scattered
from pilothouse.demo.facts import Product, products_of
from pilothouse.demo.places import UNITS, Unit

SET = 5
"""Devices that may have been entered as one row with their serials in one cell."""
TRAIN = 20
"""Carts that may share one docking station."""

_MODULE_PREFIXES = ("008092", "84253F", "0080A3", "C0EE40", "0025CA", "74FE48")
"""Silex, Lantronix, Laird, Advantech: whose network parts stand in other makers' devices."""


@dataclass(frozen=True, slots=True)
class Habits:
    """The shares (0 to 1) by which one world differs from another in what its sources hold.

    in_cmms, seen, watched: of all, of the networked, of the networked devices that stand in the CMMS
    export, the network scan, the security tool. two_cards: with a wired and a wireless address.
    entered_twice, scanned_twice, reported_twice: devices with two rows of one source. slips: devices whose
    only identifier in the CMMS carries one slip of the pen. sets: groups of five that share one CMMS row.
    filled_down: CMMS rows with the serial of the row above, as a spreadsheet copies it.
    retired: still listed, no longer on the network. gear: pieces of office IT per device.
    The rest is what the lying world does: see docs/domains/demo.md.
    """

    in_cmms: float = 0.96
    seen: float = 0.82
    watched: float = 0.72
    two_cards: float = 0.03
    entered_twice: float = 0.005
    scanned_twice: float = 0.01
    reported_twice: float = 0.005
    slips: float = 0.02
    sets: float = 0.0
    filled_down: float = 0.0
    retired: float = 0.04
    gear: float = 0.38
    running_serials: bool = False
    moved_cards: float = 0.0
    docks: float = 0.0
    reused_tags: float = 0.0
    former_hosts: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows of each source a device has, and what is peculiar about it.

    two_cards: it has a wired and a wireless address. in_set: its group shares one CMMS row, which the group's first device holds. slip: the identifier
    (serial, mac, tag) with the slip of the pen, else empty.
    """

    product: Product
    networked: bool
    retired: bool
    cmms: int
    network: int
    security: int
    two_cards: bool
    in_set: bool
    slip: str


@dataclass(frozen=True, slots=True)
class Device:
    """One medical device as it truly is.

    macs: its present addresses, wired first; empty if it is not networked. stale_mac: the address the CMMS
    still holds although the card has moved; docked: the docking station's address under which it is seen;
    copied_serial: the serial of the row above it in the CMMS, if that was filled down.
    host_tag: the tag its host name carries, which may be a predecessor's. number: its place in the fleet.
    """

    number: int
    standing: Standing
    serial: str
    tag: str
    host_tag: str
    macs: tuple[str, ...]
    stale_mac: str
    docked: str
    copied_serial: str
    version: str
    unit: Unit
    room: str
    ip: str
    installed: date
    price: int
    last_pm: date
    seen: date

    @property
    def key(self) -> str:
        """Its name in the truth files."""
        return f"m{self.number:07d}"

    @property
    def product(self) -> Product:
        """What it is."""
        return self.standing.product


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
_UNIT_WEIGHTS = tuple(accumulate(unit.beds for unit in UNITS))
_RUNNING_MAKERS = frozenset(
    {"hamilton", "getinge", "smiths", "nihon", "arjo", "icu", "baxter", "masimo", "olympus", "zoll"}
)


def mac_text(prefix: str, number: int, shift: int) -> str:
    """The address `AA:BB:CC:DD:EE:FF` of this number under this prefix; no two numbers below 2^24 alike."""
    digits = f"{prefix}{scattered(number, 1 << 24, shift=shift):06X}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def serial_text(pattern: str, number: int, shift: int) -> str:
    """The pattern with its `#` filled; unique among all devices, as a number too large for it makes it longer."""
    places = pattern.count("#")
    size = 10**places
    digits = iter(f"{scattered(number % size, size, shift=shift):0{places}d}")
    text = "".join(next(digits) if sign == "#" else sign for sign in pattern)
    if number < size:
        return text
    head = pattern.index("#")
    return f"{text[:head]}{number // size}{text[head:]}"


class Fleet:
    """Every device of one demo, by its number.

    world: one of facts.WORLD_LETTERS. count: how many devices there are; only groups that would reach
    beyond the last device depend on it. as_of: the day all dates count back from. everywhere: nearly every
    device is networked and stands in every source (for measurements, not for people).
    """

    def __init__(
        self, seed: int, world: str, habits: Habits, count: int, as_of: date, everywhere: bool = False
    ) -> None:
        self.seed, self.habits, self.count, self.as_of, self.everywhere = (
            seed,
            habits,
            count,
            as_of,
            everywhere,
        )
        self._dice = Dice(seed)
        self._products = products_of(world)
        self._weights = tuple(accumulate(product.weight for product in self._products))
        self._tags, self._serials, self._macs = (
            Dice(seed).at(f"shift {kind}", 0).below(10**12) for kind in ("tag", "serial", "mac")
        )
        shifts = {product.maker.key for product in self._products}
        self._running = {
            maker: 1000 + 41 * place for place, maker in enumerate(sorted(shifts & _RUNNING_MAKERS))
        }

    def standing(self, number: int) -> Standing:
        """What device `number` is and in how many rows of which source it stands."""
        habits = self.habits
        in_set = self._in_group("set", number, SET, habits.sets)
        dice = self._dice.at("set product", number // SET) if in_set else self._dice.at("stand", number)
        product = dice.weighted(self._products, self._weights)
        if in_set:
            dice = dice.at("stand", number)
        networked = dice.chance(1.0 if self.everywhere else product.networked)
        retired = not in_set and (dice.chance(habits.retired) or self.gave_its_tag(number))
        on_network = networked and not retired
        slip = self._slip(dice, product, on_network) if not in_set and not retired else ""
        twice = dice.chance(habits.entered_twice) and not slip and not retired and not in_set
        cmms = 1 + twice if dice.chance(habits.in_cmms) or slip or retired or in_set else 0
        if in_set and number % SET:
            cmms = 0
        network = dice.chance(0.98 if self.everywhere else habits.seen) and on_network
        two_cards = on_network and dice.chance(habits.two_cards)
        two_rows = dice.chance(0.6 if two_cards else habits.scanned_twice)
        security = dice.chance(0.98 if self.everywhere else habits.watched) and on_network
        return Standing(
            product, networked, retired, cmms, network * (1 + two_rows),
            security * (1 + dice.chance(habits.reported_twice)), two_cards, in_set, slip,
        )  # fmt: skip

    def _slip(self, dice: Dice, product: Product, on_network: bool) -> str:
        """Which identifier is written wrongly; one of a short or running serial would name a neighbour."""
        if not (dice.chance(self.habits.slips) and on_network):
            return ""
        short = product.serial.count("#") < 6 or self._runs(product)
        kind = dice.below(100)
        if kind < 10:
            return "tag"
        return "mac" if short or kind < 35 else "serial"

    def _in_group(self, kind: str, number: int, size: int, share: float) -> bool:
        group = number // size
        if not share or (group + 1) * size > self.count:
            return False
        return self._dice.at(kind, group).chance(share)

    def _runs(self, product: Product) -> bool:
        return self.habits.running_serials and product.maker.key in self._running

    def gave_its_tag(self, number: int) -> bool:
        """Whether this device is retired and its tag went to the next one."""
        return number % 2 == 0 and self._in_group("tag", number, 2, self.habits.reused_tags)

    def _card_moves(self, number: int) -> bool:
        """Whether this pair of devices exchanged a network card (the second now has the first one's)."""
        return self._in_group("card", number, 2, self.habits.moved_cards)

    def tag(self, number: int) -> str:
        """The asset tag of device `number`: seven digits."""
        owner = number - 1 if number % 2 and self.gave_its_tag(number - 1) else number
        return f"{scattered(owner, 10**7, shift=self._tags):07d}"

    def device(self, number: int, standing: Standing | None = None) -> Device:
        """Device `number` as it truly is; `standing` spares finding it out again."""
        stands = standing or self.standing(number)
        product = stands.product
        macs, stale = self._addresses(number, stands)
        docked = self._dock(number) if stands.networked else ""
        tag = self.tag(number)
        dice = self._dice.at("device", number)
        former = dice.chance(self.habits.former_hosts) and number > 40
        host_tag = (
            tag if not former else f"{scattered(number - dice.between(2, 40), 10**7, shift=self._tags):07d}"
        )
        unit = dice.weighted(UNITS, _UNIT_WEIGHTS)
        installed = self.as_of - timedelta(days=dice.between(40, 4200))
        return Device(
            number=number, standing=stands, serial=self._serial(number, product), tag=tag, host_tag=host_tag,
            macs=macs, stale_mac=stale, docked=docked, copied_serial=self._serial_above(number, stands), version=_version(dice, product), unit=unit,
            room=f"{unit.code}-{dice.between(1, 4)}{dice.between(1, 40):02d}",
            ip=f"10.{unit.facility.network}.{unit.vlan + dice.below(4)}.{dice.between(10, 250)}",
            installed=installed, price=int(product.price * dice.between(80, 130) / 100),
            last_pm=max(installed, self.as_of - timedelta(days=dice.between(3, 400))),
            seen=self.as_of - timedelta(days=min(dice.below(30), dice.below(30))),
        )  # fmt: skip

    def _serial(self, number: int, product: Product) -> str:
        if self._runs(product):
            return str(self._running[product.maker.key] + number)
        return serial_text(product.serial, number, self._serials + len(product.key) * 7_777_777)

    def _serial_above(self, number: int, stands: Standing) -> str:
        """The serial of the device before, if a spreadsheet filled it down to this one's row."""
        if (
            not number
            or stands.slip
            or stands.in_set
            or not self._in_group("fill", number, 1, self.habits.filled_down)
        ):
            return ""
        return self._serial(number - 1, self.standing(number - 1).product)

    def _addresses(self, number: int, stands: Standing) -> tuple[tuple[str, ...], str]:
        """The device's present addresses, and the one that the CMMS still holds if its card has moved."""
        if not stands.networked:
            return (), ""
        product = stands.product
        own = self._card(number, product)
        wired, stale = own, ""
        if self._card_moves(number):
            moved = number % 2 == 1
            wired = (
                self._card(number - 1, self.standing(number - 1).product)
                if moved
                else self._card(number, product, 2)
            )
            stale = own
        return ((wired, self._card(number, product, 1)) if stands.two_cards else (wired,)), stale

    def _card(self, number: int, product: Product, which: int = 0) -> str:
        """The address of one of a device's network cards: 0 as bought, 1 the wireless one, 2 the replacement."""
        dice = self._dice.at("prefix", number)
        own = product.maker.prefixes
        prefix = dice.pick(own) if own and dice.chance(0.6) and which == 0 else dice.pick(_MODULE_PREFIXES)
        return mac_text(prefix, number + which * 2_000_000, self._macs)

    def _dock(self, number: int) -> str:
        if not self._in_group("dock", number, TRAIN, self.habits.docks):
            return ""
        if not self._dice.at("in dock", number).chance(0.8):
            return ""
        return mac_text("C0EE40", number // TRAIN + 8_000_000, self._macs)

    def gear(self, number: int) -> Gear:
        """Piece of office IT `number`."""
        dice = self._dice.at("gear", number)
        kind, maker, model, system, short, prefixes, _ = dice.weighted(_GEAR, _GEAR_WEIGHTS)
        unit = dice.weighted(UNITS, _UNIT_WEIGHTS)
        mac = mac_text(dice.pick(prefixes), number + 10_000_000, self._macs)
        watched = dice.chance(0.25)
        return Gear(
            number=number, kind=kind, maker=maker, model=model, os=system, mac=mac,
            host=f"SEP{mac.replace(':', '')}" if short == "SEP" else f"{unit.facility.key}-{short}-{number:06d}",
            serial=serial_text("5CG#######", number, self._serials), unit=unit,
            ip=f"10.{unit.facility.network}.{dice.between(10, 60)}.{dice.between(10, 250)}",
            seen=self.as_of - timedelta(days=dice.below(12)),
            network=int(dice.chance(0.9) or not watched), security=int(watched),
        )  # fmt: skip


def _version(dice: Dice, product: Product) -> str:
    """What the device runs; makers without an advisory number their releases in their own way."""
    if product.versions:
        return dice.pick(product.versions)
    return f"{dice.between(1, 6)}.{dice.below(10)}.{dice.below(20)}"
