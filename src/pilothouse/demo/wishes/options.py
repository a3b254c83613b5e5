"""The options of the wish list: replacing, upgrading, isolating, overhauling, contracting, training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from math import ceil

from pilothouse.demo.dice import Dice
from pilothouse.demo.places import FACILITIES, UNITS, Facility, Unit
from pilothouse.demo.wishes.groups import Group

CAPITAL, SERVICE, HOURS, TEACHING, AWAY = (
    "capital",
    "service money",
    "technician hours",
    "training hours",
    "away",
)
AWAY_UNITS = ("NGH-ICU", "NGH-OR", "NGH-ED", "LSM-ICU", "RCH-NICU")
"""Units that can spare few devices in one month."""
CRITERIA = ("points wear", "points security", "points function", "points skill")
HORIZON = 5
"""Years of the plan; the first begins after as-of."""
BARGAIN, DEARER, GIANT = "bargain", "dearer", "giant"
"""What is planted: chosen in any good plan; worse than another option of its item in every way; beyond every limit."""

_AWAY_MONTHS = (3, 6, 9)
_BUNDLES = (("infusion pump", "One infusion pump", 1), ("monitor", "One patient monitor", 2))
"""Words in a device's name, the bundle that makes its models one, and its year within the horizon."""
_BUNDLE_SIZE = 6
_MENDED = 0.5
"""Groups with known vulnerabilities for which the maker offers an upgrade; the others can only be isolated."""
_EVERY_MUST = 40
"""Of so many groups, for one something must be decided, if only to go on watching it."""
_SCHOOL = "overhaul school"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. points: by CRITERIA. uses: amounts by limit. planted: what is peculiar about it, or empty."""

    item: str
    name: str
    year: int
    points: tuple[float, float, float, float]
    uses: Mapping[str, float] = field(default_factory=dict)
    must: bool = False
    bundle: str = ""
    requires: str = ""
    committed: bool = False
    planted: str = ""

    @property
    def benefit(self) -> float:
        """Risk removed over the horizon, in points."""
        return round(sum(self.points), 2)


def limit(kind: str, year: int) -> str:
    """The name of a year's limit."""
    return f"{kind} {year}"


