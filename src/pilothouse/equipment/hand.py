"""What a person types into a field, read as imports read it. Pure. Source: docs/domains/imports.md, "Values"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pilothouse.equipment.claims import LIST
from pilothouse.equipment.fields import BY_NAME
from pilothouse.kernel import amounts, values
from pilothouse.kernel.values import Unusable

LONGEST: Final = 500
"""Letters of one field."""
EDITABLE: Final = tuple(name for name in BY_NAME if name != "seen")
"""What may be set by hand; when a device was last seen only those who see it can say."""
_BLANKS = re.compile(r"\s+")
_ODD_DATE = re.compile(r"\d{1,2}[-/]\d{1,2}[-/]\d{2,4}$")


def read_value(name: str, text: str) -> str:
    """A field's value as the register writes it; empty for an empty text. Raises Unusable with what would be right.

    Serials, MACs and addresses become a list parted by `; `, dates ISO days, prices plain numbers.
    """
    plain = _BLANKS.sub(
        " ", "".join(c for c in text if unicodedata.category(c)[0] != "C" or c in "\n\t")
    ).strip()
    if not plain:
        return ""
    if len(plain) > LONGEST:
        raise Unusable(f"{len(plain):,} letters are too many", f"at most {LONGEST} letters")
    field = BY_NAME[name]
    if field.kind == "many":
        return LIST.join(
            {"serials": values.serials, "macs": values.macs, "ips": values.ips}[field.items](plain)
        )
    if field.kind == "identifier":
        return values.identifier(plain)
    if field.kind == "date":
        return _day(plain)
    return _price(plain) if field.kind == "money" else plain


def read_values(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The values of several fields, and in words what is wrong with those that cannot be taken."""
    read: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name, text in given.items():
        if name not in EDITABLE:
            wrong[name] = "This field cannot be set by hand."
            continue
        try:
            read[name] = read_value(name, text)
        except Unusable as error:
            wrong[name] = f"{error.problem[:1].upper()}{error.problem[1:]}. Enter {error.expected}."
    return read, wrong


def _day(text: str) -> str:
    """A day; one that may be read two ways is asked for again."""
    if _ODD_DATE.match(text):
        raise Unusable(f"{text!r} may be read as two days", values.EXPECTED_DATE)
    return values.moment(text).date().isoformat()


def _price(text: str) -> str:
    mark, _ = amounts.decimal_mark([text])
    value = amounts.amount(text, mark=mark)
    if value < 0:
        raise Unusable(f"{text!r} is less than nothing", amounts.EXPECTED_AMOUNT)
    return f"{value.normalize():f}" if value else str(Decimal(0))
