"""What a room offers to be a target of imports: its fields, with the headers they are met under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilothouse.kernel.values import Shape

FieldKind = Literal["text", "identifier", "many", "version", "date", "money"]
Preference = Literal["cmms", "network", "agreement"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind of value, whose word counts first, and example headers.

    kind: `many` holds a list (several serials in one cell, a list of MACs); `identifier` is compared
    letter by letter; `date` becomes a UTC timestamp, `money` a decimal.
    prefer: cmms first; network or security first; or what most sources agree on.
    aliases: headers it is met under; of two columns that could fill it, the one whose alias stands earlier.
    items: what each value of a `many` field is.
    joins: whether several columns fill it together (a MAC of the cable and one of the radio).
    beside: headers of a second column whose text belongs behind the first's (the version beside the OS).
    """

    name: str
    kind: FieldKind
    prefer: Preference
    label: str
    aliases: tuple[str, ...]
    items: Literal["serials", "macs", "ips"] = "serials"
    joins: bool = False
    beside: tuple[str, ...] = ()

    @property
    def shape(self) -> Shape:
        """The shape its column is read as."""
        if self.kind == "many":
            return self.items
        shapes: dict[str, Shape] = {"identifier": "identifier", "date": "moment", "money": "amount"}
        return shapes.get(self.kind, "text")
