"""One cell's text as an amount of money, or as a number of any size. Source: docs/domains/imports.md, "Values"."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from math import isfinite

from pilothouse.kernel.values import Unusable

_CURRENCY = re.compile(
    r"[$€£¥₹]|\b(?:usd|eur|gbp|chf|cad|aud|clp|mxn|brl|jpy|cny|inr|us|fr|kr|sek|nok|dkk)\b\.?", re.IGNORECASE
)
_BLANKS = re.compile(r"[\s\u00a0\u202f'’]")
_AMOUNT = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)$")
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$")
EXPECTED_AMOUNT = "an amount such as 1234.50"
EXPECTED_NUMBER = "a number such as 1234.5"
_DIGITS, _SMALLEST = 14, Decimal("0.0001")


def decimal_mark(texts: list[str]) -> tuple[str, bool]:
    """The decimal mark of a column of amounts, "." or ",", from its distinct texts; and whether it is sure.

    The last mark of an amount with both is the decimal one; so is a lone mark not followed by exactly three
    digits. Without such an amount: a point.
    """
    votes = {".": 0, ",": 0}
    open_ = 0
    for text in texts:
        bare = _BLANKS.sub("", _CURRENCY.sub("", text))
        dot, comma = bare.rfind("."), bare.rfind(",")
        last = max(dot, comma)
        if last < 0:
            continue
        mark, other = bare[last], min(dot, comma)
        behind = len(bare.rstrip("-)")) - last - 1
        if bare.count(mark) > 1:
            votes["," if mark == "." else "."] += 1
        elif other >= 0 or behind != 3:
            votes[mark] += 1
        else:
            open_ += 1
    return ("," if votes[","] > votes["."] else "."), bool(votes[","] or votes["."] or not open_)


def amount(text: str, *, mark: str = ".") -> Decimal:
    """An amount of money: currency signs and thousands separators dropped, (12) and 12- are negative."""
    bare, negative = _bare(text, mark, "amount", EXPECTED_AMOUNT)
    return _price(text, bare, negative)


def number(text: str, *, mark: str = ".") -> float:
    """A number of any size, written as an amount may be; NaN, infinity and what no float holds are none."""
    bare, negative = _bare(text, mark, "number", EXPECTED_NUMBER)
    found = float(bare)
    if not isfinite(found):
        raise Unusable(f"{text!r} is beyond all numbers", EXPECTED_NUMBER)
    return -found if negative else found


def _bare(text: str, mark: str, what: str, expected: str) -> tuple[str, bool]:
    """The digits with a point as decimal mark, and whether brackets or a minus behind make it negative."""
    bare = _BLANKS.sub("", _CURRENCY.sub("", text))
    negative = (bare.startswith("(") and bare.endswith(")")) or bare.endswith("-")
    bare = bare.strip("()").rstrip("-")
    if _EXPONENT.match(bare):
        return bare, negative
    if not _AMOUNT.match(bare):
        raise Unusable(f"{text!r} is no {what}", expected)
    other = "," if mark == "." else "."
    whole, _, fraction = bare.partition(mark)
    if other in fraction or mark in fraction or not _grouped(whole, other):
        raise Unusable(f"{text!r} is no {what} where the decimal mark is {mark!r}", expected)
    return f"{whole.replace(other, '') or '0'}.{fraction or '0'}", negative


def _price(text: str, number: str, negative: bool) -> Decimal:
    """The amount to a hundredth of a cent, if it is one that anything may cost."""
    try:
        value = Decimal(number)
    except InvalidOperation:  # an exponent beyond what a Decimal holds, or two signs
        raise Unusable(f"{text!r} is no amount", EXPECTED_AMOUNT) from None
    # By its exponent: arithmetic on 1e999999999 overflows before it can be compared.
    if value and value.adjusted() >= _DIGITS:
        raise Unusable(f"{text!r} is beyond all prices", EXPECTED_AMOUNT)
    return (-value if negative else value).quantize(_SMALLEST)


def _grouped(whole: str, separator: str) -> bool:
    first, *groups = whole.lstrip("+-").split(separator)
    return len(first) <= 3 and all(len(group) == 3 for group in groups) if groups else True
