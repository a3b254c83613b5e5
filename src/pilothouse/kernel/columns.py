"""Whole columns of text as typed Arrow columns, each distinct text parsed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.kernel import amounts, values
from pilothouse.kernel.records import GUARDED
from pilothouse.kernel.values import Shape

TEXTS = pa.list_(pa.string())
MOMENT = pa.timestamp("s", "UTC")
AMOUNT = pa.decimal128(18, 4)

# Cells of these shapes, nearly all of a real column, are read by Arrow; only the others one by one.
_ONE_MAC = r"^(?i:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12})$"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ONE_V4 = rf"^{_OCTET}(?:\.{_OCTET}){{3}}$"
_SEVERAL_SERIALS = f"(?i:{values.SERIAL_SEPARATORS}|{values.SCIENTIFIC})"
_ISO_DAY = r"(?:19[5-9][0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}"
_ISO_LOCAL = rf"^{_ISO_DAY}(?:[T ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?$"
_ISO_UTC = rf"^{_ISO_DAY}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z$"
# M stands for the decimal mark of the column, T for its thousands separator.
_PLAIN_AMOUNT = r"^-?(?:[0-9]{1,3}(?:T[0-9]{3}){1,3}|[0-9]{1,13})(?:M[0-9]{1,4})?$"
EVIDENCE = 10_000
"""Distinct amounts that the decimal mark of a column is decided by."""


Refusal = tuple[int, str, str]
"""Position of a text that is no value, what is wrong with it, what would be right."""


@dataclass(slots=True)
class Typed:
    """A typed column, the texts of it that are no value, and what to tell of how it was read."""

    values: pa.Array
    unusable: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def trimmed(raw: pa.Array) -> pa.Array:
    """Texts without blanks around them; what is left empty becomes null."""
    text = pc.utf8_trim_whitespace(raw)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def unguarded(raw: pa.Array) -> pa.Array:
    """Texts without the apostrophe that our own writer puts before a formula."""
    guarded = pc.match_substring_regex(raw, GUARDED)
    if not pc.any(guarded).as_py():
        return raw
    return pc.if_else(guarded, pc.utf8_slice_codeunits(raw, 1), raw)


def typed(raw: pa.Array, shape: Shape, *, day_first_hint: bool = False) -> Typed:
    """The column as values of one shape; an empty cell is null.

    day_first_hint: what to believe of 03/04/2024 when no date of the column decides.
    """
    text = trimmed(raw)
    if shape == "text":
        return Typed(text)
    if shape == "identifier":
        return _identifiers(text)
    if shape == "serials":
        return _lists(
            text, _not(text, _SEVERAL_SERIALS), lambda easy: easy, values.serials, words_are_empty=False
        )
    if shape == "macs":
        return _lists(text, _is(text, _ONE_MAC), _canonical_macs, values.macs)
    if shape == "ips":
        return _lists(text, _is(text, _ONE_V4), lambda easy: easy, values.ips)
    return _moments(text, day_first_hint) if shape == "moment" else _amounts(text)


def _is(text: pa.Array, pattern: str) -> pa.Array:
    """Where a text matches; null counts as no."""
    return pc.fill_null(pc.match_substring_regex(text, pattern), False)


def _not(text: pa.Array, pattern: str) -> pa.Array:
    """Where there is a text and it does not match."""
    return pc.fill_null(pc.invert(pc.match_substring_regex(text, pattern)), False)


def _identifiers(text: pa.Array) -> Typed:
    wrong = _is(text, values.SCIENTIFIC)
    if not pc.any(wrong).as_py():
        return Typed(text)
    reason = values.scientific()
    positions = pc.indices_nonzero(wrong).to_pylist()
    usable = pc.if_else(wrong, pa.scalar(None, pa.string()), text)
    return Typed(usable, [(i, reason.problem, reason.expected) for i in positions])


def _lists(
    text: pa.Array,
    easy: pa.Array,
    canonical: Callable[[pa.Array], pa.Array],
    parse: Callable[[str], object],
    *,
    words_are_empty: bool = True,
) -> Typed:
    """A column of lists: where `easy` holds, a list of one canonical text; elsewhere what `parse` finds."""
    nothing = pa.scalar(None, pa.string())
    singles = _singles(canonical(pc.if_else(easy, text, nothing)))
    rest = pc.if_else(easy, nothing, text)
    if rest.null_count == len(rest):
        return Typed(singles)
    result = _parsed(rest, parse, TEXTS, words_are_empty=words_are_empty)
    result.values = pc.if_else(easy, singles, result.values)
    return result


def _canonical_macs(text: pa.Array) -> pa.Array:
    digits = pc.ascii_lower(pc.replace_substring_regex(text, "[:.-]", ""))
    return pc.replace_substring_regex(digits, "^(..)(..)(..)(..)(..)(..)$", r"\1:\2:\3:\4:\5:\6")


def _singles(text: pa.Array) -> pa.Array:
    """Each text as a list of one, null as null, without touching a text."""
    valid = pc.is_valid(text)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(valid.cast(pa.int32()))])
    return pa.ListArray.from_arrays(offsets, pc.drop_null(text), mask=pc.invert(valid))


def _moments(text: pa.Array, day_first_hint: bool) -> Typed:
    iso = _iso_moments(text)
    if iso is not None:
        return Typed(iso)
    orders = values.date_orders(_distinct(text), day_first_hint=day_first_hint)
    day_first = "".join(order.separator for order in orders if order.day_first)
    result = _parsed(text, partial(values.moment, day_first=day_first), MOMENT)
    for order in orders:
        words = f"dates with {order.separator!r} read as {'day, month, year' if order.day_first else 'month, day, year'}"
        if not order.sure:
            result.notes.append(f"{words}, though every one of them could be either")
        elif order.contradict:
            result.notes.append(f"{words}: {order.agree} say so, {order.contradict} contradict")
    return result


def _iso_moments(text: pa.Array) -> pa.Array | None:
    """The column read by Arrow if every cell is ISO 8601 in one of two forms, else None."""
    if text.null_count == len(text):
        return pa.nulls(len(text), MOMENT)
    try:
        if pc.all(pc.match_substring_regex(text, _ISO_LOCAL)).as_py():
            return pc.assume_timezone(text.cast(pa.timestamp("s")), "UTC")
        if pc.all(pc.match_substring_regex(text, _ISO_UTC)).as_py():
            return text.cast(MOMENT)
    except pa.ArrowInvalid:  # a day that no month has: found and named one by one
        return None
    return None


def _amounts(text: pa.Array) -> Typed:
    mark, sure = amounts.decimal_mark(_distinct(text)[:EVIDENCE])
    thousands = "," if mark == "." else "."
    plain = pc.match_substring_regex(
        text, _PLAIN_AMOUNT.replace("M", f"[{mark}]").replace("T", f"[{thousands}]")
    )
    easy = pc.fill_null(plain, False)
    nothing = pa.scalar(None, pa.string())
    digits = pc.replace_substring(pc.if_else(easy, text, nothing), thousands, "")
    found = pc.replace_substring(digits, mark, ".").cast(AMOUNT)
    rest = pc.if_else(easy, nothing, text)
    result = Typed(found)
    if rest.null_count < len(rest):
        result = _parsed(rest, partial(amounts.amount, mark=mark), AMOUNT)
        result.values = pc.coalesce(found, result.values)
    if not sure:
        result.notes.append(f"no amount shows which mark is the decimal one; {mark!r} was taken for it")
    return result


def _distinct(text: pa.Array) -> list[str]:
    return [t for t in pc.unique(text).to_pylist() if t is not None and not values.is_empty(t)]


def _parsed(
    text: pa.Array, parse: Callable[[str], object], kind: pa.DataType, *, words_are_empty: bool = True
) -> Typed:
    """Parse each distinct text once; an unusable one is null and named at each of its positions."""
    encoded = text.dictionary_encode()
    parsed: list[object] = []
    reasons: dict[int, values.Unusable] = {}
    for i, cell in enumerate(encoded.dictionary.to_pylist()):
        try:
            value = None if words_are_empty and values.is_empty(cell) else parse(cell)
            parsed.append(None if value == [] else value)
        except values.Unusable as unusable:
            parsed.append(None)
            reasons[i] = unusable
    result = Typed(pa.array(parsed, kind).take(encoded.indices))
    if reasons:
        wrong = pc.is_in(encoded.indices, pa.array(list(reasons), pa.int32()))
        for position in pc.indices_nonzero(pc.fill_null(wrong, False)).to_pylist():
            reason = reasons[encoded.indices[position].as_py()]
            result.unusable.append((position, reason.problem, reason.expected))
    return result
