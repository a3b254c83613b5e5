"""A column of text as numbers of any size; the money of other lists ends at a hundredth of a cent and 1e14."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.kernel import amounts, values

_PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"


def numbers(raw: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The numbers (null where there is none), and where something stands that is no number."""
    text = pc.utf8_trim_whitespace(raw)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    filled = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    plain = pc.fill_null(pc.match_substring_regex(filled, _PLAIN), True)
    if pc.all(plain).as_py():
        found = filled.cast(pa.float64())
    else:
        found = _one_by_one(filled)
    found = pc.if_else(pc.is_finite(found), found, pa.scalar(None, pa.float64()))
    wrong = pc.and_(pc.is_valid(filled), pc.is_null(found))
    return found, wrong


def _one_by_one(texts: pa.Array) -> pa.Array:
    """Each distinct text read once, by the column's decimal mark."""
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    mark, _ = amounts.decimal_mark(distinct)
    return pa.array([_number(text, mark) for text in distinct], pa.float64()).take(encoded.indices)


def _number(text: str, mark: str) -> float | None:
    try:
        return amounts.number(text, mark=mark)
    except values.Unusable:
        return None
