"""When a device's name is a product's name: by what identifies the product, never by mere likeness.

A product's name is read into slots (`IntelliVue`, one of `FM20/FM30/FM40`, `MX400` to `MX850`). Words that only
describe (`monitor`, `system`, `patient`) may be missing; what identifies (brands, numbers, members of a
family) may not. What a device's name holds beyond that must be harmless, or it is another product.
Source: docs/domains/exposure.md, "Product names".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pilothouse.equipment.makers import repaired
from pilothouse.exposure.slots import Slot, completed, members, needing, read_slots, tells_apart, tokens

_MARKS = re.compile("[®™©]|\\((?:r|tm|c)\\)", re.I)
_PLAIN: Final = str.maketrans("’–[]", "'-()")
_BRACKET = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)?")
_EXCLUDING = re.compile(
    r",?\s*(?:\bnot including\b|\bexcluding\b|\bexcept(?: for)?\b|\bwithout\b)\s+(.*)$", re.I
)
_MODEL = re.compile(r"[\s,-]*\bmodel(?:s)?\s*(?:number|no\.?|#)?\s+([A-Z]*\d[\w-]*)", re.I)
_RUNS_ON = re.compile(r"\b(?:used with|running on|based on|for|on|with)?\s*((?:microsoft )?windows(?:\s+(?:server|xp|vista|nt|ce|me|\d[\d.]*|r2|ltsc|iot|embedded|enterprise|professional))*)(?:[- ]based)?(?:\s+systems?)?", re.I)  # fmt: skip
_FORMERLY = re.compile(r"^(?:formerly|aka|also known)\b", re.I)
_SAYS_NOTHING: Final = frozenset({"version", "firmware", "software", "all", "product"})
_CODE = re.compile(r"\d")
_SPLIT = re.compile(r"\s+/\s+|\s*;\s*|\s*,\s*(?:and\s+)?|\s+and\s+|\s+or\s+|\s+&\s+", re.I)
_SEPARATED_NUMBER = re.compile(r"\b\d{3,}(?:,\d{3})+\b")
_NUMBERED = re.compile(r"v?\.?\d+(?:\.\d+)+", re.I)  # a version, no part number
_LISTED = re.compile(r"[\s,]+")
_INCLUDING = re.compile(r"^including", re.I)
_ENDS_IN_CODE = re.compile(r"^(.*?)[\s-]*\S*\d\S*\s*$")
_BARE_NUMBER = re.compile(r"^\d+\w?\b")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to write one product.

    slots: in order. aliases: codes that name the product by themselves (part numbers, models of a list).
    allowed: words of the advisory that a device's name may hold besides. excluded: names that are not meant.
    terms: model numbers the advisory asks for; which of them a device is may be unknown. runs_on: an operating system.
    """

    slots: tuple[Slot, ...]
    aliases: frozenset[str]
    allowed: frozenset[str]
    excluded: tuple[frozenset[str], ...]
    terms: tuple[str, ...]
    runs_on: str

    @property
    def has_code(self) -> bool:
        """Whether a number or a member's code is required."""
        return any(slot.code and slot.required for slot in self.slots)

    @property
    def identifying(self) -> frozenset[str]:
        """What is required and does not only tell products of one brand apart."""
        return frozenset(word for slot in self.slots if slot.required and not tells_apart(slot) for word in slot.any_of[:1])  # fmt: skip

    @property
    def is_line(self) -> bool:
        """Whether it names a line of products (`Vivid products`) of which any member is meant."""
        return any(slot.any_of == ("product",) and not slot.required for slot in self.slots)

    @property
    def spellings(self) -> frozenset[str]:
        """Everything that may be written for any of its slots and terms."""
        return frozenset(word for slot in self.slots for word in (*slot.any_of[:20], *slot.all_of)) | set(
            self.terms
        )

    @property
    def words(self) -> frozenset[str]:
        """The words (no codes) of the name."""
        return frozenset(word for slot in self.slots if not slot.code for word in slot.any_of + slot.all_of)


@lru_cache(maxsize=50_000)
def read_name(product: str, *, family: str = "", vendor: str = "", numbers: tuple[str, ...] = ()) -> tuple[Pattern, ...]:  # fmt: skip
    """Every way to write one product as its advisory names it; empty when the name identifies nothing.

    family, vendor: their words may stand in a device's name. numbers: its model numbers, each enough by itself.
    """
    plain = _MARKS.sub(" ", repaired(product)).translate(_PLAIN)
    plain = _SEPARATED_NUMBER.sub(lambda number: number.group().replace(",", " "), plain)
    plain, excluded = _without_excluded(plain)
    plain, runs_on = _without_system(plain)
    plain, bracketed, acronyms = _without_brackets(plain)
    plain, terms = _without_terms(plain)
    allowed = frozenset(tokens(f"{family} {vendor} {' '.join(bracketed)} {runs_on}"))
    aliases = frozenset("".join(tokens(number)) for number in numbers if len("".join(tokens(number))) >= 5) | _bracket_codes(bracketed)  # fmt: skip
    patterns = [
        Pattern(slots, aliases, allowed, excluded, terms, runs_on)
        for phrase in _phrases(plain)
        if (slots := needing(read_slots(phrase, whole_family=not aliases)))
    ]
    for acronym, words in acronyms:
        patterns += [_abbreviated(p, acronym, words) for p in patterns if _holds(p, words)]
    if aliases and not patterns:
        patterns = [Pattern((), aliases, allowed, excluded, terms, runs_on)]
    return tuple(patterns)


def identifies(product: str) -> bool:
    """Whether a name says more than `version`."""
    return bool(set(tokens(product)) - _SAYS_NOTHING)


