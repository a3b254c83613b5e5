"""When two spellings of an identifier are the same, slowly and obviously: the demo's own judge of its truth."""

from __future__ import annotations

import re
from itertools import pairwise


def parts(cell: str | list[str] | None) -> list[str]:
    """The values of a cell that may hold several: a list, a JSON list, or text with separators."""
    if not cell:
        return []
    if isinstance(cell, list):
        return cell
    return [part for part in re.split(r"[\[\]\",;/\s]+", cell) if part]


def plain(text: str) -> str:
    """A serial or tag without prefix, punctuation, case and leading zeros, O read as 0."""
    letters = re.sub(r"[^A-Z0-9]", "", text.upper())
    letters = re.sub(r"^(SERIAL|SER|SN)(?=.)", "", letters)
    return letters.replace("O", "0").lstrip("0")


def spellings(cell: str | list[str] | None) -> set[str]:
    """Every reading of a cell: each value it may hold, and all of it as one."""
    whole = cell if isinstance(cell, str) else ""
    pieces = [*parts(cell), whole, re.sub(r"(?i)^\s*(s/n|sn|ser#?)[:\s]*", "", whole)]
    pieces += [a + b for a, b in pairwise(parts(cell))]
    return {plain(piece) for piece in pieces if plain(piece)}


def hex_digits(cell: str | list[str] | None) -> set[str]:
    """The addresses in a cell, as twelve hex digits each."""
    text = " ".join(cell) if isinstance(cell, list) else cell or ""
    return {
        re.sub(r"[^0-9A-F]", "", found.upper())
        for found in re.findall(r"(?:[0-9A-Fa-f]{2}[:.-]?){5}[0-9A-Fa-f]{2}", text)
    }


def is_one_slip(left: str, right: str) -> bool:
    """Whether one sign more, less, other or swapped with its neighbour makes one text the other."""
    if left == right:
        return False
    short, long = sorted((left, right), key=len)
    if len(short) == len(long):
        wrong = [at for at in range(len(left)) if left[at] != right[at]]
        swapped = (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and left[wrong[0]] == right[wrong[1]]
            and left[wrong[1]] == right[wrong[0]]
        )
        return len(wrong) == 1 or swapped
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
