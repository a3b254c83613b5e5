"""A device's name taken apart, and whether it holds what a product's name requires."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pilothouse.exposure.product_names import Pattern
from pilothouse.exposure.slots import LONGEST, Slot, joined, tokens
from pilothouse.exposure.version_text import read_versions
from pilothouse.exposure.words import DESCRIBING
from pilothouse.kernel.text import fold
from pilothouse.kernel.versions import version_key

_ASIDE = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?|\{[^{}]*\}?|[,;]?\s+(?:with|incl|including|w/)\s.*$", re.I)
_DOTTED = re.compile(r"\bv?\d+\.\d+(?:\.\d+)*\b", re.I)
_VERSION = re.compile(rf"{_DOTTED.pattern}|\bv\d+\b", re.I)

_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[a-z]")

Runs = dict[str, tuple[str, ...]]
"""Every run of up to four words of a name, joined, with its words."""


@dataclass(frozen=True, slots=True)
class DeviceName:
    """What one distinct maker, model and description say.

    model, name: the words of each that may speak against a product: not what stands in brackets or behind `with`
    (accessories and remarks), no dotted version, nothing whose meaning is confirmed. runs: all words and runs,
    confirmed meanings and the maker included. own: all words but the maker's. versions: dotted numbers and `V14`, as
    written.
    """

    model: tuple[str, ...]
    name: tuple[str, ...]
    runs: Runs
    own: frozenset[str]
    versions: tuple[str, ...]


def device_name(maker: str, model: str, name: str, same: Mapping[str, str]) -> DeviceName:
    """same: confirmed names of products, folded, with what they mean."""
    parts = [_part(model, _meanings(model, same)), _part(name, _meanings(name, same))]
    runs: Runs = {}
    for part in (*parts, _part(maker, ())):
        for run, words in part.runs.items():
            runs.setdefault(run, words)
    own = frozenset(word for part in parts for word in part.words)
    return DeviceName(parts[0].told, parts[1].told, runs, own, parts[0].versions + parts[1].versions)


def _meanings(text: str, same: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if not text or not same:
        return ()
    folded = f" {fold(text)} "
    return tuple((seen, means) for seen, means in same.items() if f" {seen} " in folded)


@dataclass(frozen=True, slots=True)
class _Part:
    words: tuple[str, ...]
    told: tuple[str, ...]
    runs: Runs
    versions: tuple[str, ...]


@lru_cache(maxsize=50_000)
def _part(text: str, meanings: tuple[tuple[str, str], ...]) -> _Part:
    """One cell. meanings: confirmed phrases in it with what they mean."""
    runs: Runs = {}
    words: list[str] = []
    for written in (text, *(means for _, means in meanings)):
        found = tokens(written)
        words += found
        for run, (start, end) in joined(found).items():
            runs.setdefault(run, found[start:end])
        runs.update(_long_codes(written))
    meant = {word for seen, _ in meanings for word in tokens(seen)}
    told = tuple(word for word in tokens(_DOTTED.sub(" ", _ASIDE.sub(" ", text))) if word not in meant)
    return _Part(tuple(words), told, runs, tuple(_VERSION.findall(text)))


def _long_codes(text: str) -> Runs:
    """Codes of more parts than a run holds, each whole: `WHA-GW-F2D2-0-AS-Z2-ETH`."""
    return {
        "".join(parts): parts
        for code in text.split()
        if code.count("-") >= LONGEST and len(parts := tokens(code)) > LONGEST
    }


def cover(pattern: Pattern, device: DeviceName) -> frozenset[str] | None:
    """The device's words that hold everything the pattern requires; None when something is missing.

    A part number of the advisory is enough by itself; the maker's name alone is not; a version that both names
    carry must agree.
    """
    runs = device.runs
    if any(excluded <= runs.keys() for excluded in pattern.excluded):
        return None
    named = (
        {word for alias in pattern.aliases & runs.keys() for word in runs[alias]}
        if pattern.aliases
        else set()
    )
    filled = _filled(pattern.slots, runs, whole=not named)
    if named:
        held = frozenset(named).union(*(words for words, _ in filled.values()))
        return held if device.own & held else None
    if not filled or _other_code(pattern, runs):
        return None
    if not any(device.own.intersection(words) for words, slot in filled.values() if slot.required):
        return None
    held = frozenset().union(*(words for words, _ in filled.values()))
    return held if _same_version(pattern, device) else None


def _other_code(pattern: Pattern, runs: Runs) -> bool:
    """Whether the device bears a code that differs from one in the product's brackets in its digits alone: NWS-4, not
    NWS-3. The codes of the name itself are asked for anyway."""
    shapes = (
        _shapes(pattern.aliases.difference(*(slot.any_of for slot in pattern.slots)))
        if pattern.aliases
        else ()
    )
    return bool(shapes) and any(_DIGIT.sub("0", run) in shapes for run in runs)


@lru_cache(maxsize=50_000)
def _shapes(codes: frozenset[str]) -> frozenset[str]:
    return frozenset(_DIGIT.sub("0", code) for code in codes if _LETTER.search(code) and _DIGIT.search(code))


def _filled(slots: tuple[Slot, ...], runs: Runs, *, whole: bool) -> dict[int, tuple[tuple[str, ...], Slot]]:
    """By place of the slot: the device's words that fill it.

    whole: nothing when a required slot (a version aside) is missing, or when there is none.
    """
    filled: dict[int, tuple[tuple[str, ...], Slot]] = {}
    at, asked = 0, False
    while at < len(slots):
        words, length = _fills(slots, at, runs)
        needed = any(slot.required and not slot.version for slot in slots[at : at + length])
        if whole and needed and not words:
            return {}
        asked = asked or needed
        for place in range(at, at + length if words else at):
            filled[place] = (words, slots[place])
        at += length
    return {} if whole and not asked else filled


def _fills(slots: tuple[Slot, ...], at: int, runs: Runs) -> tuple[tuple[str, ...], int]:
    """The words for this slot, or for it and the next ones written as one (`EC 40` as `EC40`)."""
    slot = slots[at]
    found = slot.held_by(runs)
    if found is not None:
        if slot.all_of and found in slot.all_of:
            return tuple(word for part in slot.all_of for word in runs[part]), 1
        return runs[found], 1
    for length in (3, 2):
        if at + length <= len(slots):
            run = "".join(part.any_of[0] for part in slots[at : at + length])
            if run in runs:
                return runs[run], length
    return (), 1


def _same_version(pattern: Pattern, device: DeviceName) -> bool:
    asked = next((slot.version for slot in pattern.slots if slot.version), "")
    return not asked or not device.versions or any(_within(version, asked) for version in device.versions)


def line_of(version: str) -> str:
    """A version in a product's name stands for everything that begins so: `V6`, `8.0.x`."""
    return version if version.lower().endswith("x") else f"{version}.x"


def _within(version: str, line: str) -> bool:
    key = version_key(version)
    return any(interval.low <= key <= interval.high for interval in read_versions(line_of(line)).intervals)


def identifies_alone(slot: Slot) -> bool:
    """Whether this slot by itself may stand for its product: a longer code, or a word that is a name."""
    word = slot.any_of[0]
    if slot.code:
        return len(word) >= 5 or (word[0].isalpha() and len(word) >= 2)
    return len(word) >= 4 and word not in DESCRIBING
