"""What truly stands in the demo hospitals: every medical device, as a function of seed and number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from pilothouse.demo.dice import Dice, scattered
from pilothouse.demo.facts import Product, products_of
from pilothouse.demo.habits import Habits
from pilothouse.demo.identifiers import mac_text, serial_text, shift
from pilothouse.demo.places import UNIT_WEIGHTS, UNITS, Unit

SET = 5
"""Devices that may have been entered as one row with their serials in one cell."""
TRAIN = 20
"""Carts that may share one docking station."""

_MODULE_PREFIXES = ("008092", "84253F", "0080A3", "C0EE40", "0025CA", "74FE48")
"""Silex, Lantronix, Laird, Advantech: whose network parts stand in other makers' devices."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows of each source a device has, and what is peculiar about it.

    two_cards: it has a wired and a wireless address. in_set: its group shares one CMMS row, which the
    group's first device holds. slip: the identifier (serial, mac, tag) with the slip of the pen, else empty.
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
    """One medical device as it truly is; `number` is its place in the fleet.

    macs: its present addresses, wired first; empty if it is not networked. stale_mac: the address the CMMS
    still holds although the card has moved; docked: the docking station's address under which it is seen;
    copied_serial: the serial of the row above it in the CMMS, if that was filled down.
    host_tag: the tag its host name carries, which may be a predecessor's. second_tag: the tag under which
    it may have been entered again.
    """

    number: int
    standing: Standing
    serial: str
    tag: str
    second_tag: str
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


_BOUGHT, _WIRELESS, _REPLACED, _DOCK = 0, 2_000_000, 4_000_000, 8_000_000
"""Where the numbers of the addresses of bought, wireless and replacement cards and of docks begin."""
_SECOND = 2_000_000
"""Where the numbers of second tags begin."""
_RUNNING_MAKERS = frozenset(
    {"hamilton", "getinge", "smiths", "nihon", "arjo", "icu", "baxter", "masimo", "olympus", "zoll"}
)


