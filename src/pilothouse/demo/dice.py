"""Dice whose throws depend only on a seed, a kind of record and its number, never on what was thrown before."""

from __future__ import annotations

from bisect import bisect
from collections.abc import MutableSequence, Sequence
from functools import cache
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of throws that starts anew at every record.

    Only `Random.random()` is used beneath: Python promises its sequence for a given seed, so the bytes of
    a demo do not change with the version of Python. (Its `choice` and `shuffle` carry no such promise.)
    """

    __slots__ = ("_next", "_random", "_seed")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = Random()  # noqa: S311 - invents demo records, guards no secret
        self._next = self._random.random

    def at(self, kind: str, number: int) -> Dice:
        """The same dice, now at the beginning of the stream of record `number` of this kind."""
        place = blake2b(f"{self._seed}/{kind}/{number}".encode(), digest_size=8).digest()
        self._random.seed(int.from_bytes(place, "big"))
        return self

    def chance(self, share: float) -> bool:
        """True in this share of all throws, 0 to 1."""
        return self._next() < share

    def share(self) -> float:
        """A number from 0 to below 1, each as likely."""
        return self._next()

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self._next() * count)

    def between(self, least: int, most: int) -> int:
        """A whole number from least to most, both included."""
        return least + int(self._next() * (most - least + 1))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(self._next() * len(options))]

    def weighted(self, options: Sequence[T], cumulative: Sequence[float]) -> T:
        """One of the options by weight; `cumulative` holds the running totals of the weights."""
        return options[bisect(cumulative, self._next() * cumulative[-1])]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Bring the items into another order, in place (Fisher and Yates)."""
        throw = self._next
        for last in range(len(items) - 1, 0, -1):
            other = int(throw() * (last + 1))
            items[last], items[other] = items[other], items[last]


def scattered(number: int, size: int, *, shift: int = 0) -> int:
    """Another number below `size` for each number below it, no two alike, neighbours far apart.

    size: a power of ten or of two. Two multiplications (their factors share no divisor with either), and
    between them the two halves of the digits change places, so that different shifts give unrelated results.
    """
    half = _half(size)
    first = (number * 6_364_136_223_846_793_011 + shift) % size
    turned = first // half + first % half * (size // half)
    return (turned * 1_442_695_040_888_963_407 + shift) % size


@cache
def _half(size: int) -> int:
    base = 10 if size % 10 == 0 else 2
    half = 1
    while half * half * base <= size:
        half *= base
    return half
