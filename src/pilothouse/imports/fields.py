"""What a room offers to be a target of imports: its fields, with the headers they are met under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "identifier", "many", "version", "date", "money"]
Preference = Literal["cmms", "network", "agreement"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind of value, whose word counts first, and example headers.

    kind: `many` holds a list (several serials in one cell, a list of MACs); `identifier` is compared
    letter by letter; `date` becomes a UTC timestamp, `money` a decimal.
    prefer: cmms first; network or security first; or what most sources agree on.
    """

    name: str
    kind: FieldKind
    prefer: Preference
    label: str
    aliases: tuple[str, ...]
