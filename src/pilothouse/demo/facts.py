"""Makers, models, versions and advisories as they are in the world, read from the tables beside this module.

Sources: the makers, products, version ranges, CVEs and scores are those of CISA's ICS medical advisories
(public domain); MAC prefixes are those of the IEEE registry. Fleet shares, prices and serial patterns are ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WORLD_LETTERS = {"clean": "c", "ordinary": "o", "awful": "a", "lying": "l"}


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker: its name, its legal name, the names it is on file under, plain misspellings, its MAC prefixes.

    spellings: other legal forms, abbreviations, and the makers it bought.
    """

    key: str
    name: str
    legal: str
    spellings: tuple[str, ...]
    misspellings: tuple[str, ...]
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A model as hospitals own it.

    weight: its part of the fleet, beside those of the others. networked: the share (0 to 1) on the network.
    serial: a pattern, `#` stands for a digit. versions: what its devices run, oldest first; empty where
    no advisory names it.
    """

    key: str
    maker: Maker
    model: str
    noun: str
    weight: int
    networked: float
    price: int
    os: str
    serial: str
    versions: tuple[str, ...]
    worlds: str


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of our tables, by column."""
    text = (files(__package__) / "tables" / name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def several(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, parted by `|`."""
    return tuple(cell.split("|")) if cell else ()


@cache
def makers() -> dict[str, Maker]:
    """Every maker by its key."""
    return {
        row["maker"]: Maker(
            row["maker"],
            row["name"],
            row["legal"],
            several(row["spellings"]),
            several(row["misspellings"]),
            several(row["ouis"]),
        )
        for row in table("makers.csv")
    }


@cache
def products() -> tuple[Product, ...]:
    """Every product, in the order of the table."""
    return tuple(
        Product(
            row["product"], makers()[row["maker"]], row["model"], row["noun"], int(row["weight"]),
            int(row["networked"]) / 100, int(row["price"]), row["os"], row["serial"], several(row["versions"]), row["worlds"],
        )
        for row in table("products.csv")
    )  # fmt: skip


@cache
def products_of(world: str) -> tuple[Product, ...]:
    """The products that hospitals of this world own."""
    letter = WORLD_LETTERS[world]
    return tuple(product for product in products() if letter in product.worlds)
