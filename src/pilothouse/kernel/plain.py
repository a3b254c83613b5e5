"""Plain files of any encoding as lines of text, gzip unpacked on the way, with the standard library alone.

`who` reads the chain of command with this and `kernel.records`, so nothing here may import Arrow. The rest
of the house reads CSV through `kernel.reading`, which stands on the same functions: what one accepts, the
other accepts.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pilothouse.kernel.errors import UnreadableInput

BLOCK_BYTES = 1 << 20
LONGEST_LINE = 16 << 20
"""Bytes; a longer line is no table, and holding it would cost memory without end."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins like that one's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GZIP = b"\x1f\x8b"
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27, 31})


@dataclass(slots=True)
class Decoding:
    """What was met while bytes became text; complete once the last line was read."""

    encoding: str = "utf-8"
    plain_lines: int = 0
    """Lines that were not valid UTF-8, read as Windows-1252."""
    plain_first: int = 0
    accented_lines: int = 0
    """Lines with letters outside ASCII that were valid UTF-8, counted from the first line that was not."""
    replaced_lines: int = 0
    nul_lines: int = 0
    nul_first: int = 0

    def notes(self) -> list[str]:
        """In words, what the user should know; empty for plain UTF-8."""
        found = []
        if self.encoding != "utf-8":
            found.append(f"encoding {self.encoding.upper()}")
        if self.plain_lines and self.accented_lines:
            found.append(
                f"mixed encodings: {self.plain_lines} lines are not UTF-8 and were read as Windows-1252, the first is line {self.plain_first}"
            )
        elif self.plain_lines:
            found.append(f"encoding Windows-1252 (line {self.plain_first} is the first that is not UTF-8)")
        if self.replaced_lines:
            found.append(
                f"{self.replaced_lines} lines hold bytes that are no text in {self.encoding.upper()}; they read \N{REPLACEMENT CHARACTER}"
            )
        if self.nul_lines:
            found.append(
                f"NUL characters taken out of {self.nul_lines} lines, the first is line {self.nul_first}"
            )
        return found


def open_bytes(path: str | Path) -> BinaryIO:
    """The file's bytes, unpacked if it is gzip. Raises UnreadableInput with what would be right."""
    place = Path(path)
    try:
        stream = place.open("rb")
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UnreadableInput(f"{path}: this is a folder; name a file in it") from None
    except PermissionError:
        raise UnreadableInput(f"{path}: may not be read by this user; ask for read permission") from None
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path}: cannot be opened ({error})") from None
    start = stream.read(2)
    stream.seek(0)
    return cast(BinaryIO, gzip.open(stream)) if start == _GZIP else stream


def read_head(path: str | Path, size: int = 65536) -> bytes:
    """The first bytes of a file (unpacked), for telling its form. Raises UnreadableInput if it is empty."""
    with open_bytes(path) as stream:
        head = read_block(stream, size, path)
    if not head:
        raise UnreadableInput(f"{path}: the file is empty; expected a table with a header line")
    return head


def read_block(stream: BinaryIO, size: int, path: str | Path) -> bytes:
    """At most so many bytes of an opened file; raises UnreadableInput for a damaged archive or a failing disk."""
    try:
        return stream.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableInput(
            f"{path}: the gzip archive is damaged or cut off ({error}); pack it anew"
        ) from None
    except OSError as error:
        raise UnreadableInput(f"{path}: reading failed ({error})") from None


