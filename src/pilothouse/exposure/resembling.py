"""Products that a device's name merely resembles: a person confirms them, and until then nothing is exposed.

Source: docs/domains/exposure.md, "Product names".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pilothouse.exposure.device_names import DeviceName
from pilothouse.exposure.product_names import Pattern
from pilothouse.exposure.shelves import SHORTEST_TYPED, Shelf, slips_of
from pilothouse.exposure.words import DESCRIBING

_GOOD_LIKENESS: Final = 0.5
_SLIP_COSTS: Final = 0.9
_MOST_CANDIDATES: Final = 3
_MOST_MEMBERS: Final = 100  # products that share a word; beyond that the word says too little to suggest one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a device's name resembles; a person decides. score: 0 to 1."""

    product: str
    advisory: str
    score: float
    why: str


def resembling(shelves: list[Shelf], words: DeviceName) -> tuple[Candidate, ...]:
    """Products that share what identifies them with the device, or differ from it by a slip of the pen."""
    found: dict[tuple[str, str], Candidate] = {}
    for shelf in shelves:
        meant = {word: word for word in words.runs if word in shelf.telling}
        meant |= {word: near for word in words.own if (near := _slip(word, shelf))}
        shared = {
            n
            for word in meant.values()
            if len(shelf.telling[word]) <= _MOST_MEMBERS
            for n in shelf.telling[word]
        }
        for product in (shelf.products[number] for number in sorted(shared)):
            score, why = _likeness(product.pattern, meant, words)
            for entry in product.entries if score >= _GOOD_LIKENESS else ():
                key = (entry.product, entry.advisory)
                if key not in found or found[key].score < score:
                    found[key] = Candidate(entry.product, entry.advisory, score, why)
    ranked = sorted(found.values(), key=lambda c: (-c.score, c.product, c.advisory))
    return tuple(ranked[:_MOST_CANDIDATES])


def _slip(word: str, shelf: Shelf) -> str | None:
    """The word of a product that this one differs from by one letter more, less or other, or two swapped."""
    if len(word) < SHORTEST_TYPED or word in shelf.known or word in DESCRIBING:
        return None
    return next((shelf.slips[slip] for slip in sorted(slips_of(word)) if slip in shelf.slips), None)


def _likeness(pattern: Pattern, meant: dict[str, str], words: DeviceName) -> tuple[float, str]:
    """How much of what the product's name requires the device's name holds, and which parts."""
    required = [slot for slot in pattern.slots if slot.required]
    held = words.runs.keys() | set(meant.values())
    shared = [slot.any_of[0] for slot in required if not held.isdisjoint((*slot.any_of, *slot.all_of))]
    missing = [slot.any_of[0] for slot in required if slot.any_of[0] not in shared]
    slipped = any(word != near for word, near in meant.items())
    score = round(min(len(shared) / max(len(required), 1) * (_SLIP_COSTS if slipped else 1.0), 0.95), 2)
    rest = f"; the advisory also says {', '.join(missing)}" if missing else "; the spelling differs" if slipped else "; the device's name says more"  # fmt: skip
    return score, f"shares {', '.join(shared)}{rest}"
