"""What an address asks of the register, as conditions of SQL over the flat row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from pilothouse.core.permissions import Scope
from pilothouse.equipment.reads.rooms import with_bays
from pilothouse.kernel.text import ascii_fold

SHORTEST: Final = 3
"""Characters of a word that the search index can find."""
MOST_WORDS: Final = 8
MOST_INT: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Cond:
    """A condition. sql: with `{}` before each column, for the alias; indexed: an index leads to its rows; column: the one that it
    fixes to one value; count: the same over the counts by place
    and stage, None if these do not know it.
    """

    sql: str
    params: tuple[Any, ...] = ()
    indexed: bool = True
    column: str = ""
    count: str | None = None


NOTHING: Final = Cond("1 = 0", count="1 = 0")


def place(scope: Scope) -> list[Cond]:
    """The viewer's scope: it stands in every query for rows."""
    if scope.everywhere:
        return []
    if len(scope.facilities) + len(scope.units) == 1:
        column, ids = ("facility_id", scope.facilities) if scope.facilities else ("unit_id", scope.units)
        return [one_of(column, list(ids), counted=True)]
    sql = scope.sql("@").replace("@.", "{}")
    return [Cond(sql, count=sql)]


def one_of(column: str, values: Sequence[Any], *, counted: bool = False, indexed: bool = True) -> Cond:
    """The column holds one of the values; None among them is "unknown"."""
    known = [value for value in values if value is not None]
    parts, counts = [], []
    if known:
        among = "= %s" if len(known) == 1 else f"IN ({', '.join(['%s'] * len(known))})"
        parts.append(f"{{}}{column} {among}")
        counts.append(f"{{}}{column} {among}")
    if len(known) < len(values):
        parts.append(f"{{}}{column} IS NULL")
        counts.append(f"{{}}{column} = 0")
    if not parts:
        return NOTHING
    sql = parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
    count = counts[0] if len(counts) == 1 else f"({' OR '.join(counts)})"
    return Cond(
        sql,
        tuple(known),
        indexed,
        column=column if len(values) == 1 else "",
        count=count if counted else None,
    )


def _ids(column: str, *, counted: bool = False) -> Callable[[Sequence[str]], Cond]:
    """A filter over ids; `none` stands for those that have none."""

    def read(values: Sequence[str]) -> Cond:
        ids = [
            None if value == "none" else int(value) for value in values if value == "none" or _is_id(value)
        ]
        return one_of(column, ids, counted=counted)

    return read


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and int(value) <= MOST_INT


def _texts(column: str, *, counted: bool = False, indexed: bool = True) -> Callable[[Sequence[str]], Cond]:
    """A filter over a column of texts; `unknown` stands for the empty one."""

    def read(values: Sequence[str]) -> Cond:
        return one_of(
            column,
            ["" if value == "unknown" and column != "stage" else value for value in values],
            counted=counted,
            indexed=indexed,
        )

    return read


def _category(values: Sequence[str]) -> Cond:
    among = ", ".join(["%s"] * len(values))
    return Cond(
        f"{{}}device_model_id IN (SELECT id FROM equipment_devicemodel WHERE category IN ({among}))",
        tuple(values),
    )


def _room(values: Sequence[str]) -> Cond:
    """Devices whose texts mean one of the rooms, or a bay in it: those of its place whose room is one of its spellings."""
    parts: list[str] = []
    params: list[Any] = []
    for one in with_bays(int(value) for value in values if _is_id(value)):
        spelt = sorted({same for told in one.spellings for same in (told, _small(told))})
        column, place_ = (
            ("unit_id", one.unit_id) if one.unit_id is not None else ("facility_id", one.facility_id)
        )
        parts.append(f"({{}}{column} = %s AND lower({{}}room) IN ({', '.join(['%s'] * len(spelt))}))")
        params += [place_, *spelt]
    return Cond(f"({' OR '.join(parts)})", tuple(params)) if parts else NOTHING