class Wishes:
    """The wish list of one demo. first: the first year. short: by unit how many needs of training are short."""

    def __init__(
        self, seed: int, first: int, groups: list[Group], short: dict[str, int], share: float
    ) -> None:
        self._seed, self._groups, self._short, self._share = seed, groups, short, share
        self._dice = Dice(seed)
        self.years = tuple(range(first, first + HORIZON))
        self._first = first

    def options(self, count: int) -> list[Option]:
        """So many options, fewer only if the fleet is too small for them; the system's first, then group by group."""
        return list(islice(self._all(), count))

    def _all(self) -> Iterator[Option]:
        for facility in FACILITIES:
            yield from self._network(facility)
            yield from self._school(facility)
            yield from self._planted(facility)
        for unit in UNITS[: max(3, round(len(UNITS) * self._share))]:
            yield from self._teaching(unit)
        bundled = dict(self._bundled())
        for number, group in enumerate(self._groups):
            yield from self._of_group(number, group, bundled.get(group.item))

    def _left(self, year: int) -> float:
        """The share of the horizon in which what is done in this year works."""
        return (self._first + HORIZON - year) / HORIZON

    # --- The system's own ---------------------------------------------------------------------------------

    def _network(self, facility: Facility) -> Iterator[Option]:
        """Segments of the network, on which devices can be isolated; Northgate's are ordered already."""
        weight = {"NGH": 1.0, "LSM": 0.7, "RCH": 0.5}[facility.key] * self._share
        for year in self.years[:2]:
            uses = {limit(CAPITAL, year): round(55_000 * weight), limit(HOURS, year): round(220 * weight)}
            ordered = facility.key == "NGH" and year == self._first
            yield Option(f"Network {facility.key}", f"segment-{year}", year, (0, round(30 * weight * self._left(year), 2), 0, 0), uses, committed=ordered)  # fmt: skip

    def _school(self, facility: Facility) -> Iterator[Option]:
        """Technicians learn to overhaul what otherwise goes back to the maker."""
        for year in self.years[:3]:
            uses = {
                limit(SERVICE, year): round(14_000 * self._share),
                limit(TEACHING, year): round(160 * self._share),
            }
            yield Option(f"Technicians {facility.key}", f"{_SCHOOL}-{year}", year, (0, 0, 0, round(12 * self._left(year), 2)), uses)  # fmt: skip

    def _planted(self, facility: Facility) -> Iterator[Option]:
        """What costs next to nothing and removes much, and what no year's money can pay."""
        uses = {limit(HOURS, self._first): round(12 * self._share, 1)}
        yield Option(f"Maker's passwords {facility.key}", f"change-{self._first}", self._first, (0, 85.0, 0, 0), uses, planted=BARGAIN)  # fmt: skip
        for year in self.years[:2]:
            yield Option(f"Hybrid theatre {facility.key}", f"build-{year}", year, (0, 0, 900.0, 0), {limit(CAPITAL, year): 48_000_000}, planted=GIANT)  # fmt: skip

    def _teaching(self, unit: Unit) -> Iterator[Option]:
        """A unit's programme of training: worth more where more is short."""
        dice = self._dice.at("programme", UNITS.index(unit))
        worth = 4 + 0.25 * unit.beds + 7 * self._short.get(unit.key, 0)
        start = dice.below(2)
        for year in self.years[start : start + 3]:
            people = ceil(unit.beds * 1.7 * self._share)
            uses = {limit(TEACHING, year): people * 3.0, limit(SERVICE, year): people * 45.0}
            yield Option(f"{unit.key} staff", f"programme-{year}", year, (0, 0, 0, round(worth * self._left(year), 2)), uses)  # fmt: skip

    # --- Groups of devices --------------------------------------------------------------------------------

    def _bundled(self) -> Iterator[tuple[str, tuple[str, int]]]:
        """By item the bundle that it takes part in, and the bundle's year."""
        for facility in FACILITIES:
            for words, name, place in _BUNDLES:
                fitting = [
                    one for one in self._groups if one.unit.facility == facility and words in one.product.noun
                ]
                year = self.years[place + FACILITIES.index(facility) % 2]
                for group in fitting[2 : 2 + _BUNDLE_SIZE] if len(fitting) > 2 + _BUNDLE_SIZE else ():
                    yield group.item, (f"{name}, {facility.key} {year}", year)

    def _of_group(self, number: int, group: Group, bundle: tuple[str, int] | None) -> Iterator[Option]:
        dice = self._dice.at("wish", number)
        month = dice.pick(_AWAY_MONTHS)
        must = number % _EVERY_MUST == 7
        start, odd = dice.below(3), dice.chance(0.04)
        made = [self._replace(group, year, month) for year in self.years[start : start + 3]]
        if must:
            worse = (round(-0.1 * group.points, 2), 0.0, 0.0, 0.0)
            made.insert(0, Option(group.item, "watch", self._first, worse, {limit(HOURS, self._first): 0}))
        if odd and not must:
            made.append(_dearer(made[0]))
        if group.flaws:
            if dice.chance(_MENDED):
                made += [self._upgrade(group, year, month, dice) for year in self.years[dice.below(2) :: 3]]
            made += [
                self._isolate(group, year) for year in self.years[1 + dice.below(2) :: 3] if group.networked
            ]
        if group.wear > 4 and group.product.price < 120_000:
            made.append(self._overhaul(group, self.years[1 + dice.below(4)], month))
        if group.product.price >= 8_000:
            made.append(self._contract(group, self.years[dice.below(3)]))
        if bundle is not None:
            name, year = bundle
            made.append(self._standardise(group, name, year))
        if number in (5, 11):
            made[0] = replace(made[0], committed=True)
        for one in made:
            yield replace(one, must=must)

    def _points(self, group: Group, year: int, wear: float, flaws: float, use: float) -> tuple[float, float, float, float]:  # fmt: skip
        left = self._left(year)
        return round(group.wear * wear * left, 2), round(group.flaws * flaws * left, 2), round(group.use * use * left, 2), 0.0  # fmt: skip

    def _dearer_by(self, year: int) -> float:
        return float(1.03 ** (year - self._first + 1))

    def _replace(self, group: Group, year: int, month: int) -> Option:
        uses = {
            limit(CAPITAL, year): round(group.price * self._dearer_by(year)),
            limit(HOURS, year): 2.5 * group.count,
            limit(TEACHING, year): 4 + 1.5 * group.count,
        }
        return Option(group.item, f"replace-{year}", year, self._points(group, year, 0.95, 0.9, 0.5), uses | _away(group, year, month, 3))  # fmt: skip

    def _standardise(self, group: Group, bundle: str, year: int) -> Option:
        """Replacing as one of several units that all get the same model: cheaper, and worth more."""
        uses = {
            limit(CAPITAL, year): round(group.price * 0.9 * self._dearer_by(year)),
            limit(HOURS, year): 2.5 * group.count,
            limit(TEACHING, year): 4 + 1.2 * group.count,
        }
        return Option(group.item, f"standardise-{year}", year, self._points(group, year, 0.95, 0.9, 0.9), uses, bundle=bundle)  # fmt: skip

    def _upgrade(self, group: Group, year: int, month: int, dice: Dice) -> Option:
        uses = {
            limit(SERVICE, year): float(dice.between(120, 600) * group.count),
            limit(HOURS, year): 1.2 * group.count,
        }
        return Option(group.item, f"upgrade-{year}", year, self._points(group, year, 0, 0.75, 0.05), uses | _away(group, year, month, 2))  # fmt: skip

    def _isolate(self, group: Group, year: int) -> Option:
        uses = {limit(SERVICE, year): 90.0 * group.networked, limit(HOURS, year): 0.6 * group.networked}
        before = self._first if year == self._first + 1 else self._first + 1
        facility = group.unit.facility.key
        return Option(group.item, f"isolate-{year}", year, self._points(group, year, 0, 0.55, 0), uses, requires=f"Network {facility}/segment-{before}")  # fmt: skip

    def _overhaul(self, group: Group, year: int, month: int) -> Option:
        uses = {limit(SERVICE, year): round(group.price * 0.11), limit(HOURS, year): 5.0 * group.count}
        school = f"Technicians {group.unit.facility.key}/{_SCHOOL}-{self._first}"
        return Option(group.item, f"overhaul-{year}", year, self._points(group, year, 0.5, 0, 0.2), uses | _away(group, year, month, 2), requires=school)  # fmt: skip

    def _contract(self, group: Group, year: int) -> Option:
        """A service contract from a year on: it uses the money of every year that follows."""
        uses: dict[str, float] = {
            limit(SERVICE, one): round(group.price * 0.055) for one in self.years if one >= year
        }
        return Option(group.item, f"contract-{year}", year, self._points(group, year, 0.3, 0.1, 0.3), uses)


def _away(group: Group, year: int, month: int, part: int) -> dict[str, float]:
    """One device in so many is away from its unit in this month; only some units count them."""
    if group.unit.key not in AWAY_UNITS:
        return {}
    return {f"{AWAY} {group.unit.key} {year}-{month:02d}": float(ceil(group.count / part))}


def _dearer(option: Option) -> Option:
    """The same by another seller: a fifth dearer, and worth a tenth less."""
    uses = {
        name: round(amount * 1.2) if name.startswith(CAPITAL) else amount
        for name, amount in option.uses.items()
    }
    wear, flaws, use, skill = (round(0.9 * one, 2) for one in option.points)
    return replace(option, name=f"replace dearer-{option.year}", points=(wear, flaws, use, skill), uses=uses, planted=DEARER)  # fmt: skip
