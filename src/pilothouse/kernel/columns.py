"""Whole columns of text as typed Arrow columns, each distinct text parsed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.kernel import values
from pilothouse.kernel.values import Shape

TEXTS = pa.list_(pa.string())
MOMENT = pa.timestamp("s", "UTC")
AMOUNT = pa.decimal128(18, 4)
TYPES: dict[str, pa.DataType] = {"text": pa.string(), "identifier": pa.string(), "serials": TEXTS, "macs": TEXTS, "ips": TEXTS, "moment": MOMENT, "amount": AMOUNT}  # fmt: skip


@dataclass(slots=True)
class Typed:
    """A typed column; `unusable` names positions whose text is no value: (position, problem, expected)."""

    values: pa.Array
    unusable: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def trimmed(raw: pa.Array) -> pa.Array:
    """Texts without blanks around them; what is left empty becomes null."""
    text = pc.utf8_trim_whitespace(raw)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def unguarded(raw: pa.Array) -> pa.Array:
    """Texts without the apostrophe that our own writer puts before a formula."""
    guarded = pc.match_substring_regex(raw, r"^'+[=+\-@\t\r]")
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
        return _serials(text)
    if shape in ("macs", "ips"):
        return _parsed(text, values.macs if shape == "macs" else values.ips, TEXTS)
    distinct = [t for t in pc.unique(text).to_pylist() if t is not None and not values.is_empty(t)]
    if shape == "moment":
        return _moments(text, distinct, day_first_hint)
    return _amounts(text, distinct)


def _identifiers(text: pa.Array) -> Typed:
    wrong = pc.fill_null(pc.match_substring_regex(text, values.SCIENTIFIC), False)
    if not pc.any(wrong).as_py():
        return Typed(text)
    reason = values.scientific()
    positions = pc.indices_nonzero(wrong).to_pylist()
    usable = pc.if_else(wrong, pa.scalar(None, pa.string()), text)
    return Typed(usable, [(i, reason.problem, reason.expected) for i in positions])


def _serials(text: pa.Array) -> Typed:
    """Serial numbers; only cells that hold a possible separator are looked at one by one."""
    special = pc.fill_null(pc.match_substring_regex(text, f"{values.SERIAL_SEPARATORS}|{values.SCIENTIFIC}", ignore_case=True), False)  # fmt: skip
    if not pc.any(special).as_py():
        return Typed(_singles(text))
    return _parsed(text, values.serials, TEXTS, words_are_empty=False)


def _singles(text: pa.Array) -> pa.Array:
    """Each text as a list of one, null as null, without touching a text."""
    valid = pc.is_valid(text)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(valid.cast(pa.int32()))])
    return pa.ListArray.from_arrays(offsets, pc.drop_null(text), mask=pc.invert(valid))


def _moments(text: pa.Array, distinct: list[str], day_first_hint: bool) -> Typed:
    order = values.date_order(distinct, day_first_hint=day_first_hint)
    result = _parsed(text, partial(values.moment, day_first=order.day_first if order else False), MOMENT)
    if order is not None:
        words = "day/month/year" if order.day_first else "month/day/year"
        if not order.sure:
            result.notes.append(f"read as {words}, though every date in it could be either")
        elif min(order.day_evidence, order.month_evidence):
            result.notes.append(f"read as {words}: {max(order.day_evidence, order.month_evidence)} dates say so, {min(order.day_evidence, order.month_evidence)} contradict")  # fmt: skip
    return result


def _amounts(text: pa.Array, distinct: list[str]) -> Typed:
    mark, sure = values.decimal_mark(distinct)
    result = _parsed(text, partial(values.amount, mark=mark), AMOUNT)
    if not sure:
        result.notes.append(
            "no amount shows which mark is the decimal one; the point was taken for it, the comma for thousands"
        )
    return result


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
