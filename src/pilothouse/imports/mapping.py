"""Which column of a file fills which field, and what kind of file it is: a guess that shows its reasons.

Source: docs/domains/imports.md, "Guessing columns" and "Guessing the kind".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pilothouse.imports.contracts import KINDS
from pilothouse.imports.fields import Field
from pilothouse.imports.headers import THRESHOLD, Vocabulary, beside, words
from pilothouse.imports.sources import Guess
from pilothouse.kernel import amounts, values
from pilothouse.kernel.errors import BadUsage
from pilothouse.kernel.text import near_it, squash

SAMPLE = 300
"""Distinct values of a column that its content is judged by."""
MOSTLY, HARDLY = 0.8, 0.3
"""From this share on, values have a shape; below the other one, they have not."""
CONTENT_SCORE = 0.75
"""Score of a column whose header says nothing and whose values are all but certain (MAC, IP)."""
CONTENT_GAIN = 0.15
CONTENT_LOSS = 0.5
EMPTY_LOSS = 0.05
"""Taken from a column without a value where others have some: of two names for a field the filled one counts."""
HALF_KNOWN = 0.45
"""From this header score on, fitting content is added."""
JOINED = " + "
"""Between the columns of one field."""

_HOST = re.compile(r"(?=[^\s]*[\d.-])[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9_-]+)*\.?$")
_SERIAL = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9./-]{4,19}$")
_NAMES = {("name",), ("device", "name"), ("asset", "name"), ("system", "name")}
_SPECIFIC = ("macs", "ips", "moment", "amount")


@dataclass(frozen=True, slots=True)
class Columns:
    """The mapping of one file: for each field its column or columns, why, and what stays without a field.

    others: columns that could have filled a field which a better one fills.
    """

    chosen: Mapping[str, tuple[str, ...]]
    guesses: tuple[Guess, ...]
    unmapped: tuple[str, ...]
    others: tuple[Guess, ...] = ()

    def named(self) -> dict[str, str]:
        """Field to column, in words: several columns of one field are joined by ` + `."""
        return {field: JOINED.join(columns) for field, columns in self.chosen.items()}


def guess(
    columns: Sequence[str],
    samples: Sequence[Sequence[str]],
    vocabulary: Vocabulary,
    forced: Mapping[str, str] | None = None,
) -> Columns:
    """Map columns to fields: headers first, then content; one column a field, the best.

    samples: for each column some of its distinct filled values. forced: field to column, as `--map` says;
    an empty column leaves the field without one. Raises BadUsage for a field or column that is not there.
    """
    forced = _checked(forced or {}, columns, vocabulary.fields)
    content = [Content(values_) for values_ in samples]
    filled = any(column.sample for column in content)
    options = [
        (score - (EMPTY_LOSS if filled and not content[place].sample else 0.0), order, place, field, why)
        for i in range(len(columns))
        for score, order, place, field, why in _options(i, columns[i], content[i], vocabulary)
    ]
    chosen: dict[str, list[int]] = {}
    why: dict[tuple[str, int], tuple[float, str]] = {}
    used: set[int] = set()
    for field, column in forced.items():
        if column:
            place = list(columns).index(column)
            chosen[field] = [place]
            why[field, place] = (1.0, "as said")
            used.add(place)
    joins = {field.name for field in vocabulary.fields if field.joins}
    others: list[Guess] = []
    for score, _, place, field, reason in sorted(options, key=lambda o: (-o[0], o[1], o[2])):
        if place in used or field in forced:
            continue
        if field in chosen and field not in joins:
            others.append(Guess(columns[place], field, score, reason))
            continue
        chosen.setdefault(field, []).append(place)
        why[field, place] = (score, reason)
        used.add(place)
    _stand_beside(chosen, why, [field for field in vocabulary.fields if field.name not in forced])
    return _columns(
        columns, chosen, why, [g for g in others if list(columns).index(g.column) not in used], vocabulary
    )


def _columns(
    columns: Sequence[str],
    chosen: Mapping[str, Sequence[int]],
    why: Mapping[tuple[str, int], tuple[float, str]],
    others: Iterable[Guess],
    vocabulary: Vocabulary,
) -> Columns:
    """The result in the order of the fields."""
    ordered = {field.name: chosen[field.name] for field in vocabulary.fields if field.name in chosen}
    used = {place for places in ordered.values() for place in places}
    once: dict[str, Guess] = {}
    for guess_ in others:
        once.setdefault(guess_.column, guess_)
    return Columns(
        {field: tuple(columns[place] for place in places) for field, places in ordered.items()},
        tuple(Guess(columns[p], f, *why[f, p]) for f, places in ordered.items() for p in places),
        tuple(name for place, name in enumerate(columns) if place not in used and name not in once),
        tuple(once.values()),
    )


def _stand_beside(
    chosen: dict[str, list[int]], why: dict[tuple[str, int], tuple[float, str]], fields: Sequence[Field]
) -> None:
    """A second column stands behind its first, or in its place if there is none."""
    for field in fields:
        second = chosen.pop(beside(field.name), None)
        if second is None:
            continue
        chosen.setdefault(field.name, []).extend(second)
        for place in second:
            why[field.name, place] = why[beside(field.name), place]


Option = tuple[float, int, int, str, str]
"""Score, place of the field among the fields, place of the column, field, why."""


def _options(place: int, column: str, content: Content, vocabulary: Vocabulary) -> list[Option]:
    """The fields that one column could fill."""
    found: list[Option] = []
    headers = vocabulary.scores(column)
    for order, field in enumerate(vocabulary.fields):
        score, why = headers.get(field.name, 0.0), "header"
        change = content.speaks(field) if score >= HALF_KNOWN else 0.0
        if change > 0:
            score, why = min(1.0, score + change), "header and content" if score < THRESHOLD else "header"
        elif change < 0:
            score += change
        if score < THRESHOLD and field.shape in ("macs", "ips") and content.share(field.shape) >= MOSTLY:
            score, why = (
                CONTENT_SCORE,
                f"content: {field.label} in {content.share(field.shape):.0%} of the values",
            )
        if field.name in ("host", "name") and words(column) in _NAMES and content.sample:
            score, why = _named_so(field.name, score, content.share("host"))
        if score >= THRESHOLD:
            found.append((score, order, place, field.name, why))
        if field.beside and (second := headers.get(beside(field.name), 0.0)) >= THRESHOLD:
            found.append((second, order, place, beside(field.name), "header"))
    return found


def _named_so(field: str, score: float, hosts: float) -> tuple[float, str]:
    """A column called just "name" holds host names or what people call the device; its values tell."""
    if field == "host":
        return (0.9995, "content: host names") if hosts >= MOSTLY else (min(score, 0.97), "header")
    return (0.96, "header") if hosts >= MOSTLY else (max(score, 0.98), "header and content")


def headless(columns: Columns, fields: Sequence[Field]) -> str:
    """The name of a column that is itself an address, so that the first record stands where a header should; or ""."""
    shapes = {field.name: field.shape for field in fields}
    for guess_ in columns.guesses:
        if guess_.why.startswith("content:") and _fits(guess_.column, shapes[guess_.field]):
            return guess_.column
    return ""


class Content:
    """What the values of one column look like; each share is worked out when it is asked for."""

    def __init__(self, sample: Sequence[str]) -> None:
        self.sample = [value for value in sample if not values.is_empty(value.strip())][:SAMPLE]
        self._shares: dict[str, float] = {}

    def share(self, shape: str) -> float:
        """Share of the values that have a shape: macs, ips, moment, amount, written date, host, serial."""
        if shape not in self._shares:
            fits = sum(_fits(value.strip(), shape) for value in self.sample)
            self._shares[shape] = fits / len(self.sample) if self.sample else 0.0
        return self._shares[shape]

    def speaks(self, field: Field) -> float:
        """What the content adds to a header's score, or takes from it."""
        if not self.sample:
            return 0.0
        shape = field.shape
        if shape in _SPECIFIC:
            share = self.share(shape)
            return CONTENT_GAIN if share >= MOSTLY else -CONTENT_LOSS if share < HARDLY else 0.0
        if shape == "serials":
            return CONTENT_GAIN if self.share("serial") >= MOSTLY else 0.0
        foreign: tuple[str, ...] = ("macs", "ips") if field.kind == "version" else ("macs", "ips", "written")
        if field.name in ("host", "uid"):
            foreign = ()
        return -CONTENT_LOSS if any(self.share(other) >= MOSTLY for other in foreign) else 0.0


