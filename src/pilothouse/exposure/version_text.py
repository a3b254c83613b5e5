"""What an advisory's version text names, as intervals of version keys, and what of it cannot be read.

`vers:` ranges, their look-alikes, comparators, lists and prose come here; what is not a version is never
guessed at: it stays `unclear`, and a device that depends on it is possibly affected.
Source: docs/domains/exposure.md, "Version texts" (the shapes measured over every CISA advisory).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pilothouse.exposure.words import singular
from pilothouse.kernel.text import ascii_fold
from pilothouse.kernel.versions import (
    is_known_version,
    is_line,
    line_bounds,
    scheme,
    version_key,
    version_tokens,
)

HIGHEST: Final = "~"  # sorts after every key
MODELS: Final = "model"
"""The scheme of literals that are model numbers: no firmware version can be set against them."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Versions between two keys. words: how a person says it (`versions up to 9.33`)."""

    low: str
    high: str
    low_open: bool
    high_open: bool
    scheme: str
    words: str
    low_text: str = ""
    high_text: str = ""


@dataclass(frozen=True, slots=True)
class VersionSet:
    """The versions one leaf names.

    everything: every version. unclear: parts that cannot be read as versions. literals: texts named one by one,
    which may be models rather than versions. condition: what else must hold (an operating system, an option), in
    the advisory's words. terms: hardware model numbers of which the device must carry one. cves: when not
    empty, the only vulnerabilities this leaf is named for. module: versions of a part inside the device, named
    in a bracket, with the words that name the part.
    """

    text: str
    everything: bool = False
    intervals: tuple[Interval, ...] = ()
    unclear: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    condition: str = ""
    terms: tuple[str, ...] = ()
    cves: frozenset[str] = frozenset()
    module: tuple[Interval, ...] = ()
    module_words: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether a known version can be answered with more than `possible`."""
        return self.everything or (bool(self.intervals) and not self.unclear)


_EVERYTHING: Final = frozenset({"", "*", "all", "any", "all versions", "all version", "vers:all", "vers:all/*", "-", "n/a"})  # fmt: skip
_DATE = re.compile(r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b|\bdistributed\b|\bshipped\b|\bmanufactured\b|\bproduction date\b|\bserial n", re.I)  # fmt: skip
_REMARK = re.compile(r"end[- ]of[- ]life|formerly|former\b|\baka\b|integrated into|these products|removed from|including|series|replaced by|^global$|^u\.?s\.?$|standard|\ball editions\b|^build nr|\beol\b|^rev\.? \w+$", re.I)  # fmt: skip
_CVES = re.compile(r"CVE-\d{4}-\d{4,}", re.I)
_BRACKET = re.compile(r"(?<![A-Za-z0-9])\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)?")
_PERHAPS = re.compile(r"\([^()]*(?:\|?possibly|may also)[^()]*\)", re.I)
_BUILD = re.compile(r"\((build [\w.]+)\)", re.I)
_COMMIT = re.compile(r"(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}")
_MODULE = re.compile(r"^(?:with\s+|including\s+)?((?:[a-z][a-z-]*\s+)+)\(?(?=[v<>=]*\s*\d)", re.I)
_MODEL = re.compile(r",?\s*\bmodels?\s+(?:number\s+)?([A-Z0-9][\w-]*)", re.I)
_CONDITION = re.compile(
    r"(?:(?<=\s)|^)(?:running on|installed on|when |where |only |if |except |without |with |for |using |utilizes |on (?=[A-Z])|in (?:non-)?default|including affected|that do).*$",
    re.I,
)
_TO_SYMBOLS: Final = (
    (re.compile(r"≤|=<"), "<="),
    (re.compile(r"≥|=>"), ">="),
    (re.compile(r"\b(?:(?:all )?versions? )?(?:between|from)\s+(\S+)\s*(?:\((?:including|inclusive)\))?\s+(?:and|to|through)\s+(\S+)\s*\((?:excluding|exclusive)\)", re.I), r">=\1|<\2"),
    (re.compile(r"(\S+)\s*\(including\)\s*and\s*(\S+)\s*\(excluding\)", re.I), r">=\1|<\2"),
    (re.compile(r"\bup to,? and including\b|\bup to\b|\bno later than\b", re.I), "<="),
    (re.compile(r"\b(?:prior to|before|earlier than|older than|less than|below)\s+(?=[v\d])", re.I), "<"),
    (re.compile(r"\b(?:from|starting with|since)\s+(?=[v\d])", re.I), ">="),
    (re.compile(r"[\s,(]*\b(?:and|or)\s+possibly\b.*$", re.I), "|possibly other versions"),
    (re.compile(r"([\w.()-]+)\s*(?:,|and|or)?\s*\b(?:all\s+)?(?:prior|earlier|below|older|lower|previous)(?: versions?)?(?=$|[\s|,)])", re.I), r"<=\1"),
    (re.compile(r"([\w.()-]+)\s*(?:,|and|or)\s+(?:later|newer|above|higher|up)(?: versions?)?(?=$|[\s|,)])", re.I), r">=\1"),
    (re.compile(r"([\w.]+)\s+(?:through|thru|until|to)\s+(?=[vr]?\d|[A-Z]\b)", re.I), r">=\1|<="),
    (re.compile(r"([\w.]*\d)(?:\s+-\s*|\s*-\s+)(?=[vr]?\d)", re.I), r">=\1|<="),
    (re.compile(r"^[^<>=|]*\bversions?\s+(?=[<>=]*\s*v?\d)", re.I), ""),
)  # fmt: skip
_LETTERS = re.compile(r"^(?:rev(?:ision)?\.?\s+)?([a-z])\s*[-–]\s*([a-z])$", re.I)
_SPACED_LIST = re.compile(
    r"^\(?(?:releases?|versions?)?\s*((?:v?\d+(?:\.\d+)+\s+)+v?\d+(?:\.\d+)+)\)?$", re.I
)
_PIECE = re.compile(r"(<=|>=|<>|!=|<|>|=)?\s*([^|<>=!]+)")
_KNOWN_WORDS: Final = frozenset(["version", "versions", "release", "rev", "revision", "build", "service", "pack", "update", "upd", "hotfix", "hf", "patch", "firmware", "fw", "software", "sw", "hw", "bios", "sp", "mp", "cu", "fp", "edition", "nd", "rd", "st", "th", "major", "minor", "maintenance", "main", "kit", "hotfixrev", "level", "image", "branch", "stable", "beta", "alpha"])  # fmt: skip
_FILE_NAME = re.compile(r"^[\w.+/-]*\d[\w.+/-]*$")
_LOWER: Final = frozenset({">", ">="})
_UPPER: Final = frozenset({"<", "<="})


_ONE_BOUND = re.compile(r"\s*(?:vers:[a-z]*/\s*)?(?:\*|[<>]=?)(?!.*model)[^|(<>=]*", re.I)


def is_one_bound(text: str) -> bool:
    """Whether a version text is `vers:all/*` or one comparator: it lists no model and names no part."""
    return _ONE_BOUND.fullmatch(text) is not None


@lru_cache(maxsize=50_000)
def read_versions(text: str) -> VersionSet:
    """The versions that one version text names. Never fails: what cannot be read is `unclear`."""
    plain, cves = _without_cves(_plain(text))
    plain, module, module_words, bracketed = _without_brackets(plain)
    plain, terms = _without_models(plain)
    plain, condition = _without_condition(plain)
    found = replace(
        VersionSet(text.strip()),
        cves=cves,
        terms=terms,
        module=module,
        module_words=module_words,
        condition="; ".join(part for part in (bracketed, condition) if part),
    )
    if any(part.casefold().strip(" ,.;") in _EVERYTHING for part in [p for p in plain.split("|") if p.strip()] or [plain]):  # fmt: skip
        return replace(found, everything=True)
    if _DATE.search(plain):
        return replace(found, unclear=(plain,))
    return _with_pieces(found, plain)


def _plain(text: str) -> str:
    plain = ascii_fold(text.replace("≤", "<=").replace("≥", ">=").replace("–", "-")).replace('"', " ")
    plain = re.sub(r"(?<=\w)_+(?=\w)|_+", " ", plain)
    plain = re.sub(r"vers:[a-z]*/(?!\*)", " ", plain, flags=re.I)
    plain = re.sub(r"^\s*all versions?(?= *[<>]| (?:prior|before|between|from|with|using|in|including|below))", " ", plain, flags=re.I)  # fmt: skip
    for pattern, symbol in _TO_SYMBOLS:
        plain = pattern.sub(symbol, plain)
    return re.sub(r"\s+", " ", plain).strip()


def _without_cves(text: str) -> tuple[str, frozenset[str]]:
    """`>= 2.8.1 (only affected by CVE-2019-10943)` is named for that vulnerability alone."""
    bracket = next((b for b in _BRACKET.finditer(text) if _CVES.search(b.group(1))), None)
    if bracket is None:
        return text, frozenset()
    cves = frozenset(cve.upper() for cve in _CVES.findall(bracket.group(1)))
    rest = text[: bracket.start()] + text[bracket.end() :]
    return rest.strip(), cves if re.search(r"\bonly\b", bracket.group(1), re.I) else frozenset()


def _without_brackets(text: str) -> tuple[str, tuple[Interval, ...], tuple[str, ...], str]:
    """Brackets hold remarks, which go; a part's versions; or conditions, which stay as such."""
    conditions: list[str] = []
    module: tuple[Interval, ...] = ()
    words: tuple[str, ...] = ()
    listed = _SPACED_LIST.match(text)
    if listed:
        return " | ".join(listed.group(1).split()), (), (), ""
    text = _BUILD.sub(r" \1", text)
    text = _PERHAPS.sub(" |possibly other versions", text)
    for bracket in list(_BRACKET.finditer(text)):
        inside = bracket.group(1).strip()
        named = _MODULE.match(inside)
        if named and not _REMARK.search(inside) and not _DATE.search(inside) and "exclud" not in inside:
            module = _with_pieces(VersionSet(""), inside[named.end() :].strip("() ")).intervals
            words = tuple(singular(word) for word in ascii_fold(named.group(1)).lower().split())
        alone = (
            text[: bracket.start()].rstrip().endswith("|")
        )  # a segment of its own speaks of other products
        if not _REMARK.search(inside) and not inside.isdigit() and not alone:
            conditions.append(inside)
    return _BRACKET.sub(" ", text).strip(), module, words, "; ".join(conditions)


