"""Weighing patterns: a mixture fitted to all pairs at once, with Splink's estimates as what to expect.

Pairs of one pattern have one probability, and there are only some thousands of patterns, so fitting and weighing
cost nothing whatever the number of rows. Model and figures: docs/adr/0003-linking.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pilothouse.intake.estimation import FIELDS, Estimates
from pilothouse.intake.rules import HOST_CARRIES, KNOWN_PRODUCT, Pattern, expectation, own_fields

Floats = NDArray[np.float64]

EXPECTED_PAIRS: Final = 20.0
"""How many pairs an expectation is worth against what is counted: for the share of a class that is one device.

Of slips it is worth as many again as there are pairs: a pair with a slip that shares anything better belongs to that
class, and those that are left and say anything at all speak against themselves. So it is of a MAC that one device has:
that a list says little else of it is no doubt. What many share and what host names carry is learned to say less, never
more: of the pairs of a docking station's MAC no more than one in so many can be right.
"""
ESTIMATED_PAIRS: Final = 200.0
"""The same for Splink's m and u of a level."""
MOST_BITS: Final = 8.0
"""No single field beside the first evidence may move the odds by more than this power of two, either way."""
SLIP_BITS: Final = 3.0
"""A slip beside other evidence says little: what is bought together has neighbouring serials."""
AGREEMENTS: Final = ("same", "carried", "numbered", "same model", "similar model", "same maker")
"""Levels that never speak against a pair."""
CEILING: Final[Mapping[tuple[str, str], float]] = {
    ("serial", "other"): -5.0, ("tag", "other"): -3.0, ("mac", "other"): 0.0, ("host", "other"): 0.0, ("host", "foreign"): 0.0,
    ("ip", "other"): 0.0, ("unit", "other"): 0.0, ("firmware", "other"): 0.0, ("product", "other maker"): -2.0, ("product", "other model"): 0.0, ("product", "other product"): 0.0,
}  # fmt: skip
"""The most that a disagreement may say, in bits: never for a pair, and of serials, tags and makers always something
against it. A list in which many MACs have moved would else teach that devices of one MAC may well differ in serial."""
STEADY_PAIRS: Final = 1e9
"""What an expectation is worth where nothing can teach better: see `is_steady`."""
PASSING: Final = (("ip", "other"), ("host", "other"), ("unit", "other"), ("firmware", "other"))
"""What changes in the life of a device, and is written down anew in one list sooner than in the other."""
PASSING_BITS: Final = 0.3
"""The most each of them says against one MAC in lists too small to teach more: all four leave it a match."""
RAREST: Final = 1e-6
"""No level is rarer than this, since none is impossible."""
ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pattern with its weight of evidence: in bits, in all, of the first evidence, and of each other field."""

    pattern: Pattern
    total: float
    first: float
    fields: Mapping[str, float]


def is_steady(pattern: Pattern) -> bool:
    """Whether the first evidence alone makes one device of two rows: a long serial of no other product, or a MAC that no
    other device has.

    In lists too small for estimates a handful of pairs that say little else is no doubt about it.
    """
    if pattern.first == "serial":
        return not pattern.short and pattern.product in (*KNOWN_PRODUCT, "same maker", "unknown")
    return pattern.first == "mac" and not pattern.crowd


Class = tuple[str, str, bool, int, int, bool]


def class_of(pattern: Pattern) -> Class:
    """Patterns that share one prior share of true pairs: the same first evidence, as special."""
    product = pattern.product if "product" in own_fields(pattern) else ""
    short = pattern.short if pattern.first.startswith("serial") else False
    near = pattern.near if pattern.first.endswith("slip") else 0
    return pattern.first, product, short, pattern.crowd, near, pattern.within


def weigh(patterns: Sequence[Pattern], counts: Sequence[int], estimates: Estimates) -> list[Weighed]:
    """Fit the mixture to the patterns and their counts, and weigh each.

    By expectation maximisation: for each class of first evidence the share of pairs that are one device; for each
    field and level m, and u among those pairs of a kind of first evidence that are not. All are drawn towards what
    was expected, the more the fewer pairs there are.
    """
    if not patterns:
        return []
    fit = _Fit.of(patterns, np.asarray(counts, dtype=np.float64), estimates)
    for _ in range(ROUNDS):
        fit.learn(_sigmoid(fit.first_bits() + fit.field_bits().sum(axis=1)))
    first, fields = fit.first_bits(), fit.field_bits()
    return [
        Weighed(pattern, float(first[i] + fields[i].sum()), float(first[i]), {f: float(fields[i, j]) for j, f in enumerate(FIELDS)})
        for i, pattern in enumerate(patterns)
    ]  # fmt: skip


def _sigmoid(bits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -60, 60))), dtype=np.float64)


@dataclass(slots=True)
class _Fit:
    """The mixture: arrays over patterns (p), classes (c), kinds of first evidence (k), fields (f), levels (v)."""

    counts: Floats  # (p)
    classes: NDArray[np.int64]  # (p)
    kinds: NDArray[np.int64]  # (p)
    levels: NDArray[np.int64]  # (p, f); -1 where the field says nothing
    ceiling: Floats  # (p, f): the most bits a level may add
    floor: Floats  # (p, f): the least
    expected: Floats  # (c)
    worth: Floats  # (c): how many pairs the expected share is worth
    most: Floats  # (c): the highest share that may be learned
    expected_m: Floats  # (f, v)
    expected_u: Floats  # (f, v)
    share: Floats  # (c)
    m: Floats  # (f, v)
    u: Floats  # (k, f, v)

    @classmethod
    def of(cls, patterns: Sequence[Pattern], counts: Floats, estimates: Estimates) -> _Fit:
        labels = [class_of(pattern) for pattern in patterns]
        places = {label: place for place, label in enumerate(dict.fromkeys(labels))}
        kinds = {first: place for place, first in enumerate(dict.fromkeys(p.first for p in patterns))}
        m, u = _tables(estimates)
        one_each = dict(zip(labels, patterns, strict=True))
        share = np.asarray([expectation(one_each[label]) for label in places])
        met = _counted(np.asarray([places[label] for label in labels]), counts, len(places))
        firm = [
            first.endswith("slip") or (first == "mac" and not crowd) for first, _, _, crowd, _, _ in places
        ]
        worth = EXPECTED_PAIRS + np.where(firm, met, 0.0)
        untaught = [not estimates.learned and is_steady(pattern) for pattern in patterns]
        worth += np.where([not estimates.learned and is_steady(one_each[label]) for label in places], STEADY_PAIRS, 0.0)  # fmt: skip
        for place, (first, *_) in enumerate(places):
            if first in HOST_CARRIES:
                right, wrong = _told_by_hosts(patterns, counts, first)
                share[place] = (EXPECTED_PAIRS * share[place] + right) / (EXPECTED_PAIRS + right + wrong)
                worth[place] += right + wrong
        bounded = [first in HOST_CARRIES or crowd > 0 or near > 1 for first, _, _, crowd, near, _ in places]
        return cls(
            counts,
            classes=np.asarray([places[label] for label in labels]),
            kinds=np.asarray([kinds[pattern.first] for pattern in patterns]),
            levels=np.asarray([_levels(pattern, estimates) for pattern in patterns]),
            ceiling=np.asarray([[_most(field, p.levels[field]) for field in FIELDS] for p in patterns]),
            floor=np.asarray([_floors(p, few) for p, few in zip(patterns, untaught, strict=True)]),
            expected=share,
            worth=worth,
            most=np.where(
                [b and label[0] != "serial" for b, label in zip(bounded, places, strict=True)], share, 1.0
            ),
            expected_m=m,
            expected_u=u,
            share=share.copy(),
            m=m.copy(),
            u=np.repeat(u[None], len(kinds), axis=0),
        )

    def first_bits(self) -> Floats:
        """(p): the log odds of the first evidence alone."""
        share = np.clip(self.share, 1e-6, 1 - 1e-5)
        return np.asarray(np.log2(share / (1 - share))[self.classes], dtype=np.float64)

    def field_bits(self) -> Floats:
        """(p, f): the weight of each other field, 0 where it says nothing."""
        at = np.maximum(self.levels, 0)
        fields = np.arange(len(FIELDS))[None, :]
        bits = np.log2(self.m[fields, at] / self.u[self.kinds[:, None], fields, at])
        return np.where(self.levels >= 0, np.clip(bits, self.floor, self.ceiling), 0.0)

    def learn(self, probability: Floats) -> None:
        """One round: shares, m and u from the present probabilities (p)."""
        true, false = self.counts * probability, self.counts * (1 - probability)
        size = len(self.expected)
        met, of_which = _counted(self.classes, self.counts, size), _counted(self.classes, true, size)
        self.share = np.minimum((of_which + self.worth * self.expected) / (met + self.worth), self.most)
        for j in range(len(FIELDS)):
            says = self.levels[:, j] >= 0
            width = self.m.shape[1]
            self.m[j] = _drawn(_counted(self.levels[says, j], true[says], width), self.expected_m[j])
            for k in range(len(self.u)):
                of_kind = says & (self.kinds == k)
                met_falsely = _counted(self.levels[of_kind, j], false[of_kind], width)
                self.u[k, j] = _drawn(met_falsely, self.expected_u[j])


def _told_by_hosts(patterns: Sequence[Pattern], counts: Floats, how: str) -> tuple[float, float]:
    """How often host names carry the tag of the row's own device in this way, and how often another's.

    Asked where a long serial of a known model shows which device it is.
    """
    told = {how: 0.0, "foreign": 0.0}
    for pattern, count in zip(patterns, counts, strict=True):
        level = pattern.levels["host"]
        if (
            pattern.first == "serial"
            and not pattern.short
            and pattern.product in KNOWN_PRODUCT
            and level in told
        ):
            told[level] += float(count)
    return told[how], told["foreign"]


def _counted(levels: NDArray[np.int64], weights: Floats, width: int) -> Floats:
    """The sum of the weights at each level, zeros where there is none."""
    return np.asarray(np.bincount(levels, weights, width), dtype=np.float64)


def _drawn(seen: Floats, expected: Floats) -> Floats:
    """Shares of the levels, as seen and as expected together."""
    return np.asarray(
        (seen + ESTIMATED_PAIRS * expected) / (seen.sum() + ESTIMATED_PAIRS * expected.sum()),
        dtype=np.float64,
    )


def _levels(pattern: Pattern, estimates: Estimates) -> list[int]:
    """Each field's level as its place among the field's levels, -1 where it says nothing or has spoken already."""
    spoken = own_fields(pattern)
    return [
        list(estimates.levels[field]).index(level)
        if field not in spoken and (level := pattern.levels[field]) in estimates.levels[field]
        else -1
        for field in FIELDS
    ]


def _most(field: str, level: str) -> float:
    return SLIP_BITS if level == "slip" else CEILING.get((field, level), MOST_BITS)


def _floors(pattern: Pattern, untaught: bool) -> list[float]:
    """The least that each field may say."""
    passing = PASSING if untaught and pattern.first == "mac" else ()
    return [
        0.0 if level in AGREEMENTS else -PASSING_BITS if (field, level) in passing else -MOST_BITS
        for field in FIELDS
        for level in (pattern.levels[field],)
    ]


def _tables(estimates: Estimates) -> tuple[Floats, Floats]:
    """m and u as arrays (f, v), each field's levels adding up to one."""
    width = max(map(len, estimates.levels.values()))
    m, u = np.full((len(FIELDS), width), RAREST), np.full((len(FIELDS), width), RAREST)
    for j, field in enumerate(FIELDS):
        for v, pair in enumerate(estimates.levels[field].values()):
            m[j, v], u[j, v] = np.maximum(pair, RAREST)
    return m / m.sum(axis=1, keepdims=True), u / u.sum(axis=1, keepdims=True)
