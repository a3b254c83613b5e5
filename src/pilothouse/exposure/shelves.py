"""The products of one maker, as the advisories name them, found by what identifies each."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from pilothouse.equipment.makers import TRADES, MakerNames
from pilothouse.exposure.advisories import Advisory, Leaf
from pilothouse.exposure.device_names import identifies_alone
from pilothouse.exposure.product_names import Pattern, identifies, read_name
from pilothouse.exposure.slots import Slot, needing, tokens
from pilothouse.exposure.version_text import VersionSet, is_one_bound, read_versions
from pilothouse.exposure.words import DESCRIBING, DISTINGUISHING, singular

_TITLE_NOISE = re.compile(r"^ICSM?A-[\w-]+_|\s*\(Update \w+\)|\s+vulnerabilit\w+.*$", re.I)
_DOTTED = re.compile(r"\d\.[\dx]", re.I)
_CATALOGUE = re.compile(r"(?=(?:\d*[a-z]){2})(?=(?:[a-z]*\d){3})[a-z0-9]{7,}")  # BMXNOR0200H
_TRADES = frozenset(map(singular, TRADES))
_LETTERS = re.compile(r"[a-z]*")
SHORTEST_TYPED = 5
"""Letters from which on a slip of the pen is looked for."""

Placed = tuple[int, Advisory, Leaf]
"""A leaf with its position in the catalogue and its advisory."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One leaf of a product. terms: model numbers it asks for. models: the models it lists where versions stand."""

    position: int
    leaf: Leaf
    terms: tuple[str, ...] = ()
    models: tuple[Pattern, ...] = ()
    module_words: tuple[str, ...] = ()

    @property
    def versions(self) -> VersionSet:
        """What its version text names, read when it is first asked for."""
        return read_versions(self.leaf.version)


@dataclass(frozen=True, slots=True)
class Entry:
    """One product of one advisory. allowed: words of the advisory that a device's name may hold besides.

    terms: the model numbers of all its leaves.
    """

    advisory: str
    product: str
    leaves: tuple[Listed, ...]
    allowed: frozenset[str]
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Product:
    """One way to name a product, with the advisories' entries it stands for and what is asked of it often."""

    pattern: Pattern
    entries: tuple[Entry, ...]
    spellings: frozenset[str]
    words: frozenset[str]
    identifying: frozenset[str]
    has_code: bool


@dataclass(slots=True)
class Shelf:
    """One maker's products; they are numbered by their place in `products`.

    by_word: the products that a word may lead to. by_letters: the same for families (`CX` and any number).
    vocabulary: the words that tell the maker's products apart. umbrellas: words that stand in front of several
    products. known: every word that can matter to an answer. slips: words with one letter missing, for the slip of
    the pen. telling: products by what identifies them. owners: products by every word they require. matters: whether
    a word can change an answer at all.
    """

    products: list[Product] = field(default_factory=list)
    by_word: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_letters: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    vocabulary: frozenset[str] = frozenset()
    umbrellas: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    slips: dict[str, str] = field(default_factory=dict)
    telling: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    matters: Callable[[str], bool] = field(init=False)

    def __post_init__(self) -> None:
        """Each word is looked at once."""
        self.matters = cache(self._can_change_an_answer)

    def tells_siblings_apart(self, word: str, pattern: Pattern) -> bool:
        """Whether a word is required by a product that shares what identifies it with this one."""
        mine = pattern.identifying
        return any(mine & self.products[number].identifying - {word} for number in self.owners.get(word, ()))  # fmt: skip

    def led_to(self, runs: Iterable[str]) -> Iterable[Product]:
        """Every product that these runs of words may lead to, each once."""
        found = {number for run in runs if run in self.by_word for number in self.by_word[run]}
        if self.by_letters:
            found.update(number for run in runs for number in self.by_letters.get(leading_letters(run), ()))
        return (self.products[number] for number in sorted(found))

    def _can_change_an_answer(self, word: str) -> bool:
        """Whether a word is known, a member of a family, or a slip of the pen away."""
        family = bool(self.by_letters) and leading_letters(word) in self.by_letters
        slip = len(word) >= SHORTEST_TYPED and not self.slips.keys().isdisjoint(slips_of(word))
        return word in self.known or family or slip


def leading_letters(word: str) -> str:
    """`mx` of `mx450`."""
    found = _LETTERS.match(word)
    return found.group() if found else ""


