"""Where the texts of a list lie: the unit or facility that they name. Free of Django, as files and tables both ask it.

Source: docs/domains/governance.md, "The place of a device".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pilothouse.kernel.text import fold

K = TypeVar("K", int, str)
"""What a unit and a facility are known by: a text of the chain, or a number of a table."""


@dataclass(frozen=True, slots=True)
class NamedUnit(Generic[K]):
    """A unit that exists, the facility it lies in, and the words it answers to."""

    id: K
    facility: K
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Located(Generic[K]):
    """Where texts lie: a unit and its facility, a facility alone, or nowhere in particular."""

    facility: K | None = None
    unit: K | None = None


@dataclass(slots=True)
class Locator(Generic[K]):
    """Finds places by the folded ids and names of the units and facilities that exist.

    ambiguous: every text that named more than one place, with those places; it fell one scope back.
    """

    _units: dict[str, list[NamedUnit[K]]]
    _facilities: dict[str, set[K]]
    ambiguous: dict[str, tuple[K, ...]] = field(default_factory=dict)
    _known: dict[tuple[str, str], Located[K]] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Iterable[NamedUnit[K]], facilities: Iterable[tuple[K, Iterable[str]]]) -> Locator[K]:
        """A locator over units, and facilities with the words they answer to."""
        by_word: dict[str, list[NamedUnit[K]]] = {}
        named: dict[str, set[K]] = {}
        for unit in units:
            for word in _folded(unit.words):
                by_word.setdefault(word, []).append(unit)
        for facility, words in facilities:
            for word in _folded(words):
                named.setdefault(word, set()).add(facility)
        return cls(by_word, named)

    def find(self, facility_text: str, unit_text: str) -> Located[K]:
        """The unit the texts name, else the facility, else nothing.

        A unit counts within the facility if that is known, else anywhere. A text that names several places is noted in
        `ambiguous` and falls one scope back.
        """
        asked = (facility_text, unit_text)
        if asked not in self._known:
            self._known[asked] = self._find(*asked)
        return self._known[asked]

    def _find(self, facility_text: str, unit_text: str) -> Located[K]:
        facility = self._facility(facility_text)
        units = self._units.get(fold(unit_text), [])
        if facility is not None:
            units = [unit for unit in units if unit.facility == facility]
        if len(units) == 1:
            return Located(units[0].facility, units[0].id)
        if units:
            self.ambiguous[unit_text.strip()] = tuple(sorted(unit.id for unit in units))
        return Located(facility)

    def _facility(self, text: str) -> K | None:
        found = self._facilities.get(fold(text), set())
        if len(found) > 1:
            self.ambiguous[text.strip()] = tuple(sorted(found))
        return next(iter(found)) if len(found) == 1 else None


def _folded(words: Iterable[str]) -> set[str]:
    """The folded spellings, each once."""
    return {word for word in map(fold, words) if word}
