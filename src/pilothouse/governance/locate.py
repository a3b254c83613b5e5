"""Where a device stands in the chain's terms: from the unit and facility that a list writes to a place.

Source: docs/domains/governance.md, "The place of a device".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pilothouse.governance.chain import facilities as facilities_of
from pilothouse.governance.words import SYSTEM, Place, Rows, Unit
from pilothouse.kernel.text import fold
from pilothouse.kernel.times import as_instant


@dataclass(slots=True)
class Locator:
    """Finds places by the folded ids and names of the units that exist at one moment.

    ambiguous: every text that named more than one place, with those places; it fell one scope back.
    """

    _units: dict[str, list[Unit]]
    _facilities: dict[str, set[str]]
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def at(cls, rows: Rows, at: datetime) -> Locator:
        """A locator over the units valid at the moment (a datetime with a zone); the chain may be invalid."""
        instant = as_instant(at)
        named = facilities_of(rows)
        units: defaultdict[str, list[Unit]] = defaultdict(list)
        facilities: defaultdict[str, set[str]] = defaultdict(set)
        for unit in {unit.id: unit for unit in rows.units if unit.start <= instant < unit.end}.values():
            for word in _words(unit.id, unit.name):
                units[word].append(unit)
            for word in _words(unit.facility, named[unit.facility].name):
                facilities[word].add(unit.facility)
        return cls(dict(units), dict(facilities))

    def place(self, facility_text: str | None, unit_text: str | None) -> Place:
        """The unit the texts name, else the facility, else the system.

        A unit counts within the device's facility if that is known, else anywhere. A text that names
        several places is noted in `ambiguous` and falls one scope back.
        """
        facility = self._facility(facility_text)
        units = self._units.get(fold(unit_text or ""), [])
        if facility is not None:
            units = [unit for unit in units if unit.facility == facility]
        if len(units) == 1:
            return Place("unit", units[0].id)
        if units:
            self.ambiguous[(unit_text or "").strip()] = tuple(sorted(unit.id for unit in units))
        return SYSTEM if facility is None else Place("facility", facility)

    def _facility(self, text: str | None) -> str | None:
        found = self._facilities.get(fold(text or ""), set())
        if len(found) > 1:
            self.ambiguous[(text or "").strip()] = tuple(sorted(found))
        return next(iter(found)) if len(found) == 1 else None


def place_text(place: Place) -> str:
    """As the contracts write it: `unit:X`, `facility:Y` or `system`."""
    return place.kind if place.id is None else f"{place.kind}:{place.id}"


def _words(id_: str, name: str | None) -> Iterable[str]:
    """The folded spellings a place answers to, each once."""
    return {word for word in (fold(id_), fold(name or "")) if word}
