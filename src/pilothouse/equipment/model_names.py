"""Model names as they are compared: without the maker's name, revisions, accessories and punctuation.

Source of every rule: docs/domains/intake.md, "Models".
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from pilothouse.equipment.makers import LEGAL_FORMS, TRADES
from pilothouse.kernel.text import ascii_fold, fold

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
_ACCESSORY = re.compile(r"\s+(?:w/|with\s|incl\.?\s|including\s|mit\s|avec\s|\+\s|c/w\s).*$", re.I)
_REVISION = re.compile(
    r"[\s,;/-]+(?:rev(?:ision)?|ver(?:sion)?|hw|gen(?:eration)?)\.?\s*[-:]?\s*[0-9a-z]{1,3}(?:\.[0-9]+)*\s*$",
    re.I,
)
_LABEL = re.compile(r"^\s*(?:model|mdl|modell|type|typ|ref|cat)(?:\s*(?:no|nr|number|#))?\s*[.:#]+\s*", re.I)
_PLACEHOLDERS = frozenset({"", "na", "n a", "none", "unknown", "unk", "tbd", "null", "other", "various", "generic", "misc", "not available", "x", "0"})  # fmt: skip
_DIGITS = re.compile(r"\d+")
_ALIKE = 0.8
"""Share of letters in common, in order, from which two names with the same digits are similar."""


def read_model(text: str | None, maker: str | None = None, maker_text: str | None = None) -> str:
    """A key that spellings of one model share; empty if the text names none.

    `"Philips IntelliVue MX-800 (with stand) Rev. B"` of Philips becomes `"intellivuemx800"`.
    maker: the maker's canonical key; maker_text: the maker as the row spells it; words of both are left out
    unless nothing else remains.
    """
    if text is None or not text.strip():
        return ""
    plain = _LABEL.sub("", ascii_fold(text))
    for noise in (_BRACKETED, _ACCESSORY, _REVISION):
        shorter = noise.sub(" ", plain)
        plain = shorter if shorter.strip() else plain
    words = fold(plain)
    if words in _PLACEHOLDERS:
        return ""
    makers = {*fold(maker or "").split(), *fold(maker_text or "").split()}
    own = [word for word in words.split() if word not in makers]
    return "".join(own) or words.replace(" ", "")


@lru_cache(4_096)
def product_called(maker: str, model: str) -> str:
    """Maker and model together as people say them: a word of the maker that the model begins with is not said twice.

    `BD` and `BD Pyxis` are `BD Pyxis`, `Philips Healthcare` and `Philips V60` are `Philips V60`, `BD Alaris` and `Alaris 8015` are
    `BD Alaris 8015`. Words of the maker's trade or legal form are let go only where its name stands in the model.
    """
    words, begins = maker.split(), fold(model)
    if not words or not begins:
        return f"{maker} {model}".strip()
    core = list(words)
    while len(core) > 1 and {*fold(core[-1]).split()} <= LEGAL_FORMS | TRADES:
        core.pop()
    for lead in (words, core):
        for start in range(len(lead)):
            said = fold(" ".join(lead[start:]))
            if said and f"{begins} ".startswith(f"{said} "):
                return " ".join([*lead[:start], model.strip()])
    return f"{maker.strip()} {model.strip()}"


def is_similar_model(left: str, right: str) -> bool:
    """Whether two unequal model keys may well be one model said more and less fully.

    One contains the other (`"mx800"`, `"intellivuemx800"`), or their digits agree and their letters nearly do.
    `"mx700"` and `"mx800"` are not similar: digits tell models apart.
    """
    short, long = sorted((left, right), key=len)
    if len(short) >= 2 and short in long:
        return not _cuts_a_number(short, long)
    if _DIGITS.findall(left) != _DIGITS.findall(right):
        return False
    return SequenceMatcher(None, left, right, autojunk=False).ratio() >= _ALIKE


def _cuts_a_number(short: str, long: str) -> bool:
    """Whether the shorter key stands in the longer only as a part of a number (`mx80` in `mx800`)."""
    start = long.index(short)
    before, after = long[start - 1 : start], long[start + len(short) : start + len(short) + 1]
    return (short[0].isdigit() and before.isdigit()) or (short[-1].isdigit() and after.isdigit())
