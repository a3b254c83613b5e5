"""JSON: the one array of objects of a document, and JSON lines.

A document is walked through twice, once for its columns and once for its records, so that memory holds one
record at a time however large the file is (`reading.json_document`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

import pyarrow as pa

from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.header import RECOGNISED
from pilothouse.kernel.reading.json_document import DECODER, Broken, Element, elements_of
from pilothouse.kernel.reading.table import BATCH_ROWS, Recognise, Refused, Table, batch_of, shortened

MOST_COLUMNS = 2000
DEEPEST = 4
"""Objects in objects become columns `a.b.c.d`; what lies deeper stays JSON text."""

_BETWEEN_LINES = re.compile(rb"\}[ \t]*\r?\n\s*\{")


_Columns = dict[str, None]
"""The columns of one array, in the order in which they are met."""


def is_json(head: bytes) -> bool:
    """Whether a file's first bytes begin a JSON array or object."""
    name, skip = plain.encoding_of(head)
    text = head[skip:].decode(name, "ignore").lstrip()
    return text.startswith("{") or bool(re.match(r"\[\s*([\[{\]\"\d-]|null|true|false|$)", text))


def is_json_lines(head: bytes) -> bool:
    """Whether one object follows another without a comma."""
    name, skip = plain.encoding_of(head)
    text = head[skip:].decode(name, "ignore").lstrip()
    return text.startswith("{") and bool(_BETWEEN_LINES.search(text.encode()))


def read_json(path: str, recognise: Recognise, wanted: str | None = None) -> Table:
    """The records of a document's one array of objects; `wanted` names one of several by its path.

    Objects in a record become columns with a dot; a list of plain values becomes a JSON array, a list of
    objects a JSON array for each of their keys. Raises UnreadableInput if there is no such array or no
    telling which of several is meant.
    """
    arrays, broken = _surveyed(elements_of(path))
    chosen = _chosen(path, arrays, broken, recognise, wanted)

    def elements() -> Iterator[Element]:
        return (element for element in elements_of(path) if element.path == chosen)

    table = Table("json", tuple(arrays[chosen]), iter(()), lambda wanted: _originals(elements(), wanted))
    if chosen:
        table.notes.append(f"array {chosen}")
    table.batches = _batches(table, elements())
    return table


def read_json_lines(path: str) -> Table:
    """One object a line; a line that is none is refused and counted."""
    arrays, _ = _surveyed(_lines(path))
    columns = tuple(arrays.get("", ()))
    if not columns:
        raise UnreadableInput(f"{path}: no line holds a JSON object; expected one object a line")
    table = Table("json lines", columns, iter(()), lambda wanted: _originals(_lines(path), wanted))
    table.batches = _batches(table, _lines(path))
    return table


def _lines(path: str) -> Iterator[Element]:
    for number, line in enumerate(plain.lines_of(path, plain.Decoding()), start=1):
        text = line.strip().lstrip("\ufeff")
        if not text:
            continue
        try:
            yield Element("", number, DECODER.decode(text))
        except (ValueError, RecursionError) as error:
            yield Element("", number, text, f"this line is no JSON ({error})")


def _surveyed(elements: Iterator[Element]) -> tuple[dict[str, _Columns], Broken | None]:
    """The arrays of objects by path with their columns, and where the document breaks, if it does."""
    arrays: dict[str, _Columns] = {}
    try:
        for element in elements:
            if isinstance(element.value, dict) and not element.problem:
                columns = arrays.setdefault(element.path, {})
                if not _is_known(element.value, columns) and len(columns) < MOST_COLUMNS:
                    columns.update(dict.fromkeys(flat(element.value)))
    except Broken as broken:
        return arrays, broken
    return arrays, None


def _is_known(record: Mapping[str, object], columns: Mapping[str, None]) -> bool:
    """Whether a record surely brings no new column: all its keys are known and none holds an object."""
    return record.keys() <= columns.keys() and not any(
        type(value) in (dict, list) for value in record.values()
    )


