"""The linker's evidence for one pair as a picture: what was compared, and how far each field moved the answer."""

from __future__ import annotations

import json
from math import log2
from typing import Final, Literal

from pilothouse.core.waterfall import Compared, Fall, fall
from pilothouse.equipment.fields import BY_NAME
from pilothouse.intake.models import Pair
from pilothouse.intake.reviewing import Weight, weights
from pilothouse.intake.rules import MATCH_AT

_TOLD_BY: Final = (
    ("host name", "host"), ("serial", "serial"), ("mac", "mac"), ("tag", "tag"), ("uid", "uid"), ("ip address", "ip"), ("maker", "maker"),
    ("model", "model"), ("unit", "unit"), ("firmware", "firmware"),
)  # fmt: skip
"""Words of the evidence and the field they speak of; the first that fits counts."""


def picture(pair: Pair) -> Fall:
    """From the odds before looking to the answer. What the linker said before it weighed fields is the remainder."""
    left, right = json.loads(pair.left.doc), json.loads(pair.right.doc)
    told = [one for one in weights(pair.evidence) if one.bits]
    compared = [_compared(one, left, right) for one in told]
    probability = min(max(pair.probability, 1e-6), 1 - 1e-6)
    prior = log2(probability / (1 - probability)) - sum(one.bits for one in told)
    share = 1 / (1 + 2**-prior)
    return fall(
        pair.left.source.name,
        pair.right.source.name,
        prior,
        compared,
        prior_words=_odds(share),
        answer_words=f"{100 * pair.probability:.1f} % that both are one device",
    )


def _odds(share: float) -> str:
    return (
        f"1 pair in {round(1 / share):,} is one device" if share < 0.5 else "more often one device than not"
    )


def _compared(one: Weight, left: dict[str, str], right: dict[str, str]) -> Compared:
    low = one.words.lower()
    field = next((field for word, field in _TOLD_BY if word in low), "")
    ours, theirs = left.get(field, ""), right.get(field, "")
    label = BY_NAME[field].label if field else one.words
    return Compared(label, ours, theirs, one.bits, _alike(one, ours, theirs))


def _alike(one: Weight, left: str, right: str) -> Literal["same", "near", "differs", ""]:
    if left and left == right:
        return "same"
    return "near" if one.bits >= 0 else "differs"


def why_asked(pair: Pair) -> str:
    """What of the evidence makes this a question, in words."""
    against = [one.words for one in weights(pair.evidence) if one.bits < 0]
    plain = [one.words for one in weights(pair.evidence) if not one.bits]
    if plain:
        return "; ".join(plain)
    if against:
        return f"Something speaks against it: {', '.join(against)}."
    if pair.probability >= MATCH_AT:
        return "Both records are devices of their own by now, and only a person joins two devices that are there."
    return "What speaks for it is not enough to join them unseen."