def build_shelf(key: str, leaves: Sequence[Placed], makers: MakerNames) -> Shelf:
    """The products of the maker `key` from all its leaves."""
    shelf = Shelf()
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[Placed]] = defaultdict(list)
    products: dict[str, set[str]] = defaultdict(set)
    for placed in leaves:
        _, advisory, leaf = placed
        groups[(advisory.id, leaf.family, leaf.product, leaf.model_numbers)].append(placed)
        products[advisory.id].add(leaf.product)
    shared = {advisory: _shared(names) for advisory, names in products.items()}
    entries: dict[Pattern, list[Entry]] = defaultdict(list)
    ways = _Ways(key, makers)
    for group in groups.values():
        entry = _entry(key, group)
        for pattern in ways.of(group):
            entries[_without_shared_code(pattern, shared[entry.advisory])].append(entry)
    shelf.products = [
        Product(p, tuple(found), p.spellings, p.words, p.identifying, p.has_code)
        for p, found in entries.items()
    ]
    _index(shelf)
    return shelf


def _entry(key: str, group: Sequence[Placed]) -> Entry:
    _, advisory, leaf = group[0]
    leaves = tuple(_listed(position, other) for position, _, other in group)
    words = {word for _, _, other in group for text in _listing(other.version).texts for word in tokens(text)}
    words.update(word for other in leaves for word in other.module_words)
    words.update(_title_words(advisory.title), tokens(f"{leaf.family} {leaf.vendor} {key}"))
    return Entry(advisory.id, leaf.product, leaves, frozenset(words), frozenset(term for other in leaves for term in other.terms))  # fmt: skip


def _listed(position: int, leaf: Leaf) -> Listed:
    listing = _listing(leaf.version)
    return Listed(position, leaf, listing.terms, listing.models, listing.module_words)


@dataclass(frozen=True, slots=True)
class _Listing:
    """What one version text says besides versions. texts: models listed where versions stand, as written."""

    texts: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    models: tuple[Pattern, ...] = ()
    module_words: tuple[str, ...] = ()


@lru_cache(maxsize=50_000)
def _listing(text: str) -> _Listing:
    if is_one_bound(text):
        return _Listing()
    versions = read_versions(text)
    texts = model_texts(versions)
    terms = tuple("".join(tokens(term)) for term in versions.terms)
    models = tuple(pattern for listed in texts for pattern in listed_patterns(listed))
    return _Listing(texts, terms, models, versions.module_words)


@lru_cache(maxsize=10_000)
def _title_words(title: str) -> frozenset[str]:
    return frozenset(tokens(_TITLE_NOISE.sub("", title)))


def model_texts(versions: VersionSet) -> tuple[str, ...]:
    """The texts listed where versions stand that may be models: no dotted numbers, more than one or two signs."""
    return tuple(
        text for text in versions.literals if not _DOTTED.search(text) and len("".join(tokens(text))) > 2
    )


@lru_cache(maxsize=20_000)
def listed_patterns(text: str) -> tuple[Pattern, ...]:
    """A listed model in full, and without its part number when enough is left to identify it."""
    whole = read_name(text)
    numbers = frozenset(word for word in tokens(text) if len(word) >= 5 and any(c.isdigit() for c in word))
    patterns = [replace(pattern, aliases=pattern.aliases | numbers) for pattern in whole]
    for pattern in whole:
        rest = tuple(slot for slot in pattern.slots if numbers.isdisjoint(slot.any_of))
        if len(rest) < len(pattern.slots) and sum(slot.required for slot in rest) > 1:
            patterns.append(replace(pattern, slots=rest))
    return tuple(patterns)


