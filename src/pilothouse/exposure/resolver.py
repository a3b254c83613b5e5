"""Which products of the advisories a device is: each distinct maker, model and description is resolved once.

Confirmed names (names.csv) come first, then the rules of `product_names`. What merely resembles becomes a
candidate for a person to confirm and exposes nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal

from pilothouse.equipment.makers import MakerNames, Name
from pilothouse.exposure.advisories import Advisory, Leaf
from pilothouse.exposure.product_names import (
    Pattern,
    Slot,
    device_words,
    identifies,
    joined,
    needing,
    read_name,
    tokens,
)
from pilothouse.exposure.version_text import VersionSet, read_versions
from pilothouse.exposure.words import ACCESSORIES, DESCRIBING, DISTINGUISHING, VARIANTS
from pilothouse.kernel.text import fold
from pilothouse.kernel.versions import version_key

Held = Literal["holds", "unknown", "fails"]
"""Whether what an advisory asks for besides the version (a model number, an operating system) is so."""

_TITLE_NOISE = re.compile(r"^ICSM?A-[\w-]+_|\s*\(Update \w+\)|\s+vulnerabilit\w+.*$", re.I)
_WINDOWS = re.compile(r"windows\s*(server)?\s*(xp|vista|nt|ce|\d{4}(?:\s*r2)?|\d+(?:\.\d+)?)?", re.I)
_ASIDE = re.compile(r"\([^()]*\)?|[,;]?\s+(?:with|incl|including|w/)\s.*$", re.I)
_DOTTED = re.compile(r"\bv?\d+\.\d+(?:\.\d+)*\b", re.I)
_SHORT_SUFFIX: Final = 3  # letters behind a family's name that name its member: EPIQ CVx
_GOOD_LIKENESS: Final = 0.5
_ONE_SLIP: Final = 0.84
_MOST_CANDIDATES: Final = 3


@dataclass(frozen=True, slots=True)
class Device:
    """One distinct way in which devices are named."""

    maker: str | None
    model: str | None
    name: str | None
    os: str | None


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
class Candidate:
    """A product that a device's name resembles; a person decides. score: 0 to 1."""

    product: str
    advisory: str
    score: float
    why: str


@dataclass(slots=True)
class _Entry:
    """One product of one advisory with its leaves (positions in the catalogue)."""

    advisory: str
    product: str
    leaves: list[tuple[int, Leaf]]
    patterns: tuple[Pattern, ...]
    allowed: frozenset[str]


@dataclass(slots=True)
class _Shelf:
    """The products of one maker, found by the rarest thing that identifies each."""

    entries: list[_Entry] = field(default_factory=list)
    by_word: dict[str, list[tuple[int, Pattern]]] = field(default_factory=lambda: defaultdict(list))
    open_ended: list[tuple[int, Pattern]] = field(default_factory=list)
    vocabulary: frozenset[str] = frozenset()
    umbrellas: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Words:
    """A device's name taken apart.

    model, name: the words of each that may speak against a product: not what stands in brackets or behind `with`
    (accessories and remarks), no dotted version, nothing whose meaning is confirmed. runs: every run of words
    joined, with its words, confirmed meanings and maker included. own: all words but the maker's. versions: dotted
    numbers, as written.
    """

    model: tuple[str, ...]
    name: tuple[str, ...]
    runs: dict[str, tuple[str, ...]]
    own: frozenset[str]
    versions: tuple[str, ...]

    @classmethod
    def of(cls, device: Device, same: Mapping[str, str]) -> _Words:
        """same: confirmed names of products, folded, with what they mean."""
        runs: dict[str, tuple[str, ...]] = {}
        told: list[tuple[str, ...]] = []
        own: set[str] = set()
        for text in (device.model or "", device.name or ""):
            seen = [phrase for phrase in same if f" {phrase} " in f" {fold(text)} "] if text else []
            for written in (text, *(same[phrase] for phrase in seen)):
                own.update(_add_runs(runs, device_words(written)))
            meant = {word for phrase in seen for word in device_words(phrase)}
            told.append(
                tuple(w for w in device_words(_DOTTED.sub(" ", _ASIDE.sub(" ", text))) if w not in meant)
            )
        _add_runs(runs, device_words(device.maker or ""))
        versions = tuple(_DOTTED.findall(f"{device.model or ''} {device.name or ''}"))
        return cls(told[0], told[1], runs, frozenset(own), versions)