def _small(told: str) -> str:
    """Small letters as SQLite has them, which leaves all but ASCII as they are; for capitals that a list may hold."""
    return "".join(c if c.isascii() else c.upper() for c in told)


def _network(values: Sequence[str]) -> Cond:
    on = "({}mac <> '' OR {}ip <> '')"
    return Cond(
        on if values[0] == "yes" else "({}mac = '' AND {}ip = '')" if values[0] == "no" else "1 = 0",
        indexed=False,
    )


def _located(values: Sequence[str]) -> Cond:
    if values[0] == "no":
        return Cond("({}facility_id IS NULL AND {}unit_id IS NULL AND {}room = '')", column="not located")
    return (
        Cond("({}facility_id IS NOT NULL OR {}unit_id IS NOT NULL OR {}room <> '')", indexed=False)
        if values[0] == "yes"
        else NOTHING
    )


READERS: Final[Mapping[str, Callable[[Sequence[str]], Cond]]] = {
    "unit": _ids("unit_id", counted=True),
    "facility": _ids("facility_id", counted=True),
    "model": _ids("device_model_id"),
    "stage": _texts("stage", counted=True),
    "maker": _texts("maker"),
    "name": _texts("name"),
    "criticality": _texts("criticality"),
    "phi": _texts("phi"),
    "category": _category,
    "room": _room,
    "network": _network,
    "located": _located,
}
"""From a filter of the address to its condition."""


def read_filters(filters: Mapping[str, Sequence[str]]) -> list[Cond]:
    """The conditions of an address; `sources` is a span."""
    conds = [READERS[name](values) for name, values in filters.items() if name in READERS]
    for name, sign in (("sources.from", ">="), ("sources.to", "<=")):
        for value in filters.get(name, ()):
            ok = _is_id(value) and int(value) < 1 << 31
            conds.append(Cond(f"{{}}sources {sign} %s", (int(value),)) if ok else NOTHING)
    return conds


@dataclass(frozen=True, slots=True)
class Word:
    """A typed word: its spellings as the search text may hold them, each long enough for the index."""

    spellings: tuple[str, ...]


def read_words(text: str) -> tuple[Word, ...]:
    """The words that are looked for; those too short for the index are left out."""
    words = (_word(word) for word in dict.fromkeys(text.lower().split()[:MOST_WORDS]))
    return tuple(word for word in words if word.spellings)


def _word(text: str) -> Word:
    """Identifiers are found without their punctuation too; a MAC is only looked for so, an address (10.1.2.3) only as it is."""
    bare = "".join(c for c in text if c.isalnum())
    if _MAC.fullmatch(text):
        return Word((bare,))
    spellings = [text, ascii_fold(text)]
    if not all(c.isdecimal() or c == "." for c in text):
        spellings.append(bare)
    return Word(tuple(dict.fromkeys(one for one in spellings if len(one) >= SHORTEST)))


_MAC: Final = re.compile(r"(?:[0-9a-f]{2}[:-]){3,5}[0-9a-f]{2}|(?:[0-9a-f]{4}[.:-]){1,2}[0-9a-f]{4}")
"""A MAC or most of one, as people write it."""


def in_text(words: Sequence[Word]) -> list[Cond]:
    """The words as conditions that read the row's search text, without the index."""
    return [_in_text(word) for word in words]


def _in_text(word: Word) -> Cond:
    if connection.vendor == "postgresql":
        one, params = "{}search LIKE %s", tuple(map(like, word.spellings))
    else:
        one, params = "instr({}search, %s) > 0", word.spellings
    return Cond(f"({' OR '.join([one] * len(params))})", params, indexed=False)


def like(text: str) -> str:
    """A pattern that finds the text anywhere."""
    safe = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{safe}%"


def match(words: Sequence[Word]) -> str:
    """The words as FTS5 reads them."""
    return " AND ".join(
        "(" + " OR ".join('"' + one.replace('"', '""') + '"' for one in word.spellings) + ")"
        for word in words
    )
