"""Model names as they are compared: without the maker's name, revisions, accessories and punctuation.

Source of every rule: docs/domains/intake.md, "Models".
"""

from __future__ import annotations

import re

from pilothouse.kernel.text import ascii_fold, fold

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
_ACCESSORY = re.compile(r"\s+(?:w/|with\s|incl\.?\s|including\s|mit\s|avec\s|\+\s|c/w\s).*$", re.I)
_REVISION = re.compile(
    r"[\s,;/-]+(?:rev(?:ision)?|ver(?:sion)?|hw|gen(?:eration)?)\.?\s*[-:]?\s*[0-9a-z]{1,3}(?:\.[0-9]+)*\s*$",
    re.I,
)
_LABEL = re.compile(r"^\s*(?:model|mdl|modell|type|typ|ref|cat)(?:\s*(?:no|nr|number|#))?\s*[.:#]+\s*", re.I)
_PLACEHOLDERS = frozenset({"", "na", "n a", "none", "unknown", "unk", "tbd", "null", "other", "various", "generic", "misc", "not available", "x", "0"})  # fmt: skip


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