def _add_runs(runs: dict[str, tuple[str, ...]], words: tuple[str, ...]) -> tuple[str, ...]:
    for run, (start, end) in joined(list(words)).items():
        runs.setdefault(run, words[start:end])
    return words


class Resolver:
    """Finds the leaves that name a device. Shelves of makers are built when a device of that maker comes."""

    def __init__(self, advisories: Sequence[Advisory], makers: MakerNames, names: Iterable[Name]) -> None:
        self._makers = makers
        self._same, self._apart = _product_names(names)
        self._leaves = [(advisory, leaf) for advisory in advisories for leaf in advisory.leaves]
        self._by_maker: dict[str, list[int]] = defaultdict(list)
        keys: dict[str, tuple[str, ...]] = {}
        for position, (_, leaf) in enumerate(self._leaves):
            if leaf.vendor not in keys:
                keys[leaf.vendor] = makers.resolve_all(leaf.vendor)
            for key in keys[leaf.vendor]:
                self._by_maker[key].append(position)
        self._shelves: dict[str, _Shelf] = {}
        self._spelt = _other_spellings(self._by_maker)

    def resolve(self, device: Device) -> tuple[list[Match], list[Candidate]]:
        """The leaves that name the device, and, where there are none, what its name resembles."""
        words = _Words.of(device, self._same)
        if not words.own:
            return [], []
        matches: dict[int, Match] = {}
        shelves = [shelf for key in self._keys(device) if (shelf := self._shelf(key)).entries]
        for shelf in shelves:
            for entry, pattern, literal in self._named(shelf, words):
                if not self._vetoed(device, entry.product):
                    for match in _leaf_matches(entry, pattern, literal, words, device.os or ""):
                        matches.setdefault(match.leaf, match)
        if matches:
            return list(matches.values()), []
        return [], self._candidates(shelves, words)

    def _keys(self, device: Device) -> list[str]:
        keys = [
            k if k in self._by_maker else self._spelt.get(_dull(k), k)
            for k in self._makers.resolve_all(device.maker)
        ]
        return [k for k in keys if k in self._by_maker and not self._makers.are_apart(device.maker or "", k)]

    def _vetoed(self, device: Device, product: str) -> bool:
        meant = fold(product)
        return any((fold(text), meant) in self._apart for text in (device.model, device.name) if text)

    def _shelf(self, key: str) -> _Shelf:
        if key not in self._shelves:
            self._shelves[key] = _build_shelf(
                key, [(p, *self._leaves[p]) for p in self._by_maker[key]], self._makers
            )
        return self._shelves[key]

    def _named(self, shelf: _Shelf, words: _Words) -> list[tuple[_Entry, Pattern, int | None]]:
        """The products a device is, the more specific name of one maker winning over the shorter."""
        tried: set[tuple[int, int]] = set()
        covered: list[tuple[_Entry, Pattern, frozenset[str]]] = []
        for run in words.runs:
            for number, pattern in shelf.by_word.get(run, ()):
                if (number, id(pattern)) not in tried:
                    tried.add((number, id(pattern)))
                    held = _covered(pattern, words)
                    if held is not None:
                        covered.append((shelf.entries[number], pattern, held))
        for number, pattern in shelf.open_ended:
            held = _covered(pattern, words)
            if held is not None:
                covered.append((shelf.entries[number], pattern, held))
        longest = [pattern.words for _, pattern, _ in covered]
        return [
            (entry, pattern, None)
            for entry, pattern, held in covered
            if _harmless_rest(entry, pattern, held, words, shelf)
            and not _less_specific(entry, pattern, longest, words.own)
        ]

    def _candidates(self, shelves: list[_Shelf], words: _Words) -> list[Candidate]:
        found: dict[tuple[str, str], Candidate] = {}
        for shelf in shelves:
            for candidate in _resembling(shelf, words.own):
                key = (candidate.product, candidate.advisory)
                found.setdefault(key, candidate)
        ranked = sorted(found.values(), key=lambda c: (-c.score, c.product, c.advisory))
        return ranked[:_MOST_CANDIDATES]


