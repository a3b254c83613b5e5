"""What a product's name is made of: words and codes, and slots that a device's name must fill.

Source: docs/domains/exposure.md, "Product names".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pilothouse.equipment.makers import repaired
from pilothouse.exposure.words import DESCRIBING, DISTINGUISHING, GLUE, singular
from pilothouse.kernel.text import ascii_fold

_RANGE = re.compile(r"^([A-Z]*)(\d+)\s*(?:-|\.\.)\s*([A-Z]*)(\d+)$", re.I)
_FAMILY = re.compile(r"^[A-Z]{2,3}$")  # `Efficia CM Series`, `Ultrasound CX`: CM12 and CX50 are members
_CODE = re.compile(r"\d")
_VERSION = re.compile(r"^(?:v\d+|v?\d+\.(?:\d+|x))(?:\.(?:\d+|x))*$", re.I)
_TOKEN = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"\d{4,}|[a-z]{2,}\d{3,}")  # 8015, MMT-503
_ROUND_CODE = re.compile(r"([a-z]+[1-9])(0{1,3})([a-z]*)")
_LETTERED = re.compile(r"[A-Za-z]+-?\d+\w*")
_LED = re.compile(r"\(*([A-Za-z]+)-?\d")
_SUFFIX = re.compile(r"\d+[A-Za-z]?")
_COMMON_ENDING = re.compile(r"\d+([A-Z]{3,})")
_WILD = re.compile(r"\dx+\d|\dx+$|[a-z]x{3,}")
_SHORTEST_BRAND = 3  # `EPIQ/Affiniti` are two brands, `PET/CT` and `PN/DP` one word
_WIDEST = 1000  # members of a range; a wider one is a name with a dash (W788-1)
LONGEST = 4  # tokens that one code may be parted into: 6ES7 144-6JF00-0BB0
_MARKS = re.compile("[®™©]|\\((?:r|tm|c)\\)", re.I)


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


def read_slots(phrase: str, *, whole_family: bool = False) -> tuple[Slot, ...]:
    """The slots of one phrase. whole_family: letters at its end stand for every member with a number."""
    written = [word for word in phrase.split() if _TOKEN.search(ascii_fold(word).lower())]
    listed = _space_list(written)
    slots = [_read_slot(word) for word in written if word not in listed]
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
        return (*lead, *(replace(slot, required=slot.required and not tells_apart(slot)) for slot in rest))
    return slots


def tells_apart(slot: Slot) -> bool:
    """Whether it only tells products of one brand apart (`gateway`, `viewer`)."""
    return all(word in DISTINGUISHING for word in slot.all_of or slot.any_of)


def _needed(slot: Slot) -> bool:
    return slot.any_of[0] not in GLUE


def _space_list(written: list[str]) -> list[str]:
    """`TC10 TC20 TC30`: three or more codes of one prefix in a row are members, not parts of one name."""
    codes = [word for word in written if _LETTERED.fullmatch(word)]
    prefixes = {re.match(r"[A-Za-z]+", word).group().lower() for word in codes}  # type: ignore[union-attr]  # they all begin with letters
    return codes if len(codes) >= 3 and len(prefixes) == 1 else []


@lru_cache(maxsize=50_000)
def _read_slot(word: str) -> Slot:
    listed = members(word)
    if listed:
        return Slot(listed, code=True)
    if _VERSION.match(word):
        return Slot(("".join(tokens(word)),), required=True, code=True, version=word)
    sides = [side for side in word.split("/") if tokens(side)]
    if len(sides) > 1 and _with_ending(sides) != sides:
        return Slot(tuple("".join(tokens(side)) for side in completed(sides)), code=True)
    if len(sides) > 1 and not _CODE.search(word) and min(len(side) for side in sides) <= _SHORTEST_BRAND:
        parts = tuple(tokens(word))
        return Slot(
            ("".join(parts),), parts, not all(p in DESCRIBING and p not in DISTINGUISHING for p in parts)
        )
    spellings = tuple("".join(tokens(side)) for side in completed(sides))
    parts = tuple(tokens(word)) if len(sides) == 1 else ()
    code = any(_CODE.search(spelling) for spelling in spellings)
    wild = _wildcard(spellings[0]) if len(spellings) == 1 else None
    describing = all(part in DESCRIBING and part not in DISTINGUISHING for part in (parts or spellings))
    return Slot(spellings, parts if not code else (), not describing, code, pattern=wild)


def members(word: str) -> tuple[str, ...]:
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


def completed(sides: list[str]) -> Iterator[str]:
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