def _without_models(text: str) -> tuple[str, tuple[str, ...]]:
    found = _MODEL.search(text)
    if not found or not any(letter.isdigit() for letter in found.group(1)):
        return text, ()
    return (text[: found.start()] + text[found.end() :]).strip(), (found.group(1),)


def _without_condition(text: str) -> tuple[str, str]:
    found = _CONDITION.search(text)
    if not found:
        return text, ""
    rest = text[: found.start()].strip(" ,;|")
    # `< with U-Boot V2016`: the operator belongs to the version behind the condition, so nothing can be read.
    return (text, "") if rest in ("<", "<=", ">", ">=") else (rest, found.group().strip())


def _with_pieces(found: VersionSet, plain: str) -> VersionSet:
    """Reads comparators, lists and wildcards; a lower bound is closed by the upper bound that follows it."""
    intervals: list[Interval] = []
    literals: list[str] = []
    unclear: list[str] = []
    opened: tuple[str, str] | None = None
    for segment in plain.split("|"):
        before: str | None = None  # a bare version in this segment: `A10 < A11` begins at A10
        for operator, version in _pieces(segment):
            if not _is_version(version):
                (literals if not operator else unclear).append(version)
                continue
            if operator in _LOWER:
                intervals.extend(_lower_alone(opened))
                opened = (operator, version)
            elif operator in _UPPER:
                if opened is None and before is not None:
                    opened = (">=", before)
                    intervals.pop()
                    literals.pop()
                intervals.append(_between(opened, (operator, version)))
                opened = None
            elif operator in ("!=", "<>"):
                unclear.append(f"not {version}")
            else:
                intervals.append(_single(version))
                literals.append(version)
                before = version
    intervals.extend(_lower_alone(opened))
    return _settled(found, intervals, literals, unclear)