def cover(pattern: Pattern, runs: dict[str, tuple[str, ...]]) -> frozenset[str] | None:
    """The device's words that hold everything the pattern requires; None when something is missing.

    A part number of the advisory is enough by itself.
    """
    if any(excluded <= runs.keys() for excluded in pattern.excluded):
        return None
    if not pattern.aliases and not any(slot.required for slot in pattern.slots):
        return None
    held: set[str] = set()
    named = next((alias for alias in pattern.aliases if alias in runs), None)
    if named is not None:
        held.update(runs[named])
    slots = pattern.slots
    at = 0
    missing = False
    while at < len(slots):
        filled = slots[at].held_by(runs)
        if filled is not None:
            held.update(*(runs[w] for w in (slots[at].all_of if filled in slots[at].all_of else (filled,))))
            at += 1
            continue
        run = _together(slots, at, runs)
        if run is not None:
            held.update(runs[run[0]])
            at += run[1]
            continue
        missing = missing or (slots[at].required and not slots[at].version)
        at += 1
    return frozenset(held) if held and (named is not None or not missing) else None


def _covered(pattern: Pattern, words: _Words) -> frozenset[str] | None:
    """Like `cover`, and more than the maker's name must be shared; a version in both names must agree."""
    held = cover(pattern, words.runs)
    if held is None:
        return None
    telling = {
        w for slot in pattern.slots if slot.required for w in (*slot.any_of, *slot.all_of)
    } | pattern.aliases
    if not any(run in telling and not words.own.isdisjoint(parts) for run, parts in words.runs.items()):
        telling_pattern = any(slot.pattern is not None for slot in pattern.slots)
        if not telling_pattern and not held & words.own - DESCRIBING:
            return None
    asked = next((slot.version for slot in pattern.slots if slot.version), "")
    if asked and words.versions and not any(_within(version, asked) for version in words.versions):
        return None
    return held


def _line(version: str) -> str:
    """A version in a product's name stands for everything that begins so: `V6`, `8.0.x`."""
    return version if version.lower().endswith("x") else f"{version}.x"


def _within(version: str, line: str) -> bool:
    key = version_key(version)
    return any(i.low <= key <= i.high for i in read_versions(_line(line)).intervals)


def _together(slots: tuple[Slot, ...], at: int, runs: dict[str, tuple[str, ...]]) -> tuple[str, int] | None:
    """Slots that a device writes as one word: `EC 40` as `EC40`."""
    for length in (3, 2):
        part = slots[at : at + length]
        if len(part) == length and all(slot.any_of for slot in part):
            run = "".join(slot.any_of[0] for slot in part)
            if run in runs:
                return run, length
    return None


def _harmless_rest(
    entry: _Entry, pattern: Pattern, held: frozenset[str], words: _Words, shelf: _Shelf
) -> bool:
    """Whether what else the device's name holds leaves it the same product."""
    allowed = held | pattern.allowed | entry.allowed | pattern.spellings
    by_model = any(word in held for word in words.model)
    rest = [word for word in (words.model if by_model or not words.name else ()) if word not in allowed]
    described = [word for word in words.name if word not in allowed]
    if any(word in ACCESSORIES for word in (*rest, *described)):
        return False
    coded = pattern.has_code or bool(pattern.aliases & words.runs.keys())
    if not by_model:
        rest = [word for word in described if word in shelf.vocabulary or word in VARIANTS]
    return all(_is_harmless(word, place, coded, pattern, shelf) for place, word in enumerate(rest))


