"""Where a device stands in the chain's terms: from the unit and facility that a list writes to a place.

Source: docs/domains/governance.md, "The place of a device"; the matching itself: `core.locating`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pilothouse.core import locating
from pilothouse.governance.chain import facilities as facilities_of
from pilothouse.governance.words import SYSTEM, Place, Rows
from pilothouse.kernel.times import as_instant


@dataclass(slots=True)
class Locator:
    """Finds places by the ids and names of the units that exist at one moment."""

    _found: locating.Locator[str]

    @classmethod
    def at(cls, rows: Rows, at: datetime) -> Locator:
        """A locator over the units valid at the moment (a datetime with a zone); the chain may be invalid."""
        instant = as_instant(at)
        named = facilities_of(rows)
        units = {unit.id: unit for unit in rows.units if unit.start <= instant < unit.end}.values()
        facilities = {unit.facility: named[unit.facility].name or "" for unit in units}
        return cls(
            locating.Locator.of(
                [locating.NamedUnit(unit.id, unit.facility, (unit.id, unit.name or "")) for unit in units],
                [(id_, (id_, name)) for id_, name in facilities.items()],
            )
        )

    @property
    def ambiguous(self) -> dict[str, tuple[str, ...]]:
        """Every text that named more than one place, with those places; it fell one scope back."""
        return self._found.ambiguous

    def place(self, facility_text: str | None, unit_text: str | None) -> Place:
        """The unit the texts name, else the facility, else the system."""
        found = self._found.find(facility_text or "", unit_text or "")
        if found.unit is not None:
            return Place("unit", found.unit)
        return SYSTEM if found.facility is None else Place("facility", found.facility)


def place_text(place: Place) -> str:
    """As the contracts write it: `unit:X`, `facility:Y` or `system`."""
    return place.kind if place.id is None else f"{place.kind}:{place.id}"
