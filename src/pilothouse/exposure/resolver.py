"""Which products of the advisories a device is: each distinct maker, model and description is resolved once.

Confirmed names (names.csv) come first, then the rules of `product_names`. What merely resembles becomes a
candidate for a person to confirm and exposes nothing. Source: docs/domains/exposure.md, "Product names".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pilothouse.equipment.makers import MakerNames, Name
from pilothouse.exposure.advisories import Advisory
from pilothouse.exposure.conditions import (
    Held,
    installation_held,
    model_held,
    named_system,
    system_held,
    worst,
)
from pilothouse.exposure.device_names import DeviceName, cover, device_name, line_of
from pilothouse.exposure.product_names import Pattern
from pilothouse.exposure.resembling import Candidate, resembling
from pilothouse.exposure.shelves import Entry, Listed, Product, Shelf, build_shelf
from pilothouse.exposure.words import ACCESSORIES, DESCRIBING, DISTINGUISHING, NETWORKING, VARIANTS
from pilothouse.kernel.text import fold

_SHORT_SUFFIX: Final = 3  # letters behind a family's name that name its member: EPIQ CVx
_SHORTEST_FIRST: Final = 4  # letters of a first word that may stand for a maker's whole name
_SHORTEST_NUMBER: Final = 4  # digits of a model number
_WHOLE_NAME: Final = 3  # words of a name that is all there, so that an umbrella in front of it adds nothing
_TELLING: Final = DESCRIBING | ACCESSORIES | VARIANTS


@dataclass(frozen=True, slots=True)
class Device:
    """One distinct way in which devices are named; empty is unknown."""

    maker: str
    model: str
    name: str
    os: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A device is the product of this leaf (its position in the catalogue).

    held: whether the advisory's other conditions are so, `why` in words when they are not known or not so.
    by_model: the advisory lists the device's very model where versions stand. part: the device is the part whose
    versions stand in a bracket. versions: the text of versions to judge by.
    """

    leaf: int
    held: Held
    why: str
    by_model: bool
    part: bool
    versions: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a naming comes to. Namings that come to the same share one object."""

    matches: tuple[Match, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class Resolver:
    """Finds the leaves that name a device. Shelves of makers are built when a device of that maker comes."""

    makers: MakerNames
    leaves: list[tuple[Advisory, int]]
    same: dict[str, str]
    apart: set[tuple[str, str]]
    _by_maker: dict[str, list[int]]
    _spelt: dict[str, tuple[str, ...]]
    _shelves: dict[str, Shelf] = field(default_factory=dict)
    _known: dict[object, Resolved] = field(default_factory=dict)
    _named: dict[str, tuple[tuple[str, ...], list[Shelf]]] = field(default_factory=dict)

    @classmethod
    def of(cls, advisories: Sequence[Advisory], makers: MakerNames, names: Iterable[Name]) -> Resolver:
        """names: confirmed names of products, the later winning."""
        leaves = [(advisory, place) for advisory in advisories for place in range(len(advisory.leaves))]
        by_maker: dict[str, list[int]] = defaultdict(list)
        vendors = {leaf.vendor for advisory in advisories for leaf in advisory.leaves}
        keys = {vendor: makers.resolve_all(vendor) for vendor in vendors}
        for position, (advisory, place) in enumerate(leaves):
            for key in keys[advisory.leaves[place].vendor]:
                by_maker[key].append(position)
        same, apart = _product_names(names)
        return cls(makers, leaves, same, apart, by_maker, _other_spellings(by_maker))

    def prepare(self, maker: str) -> None:
        """Sort the products of a maker onto their shelf, which does not depend on any device."""
        self._shelves_of(maker)

    def resolve(self, device: Device) -> Resolved:
        """The leaves that name the device, or, where there are none, what its name resembles."""
        keys, shelves = self._shelves_of(device.maker)
        if not shelves:
            return _NOTHING
        words = device_name(device.maker, device.model, device.name, self.same)
        os = device.os or named_system(f"{device.model} {device.name}")
        vetoed = frozenset(means for text in (device.model, device.name) for seen, means in self.apart if seen == fold(text)) if self.apart else frozenset()  # fmt: skip
        question = (keys, os, vetoed, *_what_matters(words, shelves))
        if question not in self._known:
            self._known[question] = self._answered(words, shelves, os, vetoed)
        return self._known[question]

    def _answered(self, words: DeviceName, shelves: list[Shelf], os: str, vetoed: frozenset[str]) -> Resolved:
        matches: dict[int, Match] = {}
        for shelf in shelves:
            for entry, pattern in _products(shelf, words):
                if fold(entry.product) not in vetoed:
                    for listed in entry.leaves:
                        matches.setdefault(listed.position, _match(entry, listed, pattern, words, os))
        if matches:
            return Resolved(matches=tuple(matches.values()))
        return Resolved(candidates=resembling(shelves, words))

    def _shelves_of(self, maker: str) -> tuple[tuple[str, ...], list[Shelf]]:
        """The makers that a text names, with their shelves."""
        if maker not in self._named:
            keys = self._keys(maker)
            self._named[maker] = tuple(keys), [self._shelf(key) for key in keys]
        return self._named[maker]

    def _keys(self, maker: str) -> list[str]:
        told = self.makers.resolve_all(maker)
        keys = dict.fromkeys(
            key for k in told for key in ((k,) if k in self._by_maker else self._spelt.get(_dull(k), ()))
        )
        return [key for key in keys if not self.makers.are_apart(maker, key)]

    def _shelf(self, key: str) -> Shelf:
        if key not in self._shelves:
            placed = [
                (p, self.leaves[p][0], self.leaves[p][0].leaves[self.leaves[p][1]])
                for p in self._by_maker[key]
            ]
            self._shelves[key] = build_shelf(key, placed, self.makers)
        return self._shelves[key]


_NOTHING: Final = Resolved()


def _what_matters(words: DeviceName, shelves: list[Shelf]) -> tuple[object, ...]:
    """Everything of a name that can change its answer, so that `bay 17` and `bay 18` share one."""
    if len(shelves) == 1:
        matters = shelves[0].matters
    else:

        def matters(word: str) -> bool:
            return any(shelf.matters(word) for shelf in shelves)

    def telling(word: str) -> str:
        if word in _TELLING or matters(word):
            return word
        return (
            "0" if any(letter.isdigit() for letter in word) else "" if len(word) <= _SHORT_SUFFIX else "word"
        )

    runs = frozenset(filter(matters, words.runs))
    return (
        runs,
        runs & words.own,
        tuple(map(telling, words.model)),
        frozenset(map(telling, words.name)),
        words.versions,
    )


def _products(shelf: Shelf, words: DeviceName) -> Iterator[tuple[Entry, Pattern]]:
    """The products a device is, the more specific name of one maker winning over the shorter."""
    covered = [(product, held) for product in shelf.led_to(words.runs) if (held := cover(product.pattern, words)) is not None]  # fmt: skip
    names = {product.words for product, _ in covered}
    for product, held in covered:
        if _other_number(product.pattern, words):
            continue
        rest = _Rest.of(product, held, words, shelf)
        longer = [more for other in names if product.words < other and (more := _tells_apart(other - product.words, words.own))]  # fmt: skip
        for entry in product.entries:
            if rest.is_harmless(entry.allowed) and all(more <= entry.allowed for more in longer):
                yield entry, product.pattern


def _other_number(pattern: Pattern, words: DeviceName) -> bool:
    """Whether the device bears another model number of the same length than the one the product's name asks for."""
    asked = [term for term in pattern.terms if term.isdigit() and len(term) >= _SHORTEST_NUMBER]
    if not asked or any(term in words.runs for term in pattern.terms):
        return False
    lengths = {len(term) for term in asked}
    return any(word.isdigit() and len(word) in lengths for word in words.model)