def _is_harmless(word: str, place: int, coded: bool, pattern: Pattern, shelf: _Shelf) -> bool:
    if word in DESCRIBING and word not in shelf.vocabulary:
        return True
    if word in VARIANTS:
        return coded and len(word) == 1
    if word in shelf.vocabulary:
        return coded and (word in shelf.umbrellas or (word.isdigit() and len(word) >= 4))
    if any(letter.isdigit() for letter in word):
        return True
    if len(word) <= _SHORT_SUFFIX:
        return True
    return coded or word in DESCRIBING or len([slot for slot in pattern.slots if slot.required]) > 1


def _less_specific(
    entry: _Entry, pattern: Pattern, others: list[frozenset[str]], words: frozenset[str]
) -> bool:
    """Whether another product of the maker says all of this name's words and one more that tells it apart."""
    own = pattern.words
    for other in others:
        more = (other - own - entry.allowed) & words
        if own < other and any(word in DISTINGUISHING or word not in DESCRIBING for word in more):
            return True
    return False


def _leaf_matches(
    entry: _Entry, pattern: Pattern, literal: int | None, words: _Words, os: str
) -> Iterable[Match]:
    siblings = {term for _, leaf in entry.leaves for term in _terms(read_versions(leaf.version))}
    for position, leaf in entry.leaves:
        versions = read_versions(leaf.version)
        by_model = _lists(versions, words)
        terms = pattern.terms + _terms(versions)
        held, why = _terms_held(terms, siblings | set(pattern.terms), words)
        if held != "fails":
            held, why = _worse((held, why), _runs_on(pattern.runs_on, leaf.running_on, os))
        yield Match(
            leaf=position,
            held=held,
            why=why,
            by_model=by_model,
            part=bool(versions.module_words) and all(word in words.runs for word in versions.module_words),
            versions=_named_version(pattern, words)
            if versions.everything and not versions.condition
            else leaf.version,
        )


def _named_version(pattern: Pattern, words: _Words) -> str:
    """A version that is part of the product's name, unless the device's name holds it: then all versions count."""
    for slot in pattern.slots:
        if slot.version and not words.versions:
            return _line(slot.version)
    return "vers:all/*"


def _terms(versions: VersionSet) -> tuple[str, ...]:
    return tuple("".join(tokens(term)) for term in versions.terms)


def _terms_held(terms: tuple[str, ...], siblings: set[str], words: _Words) -> tuple[Held, str]:
    if not terms or any(term in words.runs for term in terms):
        return "holds", ""
    named = ", ".join(term.upper() for term in terms)
    other = next((term for term in siblings if term in words.runs), None)
    if other is not None:
        return "fails", f"The advisory names model {named}; this is {other.upper()}"
    return "unknown", f"The advisory names model {named}; this device's model number is not known"


def _runs_on(asked: str, installed_on: str, os: str) -> tuple[Held, str]:
    if installed_on:
        return "unknown", f"The advisory names it when installed on {installed_on}; that is not known"
    if not asked:
        return "holds", ""
    wanted, present = _windows(asked), _windows(os)
    if not os.strip():
        return "unknown", f"The advisory names it on {asked}; this device's operating system is not known"
    if wanted and present and wanted <= present:
        return "holds", ""
    if present and len(present) < 2:
        return "unknown", f"The advisory names it on {asked}; which Windows this is, is not known"
    return "fails", f"The advisory names it on {asked}; this runs {os.strip()}"


def _windows(text: str) -> frozenset[str]:
    found = _WINDOWS.search(text)
    if not found:
        return frozenset()
    return frozenset(part for part in ("windows", *(" ".join((group or "").lower().split()) for group in found.groups())) if part)  # fmt: skip


def _worse(one: tuple[Held, str], other: tuple[Held, str]) -> tuple[Held, str]:
    order = ("holds", "unknown", "fails")
    return max(one, other, key=lambda held: order.index(held[0]))


