"""Folding text so that spellings of the same word compare equal."""

from __future__ import annotations

import re
import unicodedata

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
