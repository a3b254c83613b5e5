"""When a device's name is a product's name: by what identifies the product, never by mere likeness.

A product's name is read into slots (`IntelliVue`, one of `FM20/FM30/FM40`, `MX400` to `MX850`). Words that only
describe (`monitor`, `system`, `patient`) may be missing; what identifies (brands, numbers, members of a
family) may not. What a device's name holds beyond that must be harmless, or it is another product.
Source: docs/domains/exposure.md, "Product names".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pilothouse.equipment.makers import repaired
from pilothouse.exposure.words import DESCRIBING, DISTINGUISHING, GLUE, singular
from pilothouse.kernel.text import ascii_fold

_MARKS = re.compile("[®™©]|\\((?:r|tm|c)\\)", re.I)
_PLAIN: Final = str.maketrans("’–[]", "'-()")
_BRACKET = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)?")
_EXCLUDING = re.compile(
    r",?\s*(?:\bnot including\b|\bexcluding\b|\bexcept(?: for)?\b|\bwithout\b)\s+(.*)$", re.I
)
_MODEL = re.compile(r"[\s,-]*\bmodel(?:s)?\s*(?:number|no\.?|#)?\s+([A-Z]*\d[\w-]*)", re.I)
_RUNS_ON = re.compile(r"\b(?:used with|running on|based on|for|on|with)?\s*((?:microsoft )?windows(?:\s+(?:server|xp|vista|nt|ce|me|\d[\d.]*|r2|ltsc|iot|embedded|enterprise|professional))*)(?:[- ]based)?(?:\s+systems?)?", re.I)  # fmt: skip
_FORMERLY = re.compile(r"^(?:formerly|aka|also known)\b", re.I)
_RANGE = re.compile(r"^([A-Z]*)(\d+)\s*(?:-|\.\.)\s*([A-Z]*)(\d+)$", re.I)
_SAYS_NOTHING: Final = frozenset({"version", "firmware", "software", "all", "product"})
_FAMILY = re.compile(r"^[A-Z]{2,3}$")  # `Efficia CM Series`, `Ultrasound CX`: CM12 and CX50 are members
_CODE = re.compile(r"\d")
_VERSION = re.compile(r"^(?:v\d+|v?\d+\.(?:\d+|x))(?:\.(?:\d+|x))*$", re.I)
_SPLIT = re.compile(r"\s+/\s+|\s*;\s*|\s*,\s*(?:and\s+)?|\s+and\s+|\s+or\s+|\s+&\s+", re.I)
_TOKEN = re.compile(r"[a-z0-9]+")
_SEPARATED_NUMBER = re.compile(r"\b\d{3,}(?:,\d{3})+\b")
_NUMBERED = re.compile(r"v?\.?\d+(?:\.\d+)+", re.I)  # a version, no part number
_NUMBER = re.compile(r"\d{4,}|[a-z]{2,}\d{3,}")  # 8015, MMT-503
_LISTED = re.compile(r"[\s,]+")
_INCLUDING = re.compile(r"^including", re.I)
_ENDS_IN_CODE = re.compile(r"^(.*?)[\s-]*\S*\d\S*\s*$")
_BARE_NUMBER = re.compile(r"^\d+\w?\b")
_ROUND_CODE = re.compile(r"([a-z]+[1-9])(0{1,3})([a-z]*)")
_LETTERED = re.compile(r"[A-Za-z]+-?\d+\w*")
_LED = re.compile(r"\(*([A-Za-z]+)-?\d")
_SUFFIX = re.compile(r"\d+[A-Za-z]?")
_COMMON_ENDING = re.compile(r"\d+([A-Z]{3,})")
_WILD = re.compile(r"\dx+\d|\dx+$|[a-z]x{3,}")
_SHORTEST_BRAND = 3  # `EPIQ/Affiniti` are two brands, `PET/CT` and `PN/DP` one word
_WIDEST = 1000  # members of a range; a wider one is a name with a dash (W788-1)
LONGEST = 4  # tokens that one code may be parted into: 6ES7 144-6JF00-0BB0


@lru_cache(maxsize=200_000)
def tokens(text: str) -> tuple[str, ...]:
    """The words and codes of a name, lower-case, plurals as singulars: `MX-450 Monitors` -> `mx 450 monitor`."""
    plain = ascii_fold(_MARKS.sub(" ", repaired(text))).lower().replace("'", "").replace("+", " plus ")
    return tuple(singular(word) for word in _TOKEN.findall(plain))


def joined(words: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Every word and every run of up to four joined, with where it stands: `mx 450` also as `mx450`."""
    found: dict[str, tuple[int, int]] = {}
    for length in range(min(LONGEST, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            found["".join(words[start : start + length])] = (start, start + length)
    return found


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a name must hold. any_of: spellings, joined. all_of: the same in parts.

    pattern: a wildcard such as `5x0`. required: False for describing words. code: it holds a digit.
    version: a version that is part of the name (`IntelliSpace Portal 8.0.x`), as written.
    """

    any_of: tuple[str, ...]
    all_of: tuple[str, ...] = ()
    required: bool = True
    code: bool = False
    pattern: re.Pattern[str] | None = None
    version: str = ""

    def held_by(self, words: Mapping[str, object]) -> str | None:
        """The joined words of a device that fill this slot, or None."""
        for spelling in self.any_of:
            if spelling in words:
                return spelling
        if self.all_of and all(part in words for part in self.all_of):
            return self.all_of[0]
        if self.pattern is None:
            return None
        return next((word for word in words if self.pattern.fullmatch(word)), None)


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
        return frozenset(word for slot in self.slots if slot.required and not _tells_apart(slot) for word in slot.any_of[:1])  # fmt: skip

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
        if (slots := needing(_slots(phrase, whole_family=not aliases)))
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
    if not any(slot.required for slot in _slots(rest)) or _CODE.search(text[found.end() :]):
        return _MODEL.sub(r" \1", text), ()
    return rest, ("".join(tokens(found.group(1))),)


def _bracket_codes(bracketed: list[str]) -> frozenset[str]:
    """Part numbers and members listed in brackets: `(VLFT10GEN)`, `(M8102A/M3002A)`, `(including MP2/X2/MP30)`."""
    codes: set[str] = set()
    for inside in bracketed:
        parts = [part.strip("()") for part in _LISTED.split(_INCLUDING.sub("", inside)) if part]
        only_codes = all(_CODE.search(part) for part in parts)
        for part in parts:
            codes.update(_members(part))
            squashed = ["".join(tokens(code)) for code in _completed(part.split("/"))]
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
    if not all(any(_identifying(slot) for slot in _slots(part)) for part in parts):
        return _mixed(" ".join(parts))
    head = _ENDS_IN_CODE.match(parts[0])
    brand = head.group(1) if head else ""
    return [
        phrase for n, part in enumerate(parts) for phrase in _mixed(_with_brand(brand, part) if n else part)
    ]


def _identifying(slot: Slot) -> bool:
    return slot.required and not _tells_apart(slot) and (slot.code or len(slot.any_of[0]) > 2)


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


def _slots(phrase: str, *, whole_family: bool = False) -> tuple[Slot, ...]:
    """The slots of one phrase. whole_family: letters at its end stand for every member with a number."""
    written = [word for word in phrase.split() if _TOKEN.search(ascii_fold(word).lower())]
    listed = _space_list(written)
    slots = [_slot(word) for word in written if word not in listed]
    for place, word in enumerate(written[1:]):
        if word.lower() in ("family", "series") and not listed:
            slots[place] = _members_of_family(slots[place])
    last = _last_identifying(slots)
    if last is not None and not listed and whole_family and _FAMILY.match(written[last]):
        slots[last] = replace(slots[last], pattern=re.compile(rf"{slots[last].any_of[0]}\d+[a-z]*"))
    if listed:
        slots.append(Slot(tuple("".join(tokens(word)) for word in listed), code=True))
    return tuple(slots)


def _members_of_family(slot: Slot) -> Slot:
    """`RF600R family`: the zeros stand for the numbers of its members, such as RF680R."""
    named = _ROUND_CODE.fullmatch(slot.any_of[0])
    if named is None or slot.pattern is not None:
        return slot
    start, zeros, end = named.groups()
    return replace(slot, pattern=re.compile(rf"{start}\d{{{len(zeros)}}}{end}"))


def _last_identifying(slots: list[Slot]) -> int | None:
    """Where the last required slot stands: there a name may end in the letters of a family."""
    return max((place for place, slot in enumerate(slots) if slot.required), default=None)


def needing(slots: tuple[Slot, ...], optional: int = 0) -> tuple[Slot, ...]:
    """A name of nothing but describing words needs all of them; beside a catalogue number, words may be missing.

    optional: so many slots at the start (the maker's own name) stay as they are.
    """
    lead, rest = slots[:optional], slots[optional:]
    if rest and not any(slot.required for slot in rest):
        return (*lead, *(replace(slot, required=_needed(slot)) for slot in rest))
    if any(slot.code and _NUMBER.fullmatch(slot.any_of[0]) for slot in rest):
        return (*lead, *(replace(slot, required=slot.required and not _tells_apart(slot)) for slot in rest))
    return slots


def _tells_apart(slot: Slot) -> bool:
    return all(word in DISTINGUISHING for word in slot.all_of or slot.any_of)


def _needed(slot: Slot) -> bool:
    return slot.any_of[0] not in GLUE


def _space_list(written: list[str]) -> list[str]:
    """`TC10 TC20 TC30`: three or more codes of one prefix in a row are members, not parts of one name."""
    codes = [word for word in written if _LETTERED.fullmatch(word)]
    prefixes = {re.match(r"[A-Za-z]+", word).group().lower() for word in codes}  # type: ignore[union-attr]  # they all begin with letters
    return codes if len(codes) >= 3 and len(prefixes) == 1 else []


@lru_cache(maxsize=50_000)
def _slot(word: str) -> Slot:
    members = _members(word)
    if members:
        return Slot(members, code=True)
    if _VERSION.match(word):
        return Slot(("".join(tokens(word)),), required=True, code=True, version=word)
    sides = [side for side in word.split("/") if tokens(side)]
    if len(sides) > 1 and _with_ending(sides) != sides:
        return Slot(tuple("".join(tokens(side)) for side in _completed(sides)), code=True)
    if len(sides) > 1 and not _CODE.search(word) and min(len(side) for side in sides) <= _SHORTEST_BRAND:
        parts = tuple(tokens(word))
        return Slot(
            ("".join(parts),), parts, not all(p in DESCRIBING and p not in DISTINGUISHING for p in parts)
        )
    spellings = tuple("".join(tokens(side)) for side in _completed(sides))
    parts = tuple(tokens(word)) if len(sides) == 1 else ()
    code = any(_CODE.search(spelling) for spelling in spellings)
    wild = _wildcard(spellings[0]) if len(spellings) == 1 else None
    describing = all(part in DESCRIBING and part not in DISTINGUISHING for part in (parts or spellings))
    return Slot(spellings, parts if not code else (), not describing, code, pattern=wild)


def _members(word: str) -> tuple[str, ...]:
    """Every member of a range of codes: `MX400-MX850`, `MX400-550`; empty for anything else."""
    span = _RANGE.match(word)
    if (
        span is None
        or not span.group(1)
        or (span.group(3) and span.group(1).lower() != span.group(3).lower())
    ):
        return ()
    first, last = span.group(2), span.group(4)
    if not span.group(3) and len(last) != len(first):
        return ()
    if not 0 < int(last) - int(first) <= _WIDEST:
        return ()
    return tuple(f"{span.group(1).lower()}{number}" for number in range(int(first), int(last) + 1))


def _completed(sides: list[str]) -> Iterator[str]:
    """`MX800/700/600` in full: a bare number takes the letters before the first one, or the start of a part number
    (`865240/41`); it also stands alone."""
    prefix = ""
    sides = _with_ending(sides)
    for side in sides:
        led = _LED.match(side)
        if led:
            prefix = led.group(1)
        elif prefix and side[:1].isdigit():
            yield prefix + side
        if side is not sides[0] and len(sides[0]) >= len(side) + 3 and _SUFFIX.fullmatch(side):
            yield sides[0][: -len(side)] + side
        yield side


def _with_ending(sides: list[str]) -> list[str]:
    """`Q04/06/13UDVCPU` and `XGK-CPUU/H/A`: the letters behind the last number, or before the last letter, are common."""
    ending = _COMMON_ENDING.fullmatch(sides[-1])
    if ending and all(side[-1:].isdigit() for side in sides[:-1]):
        return [*(side + ending.group(1) for side in sides[:-1]), sides[-1]]
    letters = len(sides) > 2 and all(re.fullmatch("[A-Z]{1,2}", side) for side in sides[1:])
    if letters and re.fullmatch(r"[A-Z]+-[A-Z]{2,}", sides[0]):
        return [sides[0], *(sides[0][:-1] + side for side in sides[1:])]
    return sides


def _wildcard(code: str) -> re.Pattern[str] | None:
    """`5x0` and `4xx` stand for any digit at the x."""
    if not _WILD.search(code):
        return None
    return re.compile(re.sub(r"(?<=[\dx])x|(?<=\d)x|x(?=x)", "[0-9a-z]", code))


def _holds(pattern: Pattern, words: tuple[str, ...]) -> bool:
    held = {word for slot in pattern.slots for word in slot.any_of + slot.all_of}
    return all(word in held for word in words)


def _abbreviated(pattern: Pattern, acronym: str, words: tuple[str, ...]) -> Pattern:
    kept = tuple(
        slot for slot in pattern.slots if slot.code or not set(slot.all_of or slot.any_of) <= set(words)
    )
    return Pattern((*kept, Slot((acronym,))), pattern.aliases, pattern.allowed | set(words), pattern.excluded, pattern.terms, pattern.runs_on)  # fmt: skip