def _lists(versions: VersionSet, words: _Words) -> bool:
    """Whether the device's model or name is one of the texts listed where versions stand."""
    return any(_is_listed(literal, words) for literal in _model_texts(versions))


def _model_texts(versions: VersionSet) -> tuple[str, ...]:
    """The listed texts that may be models: no dotted numbers, and more than one or two signs."""
    return tuple(text for text in versions.literals if not re.search(r"\d\.[\dx]", text, re.I) and len("".join(tokens(text))) > 2)  # fmt: skip


def _is_listed(literal: str, words: _Words) -> bool:
    return any(_covered(pattern, words) is not None for pattern in _literal_patterns(literal))


@lru_cache(maxsize=20_000)
def _literal_patterns(literal: str) -> tuple[Pattern, ...]:
    """A listed model in full, and without its part number when enough is left to identify it."""
    whole = read_name(literal)
    numbers = frozenset(word for word in tokens(literal) if len(word) >= 5 and any(c.isdigit() for c in word))
    patterns = [replace(pattern, aliases=pattern.aliases | numbers) for pattern in whole]
    for pattern in whole:
        rest = tuple(slot for slot in pattern.slots if not set(slot.any_of) & numbers)
        if len(rest) < len(pattern.slots) and len([slot for slot in rest if slot.required]) > 1:
            patterns.append(replace(pattern, slots=rest))
    return tuple(patterns)


def _build_shelf(key: str, leaves: list[tuple[int, Advisory, Leaf]], makers: MakerNames) -> _Shelf:
    shelf = _Shelf()
    grouped: dict[tuple[str, str, str, str], list[tuple[int, Advisory, Leaf]]] = defaultdict(list)
    for position, advisory, leaf in leaves:
        numbers = ",".join(leaf.model_numbers)
        grouped[(advisory.id, leaf.family, leaf.product, numbers)].append((position, advisory, leaf))
    named: dict[str, list[str]] = defaultdict(list)
    for advisory_id, _, product, _ in grouped:
        named[advisory_id].append(product)
    shared = {advisory_id: _shared(products) for advisory_id, products in named.items()}
    for (advisory_id, family, product, _), group in grouped.items():
        _, advisory, leaf = group[0]
        patterns = tuple(
            _without_shared_code(p, shared[advisory_id])
            for p in _patterns(key, leaf, advisory, group, makers)
        )
        title = frozenset(tokens(_TITLE_NOISE.sub("", advisory.title)))
        listed = frozenset(w for _, _, other in group for t in _model_texts(read_versions(other.version)) for w in tokens(t))  # fmt: skip
        allowed = title | frozenset(tokens(f"{family} {leaf.vendor}")) | frozenset(key.split()) | listed
        shelf.entries.append(
            _Entry(advisory_id, product, [(p, leaf) for p, _, leaf in group], patterns, allowed)
        )
    _index(shelf)
    return shelf


def _patterns(key: str, leaf: Leaf, advisory: Advisory, group: list[tuple[int, Advisory, Leaf]], makers: MakerNames) -> tuple[Pattern, ...]:  # fmt: skip
    product = leaf.product if identifies(leaf.product) else _TITLE_NOISE.sub("", advisory.title)
    patterns = [
        _without_maker(pattern, key, makers)
        for pattern in read_name(product, family=leaf.family, vendor=leaf.vendor, numbers=leaf.model_numbers)
    ]
    patterns = [_named_by_code(pattern) for pattern in patterns]
    if not any(
        slot.required and not slot.code and slot.any_of[0] not in DESCRIBING
        for p in patterns
        for slot in p.slots
    ):
        # The product only says what kind of thing it is; the models stand where versions should.
        texts = {text for _, _, other in group for text in _model_texts(read_versions(other.version))}
        patterns += [pattern for text in sorted(texts) for pattern in _literal_patterns(text)]
    elif any(read_versions(other.version).literals for _, _, other in group):
        texts = {text for _, _, other in group for text in _model_texts(read_versions(other.version))}
        patterns += [
            p for text in sorted(texts) for p in _literal_patterns(text) if p.aliases or len(p.words) > 1
        ]
    return tuple(patterns)


