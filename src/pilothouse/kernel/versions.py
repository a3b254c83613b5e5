"""The order of medical firmware versions as keys: comparing two keys as text compares the versions.

A version is read as runs of digits and runs of letters; everything else only parts them. Numbers compare as
numbers (`SP10` after `SP2`, `B.06.18` after `B.06.9`), zeros that pad a version say nothing (`05.02.00` is `5.2`),
words of a pre-release come before the release (`1.0rc1` before `1.0`), any other word after it and before the next
number (`2.8.123e` between `2.8.123` and `2.8.124`). Letters are never dropped.

Keys are plain ASCII, so that Python, DuckDB (binary collation) and Arrow order them alike.
Source: docs/domains/exposure.md, "The order of versions"; its test set is tests/exposure/cases/version_order.csv.
"""

from __future__ import annotations

import re
from typing import Final

from pilothouse.kernel.text import ascii_fold

_TOKEN = re.compile(r"[0-9]+|[a-z]+")
_LABEL = re.compile(
    r"^\W*(?:(?:firmware|software|fw|sw|version|versions|ver|vers|revision|release|rel|rev)\b\W*|(?:version|release|ver|rev|[vr])\.?\s*(?=\d))+"
)
_PRE_RELEASE: Final = {"dev": "0", "alpha": "1", "beta": "2", "milestone": "3", "pre": "4", "preview": "4", "prerelease": "4", "rc": "5", "cr": "5", "snapshot": "6"}  # fmt: skip
_PRE, _END, _WORD, _NUMBER = "1", "2", "3", "4"  # the order of what may stand at one position
_SYNONYMS: Final = (
    (re.compile(r"\bservice[\s_-]*pack\b|servicepack"), "sp"),
    (re.compile(r"(?<![a-z])(?:updates?|upd)(?![a-z])"), "update"),
    (re.compile(r"(?<![a-z])hot[\s_-]?fix(?![a-z])"), "hf"),
    (re.compile(r"(?<![a-z])feature[\s_-]*pack(?![a-z])"), "fp"),
)
_SIEMENS = re.compile(r"v[a-f]\d\d")
_TOP = "~"  # after every token
_LENGTHS = 90  # lengths of numbers are written in this base, so that keys of any length stay in order
_WILD = re.compile(r"[x*]+|[0-9]+[x*]+|[0-9]+|[a-z]+")
PLACEHOLDERS: Final = frozenset({"", "n a", "na", "none", "null", "nil", "unknown", "unk", "not known", "not available", "not applicable", "tbd", "tba", "various", "see label", "latest", "current", "0", "0 0", "0 0 0", "0 0 0 0", "x", "xx", "xxx"})  # fmt: skip
"""Folded texts that stand where a version is missing. A version of nothing but zeros is one of them."""


def version_key(text: str) -> str:
    """The key of one version; `""` when the text holds neither a digit nor a letter.

    Two versions are equal if and only if their keys are: `version_key("05.02.00") == version_key("v5.2")`.
    """
    tokens = version_tokens(text)
    return _encode(_without_padding(tokens)) + _END if tokens else ""


def version_tokens(text: str) -> list[str]:
    """The runs of digits and of letters, lower-case, labels such as `Version` or a `v` before a digit taken off."""
    return _TOKEN.findall(_bare(text))


def line_bounds(text: str) -> tuple[str, str]:
    """First and last key of a line of versions: `12.2.x`, `5.x.x`, `C.0x`, or `12.2` for everything that begins so.

    A trailing `x` or `*` stands for anything; a digit before it (`0x`) for the numbers that begin with it.
    """
    fixed, partial = _fixed_part(text)
    low_tokens = [*fixed, f"{partial}0"] if partial else fixed
    high_tokens = [*fixed, f"{partial}9"] if partial else fixed
    low = _encode(_without_padding(low_tokens)) + (_END if fixed or partial else "")
    return low, _encode(high_tokens) + _TOP


def is_line(text: str) -> bool:
    """Whether a version ends in a wildcard: `8.x`, `12.2.x.x`, `C.0x`, `9.*`."""
    pieces = _WILD.findall(_bare(text))
    return (
        len(pieces) > 1
        and pieces[-1][-1] in "x*"
        and any(piece.isdigit() or piece[0].isdigit() for piece in pieces)
    )


def scheme(text: str) -> str:
    """What a version must share with another to be compared with it.

    `9` for versions that begin with a number; `@` for a revision letter that stands alone (`K`, `B.06.18`);
    else the leading word itself (`vm` of `VM5.0`, `l` of `L81`): a letter stuck to its number names a series,
    and nothing says which of two series is newer. The leading pairs VA, VB, VC of Siemens Healthineers follow one
    another and count as one. `edition` for editions. Empty when there is no version.
    """
    bare = _bare(text)
    first = _TOKEN.search(bare)
    if first is None:
        return ""
    word = first.group()
    if _SIEMENS.match(bare):
        return "v"
    if word[0].isdigit():
        return "edition" if "edition" in bare else "9"
    followed_by_digit = bare[first.end() : first.end() + 1].isdigit()
    if len(word) == 1 and not followed_by_digit:
        return "@"
    return word


def is_known_version(text: str | None) -> bool:
    """Whether a text is a version at all: not missing, not a placeholder, and with a digit or a lone letter.

    `latest`, `see label` and a sentence without a number are not versions.
    """
    if text is None:
        return False
    tokens = version_tokens(text)
    folded = " ".join(_TOKEN.findall(ascii_fold(text).lower()))
    if not tokens or folded in PLACEHOLDERS or all(token.strip("0") == "" for token in tokens):
        return False
    return any(token.isdigit() for token in tokens) or (
        len(tokens) <= 2 and all(len(token) <= 2 for token in tokens)
    )


def _bare(text: str) -> str:
    bare = _LABEL.sub("", ascii_fold(text).lower(), count=1)
    if bare.replace(".", "").isdigit():
        return bare
    for pattern, short in _SYNONYMS:
        bare = pattern.sub(short, bare)
    return bare


def _fixed_part(text: str) -> tuple[list[str], str]:
    pieces: list[str] = _WILD.findall(_bare(text))
    while pieces and set(pieces[-1]) <= {"x", "*"}:
        pieces.pop()
    if pieces and pieces[-1][-1] in "x*" and pieces[-1][0].isdigit():
        return pieces[:-1], pieces[-1].rstrip("x*").lstrip("0") or "0"
    return pieces, ""


def _without_padding(tokens: list[str]) -> list[str]:
    """Without the zeros that end the version or a group of numbers before a word."""
    kept: list[str] = []
    for token in tokens:
        if not token.isdigit():
            while kept and kept[-1].strip("0") == "" and len(kept) > 1:
                kept.pop()
        kept.append(token)
    while len(kept) > 1 and kept[-1].strip("0") == "":
        kept.pop()
    return kept


def _encode(tokens: list[str]) -> str:
    return "".join(_encode_token(token) for token in tokens)


def _encode_token(token: str) -> str:
    if token.isdigit():
        digits = token.lstrip("0")
        times, rest = divmod(len(digits), _LENGTHS)
        return f"{_NUMBER}{'~' * times}{chr(33 + rest)}{digits}"
    rank = _PRE_RELEASE.get(token)
    return f"{_PRE}{rank}" if rank else f"{_WORD}{token} "