@dataclass(slots=True)
class _Ways:
    """Every way to name the products of one maker; a name that several advisories share is read once."""

    key: str
    makers: MakerNames
    _named: dict[tuple[str, str, str, tuple[str, ...]], list[Pattern]] = field(default_factory=dict)

    def of(self, group: Sequence[Placed]) -> list[Pattern]:
        """By the product's own name, else its advisory's title, and by the models it lists."""
        _, advisory, leaf = group[0]
        product = leaf.product if identifies(leaf.product) else _TITLE_NOISE.sub("", advisory.title)
        asked = (product, leaf.family, leaf.vendor, leaf.model_numbers)
        if asked not in self._named:
            named = read_name(product, family=leaf.family, vendor=leaf.vendor, numbers=leaf.model_numbers)
            self._named[asked] = [_named_by_code(_without_maker(p, self.key, self.makers)) for p in named]
        texts = sorted({text for _, _, other in group for text in _listing(other.version).texts})
        models = [pattern for text in texts for pattern in listed_patterns(text)]
        if models and any(map(_has_own_name, self._named[asked])):
            # A product with a name of its own needs more of a listed model than a bare number.
            models = [pattern for pattern in models if pattern.aliases or len(pattern.words) > 1]
        return self._named[asked] + models


def _has_own_name(pattern: Pattern) -> bool:
    return any(slot.required and not slot.code and slot.any_of[0] not in DESCRIBING for slot in pattern.slots)


def _named_by_code(pattern: Pattern) -> Pattern:
    """A member's code at the end of a name (`Inductive models EX1100`) names it without the words before it; so does a
    catalogue number that is the only code of its name."""
    required = [slot for slot in pattern.slots if slot.required]
    ends_in_code = len(required) > 1 and required[-1].code and not any(slot.code for slot in required[:-1])
    named = pattern.terms + (required[-1].any_of if ends_in_code else ())
    codes = frozenset(word for word in named if len(word) >= 5 and word[0].isalpha() and not word.isalpha())
    numbers = [slot.any_of[0] for slot in required if slot.code]
    if len(numbers) == 1 and _CATALOGUE.fullmatch(numbers[0]):
        codes |= {numbers[0]}
    return replace(pattern, aliases=pattern.aliases | codes) if codes else pattern


def _without_shared_code(pattern: Pattern, shared: frozenset[str]) -> Pattern:
    """A code at the end of every product's name of an advisory tells none of them apart, so it may be missing."""
    last = pattern.slots[-1] if pattern.slots and shared else None
    if last is None or not last.code or not shared.issuperset(last.any_of):
        return pattern
    if sum(slot.required for slot in pattern.slots[:-1]) < 2:
        return pattern
    return replace(pattern, slots=(*pattern.slots[:-1], replace(last, required=False)))


def _shared(products: Iterable[str]) -> frozenset[str]:
    """What every product's name of one advisory holds, when it names several."""
    words = [frozenset(tokens(product)) for product in products]
    return frozenset.intersection(*words) if len(words) > 1 else frozenset()


def _without_maker(pattern: Pattern, key: str, makers: MakerNames) -> Pattern:
    """The maker's own name in a product's name may be missing, if what is left identifies the product."""
    slots = pattern.slots
    own = frozenset(tokens(key)) - DESCRIBING
    lead = _maker_length(slots, key, makers)
    if not lead and len(slots) > 2 and own.issuperset(slots[0].any_of) and slots[1].any_of[0] in _TRADES:
        lead = 2  # Trane Technologies XL850
    if lead and not (_enough(slots[lead:]) or own.issuperset(slots[0].any_of)):
        lead = 0
    if not lead and not any(own.issuperset(slot.all_of or slot.any_of) for slot in slots):
        return pattern
    kept = [
        replace(s, required=False)
        if s.required and (place < lead or own.issuperset(s.all_of or s.any_of))
        else s
        for place, s in enumerate(slots)
    ]
    return replace(pattern, slots=needing(tuple(kept), optional=lead))


def _maker_length(slots: tuple[Slot, ...], key: str, makers: MakerNames) -> int:
    """How many slots at the start are the maker's names, one or several (`Natus Xltek`), or the start of its name."""
    at = _lead(slots, key, makers)
    while 0 < at < len(slots) and slots[at].any_of[0] in _TRADES and _enough(slots[at + 1 :]):
        at += 1  # Capsule Technologies SmartLinx
    if not at and slots and len(slots[0].any_of[0]) >= SHORTEST_TYPED and key.startswith(slots[0].any_of[0]):
        return 1  # Sante DICOM Viewer, of Santesoft
    second = at + _lead(slots[at:], key, makers) if at else 0
    if any(not slot.code and slot.required and identifies_alone(slot) for slot in slots[second:]):
        return max(at, second)
    return at


def _lead(slots: tuple[Slot, ...], key: str, makers: MakerNames) -> int:
    if not slots or not makers.begin_with(slots[0].any_of[0]):
        return 0
    return next((n for n in (3, 2, 1) if len(slots) >= n and _names_maker(slots[:n], key, makers)), 0)