def _named_by_code(pattern: Pattern) -> Pattern:
    """A member's code at the end of a name (`Inductive models EX1100`) names it without the words before it."""
    required = [slot for slot in pattern.slots if slot.required]
    ends_in_code = len(required) > 1 and required[-1].code and not any(slot.code for slot in required[:-1])
    named = pattern.terms + (required[-1].any_of if ends_in_code else ())
    codes = frozenset(word for word in named if len(word) >= 5 and word[0].isalpha() and not word.isalpha())
    return replace(pattern, aliases=pattern.aliases | codes)


def _without_shared_code(pattern: Pattern, shared: frozenset[str]) -> Pattern:
    """A code at the end of every product's name of an advisory tells none of them apart, so it may be missing."""
    last = pattern.slots[-1] if pattern.slots else None
    others = [slot for slot in pattern.slots[:-1] if slot.required]
    if last is None or not last.code or len(others) < 2 or not set(last.any_of) <= shared:
        return pattern
    return replace(pattern, slots=(*pattern.slots[:-1], replace(last, required=False)))


def _shared(products: Iterable[str]) -> frozenset[str]:
    """What every product's name of one advisory holds, when it names several."""
    words = [frozenset(tokens(product)) for product in set(products)]
    return frozenset.intersection(*words) if len(words) > 1 else frozenset()


def _without_maker(pattern: Pattern, key: str, makers: MakerNames) -> Pattern:
    """The maker's own name in a product's name may be missing, if what is left identifies the product."""
    slots = list(pattern.slots)
    own = frozenset(tokens(key)) - DESCRIBING
    lead = next((n for n in (3, 2, 1) if len(slots) >= n and _names_maker(slots[:n], key, makers)), 0)
    if lead and not (_enough(slots[lead:]) or set(slots[0].any_of) <= own):
        lead = 0
    kept = [replace(slot, required=False) for slot in slots[:lead]]
    kept += [replace(s, required=s.required and not set(s.all_of or s.any_of) <= own) for s in slots[lead:]]
    return replace(pattern, slots=needing(tuple(kept), optional=lead))


def _names_maker(lead: list[Slot], key: str, makers: MakerNames) -> bool:
    return makers.named(" ".join(slot.any_of[0] for slot in lead)) == key


def _enough(rest: list[Slot]) -> bool:
    """Whether a name without its maker still identifies: by itself, by two things, or by three describing words."""
    required = [slot for slot in rest if slot.required]
    return (
        len(required) > 1
        or any(_identifies_alone(slot) for slot in required)
        or (not required and len(rest) > 2)
    )


def _identifies_alone(slot: Slot) -> bool:
    word = slot.any_of[0]
    if slot.code:
        return len(word) >= 5 or (word[0].isalpha() and len(word) >= 2)
    return len(word) >= 4 and word not in DESCRIBING


def _index(shelf: _Shelf) -> None:
    """Each pattern goes under its rarest required slot and under its part numbers."""
    seen = Counter(word for entry in shelf.entries for p in entry.patterns for slot in p.slots if slot.required for word in slot.any_of)  # fmt: skip
    first = defaultdict(set)
    for number, entry in enumerate(shelf.entries):
        for pattern in entry.patterns:
            required = [slot for slot in pattern.slots if slot.required and not slot.version]
            if required and not required[0].code:
                first[required[0].any_of[0]].add(
                    " ".join(word for slot in pattern.slots for word in slot.any_of[:1])
                )
            for alias in pattern.aliases:
                shelf.by_word[alias].append((number, pattern))
            _index_slot(shelf, number, pattern, required, seen)
    words = {word for entry in shelf.entries for p in entry.patterns for slot in p.slots if slot.required for word in (*slot.any_of[:50], *slot.all_of)}  # fmt: skip
    shelf.vocabulary = frozenset(word for word in words if word not in DESCRIBING or word in DISTINGUISHING)
    shelf.umbrellas = frozenset(word for word, products in first.items() if len(products) > 1)


