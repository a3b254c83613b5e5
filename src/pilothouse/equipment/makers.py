"""Who made it: every spelling, legal form and former name of a maker brought to one key.

Only confirmed names are joined (names.csv): a spelling that merely resembles a maker's stays another maker.
Source: docs/domains/exposure.md, "Makers".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from pilothouse.imports.contracts import NAMES
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.text import fold

LEGAL_FORMS: Final = frozenset(["ab", "ag", "aps", "aktiengesellschaft", "as", "asa", "asd", "bv", "co", "company", "corp", "corporation", "cv", "ev", "gmbh", "inc", "incorporated", "kg", "kgaa", "kft", "kk", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv", "oao", "ooo", "oy", "oyj", "plc", "pte", "pty", "pvt", "sa", "sarl", "sas", "se", "sl", "spa", "spol", "spzoo", "srl", "sro", "uab", "zrt"])  # fmt: skip
TRADES: Final = frozenset({"america", "americas", "automation", "biomedical", "building", "cardiology", "care", "clinical", "data", "deutschland", "device", "devices", "diagnostics", "electric", "electronics", "engineering", "equipment", "europe", "france", "global", "group", "health", "healthcare", "healthineers", "holding", "holdings", "iberia", "imaging", "industries", "informatics", "information", "instrument", "instruments", "international", "italia", "lab", "laboratories", "labs", "management", "manufacturing", "medical", "medizin", "medizintechnik", "medtech", "monitoring", "nederland", "network", "networks", "neurology", "north", "pharmaceutical", "pharmaceuticals", "products", "respiratory", "service", "services", "shenzhen", "software", "solutions", "surgical", "systeme", "systems", "tech", "technologies", "technology", "uk", "ultrasound", "us", "usa"})  # fmt: skip
"""Words after a maker's name that name its trade or its place, not another maker."""
PLACES: Final = frozenset({"beijing", "guangzhou", "hangzhou", "nanjing", "qinhuangdao", "shanghai", "shenzhen", "suzhou", "wuhan", "zhejiang"})  # fmt: skip
"""Places that stand before the name in the full names of Chinese makers."""