def _names_maker(lead: tuple[Slot, ...], key: str, makers: MakerNames) -> bool:
    return makers.named(" ".join(slot.any_of[0] for slot in lead)) == key


def _enough(rest: tuple[Slot, ...]) -> bool:
    """Whether a name without its maker still identifies: by itself, by two things, or by three describing words."""
    required = [slot for slot in rest if slot.required]
    return len(required) > 1 or any(map(identifies_alone, required)) or (not required and len(rest) > 2)


def _index(shelf: Shelf) -> None:
    """Each product goes under its rarest required slot and under its part numbers."""
    slots = [slot for product in shelf.products for slot in product.pattern.slots if slot.required]
    seen = Counter(word for slot in slots for word in slot.any_of)
    words = {word for slot in slots for word in (*slot.any_of, *slot.all_of)}
    shelf.vocabulary = frozenset(word for word in words if word not in DESCRIBING or word in DISTINGUISHING)
    first: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for number, product in enumerate(shelf.products):
        pattern = product.pattern
        required = [slot for slot in pattern.slots if slot.required and not slot.version]
        if required and not required[0].code:
            first[required[0].any_of[0]].add(tuple(slot.any_of[0] for slot in pattern.slots))
        for alias in pattern.aliases:
            shelf.by_word[alias].append(number)
        _index_rarest(shelf, number, required, seen)
        for word in {word for slot in required for word in (*slot.any_of[:20], *slot.all_of)}:
            shelf.owners[word].append(number)
        for slot in filter(identifies_alone, required):
            for word in {*slot.any_of[:20], *slot.all_of}:
                shelf.telling[word].append(number)
    shelf.umbrellas = frozenset(word for word, products in first.items() if len(products) > 1)
    shelf.known = _known(shelf)
    typed = sorted((word for word in shelf.telling if len(word) >= SHORTEST_TYPED), reverse=True)
    shelf.slips = {slip: word for word in typed for slip in slips_of(word)}


def _index_rarest(shelf: Shelf, number: int, required: list[Slot], seen: Counter[str]) -> None:
    plain = [slot for slot in required if slot.pattern is None]
    if not plain:
        for slot in required[:1]:
            fixed = slot.pattern.pattern.partition("[")[0] if slot.pattern else slot.any_of[0]
            shelf.by_letters[leading_letters(fixed)].append(number)
        return
    rarest = min(plain, key=lambda slot: sum(seen[word] for word in slot.any_of))
    for word in {*rarest.any_of, *rarest.all_of[:1], *_pairs(shelf.products[number].pattern, rarest)}:
        shelf.by_word[word].append(number)


def _pairs(pattern: Pattern, slot: Slot) -> Iterable[str]:
    """The slot written as one word with its neighbours."""
    at = pattern.slots.index(slot)
    for start in range(max(0, at - 2), at + 1):
        for length in (2, 3):
            part = pattern.slots[start : start + length]
            if len(part) == length and start + length > at:
                yield "".join(other.any_of[0] for other in part)


def _runs(pattern: Pattern) -> Iterable[str]:
    """Two and three slots in a row written as one word."""
    words = [slot.any_of[0] for slot in pattern.slots]
    for first, second, third in zip(words, words[1:], [*words[2:], ""], strict=False):
        yield first + second
        yield first + second + third


def _known(shelf: Shelf) -> frozenset[str]:
    known = set(shelf.by_word) | set(shelf.vocabulary)
    for product in shelf.products:
        pattern = product.pattern
        known.update(word for slot in pattern.slots for word in (*slot.any_of, *slot.all_of))
        known.update(_runs(pattern))
        known.update(word for excluded in pattern.excluded for word in excluded)
        known.update(pattern.terms, pattern.allowed, pattern.aliases)
        for entry in product.entries:
            known.update(entry.allowed, entry.terms)
            known.update(word for listed in entry.leaves for word in listed.module_words)
            models = (slot for listed in entry.leaves for model in listed.models for slot in model.slots)
            known.update(word for slot in models for word in (*slot.any_of, *slot.all_of))
    return frozenset(known)


def slips_of(word: str) -> set[str]:
    """The word and the word without one of its letters: two words a slip apart share one of these."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
