"""Folding text so that spellings of the same word compare equal, and what a mistyped word was meant to be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "þ": "th", "Þ": "Th"})  # fmt: skip
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def ascii_fold(text: str) -> str:
    """The text in plain ASCII: accents dropped, ligatures spelt out, what has no counterpart removed.

    Needed before any byte-counting comparison (DuckDB's levenshtein counts bytes).
    """
    if text.isascii():
        return text
    spelt = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return spelt.encode("ascii", "ignore").decode("ascii")


def fold(text: str) -> str:
    """Lower-case ASCII words parted by single blanks: `" Dräger-Evita  V500 "` becomes `"drager evita v500"`."""
    return _NOT_WORD.sub(" ", ascii_fold(text).lower()).strip()


def squash(text: str) -> str:
    """Like `fold` without the blanks: only letters and digits stay."""
    return _NOT_WORD.sub("", ascii_fold(text).lower())


def near_it(word: str, known: Iterable[str]) -> str:
    """`; near it: serial, model`: at most three known words that resemble a mistyped one, or nothing."""
    by_folded = {one.casefold(): one for one in sorted(known)}
    near = get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.5)
    return f"; near it: {', '.join(by_folded[folded] for folded in near)}" if near else ""


def plain_name(name: str, most: int = 200) -> str:
    """The end of a file's name as somebody sent it, without what no database takes; `file` where nothing is left."""
    return "".join(c for c in name if c.isprintable())[-most:] or "file"