def _index_slot(
    shelf: _Shelf, number: int, pattern: Pattern, required: list[Slot], seen: Counter[str]
) -> None:
    if any(slot.pattern is not None for slot in required) or not required:
        if required or not pattern.aliases:
            shelf.open_ended.append((number, pattern))
        return
    rarest = min(required, key=lambda slot: sum(seen[word] for word in slot.any_of))
    at = pattern.slots.index(rarest)
    for word in {*rarest.any_of, *rarest.all_of[:1]}:
        shelf.by_word[word].append((number, pattern))
    for start in range(max(0, at - 2), at + 1):
        for length in (2, 3):
            part = pattern.slots[start : start + length]
            if len(part) == length and start + length > at:
                shelf.by_word["".join(slot.any_of[0] for slot in part)].append((number, pattern))


def _resembling(shelf: _Shelf, own: frozenset[str]) -> Iterable[Candidate]:
    """Products that share what identifies them with the device, or differ from it by a slip of the pen."""
    telling = {word for word in own if word not in DESCRIBING}
    near = {word: _near(word, shelf.vocabulary) for word in telling if word not in shelf.vocabulary}
    for entry in shelf.entries:
        best = max((_likeness(pattern, telling, near) for pattern in entry.patterns), default=(0.0, "", ""))
        if best[0] >= _GOOD_LIKENESS:
            missing = f"; the advisory also says {best[2]}" if best[2] else "; the device's name says more"
            yield Candidate(entry.product, entry.advisory, round(best[0], 2), f"shares {best[1]}{missing}")


def _likeness(pattern: Pattern, telling: set[str], near: dict[str, str | None]) -> tuple[float, str, str]:
    required = [slot for slot in pattern.slots if slot.required and slot.any_of]
    meant = telling | {word for word in near.values() if word}
    shared = [slot for slot in required if meant & {*slot.any_of, *slot.all_of}]
    if not any(_identifies_alone(slot) for slot in shared):
        return 0.0, "", ""
    missing = [slot.any_of[0] for slot in required if slot not in shared]
    score = len(shared) / max(len(required), 1) * (0.9 if telling - meant or near else 1.0)
    return min(score, 0.95), ", ".join(slot.any_of[0] for slot in shared), ", ".join(missing)


def _near(word: str, vocabulary: frozenset[str]) -> str | None:
    if len(word) < 5:
        return None
    for other in vocabulary:
        if abs(len(other) - len(word)) <= 1 and len(other) >= 5 and SequenceMatcher(None, word, other).ratio() >= _ONE_SLIP:  # fmt: skip
            return other
    return None


def _product_names(names: Iterable[Name]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    same: dict[str, str] = {}
    apart: set[tuple[str, str]] = set()
    for name in names:
        if name.kind != "product":
            continue
        pair = (fold(name.seen), fold(name.means))
        if name.decision == "same":
            same[pair[0]] = name.means
            apart.discard(pair)
        else:
            apart.add(pair)
            if fold(same.get(pair[0], "")) == pair[1]:
                del same[pair[0]]
    return same, apart


def _other_spellings(keys: Iterable[str]) -> dict[str, str]:
    """Keys under which an advisory's maker may also be met: without its umlauts, and by its first word where that
    begins no other maker's name (`openclinic` for `openclinic ga`)."""
    firsts: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        firsts[key.split()[0]].append(key)
    spelt = {_dull(first): found[0] for first, found in firsts.items() if len(found) == 1 and len(first) >= 5}
    return spelt | {_dull(key): key for key in keys}


def _dull(key: str) -> str:
    """The key with umlauts neither spelt out nor marked: `geutebrueck` and `geutebruck` alike."""
    return key.replace("ue", "u").replace("oe", "o").replace("ae", "a")