class Fleet:
    """Every device of one demo, by its number.

    world: one of facts.WORLD_LETTERS. count: how many devices there are; only groups that would reach
    beyond the last device depend on it. as_of: the day all dates count back from.
    """

    def __init__(self, seed: int, world: str, habits: Habits, count: int, as_of: date) -> None:
        self.habits, self.count, self.as_of = habits, count, as_of
        self._dice = Dice(seed)
        self._products = products_of(world)
        self._weights = tuple(accumulate(product.weight for product in self._products))
        self._tags, self._serials, self._macs = (shift(seed, kind) for kind in ("tag", "serial", "mac"))
        running = sorted({product.maker.key for product in self._products} & _RUNNING_MAKERS)
        self._first_serial = {maker: 1000 + 41 * place for place, maker in enumerate(running)}

    def standing(self, number: int) -> Standing:
        """What device `number` is and in how many rows of which source it stands."""
        habits = self.habits
        in_set = self._in_group("set", number, SET, habits.sets)
        dice = self._dice.at("set product", number // SET) if in_set else self._dice.at("stand", number)
        product = dice.weighted(self._products, self._weights)
        if in_set:
            dice = dice.at("stand", number)
        networked = dice.chance(product.networked) or habits.all_networked
        retired = not in_set and (dice.chance(habits.retired) or self.gave_its_tag(number))
        on_network = networked and not retired
        slip = self._slip(dice, product, on_network) if not in_set and not retired else ""
        twice = dice.chance(habits.entered_twice) and not slip and not retired and not in_set
        cmms = 1 + twice if dice.chance(habits.in_cmms) or slip or retired or in_set else 0
        if in_set and number % SET:
            cmms = 0
        network = dice.chance(habits.seen) and on_network
        two_cards = on_network and dice.chance(habits.two_cards)
        two_rows = dice.chance(0.6 if two_cards else habits.scanned_twice)
        security = dice.chance(habits.watched) and on_network
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
        return self.habits.running_serials and product.maker.key in _RUNNING_MAKERS

    def gave_its_tag(self, number: int) -> bool:
        """Whether this device is retired and its tag went to the next one."""
        return number % 2 == 0 and self._in_group("tag", number, 2, self.habits.reused_tags)

    def _card_moves(self, number: int) -> bool:
        """Whether this pair of devices exchanged a network card (the second now has the first one's)."""
        return self._in_group("card", number, 2, self.habits.moved_cards)

    def tag(self, number: int) -> str:
        """The asset tag of device `number`: seven digits."""
        return self._tag_text(number - 1 if number % 2 and self.gave_its_tag(number - 1) else number)

    def _tag_text(self, number: int) -> str:
        return f"{scattered(number, 10**7, shift=self._tags):07d}"

    def device(self, number: int, standing: Standing | None = None) -> Device:
        """Device `number` as it truly is; `standing` spares finding it out again."""
        stands = standing or self.standing(number)
        product = stands.product
        macs, stale = self._addresses(number, stands)
        docked = self._dock(number) if stands.networked else ""
        tag = self.tag(number)
        dice = self._dice.at("device", number)
        former = dice.chance(self.habits.former_hosts) and number > 40
        host_tag = self._tag_text(number - dice.between(2, 40)) if former else tag
        unit = dice.weighted(UNITS, UNIT_WEIGHTS)
        installed = self.as_of - timedelta(days=dice.between(40, 4200))
        return Device(
            number=number, standing=stands, serial=self._serial(number, product), tag=tag,
            second_tag=self._tag_text(number + _SECOND), host_tag=host_tag, macs=macs, stale_mac=stale, docked=docked,
            copied_serial=self._serial_above(number, stands), version=_version(dice, product), unit=unit,
            room=f"{unit.code}-{dice.between(1, 4)}{dice.between(1, 40):02d}",
            ip=f"10.{unit.facility.network}.{unit.vlan + dice.below(4)}.{dice.between(10, 250)}",
            installed=installed, price=int(product.price * dice.between(80, 130) / 100),
            last_pm=max(installed, self.as_of - timedelta(days=dice.between(3, 400))),
            seen=self.as_of - timedelta(days=min(dice.below(30), dice.below(30))),
        )  # fmt: skip

    def _serial(self, number: int, product: Product) -> str:
        if self._runs(product):
            return str(self._first_serial[product.maker.key] + number)
        return serial_text(product.serial, number, self._serials)

    def _serial_above(self, number: int, stands: Standing) -> str:
        """The serial of the device before, if a spreadsheet filled it down to this one's row."""
        own = stands.slip or stands.in_set or not number
        if own or not self._in_group("fill", number, 1, self.habits.filled_down):
            return ""
        return self._serial(number - 1, self.standing(number - 1).product)

    def _addresses(self, number: int, stands: Standing) -> tuple[tuple[str, ...], str]:
        """The device's present addresses, and the one that the CMMS still holds if its card has moved."""
        if not stands.networked:
            return (), ""
        product = stands.product
        own = self._card(number, product, _BOUGHT)
        wired, stale = own, ""
        if self._card_moves(number):
            stale = own
            wired = self._card(number - 1, self.standing(number - 1).product, _BOUGHT) if number % 2 else self._card(number, product, _REPLACED)  # fmt: skip
        return ((wired, self._card(number, product, _WIRELESS)) if stands.two_cards else (wired,)), stale

    def _card(self, number: int, product: Product, which: int) -> str:
        """The address of one of a device's network cards; six in ten bought ones carry the maker's prefix."""
        dice = self._dice.at("prefix", number)
        own = product.maker.prefixes
        prefix = (
            dice.pick(own) if own and dice.chance(0.6) and which == _BOUGHT else dice.pick(_MODULE_PREFIXES)
        )
        return mac_text(prefix, number + which, self._macs)

    def _dock(self, number: int) -> str:
        if not self._in_group("dock", number, TRAIN, self.habits.docks):
            return ""
        if not self._dice.at("in dock", number).chance(0.8):
            return ""
        return mac_text("C0EE40", number // TRAIN + _DOCK, self._macs)


def _version(dice: Dice, product: Product) -> str:
    """What the device runs; makers without an advisory number their releases in their own way."""
    if product.versions:
        return dice.pick(product.versions)
    return f"{dice.between(1, 6)}.{dice.below(10)}.{dice.below(20)}"