def _chosen(
    path: str, arrays: Mapping[str, _Columns], broken: Broken | None, recognise: Recognise, wanted: str | None
) -> str:
    if not arrays:
        if broken is not None:
            raise UnreadableInput(
                f"{path}: line {broken.line}: {broken.problem}; expected JSON with one array of objects"
            )
        raise UnreadableInput(f"{path}: no array of objects in this JSON; expected [{{…}}, {{…}}]")
    if wanted is not None:
        if wanted not in arrays:
            raise UnreadableInput(
                f"{path}: there is no array {wanted!r}; the arrays of objects are {', '.join(arrays)}"
            )
        return wanted
    if len(arrays) == 1:
        return next(iter(arrays))
    known = [
        name for name, columns in arrays.items() if sum(recognise(c) >= RECOGNISED for c in columns) >= 2
    ]
    if len(known) == 1:
        return known[0]
    raise UnreadableInput(
        f"{path}: several arrays of objects: {', '.join(arrays)}; name one as {path}#{next(iter(arrays))}"
    )


def flat(record: Mapping[str, object]) -> dict[str, str]:
    """A record as texts by column: `{"os": {"name": "X"}, "macs": ["a", "b"]}` gives `os.name` and `macs`."""
    found: dict[str, str] = {}
    _flatten(record, "", found, DEEPEST)
    return found


def _flatten(record: Mapping[str, object], prefix: str, found: dict[str, str], depth: int) -> None:
    for key, value in record.items():
        name = f"{prefix}{key}" if prefix else key
        if type(value) is str:
            found[name] = value.replace("\0", "") if "\0" in value else value
        elif isinstance(value, dict) and depth > 1:
            _flatten(value, f"{name}.", found, depth - 1)
        elif (
            isinstance(value, list) and value and depth > 1 and all(isinstance(item, dict) for item in value)
        ):
            _spread(value, name, found, depth)
        else:
            found[name] = _text(value)


def _spread(items: list[dict[str, object]], name: str, found: dict[str, str], depth: int) -> None:
    """A list of objects as one list for each of their keys."""
    gathered: dict[str, list[str]] = {}
    for item in items:
        own: dict[str, str] = {}
        _flatten(item, f"{name}.", own, depth - 1)
        for column, text in own.items():
            if text:
                gathered.setdefault(column, []).append(text)
    for column, texts in gathered.items():
        found[column] = texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.replace("\0", "")  # inside a list
    if value is None or value == []:
        return ""
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict | list):
        return _text(value[0])
    return json.dumps(value, ensure_ascii=False)


def _batches(table: Table, elements: Iterator[Element]) -> Iterator[pa.RecordBatch]:
    columns = table.columns
    rows: list[int] = []
    lines: list[int] = []
    taken: list[list[str]] = []
    try:
        for element in elements:
            table.records += 1
            if element.problem or not isinstance(element.value, dict):
                table.refused.append(_refused(table.records, element))
                continue
            record = flat(element.value)
            rows.append(table.records)
            lines.append(element.line)
            taken.append([record.get(column, "") for column in columns])
            if len(rows) >= BATCH_ROWS:
                yield batch_of(rows, lines, taken, len(columns))
                rows, lines, taken = [], [], []
    except Broken as broken:
        table.records += 1
        table.refused.append(Refused(table.records, broken.line, "", "", broken.problem, "a whole JSON document: export the file anew", shortened(broken.raw)))  # fmt: skip
    if rows:
        yield batch_of(rows, lines, taken, len(columns))


def _refused(row: int, element: Element) -> Refused:
    problem = element.problem or "this element of the array is no object"
    return Refused(row, element.line, "", "", problem, 'an object such as {"serial": "AB123"}', _raw(element))


def _raw(element: Element) -> str:
    value = element.value
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _originals(elements: Iterator[Element], wanted: Mapping[int, int]) -> dict[int, str]:
    """The records as JSON objects."""
    last = max(wanted, default=0)
    numbered = enumerate(islice(elements, last), start=1)
    return {row: _raw(element) for row, element in numbered if row in wanted}
