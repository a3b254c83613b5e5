"""JSON: the one array of objects of a document, and JSON lines.

A document is walked through twice, once for its columns and once for its records, so that memory holds one
record at a time however large the file is.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.header import RECOGNISED
from pilothouse.kernel.reading.table import BATCH_ROWS, Recognise, Refused, Table, batch_of, shortened

LARGEST_VALUE = 32 << 20
"""Characters of one record, or of one value outside the array."""
MOST_COLUMNS = 2000
DEEPEST = 4
"""Objects in objects become columns `a.b.c.d`; what lies deeper stays JSON text."""

_WHITE = re.compile(r"[ \t\r\n]*")
_BETWEEN_LINES = re.compile(rb"\}[ \t]*\r?\n\s*\{")

# Numbers stay as they are spelt: 1.10 is no 1.1 where it is a version, and an integer may be of any length.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str)


class _Broken(Exception):
    """The document cannot be read on from here."""

    def __init__(self, line: int, problem: str, raw: str) -> None:
        super().__init__(problem)
        self.line, self.problem, self.raw = line, problem, raw


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an array: the array's path in the document, the line it begins on, its value."""

    path: str
    line: int
    value: object
    problem: str = ""


@dataclass(slots=True)
class _Array:
    """What the first walk learns of one array."""

    columns: dict[str, None] = field(default_factory=dict)
    objects: int = 0


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
    arrays, broken = _surveyed(_elements(path))
    chosen = _chosen(path, arrays, broken, recognise, wanted)

    def elements() -> Iterator[Element]:
        return (element for element in _elements(path) if element.path == chosen)

    table = Table(
        "json", tuple(arrays[chosen].columns), iter(()), lambda wanted: _originals(elements(), wanted)
    )
    if chosen:
        table.notes.append(f"array {chosen}")
    table.batches = _batches(table, elements())
    return table


def read_json_lines(path: str) -> Table:
    """One object a line; a line that is none is refused and counted."""
    arrays, _ = _surveyed(_lines(path))
    columns = tuple(arrays[""].columns) if "" in arrays else ()
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
            yield Element("", number, _JSON.decode(text))
        except (ValueError, RecursionError) as error:
            yield Element("", number, text, f"this line is no JSON ({error})")


def _surveyed(elements: Iterator[Element]) -> tuple[dict[str, _Array], _Broken | None]:
    """The arrays of objects by path with their columns, and where the document breaks, if it does."""
    arrays: dict[str, _Array] = {}
    try:
        for element in elements:
            if isinstance(element.value, dict) and not element.problem:
                array = arrays.setdefault(element.path, _Array())
                array.objects += 1
                if not _is_known(element.value, array.columns) and len(array.columns) < MOST_COLUMNS:
                    array.columns.update(dict.fromkeys(flat(element.value)))
    except _Broken as broken:
        return arrays, broken
    return arrays, None


def _is_known(record: Mapping[str, object], columns: Mapping[str, None]) -> bool:
    """Whether a record surely brings no new column: all its keys are known and none holds an object."""
    return record.keys() <= columns.keys() and not any(
        type(value) in (dict, list) for value in record.values()
    )