def encoding_of(head: bytes) -> tuple[str, int]:
    """Name of the encoding and length of the mark at the start.

    UTF-16 without a mark is told by its zero bytes; everything else is tried as UTF-8, line by line.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    probe = head[:4096]
    pairs = len(probe) // 2
    if pairs >= 4:
        if probe[1::2].count(0) > 0.4 * pairs and probe[0::2].count(0) < 0.1 * pairs:
            return "utf-16-le", 0
        if probe[0::2].count(0) > 0.4 * pairs and probe[1::2].count(0) < 0.1 * pairs:
            return "utf-16-be", 0
    return "utf-8", 0


def looks_binary(head: bytes) -> bool:
    """Whether these bytes are no text in any encoding: more than a tenth are control characters."""
    if encoding_of(head)[0] != "utf-8":
        return False
    probe = head[:8192]
    without_nul = len(probe) - probe.count(0)
    controls = len(probe) - len(probe.translate(None, _CONTROL)) - probe.count(0)
    return controls > 0.1 * max(without_nul, 1) or probe.count(0) > 0.5 * len(probe)


def lines_of(path: str | Path, decoding: Decoding) -> Iterator[str]:
    r"""Physical lines with their ends (\n, \r\n or \r), decoded; memory stays within a few blocks."""
    with open_bytes(path) as stream:
        head = read_block(stream, BLOCK_BYTES, path)
        decoding.encoding, skip = encoding_of(head)
        pieces = _pieces(stream, head[skip:], path)
        blocks = (
            _bytewise(pieces, decoding, path)
            if decoding.encoding == "utf-8"
            else _wide(pieces, decoding, path)
        )
        for block in blocks:
            # Two exports put one behind the other leave a mark in the middle, glued to the first cell.
            yield from io.StringIO(block.replace("\ufeff", ""), newline="")


def _pieces(stream: BinaryIO, first: bytes, path: str | Path) -> Iterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = read_block(stream, BLOCK_BYTES, path)


def _bytewise(pieces: Iterable[bytes], decoding: Decoding, path: str | Path) -> Iterator[str]:
    """Blocks of whole lines from bytes of UTF-8, Windows-1252 or a mixture of both."""
    rest = b""
    line = 1
    for piece in pieces:
        rest += piece
        # A lone \r at the end may be the first half of \r\n, so it waits for the next piece.
        cut = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, -1)) + 1
        if cut:
            yield _decoded(rest[:cut], decoding, line)
            line += _line_count(rest[:cut])
            rest = rest[cut:]
        _bound(len(rest), path, line)
    if rest:
        yield _decoded(rest, decoding, line)


def _line_count(block: bytes) -> int:
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


def _bound(length: int, path: str | Path, line: int) -> None:
    if length > LONGEST_LINE:
        raise UnreadableInput(
            f"{path}: line {line} is longer than {LONGEST_LINE >> 20} MiB; expected one record a line"
        )


def _decoded(block: bytes, decoding: Decoding, line: int) -> str:
    if b"\0" in block:
        block = _without_nul(block, decoding, line)
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(
            _decoded_line(part, decoding, line + i) for i, part in enumerate(block.splitlines(keepends=True))
        )
    if decoding.accented_lines == 0 and not text.isascii():
        decoding.accented_lines = 1
    return text


def _decoded_line(part: bytes, decoding: Decoding, line: int) -> str:
    try:
        text = part.decode("utf-8")
        decoding.accented_lines += not text.isascii()
        return text
    except UnicodeDecodeError:
        decoding.plain_lines += 1
        decoding.plain_first = decoding.plain_first or line
    try:
        return part.decode("cp1252")
    except UnicodeDecodeError:
        return part.decode("latin-1")  # five bytes have no letter in Windows-1252


def _without_nul(block: bytes, decoding: Decoding, line: int) -> bytes:
    for i, part in enumerate(block.splitlines()):
        if b"\0" in part:
            decoding.nul_lines += 1
            decoding.nul_first = decoding.nul_first or line + i
    return block.replace(b"\0", b"")


def _wide(pieces: Iterable[bytes], decoding: Decoding, path: str | Path) -> Iterator[str]:
    """Blocks of whole lines from UTF-16 or UTF-32."""
    decoder = codecs.getincrementaldecoder(decoding.encoding)(errors="replace")
    rest = ""
    line = 1
    for piece in pieces:
        rest += decoder.decode(piece)
        cut = max(rest.rfind("\n"), rest.rfind("\r", 0, -1)) + 1
        if cut:
            yield _checked(rest[:cut], decoding, line)
            line += rest.count("\n", 0, cut)
            rest = rest[cut:]
        _bound(len(rest), path, line)
    rest += decoder.decode(b"", final=True)
    if rest:
        yield _checked(rest, decoding, line)


def _checked(block: str, decoding: Decoding, line: int) -> str:
    decoding.replaced_lines += block.count("\N{REPLACEMENT CHARACTER}")
    if "\0" in block:
        decoding.nul_lines += 1
        decoding.nul_first = decoding.nul_first or line + block[: block.index("\0")].count("\n")
        block = block.replace("\0", "")
    return block