_LEADING_FORMS: Final = frozenset({"oao", "ooo", "pt", "uab"})
"""Legal forms that stand before the name."""
_SHORT_LEADS: Final = frozenset({"bd", "ge"})
"""Short names that begin no other maker's: `GE Vingmed`."""
_SHORTEST_LEAD = 4
_MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf\u0152-\u2122]")
_BRACKETED = re.compile(r"\s*\([^)]*\)")
_INITIALS = re.compile(r"\b([a-z]) (?=[a-z]\b)")
_PARTED = re.compile(
    r"\s*(?:,?\s*\(?(?:a\s+)?(?:subsidiary|division|part|brand|company)\s+of\s+|\s+by\s+|,?\s+and\s+|,|;|/|\s&\s|\s\+\s)\s*",
    re.IGNORECASE,
)
_NOBODY: Final = frozenset({"", "n a", "na", "none", "null", "unknown", "unk", "other", "various", "generic", "misc", "tbd", "not available", "not specified"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """One confirmed name: that `seen` means `means`, or that it does not. A line of a names file."""

    kind: Literal["maker", "product"]
    seen: str
    means: str
    decision: Literal["same", "different"]
    by: str
    on: str


def read_names(lines: Iterable[str], file: str) -> list[Name]:
    """The confirmed names of one file in the contract's columns `kind,seen,means,decision,by,on`.

    Raises UnreadableInput with the line that is wrong and what would be right.
    """
    reader = csv.DictReader(lines)
    header = tuple(reader.fieldnames or ())
    if not set(NAMES.columns[:4]) <= set(header):
        raise UnreadableInput(f"{file}: a names file has the columns {', '.join(NAMES.columns)}; this one has {', '.join(header) or 'none'}.")  # fmt: skip
    return [_name(record, f"{file}, line {reader.line_num}") for record in reader if any(record.values())]


def _name(record: dict[str, str | None], place: str) -> Name:
    value = {column: (record.get(column) or "").strip() for column in NAMES.columns}
    if value["kind"] not in ("maker", "product"):
        raise UnreadableInput(f"{place}: kind is {value['kind']!r}; it should be maker or product.")
    if value["decision"] not in ("same", "different"):
        raise UnreadableInput(f"{place}: decision is {value['decision']!r}; it should be same or different.")
    if not value["seen"] or not value["means"]:
        raise UnreadableInput(f"{place}: both seen and means must be filled.")
    return Name(**value)  # type: ignore[arg-type]  # kind and decision were checked above


def load_names(extra: Path | None = None) -> list[Name]:
    """The shipped names, then one's own, which win."""
    names = [*_shipped()]
    if extra is None:
        return names
    try:
        with extra.open(encoding="utf-8-sig", newline="") as lines:
            return names + read_names(lines, str(extra))
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            f"{extra}: the names file is not in UTF-8 ({error}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise UnreadableInput(f"{extra}: the names file cannot be read ({error.strerror})") from error


@cache
def _shipped() -> tuple[Name, ...]:
    with files("pilothouse.equipment").joinpath("names.csv").open(encoding="utf-8") as lines:
        return tuple(read_names(lines, "names.csv"))


@dataclass(slots=True)
class MakerNames:
    """The memory of makers' names: from any spelling to one key such as `philips` or `becton dickinson`."""

    _means: dict[str, str] = field(default_factory=dict)
    _apart: set[tuple[str, str]] = field(default_factory=set)
    _known: dict[str, str | None] = field(default_factory=dict)
    _firsts: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, extra: Path | None = None) -> MakerNames:
        """The shipped names and, when given, one's own file. Raises UnreadableInput."""
        return cls.of(load_names(extra))

    @classmethod
    def of(cls, names: Iterable[Name]) -> MakerNames:
        """From confirmed names; the later of two decisions about one pair of names counts."""
        memory = cls()
        for name in names:
            if name.kind == "maker":
                memory._remember(name)
        return memory

    def resolve(self, text: str | None) -> str | None:
        """The maker's key, or None when the text names nobody (`N/A`, blank)."""
        if text is None:
            return None
        if text not in self._known:
            self._known[text] = self._resolve(text)
        return self._known[text]

    def named(self, text: str) -> str | None:
        """The maker's key only when exactly this name is confirmed: what stands in front of a product, say."""
        core = _core(text)
        return self._follow(core) if core in self._means else None

    def begin_with(self, word: str) -> bool:
        """Whether any confirmed name begins with this word."""
        return word in self._firsts

    def are_apart(self, text: str, key: str) -> bool:
        """Whether it was decided that this name is not that maker."""
        return (fold(text), key) in self._apart

    def resolve_all(self, text: str | None) -> tuple[str, ...]:
        """The keys of everyone a text names: `Silex Technology and GE Healthcare` names two.

        A name that is confirmed as a whole (`Johnson & Johnson`) is never taken apart.
        """
        if text is None:
            return ()
        whole = self.resolve(text)
        if whole is None or self._confirmed(text):
            return () if whole is None else (whole,)
        parts = [part for part in _PARTED.split(_unbroken(text)) if not _is_legal_form(part)]
        keys = dict.fromkeys(key for part in parts if (key := self.resolve(part)))
        return tuple(keys) if len(keys) > 1 or any(self._confirmed(part) for part in parts) else (whole,)

    def _remember(self, name: Name) -> None:
        seen, means = _core(name.seen), fold(name.means)
        if name.decision == "different":
            self._apart.add((fold(name.seen), means))
            return
        self._apart.discard((fold(name.seen), means))
        if seen != means:
            self._means[seen] = means
        self._means.setdefault(means, means)
        self._firsts.update((seen.partition(" ")[0], means.partition(" ")[0]))

    def _resolve(self, text: str) -> str | None:
        core = _core(text)
        if core in _NOBODY:
            return None
        own = core
        for own in _spellings(core):
            if own in self._means:
                found = self._follow(own)
                return core if (fold(text), found) in self._apart else found
        found = self._led_by(core) or own
        return core if (fold(text), found) in self._apart else found

    def _led_by(self, core: str) -> str | None:
        """A maker whose present name, or a confirmed name of two words and more, begins this one.

        `philips medizin systeme boeblingen`, `welch allyn protocol`.
        """
        words = core.split()
        for count in range(len(words) - 1, 0, -1):
            lead = " ".join(words[:count])
            present = self._means.get(lead) == lead and len(lead) >= _SHORTEST_LEAD
            if present or lead in _SHORT_LEADS or (count > 1 and lead in self._means):
                return self._follow(lead)
        return None

    def _confirmed(self, text: str) -> bool:
        return any(spelling in self._means for spelling in _spellings(_core(text)))

    def _follow(self, key: str) -> str:
        """Through every acquisition to the present name; a circle of names ends where it began."""
        met = {key}
        while True:
            following = self._means.get(key, key)
            if following in met or (key, following) in self._apart:
                return key
            met.add(following)
            key = following


def maker_words(text: str) -> frozenset[str]:
    """The words of a maker's name that may also stand in front of its products."""
    return frozenset(_core(text).split())


def repaired(text: str) -> str:
    """UTF-8 that was once read as a one-byte encoding, read right: `YhtymÃ¤` becomes `Yhtymä`."""
    if not _MOJIBAKE.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


@cache
def _core(text: str) -> str:
    """Folded, without brackets and without legal forms: `Becton, Dickinson and Company (BD)` -> `becton dickinson`."""
    words = fold(_BRACKETED.sub("", _unbroken(text)))
    kept = [word for word in _INITIALS.sub(r"\1", words).split() if word != "and"]
    while len(kept) > 1 and kept[-1] in LEGAL_FORMS:
        kept.pop()
    while len(kept) > 1 and (kept[0] in PLACES or kept[0] in _LEADING_FORMS):
        kept.pop(0)
    return " ".join(kept)


def _unbroken(text: str) -> str:
    return repaired(text).replace("\u2019", "'").replace("'s ", " ")


def _spellings(core: str) -> Iterator[str]:
    """The name itself, then without the words of its trade, from behind, while anything is left."""
    words = core.split()
    yield core
    while len(words) > 1 and (words[-1] in TRADES or words[-1] in LEGAL_FORMS or words[-1].isdigit()):
        words.pop()
        yield " ".join(words)


def _is_legal_form(part: str) -> bool:
    return all(word in LEGAL_FORMS or word == "and" for word in fold(part).split())