def _tells_apart(words: frozenset[str], own: frozenset[str]) -> frozenset[str]:
    """Of the words by which another product's name is longer, those that the device bears and that tell apart."""
    return frozenset(word for word in words & own if word in DISTINGUISHING or word not in DESCRIBING)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a device's name holds beyond one product's: words that must be allowed by the advisory, or it is another.

    speaks_against: names of accessories, and words that make another product of it.
    """

    speaks_against: frozenset[str]

    @classmethod
    def of(cls, product: Product, held: frozenset[str], words: DeviceName, shelf: Shelf) -> _Rest:
        pattern = product.pattern
        described = [
            w for w in words.name if w not in held and w not in product.spellings and w not in pattern.allowed
        ]
        by_model = not held.isdisjoint(words.model)
        told = [w for w in words.model if w not in held and w not in product.spellings and w not in pattern.allowed] if by_model or not words.name else []  # fmt: skip
        accessories = _accessories(words.model).intersection(told) | _accessories(words.name).intersection(
            described
        )
        if not by_model:
            told = [word for word in described if word in shelf.vocabulary or word in VARIANTS]
        if not told:
            return cls(frozenset(accessories))
        coded = product.has_code or not pattern.aliases.isdisjoint(words.runs)
        missing = [slot for slot in pattern.slots if slot.held_by(words.runs) is None]
        whole = not missing and len(pattern.slots) >= _WHOLE_NAME
        apart = any(word in DISTINGUISHING for slot in missing for word in slot.any_of)
        against = (word for word in told if not _is_harmless(word, pattern, shelf, coded=coded, whole=whole, apart=apart))  # fmt: skip
        return cls(frozenset(accessories.union(against)))

    def is_harmless(self, allowed: frozenset[str]) -> bool:
        """Whether it leaves the device the same product, given the words that the advisory itself uses."""
        return self.speaks_against <= allowed


def _accessories(cell: Sequence[str]) -> frozenset[str]:
    """The names of accessories in one cell; a tube station, a sensor module and a wireless adapter are none."""
    return frozenset(
        word
        for before, word, behind in zip(("", *cell), cell, (*cell[1:], ""), strict=False)
        if word in ACCESSORIES and before not in NETWORKING and not before.isdigit()  # a 12 lead ECG is none
        if (
            behind in ("station", "")
            if word == "docking"
            else behind not in ("station", "module") or word == "battery"
        )
    )


def _spells(word: str, pattern: Pattern) -> bool:
    """Whether a word is the initials of words of the name in a row: SE of `Site Edition`."""
    initials = "".join(slot.any_of[0][0] for slot in pattern.slots)
    return len(word) > 1 and word in initials


def _is_harmless(word: str, pattern: Pattern, shelf: Shelf, *, coded: bool, whole: bool, apart: bool) -> bool:
    """coded: a number or a part number of the product is in the device's name, so that words cannot mislead.

    whole: nothing of a long name is missing. apart: what is missing of it tells products of one brand apart.
    """
    if word in DESCRIBING and word not in shelf.vocabulary:
        return True
    if word in VARIANTS:
        return (coded and len(word) == 1) or _spells(word, pattern)
    if pattern.is_line and len(word) <= _SHORT_SUFFIX:
        return True
    if word in shelf.vocabulary and (apart or shelf.tells_siblings_apart(word, pattern)):
        umbrella = word in shelf.umbrellas and (whole or (coded and not apart))
        return umbrella or (coded and word.isdigit() and len(word) >= 4)
    if any(letter.isdigit() for letter in word) or len(word) <= _SHORT_SUFFIX:
        return True
    return coded or word in DESCRIBING or len(pattern.identifying) > 1


def _match(entry: Entry, listed: Listed, pattern: Pattern, words: DeviceName, os: str) -> Match:
    held, why = worst(
        (
            model_held(pattern.terms + listed.terms, entry.terms.union(pattern.terms), words.runs),
            system_held(pattern.runs_on, os),
            installation_held(listed.leaf.running_on),
        )
    )
    versions = listed.versions
    by_name = versions.everything and not versions.condition
    return Match(
        leaf=listed.position,
        held=held,
        why=why,
        by_model=any(cover(model, words) is not None for model in listed.models),
        part=bool(listed.module_words) and all(word in words.runs for word in listed.module_words),
        versions=_named_version(pattern, words) if by_name else listed.leaf.version,
    )


def _named_version(pattern: Pattern, words: DeviceName) -> str:
    """A version that is part of the product's name, unless the device's name holds it: then all versions count."""
    named = next((slot.version for slot in pattern.slots if slot.version), "")
    return line_of(named) if named and not words.versions else "vers:all/*"


def _product_names(names: Iterable[Name]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Confirmed names of products: what a phrase means, and which name is not which product."""
    same: dict[str, str] = {}
    apart: set[tuple[str, str]] = set()
    for name in names:
        if name.kind != "product":
            continue
        seen, means = fold(name.seen), fold(name.means)
        if name.decision == "same":
            same[seen] = name.means
            apart.discard((seen, means))
        else:
            apart.add((seen, means))
            if fold(same.get(seen, "")) == means:
                del same[seen]
    return same, apart


def _other_spellings(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names under which an advisory's maker may also be met: without its umlauts, and by its first word where that
    begins no other maker's name (`openclinic` for `openclinic ga`)."""
    firsts: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        firsts[key.split()[0]].append(key)
    spelt = {
        _dull(first): tuple(found)
        for first, found in firsts.items()
        if len(first) >= _SHORTEST_FIRST and len({tuple(key.split()[1:2]) for key in found}) == 1
    }
    return _unique_beginnings(firsts) | spelt | {_dull(key): (key,) for key in keys}


def _unique_beginnings(firsts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The first words of a maker's name, two at least, that begin no other's: `franklin fueling`."""
    begun: dict[str, list[str]] = defaultdict(list)
    for key in (key for keys in firsts.values() for key in keys):
        words = key.split()
        for count in range(2, len(words)):
            begun[_dull(" ".join(words[:count]))].append(key)
    return {beginning: tuple(keys) for beginning, keys in begun.items() if len(keys) == 1}


def _dull(key: str) -> str:
    """The key without blanks, umlauts neither spelt out nor marked: `geutebrueck` and `geutebruck` alike."""
    return key.replace("ue", "u").replace("oe", "o").replace("ae", "a").replace(" ", "")