def _without_excluded(text: str) -> tuple[str, tuple[frozenset[str], ...]]:
    found = _EXCLUDING.search(text)
    if not found:
        return text, ()
    named = [frozenset(tokens(part)) for part in _SPLIT.split(found.group(1))]
    return text[: found.start()], tuple(words - {"product", "line"} for words in named if words)


def _without_system(text: str) -> tuple[str, str]:
    found = _RUNS_ON.search(text)
    if not found or found.start() == 0:
        return text, ""
    return (text[: found.start()] + " " + text[found.end() :]).strip(" /"), found.group(1).strip()


def _without_brackets(text: str) -> tuple[str, list[str], list[tuple[str, tuple[str, ...]]]]:
    """The text without its brackets, what stood in them, and acronyms with the words they stand for."""
    bracketed: list[str] = []
    acronyms: list[tuple[str, tuple[str, ...]]] = []
    plain = ""
    at = 0
    for bracket in _BRACKET.finditer(text):
        plain += text[at : bracket.start()]
        at = bracket.end()
        inside = bracket.group(1).strip()
        glued = plain[-1:].isdigit() and len(inside) <= 2 and inside.isalnum()  # MMT-523(K)
        plain += inside if glued else " "
        if not glued and not _FORMERLY.match(inside):
            bracketed.append(inside)
            stands_for = _stands_for(inside, tokens(plain))
            acronyms += [("".join(tokens(inside)), stands_for)] if stands_for else []
    return plain + text[at:], bracketed, acronyms


def _stands_for(acronym: str, before: Sequence[str]) -> tuple[str, ...]:
    """The words directly before a bracket whose initials it spells: `Point-of-Care Unit (PCU)`."""
    letters = "".join(tokens(acronym))
    if not letters.isalpha() or not 2 <= len(letters) <= 8:
        return ()
    for count in range(2, min(len(before), 7) + 1):
        words = [word for word in before[-count:] if word not in ("of", "and", "the", "for")]
        initials = "".join(word[0] for word in words)
        if letters in (initials, initials[:-1] + words[-1]):  # PICiX: Patient Information Center iX
            return tuple(before[-count:])
    return ()


def _without_terms(text: str) -> tuple[str, tuple[str, ...]]:
    """`PC Unit Model 8015`: the number is a term; with no other word left it is the name itself."""
    found = _MODEL.search(text)
    if not found:
        return text, ()
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" -,")
    if not any(slot.required for slot in read_slots(rest)) or _CODE.search(text[found.end() :]):
        return _MODEL.sub(r" \1", text), ()
    return rest, ("".join(tokens(found.group(1))),)


def _bracket_codes(bracketed: list[str]) -> frozenset[str]:
    """Part numbers and members listed in brackets: `(VLFT10GEN)`, `(M8102A/M3002A)`, `(including MP2/X2/MP30)`."""
    codes: set[str] = set()
    for inside in bracketed:
        parts = [part.strip("()") for part in _LISTED.split(_INCLUDING.sub("", inside)) if part]
        only_codes = all(_CODE.search(part) for part in parts)
        for part in parts:
            codes.update(members(part))
            squashed = ["".join(tokens(code)) for code in completed(part.split("/"))]
            codes.update(
                c
                for c in squashed
                if _CODE.search(c) and (len(c) >= 5 or (only_codes and c[0].isalpha()))
                if not _NUMBERED.fullmatch(part)
            )
    return frozenset(codes)


def _phrases(text: str) -> list[str]:
    """A name that joins several products, taken apart; one that only lists words is left whole."""
    words = text.split()
    again = words.index(words[0], 1) if words[1:] and words[0] in words[1:] else 0
    if again and not _CODE.search(
        words[0]
    ):  # `Alaris Gateway Workstation Alaris GS`: one device within another
        return [text, *_phrases(" ".join(words[again:]))]
    parts = [part for part in _SPLIT.split(text) if part and part.strip(" -")]
    if len(parts) < 2:
        return _mixed(text)
    if not all(any(_identifying(slot) for slot in read_slots(part)) for part in parts):
        return _mixed(" ".join(parts))
    head = _ENDS_IN_CODE.match(parts[0])
    brand = head.group(1) if head else ""
    return [
        phrase for n, part in enumerate(parts) for phrase in _mixed(_with_brand(brand, part) if n else part)
    ]


def _identifying(slot: Slot) -> bool:
    return slot.required and not tells_apart(slot) and (slot.code or len(slot.any_of[0]) > 2)


def _with_brand(brand: str, part: str) -> str:
    """`BodyGuard 323 and 545`: a bare number keeps the words before the first one."""
    return f"{brand} {part}" if _BARE_NUMBER.match(part) and brand else part


def _mixed(phrase: str) -> list[str]:
    """`ELI 150c/BUR 150c` joins a code and a word, so it parts two names; `FM20/FM30` does not."""
    for slot in phrase.split():
        sides = slot.split("/")
        if len(sides) > 1 and all(sides) and len({bool(_CODE.search(side)) for side in sides}) == 2:
            cut = phrase.index(slot) + len(sides[0])
            return [phrase[:cut], *_mixed(phrase[cut + 1 :])]
    return [phrase]


def _holds(pattern: Pattern, words: tuple[str, ...]) -> bool:
    held = {word for slot in pattern.slots for word in slot.any_of + slot.all_of}
    return all(word in held for word in words)


def _abbreviated(pattern: Pattern, acronym: str, words: tuple[str, ...]) -> Pattern:
    kept = tuple(
        slot for slot in pattern.slots if slot.code or not set(slot.all_of or slot.any_of) <= set(words)
    )
    return Pattern((*kept, Slot((acronym,))), pattern.aliases, pattern.allowed | set(words), pattern.excluded, pattern.terms, pattern.runs_on)  # fmt: skip
