"""Headers as sets of expanded words, so that `Mfr. S/N`, `mfg_serial_no` and `ManufacturerSerialNumber` meet.

Source: docs/domains/imports.md, "Guessing columns".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from pilothouse.imports.fields import Field
from pilothouse.kernel.text import ascii_fold

THRESHOLD = 0.6
"""A column that scores less stays unmapped and is named."""
PREFIXED = 0.97
"""Score of a header that is an alias behind a prefix such as `device_`."""
MISSPELT = 0.88
"""Likeness from which two long words are one word misspelt (Inventory, Iventory)."""

_EXPANDED: dict[str, str] = {
    **dict.fromkeys(("no", "num", "nr", "nbr", "nos", "numero", "nummer"), "number"),
    **dict.fromkeys(("mfr", "mfg", "mfgr", "manuf", "manufact", "mfgrs", "hersteller", "fabricante", "fabricant"), "manufacturer"),
    **dict.fromkeys(("ser", "serie", "seriennummer", "serials"), "serial"),
    **dict.fromkeys(("mdl", "mod", "modell", "modelo", "modele"), "model"),
    "cat": "catalog", "sw": "software", "fw": "firmware",
    **dict.fromkeys(("rev", "ver", "vers"), "version"), "revision": "version",
    **dict.fromkeys(("dept", "dep", "dpt", "abteilung", "departamento"), "department"),
    **dict.fromkeys(("addr", "addrs", "addresses", "adr", "adresse"), "address"),
    **dict.fromkeys(("ctrl", "cntl", "ctl", "cntrl"), "control"),
    **dict.fromkeys(("ctr", "cntr", "centre"), "center"), "rm": "room", "stat": "status",
    "loc": "location", "bldg": "building", "desc": "description", "descr": "description",
    **dict.fromkeys(("eq", "equip", "eqpt"), "equipment"), "inv": "inventory", "acq": "acquisition", "purch": "purchase",
    "instal": "installation", "install": "installation", "warr": "warranty", "exp": "expiration", "resp": "responsible",
    "org": "organization", "organisation": "organization", "fac": "facility", "hosp": "hospital", "hostnames": "hostname", "dt": "date",
    "macs": "mac", "numbers": "number", "ips": "ip", "identifier": "id", "ids": "id", "maint": "maintenance",
}  # fmt: skip
_TWO_WORDS: dict[str, tuple[str, ...]] = {
    "sn": ("serial", "number"), "hostname": ("host", "name"), "lastseen": ("last", "seen"), "macaddress": ("mac", "address"),
    "macaddr": ("mac", "address"), "ipaddress": ("ip", "address"), "ipaddr": ("ip", "address"), "osversion": ("os", "version"),
    "serialnumber": ("serial", "number"), "serialno": ("serial", "number"), "assettag": ("asset", "tag"), "deviceid": ("device", "id"),
    "modelnumber": ("model", "number"), "operatingsystem": ("operating", "system"), "uid": ("uid",), "servicetag": ("serial", "number"),
    "ipv4": ("ip", "v4"), "ipv6": ("ip", "v6"), "assetid": ("asset", "id"), "modelname": ("model", "name"),
}  # fmt: skip
PREFIXES = frozenset({"device", "cmms", "asset", "equipment", "eq", "dev", "machine", "item"})
"""Words in front of a header that say whose column it is, not which."""
_WEAK = frozenset({"the", "of", "a", "list", "or", "value", "text", "field", "current", "c"})
_OTHER = frozenset(
    {
        "first",
        "next",
        "eol",
        "patch",
        "parent",
        "previous",
        "former",
        "due",
        "planned",
        "scheduled",
        "supplier",
        "donor",
    }
)
"""Words that make another thing of a header: the first seen is not the last seen."""
OTHER_LOSS = 0.3
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ACRONYM = re.compile(r"\b(IP|MAC|ID)(?=v\d|s\b)")
_WORD = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=4096)
def words(header: str) -> tuple[str, ...]:
    """The expanded words of a header: `device_macAddr_list` becomes ("device", "mac", "address")."""
    text = ascii_fold(header).replace("#", " no ").replace("°", " ").replace("S/N", "SN").replace("s/n", "sn")
    text = _ACRONYM.sub(lambda match: match[1].lower(), text)
    found: list[str] = []
    for word in _WORD.findall(_CAMEL.sub(" ", text).lower()):
        for part in _TWO_WORDS.get(word, (word,)):
            found.append(_EXPANDED.get(part) or part)
    strong = [word for word in found if word not in _WEAK]
    return tuple(strong or found)


@dataclass(frozen=True, slots=True)
class Alias:
    """One header a field is met under, as words; `rank` is its place among the field's aliases."""

    field: str
    words: frozenset[str]
    rank: int


class Vocabulary:
    """The aliases of all fields, and how well a header meets each."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.aliases = tuple(_aliases(fields))
        self._of_word: dict[str, list[Alias]] = {}
        for alias in self.aliases:
            for word in alias.words:
                self._of_word.setdefault(word, []).append(alias)
        self._spelling: dict[str, str] = {}
        self._scores: dict[str, dict[str, float]] = {}

    def scores(self, header: str) -> dict[str, float]:
        """For each field that shares a word with the header: how well it meets it, 0 to 1.

        1 for the same words (a thousandth less for each place of the alias), 0.97 behind a prefix, else
        the share of words they have in common, two misspelt words counting as one.
        """
        known = self._scores.get(header)
        if known is None:
            known = self._scores[header] = self._scored(header)
        return known

    def _scored(self, header: str) -> dict[str, float]:
        own = tuple(self._spelt(word) for word in words(header)) if len(header) <= 80 else ()
        whole = frozenset(own)
        bare = _without_prefixes(own)
        candidates = {alias for word in whole for alias in self._of_word.get(word, ())}
        scores: dict[str, float] = {}
        for alias in candidates:
            score = max(
                _likeness(whole, alias.words), *(PREFIXED * _likeness(b, alias.words) for b in bare), 0.0
            )
            score -= 0.001 * alias.rank + (OTHER_LOSS if (whole & _OTHER) - alias.words else 0.0)
            scores[alias.field] = max(score, scores.get(alias.field, 0.0))
        return scores

    def best(self, header: str) -> float:
        """The score of the field it meets best; what finds the header row of a sheet."""
        return max(self.scores(header).values(), default=0.0)

    def _spelt(self, word: str) -> str:
        """The known word that this one misspells, or itself."""
        if word in self._of_word or len(word) < 6:
            return word
        if word not in self._spelling:
            known = [k for k in self._of_word if abs(len(word) - len(k)) <= 2 and word != f"{k}s"]
            self._spelling[word] = next(iter(get_close_matches(word, known, 1, MISSPELT)), word)
        return self._spelling[word]


def _aliases(fields: Iterable[Field]) -> Iterable[Alias]:
    for field in fields:
        for rank, alias in enumerate(field.aliases):
            yield Alias(field.name, frozenset(words(alias)), rank)
        for rank, alias in enumerate(field.beside):
            yield Alias(beside(field.name), frozenset(words(alias)), rank)


def beside(field: str) -> str:
    """The name under which a field's second column is scored."""
    return f"{field} (second column)"


def _without_prefixes(own: tuple[str, ...]) -> list[frozenset[str]]:
    """The words with one prefix less, two less, …"""
    shorter = []
    while len(own) > 1 and own[0] in PREFIXES:
        own = own[1:]
        shorter.append(frozenset(own))
    return shorter


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