def _pieces(segment: str) -> list[tuple[str, str]]:
    found = []
    for operator, version in _PIECE.findall(segment):
        for part in re.split(r"\s*,\s+|\s+and\s+|\s+or\s+|\s*&\s*|\s+/\s+", version.strip()):
            cleaned = part.strip(" ,;.\"'()[]{}")
            cleaned = re.sub(r"^(?:and|or)\b\s*|\s+(?:and|or)$", "", cleaned).strip()
            letters = _LETTERS.match(cleaned)
            if letters and not operator:
                found += [(">=", letters.group(1)), ("<=", letters.group(2))]
            elif cleaned:
                found.append((operator, cleaned))
    return found


def _is_version(text: str) -> bool:
    if is_line(text):
        return True
    if _COMMIT.fullmatch(text.lower()):
        return False
    if not is_known_version(text):
        return bool(re.fullmatch(r"v?0+(?:\.0+)*", text, re.I))
    if _FILE_NAME.match(text) and " " not in text and "/" not in text.strip("/"):
        return True
    words = [
        word for word in version_tokens(text) if word.isalpha() and len(word) > 3 and word not in _KNOWN_WORDS
    ]
    return len(words) <= 1 and len(text.split()) <= 8 and not (words and not any(c.isdigit() for c in text))