def _chosen(
    path: str, arrays: Mapping[str, _Array], broken: _Broken | None, recognise: Recognise, wanted: str | None
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
    known = [name for name, a in arrays.items() if sum(recognise(c) >= RECOGNISED for c in a.columns) >= 2]
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
    except _Broken as broken:
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


# --- Walking through a document of any size -------------------------------------------------------------------


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 read as Windows-1252, as everywhere else."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("pilothouse-1252", _as_windows_1252)


class _Window:
    """The part of a document's text that is being read; what lies behind is let go."""

    def __init__(self, path: str) -> None:
        self._stream = plain.open_bytes(path)
        head = self._stream.read(plain.BLOCK_BYTES)
        name, skip = plain.encoding_of(head)
        errors = "pilothouse-1252" if name == "utf-8" else "replace"
        self._decoder = codecs.getincrementaldecoder(name)(errors=errors)
        self.text = self._decoder.decode(head[skip:])
        self.at = 0
        self._line = 1
        self._counted = 0
        self.ended = False

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        if self.ended:
            return False
        piece = self._stream.read(plain.BLOCK_BYTES)
        self.ended = not piece
        self.here()
        self._counted = 0
        self.text = self.text[self.at :] + self._decoder.decode(piece, final=self.ended)
        self.at = 0
        return True

    def close(self) -> None:
        self._stream.close()

    def here(self) -> int:
        """The physical line of the present place."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def peek(self) -> str:
        """The next character that is no blank, or "" at the end."""
        while True:
            match = _WHITE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, expected: str) -> None:
        """Step over one character. Raises _Broken if another stands there."""
        found = self.peek()
        if found != expected:
            what = f"{found!r} stands" if found else "the file is cut off"
            raise _Broken(
                self.here(), f"{what} where {expected!r} should be", self.text[self.at : self.at + 200]
            )
        self.at += 1

    def value(self) -> object:
        """The JSON value that begins here, however many pieces it spans. Raises _Broken."""
        self.peek()
        while True:
            try:
                found, end = _JSON.raw_decode(self.text, self.at)
            except RecursionError:
                raise _Broken(
                    self.here(), "objects lie in objects too deep to read", self.text[self.at : self.at + 200]
                ) from None
            except json.JSONDecodeError as error:
                if len(self.text) - self.at < LARGEST_VALUE and self.more():
                    continue
                raise self._broken(error) from None
            # A number or word at the very end of the window may go on in the next piece.
            if end < len(self.text) or not self.more():
                self.at = end
                return found

    def _broken(self, error: json.JSONDecodeError) -> _Broken:
        line = self.here() + self.text.count("\n", self.at, error.pos)
        column = error.pos - (self.text.rfind("\n", 0, error.pos) + 1) + 1
        cut = (self.ended and error.pos >= len(self.text.rstrip()) - 1) or "Unterminated" in error.msg
        what = "the file is cut off here" if cut else f"no JSON from here on: {error.msg}"
        return _Broken(line, f"{what} (line {line}, column {column})", self.text[self.at : self.at + 2000])


def _elements(path: str) -> Iterator[Element]:
    """Every element of every array of objects, in the order of the document. Raises _Broken where it breaks."""
    window = _Window(path)
    try:
        first = window.peek()
        if first == "[":
            yield from _array(window, "")
        elif first == "{":
            yield from _object(window)
        else:
            raise _Broken(window.here(), "this is no JSON array or object", window.text[:200])
    finally:
        window.close()


def _array(window: _Window, path: str) -> Iterator[Element]:
    window.take("[")
    if window.peek() == "]":
        window.at += 1
        return
    while True:
        window.peek()
        line = window.here()
        yield Element(path, line, window.value())
        if window.peek() == "]":
            window.at += 1
            return
        window.take(",")


def _object(window: _Window) -> Iterator[Element]:
    window.take("{")
    alone: dict[str, object] = {}
    line, arrays = window.here(), False
    while window.peek() != "}":
        key = window.value()
        window.take(":")
        if window.peek() == "[":
            for element in _array(window, str(key)):
                arrays = arrays or isinstance(element.value, dict)
                yield element
        else:
            at = window.here()
            value = window.value()
            alone[str(key)] = value
            for element in _inside(value, str(key), at):
                arrays = True
                yield element
        if window.peek() == "}":
            break
        window.take(",")
    window.take("}")
    if not arrays and alone and window.here() == line:
        yield Element("", line, alone)  # one object and nothing else: the only line of JSON lines


def _inside(value: object, path: str, line: int) -> Iterator[Element]:
    """The elements of arrays of objects that lie inside an object."""
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        name = f"{path}.{key}"
        if isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            for item in inner:
                yield Element(name, line, item)
        else:
            yield from _inside(inner, name, line)
