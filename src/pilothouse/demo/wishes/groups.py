"""Devices of one model in one unit, with what speaks for doing something about them.

Points are defaults of the house: function by Fennigkoh and Smith's table, age against an assumed life, known
vulnerabilities. What a real hospital weighs is its own affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pilothouse.demo.advisories import advisories, verdicts
from pilothouse.demo.facts import Product
from pilothouse.demo.fleet import Device, Fleet
from pilothouse.demo.places import Unit

_FUNCTION = (
    ("ventilator", 10, 10), ("anaesthesia", 10, 10), ("dialysis", 10, 10), ("defibrillator", 10, 8), ("incubator", 9, 9),
    ("electrosurgical", 9, 9), ("infusion", 8, 8), ("syringe", 8, 8), ("PCA", 8, 8), ("server", 3, 6), ("central station", 7, 6),
    ("monitor", 7, 8), ("telemetry", 7, 7), ("endoscopy", 6, 7), ("CT", 6, 10), ("MRI", 6, 11), ("X-ray", 6, 10), ("gamma", 6, 11),
    ("ultrasound", 5, 7), ("analyser", 5, 7), ("cabinet", 4, 8), ("bed", 4, 11),
)  # fmt: skip
"""Words of a device's name, its function (1 to 10), and its life in years (ours)."""
_OTHER = (4, 9)
_MOST_FLAWS = 4
"""Vulnerabilities of one device beyond these add nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """Devices of one model in one unit. price: of new ones, in dollars. wear, flaws, use: points that speak for acting."""

    unit: Unit
    product: Product
    count: int
    price: int
    networked: int
    wear: float
    flaws: float
    use: float

    @property
    def item(self) -> str:
        """Its name in the wish list."""
        return f"{self.unit.key} {self.product.model.replace('/', ' ')}"

    @property
    def points(self) -> float:
        """All that speaks for doing something."""
        return self.wear + self.flaws + self.use


def groups(fleet: Fleet, count: int) -> list[Group]:
    """The groups among the first `count` devices that are still in use, those with the most points first."""
    together: dict[tuple[str, str], list[Device]] = {}
    for number in range(count):
        device = fleet.device(number)
        if not device.standing.retired:
            together.setdefault((device.unit.key, device.product.key), []).append(device)
    made = [_group(fleet, devices) for devices in together.values()]
    return sorted(made, key=lambda one: (-one.points, one.item))


def _group(fleet: Fleet, devices: list[Device]) -> Group:
    product, networked = devices[0].product, [one for one in devices if one.standing.networked]
    function, life_years = function_and_life(product.noun)
    ages = [(fleet.as_of - one.installed).days / 365.25 for one in devices]
    wear = sum(1.6 * function * max(0.0, age / life_years - 0.45) for age in ages)
    flaws = sum(0.25 * function * _flaws(product.key, one.version) for one in networked)
    return Group(
        devices[0].unit, product, len(devices), product.price * len(devices), len(networked), wear, flaws, 0.25 * function * len(devices)
    )  # fmt: skip


def function_and_life(noun: str) -> tuple[int, int]:
    """What a device does (1 to 10) and how many years it is assumed to last."""
    return next(((function, years) for word, function, years in _FUNCTION if word in noun), _OTHER)


@cache
def _flaws(product: str, version: str) -> int:
    """Known vulnerabilities of a device, one that is exploited counting three times."""
    exploited = {flaw.cve for advisory in advisories() for flaw in advisory.vulnerabilities if flaw.kev_added}
    affected = [cve for cve, _, status in verdicts(product, version) if status == "affected"]
    return min(_MOST_FLAWS, sum(3 if cve in exploited else 1 for cve in affected))
