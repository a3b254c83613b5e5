"""Walking through a JSON document of any size: the elements of its arrays of objects, one at a time.

Memory holds the element at hand and a block of text around it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pilothouse.kernel import plain

LARGEST_VALUE = 32 << 20
"""Characters of one record, or of one value outside the array."""

_WHITE = re.compile(r"[ \t\r\n]*")

# Numbers stay as they are spelt: 1.10 is no 1.1 where it is a version, and an integer may be of any length.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


class Broken(Exception):
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


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 read as Windows-1252, as everywhere else."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("pilothouse-1252", _as_windows_1252)


class _Window:
    """The part of a document's text that is being read; what lies behind is let go."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stream = plain.open_bytes(path)
        head = plain.read_block(self._stream, plain.BLOCK_BYTES, path)
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
        piece = plain.read_block(self._stream, plain.BLOCK_BYTES, self._path)
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
        """Step over one character. Raises Broken if another stands there."""
        found = self.peek()
        if found != expected:
            what = f"{found!r} stands" if found else "the file is cut off"
            raise Broken(
                self.here(), f"{what} where {expected!r} should be", self.text[self.at : self.at + 200]
            )
        self.at += 1

    def value(self) -> object:
        """The JSON value that begins here, however many pieces it spans. Raises Broken."""
        self.peek()
        while True:
            try:
                found, end = DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                raise Broken(
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

    def _broken(self, error: json.JSONDecodeError) -> Broken:
        line = self.here() + self.text.count("\n", self.at, error.pos)
        column = error.pos - (self.text.rfind("\n", 0, error.pos) + 1) + 1
        cut = (self.ended and error.pos >= len(self.text.rstrip()) - 1) or "Unterminated" in error.msg
        what = "the file is cut off here" if cut else f"no JSON from here on: {error.msg}"
        return Broken(line, f"{what} (line {line}, column {column})", self.text[self.at : self.at + 2000])


def elements_of(path: str) -> Iterator[Element]:
    """Every element of every array of objects, in the order of the document. Raises Broken where it breaks."""
    window = _Window(path)
    try:
        first = window.peek()
        if first == "[":
            yield from _array(window, "")
        elif first == "{":
            yield from _object(window)
        else:
            raise Broken(window.here(), "this is no JSON array or object", window.text[:200])
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