def _fits(value: str, shape: str) -> bool:
    """Whether a text has a shape."""
    if shape == "written":
        return values.is_date_like(value)
    if shape == "host":
        return bool(_HOST.match(value)) and len(value) <= 63 * 4
    if shape == "serial":
        return bool(_SERIAL.match(value)) and not values.is_date_like(value)
    try:
        if shape == "macs":
            return bool(values.macs(value))
        if shape == "ips":
            return bool(values.ips(value))
        if shape == "moment":
            return bool(values.moment(value, day_first="/.-" if value[:2] > "12" else "."))
        mark, _ = amounts.decimal_mark([value])
        return amounts.amount(value, mark=mark) is not None
    except values.Unusable:
        return False


def _checked(forced: Mapping[str, str], columns: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """The forced mapping with every name as the file and the fields spell it."""
    names = [field.name for field in fields]
    checked = {}
    for field, column in forced.items():
        if field not in names:
            raise BadUsage(
                f"--map: there is no field {field!r}{near_it(field, names)}; the fields are {', '.join(names)}"
            )
        checked[field] = _spelt(column, columns) if column else ""
    return checked


def _spelt(column: str, columns: Sequence[str]) -> str:
    if column in columns:
        return column
    same = [name for name in columns if squash(name) == squash(column)]
    if len(same) == 1:
        return same[0]
    raise BadUsage(
        f"--map: there is no column {column!r}{near_it(column, columns)}; the columns are {', '.join(columns)}"
    )


# --- The kind of a file --------------------------------------------------------------------------------------

_CMMS = {"tag": 2.0, "unit": 1.0, "room": 1.0, "owner": 1.0, "status": 1.0, "purchased": 2.0, "installed": 1.5, "warranty": 2.0, "price": 2.0, "last_pm": 2.0, "facility": 0.5, "name": 0.5}  # fmt: skip
_NETWORK = {"mac": 1.5, "ip": 1.5, "host": 1.0, "os": 1.0, "seen": 1.0, "firmware": 0.5}
_SECURITY_WORDS = frozenset({"risk", "vulnerability", "cve", "cves", "cvss", "epss", "phi", "purdue", "exploited", "threat", "fda", "edr"})  # fmt: skip


def kind_of(mapped: Iterable[str], headers: Iterable[str], form: str) -> tuple[str, str]:
    """The kind of a file and the reason, from its fields, headers and form.

    A scan is of the network. Else fields of property (tag, unit, purchase …) are weighed against fields of
    the network (MAC, IP, host …); a list of the network with its own device ids or with words of risk
    comes from a security tool. Neither: other.
    """
    fields = set(mapped)
    if form == "nmap":
        return "network", "an nmap scan"
    cmms = sum(weight for name, weight in _CMMS.items() if name in fields)
    network = sum(weight for name, weight in _NETWORK.items() if name in fields)
    risk = sorted({word for header in headers for word in words(header)} & _SECURITY_WORDS)
    if network and (len(risk) >= 2 or network > 1):
        network += 2.0 * len(risk)
    if max(cmms, network) < 1.5:
        return "other", "neither columns of property nor of the network"
    if cmms >= network and fields & (_CMMS.keys() - {"facility", "name"}):
        return "cmms", f"columns of property: {', '.join(name for name in _CMMS if name in fields)}"
    told = f"columns of the network: {', '.join(name for name in _NETWORK if name in fields)}"
    if risk:
        return "security", f"{told}; words of risk: {', '.join(risk)}"
    if "uid" in fields:
        return "security", f"{told}; its own device ids"
    return "network", told


def known_kind(kind: str) -> str:
    """The kind as contracts spell it. Raises BadUsage for an unknown one."""
    if kind.lower() not in KINDS:
        raise BadUsage(
            f"--kind: there is no kind {kind!r}{near_it(kind, KINDS)}; the kinds are {', '.join(KINDS)}"
        )
    return kind.lower()
