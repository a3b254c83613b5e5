"""The rules of intake: what contradicts, what is a match, and the evidence in words. Pure; whose word counts: equipment.claims.

Source: the contracts of the command line (links, contradiction); figures: docs/domains/intake.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pilothouse.equipment.identifiers import one_slip

Decision = Literal["match", "review", "apart"]

MATCH_AT: Final = 0.95
"""From this probability a hospital lets a link happen unseen."""
REVIEW_AT: Final = 0.1
"""From this probability a person should look at the pair."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a pair compares: its first evidence, how special that is, and the level of each field.

    first: the strongest thing shared (`serial`, `mac`, `tag`, `uid`, `host`, `carried`: a host name with the
    other's tag, `numbered`: with its number alone; `serial slip`, `mac slip`, `tag slip`). short: a serial that others have by chance. crowd: other
    devices behind the same identifier, at least. near: how many keys are one slip away, about (of the serial, unless
    another slip is the first evidence). within: both rows of one file.
    """

    first: str
    short: bool
    crowd: int
    near: int
    within: bool
    levels: Mapping[str, str]

    @property
    def product(self) -> str:
        """How maker and model compare."""
        return self.levels["product"]


def read_pattern(signature: str, fields: Sequence[str]) -> Pattern:
    """A pattern from its signature in SQL: `first|short|crowd|near|within|` and one level for each field."""
    first, length, crowd, near, place, *levels = signature.split("|")
    return Pattern(
        first,
        length == "short",
        int(crowd),
        int(near),
        place == "within",
        dict(zip(fields, levels, strict=True)),
    )


_SERIAL_SHARED: Final = {
    "same model": (0.9995, 0.999), "similar model": (0.9995, 0.998), "same maker": (0.999, 0.99), "other model": (0.98, 0.6),
    "unknown": (0.995, 0.8), "other product": (0.9, 0.2), "other maker": (0.6, 0.01),
}  # fmt: skip
_OTHER_SHARED: Final = {"mac": 0.98, "tag": 0.98, "uid": 0.97, "host": 0.9, "carried": 0.85, "numbered": 0.6}
_SLIPPED: Final = {"serial slip": 0.6, "mac slip": 0.3, "tag slip": 0.05}
_SLIP_OF_PRODUCT: Final = {"same model": 1.0, "similar model": 1.0, "same maker": 0.6, "unknown": 0.8, "other model": 0.1, "other product": 0.1, "other maker": 0.02}  # fmt: skip
KNOWN_PRODUCT: Final = ("same model", "similar model")
HOST_CARRIES: Final = ("carried", "numbered")
"""A host name may carry the whole tag, or only its number, which other numbers resemble."""


def expectation(pattern: Pattern) -> float:
    """The share of pairs with this first evidence that are one device, before the lists at hand are asked.

    A serial is weighed together with the product: only within a maker is it meant to be unique, and slips are
    searched for within a maker, so that an equal maker is nothing to wonder at.
    """
    if pattern.first == "serial":
        share = _SERIAL_SHARED[pattern.product][pattern.short]
        makers_known = pattern.product in (*KNOWN_PRODUCT, "same maker")
        # One other maker of a long serial is more often another name of the same one.
        crowd = 0 if makers_known or (not pattern.short and pattern.crowd <= 1) else pattern.crowd
        return share / (1 + crowd)
    if pattern.first in _OTHER_SHARED:
        return _OTHER_SHARED[pattern.first] / (1 + pattern.crowd)
    share = _SLIPPED[pattern.first] / (pattern.near * (2 if pattern.short else 1))
    return share * _SLIP_OF_PRODUCT[pattern.product] if pattern.first == "serial slip" else share


def own_fields(pattern: Pattern) -> tuple[str, ...]:
    """The fields that the first evidence has already spoken for, and that must not count a second time."""
    if pattern.first in ("serial", "serial slip"):
        return ("serial", "product")
    return ("host",) if pattern.first in HOST_CARRIES else (pattern.first.removesuffix(" slip"),)


@dataclass(frozen=True, slots=True)
class Serial:
    """A normalised serial number with its maker's key; None: the row names no maker."""

    maker: str | None
    key: str


def contradict(left: Serial, right: Serial) -> bool:
    """Whether two serials cannot be of one device: of one maker, and more than one slip of the pen apart.

    An unknown maker may be the same one. Two makers' serials may both be true (a monitor and the computer in it).
    """
    if left.maker is not None and right.maker is not None and left.maker != right.maker:
        return False
    return left.key != right.key and not one_slip(left.key, right.key)


def decide(
    probability: float, *, contradicts: bool, without_serials: float, own: bool = False, doubted: bool = False
) -> Decision:
    """What becomes of a pair that was compared.

    A contradicting pair is never a match: it goes to review if a person would be surprised not to see it, that is
    if all else would have made it a match, or if the two rows share a MAC, tag or uid that is one device's `own`.
    A pair of nothing better than a serial that is `doubted`, since several devices of one list share it, is never one
    either.
    """
    if contradicts:
        return "review" if own or max(probability, without_serials) >= MATCH_AT else "apart"
    if probability >= MATCH_AT and not doubted:
        return "match"
    return "review" if probability >= REVIEW_AT else "apart"


_FOR_AND_AGAINST: Final = {
    ("serial", "same"): "same serial {serial}", ("serial", "slip"): "serials one slip apart: {lserial} / {rserial}", ("serial", "other"): "serials differ: {lserial} / {rserial}",
    ("mac", "same"): "same MAC", ("mac", "slip"): "MACs one slip apart", ("mac", "other"): "MACs differ",
    ("tag", "same"): "same tag {tag}", ("tag", "slip"): "tags one slip apart: {ltag} / {rtag}", ("tag", "other"): "tags differ: {ltag} / {rtag}",
    ("uid", "same"): "same uid",
    ("host", "same"): "same host name {host}", ("host", "carried"): "host name {host} carries the tag", ("host", "numbered"): "host name {host} carries the tag's number", ("host", "foreign"): "host name {host} carries another's tag", ("host", "other"): "host names differ",
    ("product", "same model"): "same model", ("product", "similar model"): "similar model: {lmodel} / {rmodel}", ("product", "same maker"): "same maker", ("product", "other model"): "models differ: {lmodel} / {rmodel}", ("product", "other product"): "models differ: {lmodel} / {rmodel}", ("product", "other maker"): "makers differ: {lmaker} / {rmaker}",
    ("ip", "same"): "same IP address", ("ip", "other"): "IP addresses differ",
    ("unit", "same"): "same unit", ("unit", "other"): "units differ", ("firmware", "same"): "same firmware", ("firmware", "other"): "firmware differs",
}  # fmt: skip


def words(pattern: Pattern, first_bits: float, bits: Mapping[str, float]) -> str:
    """The evidence as a sentence with braces where a row's own values go in.

    `for: same serial {serial} of the same model (+10.9); against: MACs differ (-2.1)`. A point doubles the odds.
    """
    told = [_first_words(pattern, first_bits)]
    told += [(f"{_FOR_AND_AGAINST[field, level]} ({_points(bits[field])})", bits[field]) for field, level in pattern.levels.items() if abs(bits.get(field, 0.0)) >= 0.5]  # fmt: skip
    spoke_for = [text for text, weight in told if weight >= 0]
    against = [text for text, weight in told if weight < 0]
    parts = [
        f"{side}: {', '.join(texts)}" for side, texts in (("for", spoke_for), ("against", against)) if texts
    ]
    return "; ".join(parts)


def _first_words(pattern: Pattern, bits: float) -> tuple[str, float]:
    """The first evidence, with what weakens it."""
    field = own_fields(pattern)[0]
    level = pattern.levels[field]
    text = _FOR_AND_AGAINST[field, level]
    if pattern.first in ("serial", "serial slip"):
        text += {"same model": ", same model", "similar model": ", similar model", "same maker": ", same maker", "unknown": "", "other model": " but models differ: {lmodel} / {rmodel}", "other product": " but models differ: {lmodel} / {rmodel}", "other maker": " but makers differ: {lmaker} / {rmaker}"}[pattern.product]  # fmt: skip
    if pattern.crowd:
        text += f", which {'a few' if pattern.crowd < 5 else 'many'} devices share"
    if pattern.near > 1 and pattern.first.endswith("slip"):
        text += f", with {'a few' if pattern.near < 5 else 'many'} others as near"
    return f"{text} ({_points(bits)})", bits


def _points(bits: float) -> str:
    return f"{bits:+.1f}".replace("-", "\N{MINUS SIGN}")