def _single(version: str) -> Interval:
    if _is_revision(version):
        low, high = line_bounds(version)
        return Interval(low, high, False, False, scheme(version), f"versions {version}", version, version)
    key = version_key(version)
    return Interval(key, key, False, False, scheme(version), f"version {version}", version, version)


def _is_revision(version: str) -> bool:
    """A wildcard, or a revision letter that stands alone: both name everything that begins so."""
    return is_line(version) or (scheme(version) == "@" and len(version_tokens(version)) == 1)


def _between(low: tuple[str, str] | None, high: tuple[str, str]) -> Interval:
    operator, version = high
    if _is_revision(version):
        first, last = line_bounds(version)
        top, top_open = (last, False) if operator == "<=" else (first, True)
    else:
        top, top_open = version_key(version), operator == "<"
    word = "versions up to" if operator == "<=" else "versions before"
    if low is None:
        return Interval("", top, False, top_open, scheme(version), f"{word} {version}", "", version)
    bottom = line_bounds(low[1])[0] if is_line(low[1]) else version_key(low[1])
    words = (
        f"versions {low[1]} to {version}"
        if operator == "<="
        else f"versions from {low[1]} to before {version}"
    )
    return Interval(bottom, top, low[0] == ">", top_open, scheme(version), words, low[1], version)


def _lower_alone(opened: tuple[str, str] | None) -> list[Interval]:
    if opened is None:
        return []
    operator, version = opened
    bottom = line_bounds(version)[0] if is_line(version) else version_key(version)
    words = f"versions from {version}" if operator == ">=" else f"versions after {version}"
    return [Interval(bottom, HIGHEST, operator == ">", False, scheme(version), words, version, "")]


def _settled(
    found: VersionSet, intervals: list[Interval], literals: list[str], unclear: list[str]
) -> VersionSet:
    """Literals that are no versions leave the set unclear; a list of model numbers compares with no firmware."""
    words = [literal for literal in literals if not _is_version(literal)]
    unclear = unclear + words
    if (
        literals
        and len(literals) == len(intervals) + len(words)
        and all(_is_model(literal) for literal in literals)
    ):
        intervals = [replace(interval, scheme=MODELS) for interval in intervals]
    if not intervals and not unclear:
        unclear = [found.text]
    return replace(found, intervals=tuple(intervals), literals=tuple(literals), unclear=tuple(unclear))


def _is_model(literal: str) -> bool:
    """A bare number from 100 on, or letters, a dash and a number (`MMT-1710`, `24950`), is no firmware version."""
    return bool(re.fullmatch(r"\d{3,}[a-z]?|[a-z]{2,}-\d{3,}\w*|[a-z]\d{4,}", literal.split()[0], re.I)) and not re.fullmatch(r"(?:19|20)\d\d", literal.split()[0])  # fmt: skip
