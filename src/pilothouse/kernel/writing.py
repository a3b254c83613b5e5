"""Output files: written whole or not at all, safe to open in a spreadsheet, read back exactly by our readers.

Source: docs/contracts.md, "Output".
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.kernel.errors import BadUsage, PilothouseError
from pilothouse.kernel.records import FORMULA, PLAIN_NUMBER, guarded

CHUNK_ROWS = 100_000
"""Rows turned into text at once; a chunk's text stays far below the 2 GB of an Arrow string column."""

_STRUCTURE = r'[",\n\r]'
# Blanks at the ends of a cell are kept by RFC 4180; quoting them keeps careless readers from trimming.
_STRUCTURE_RE = re.compile(_STRUCTURE)


class UnwritableOutput(PilothouseError):
    """An output file or folder that cannot be written; the text names it and says why."""


class Relation(Protocol):
    """What DuckDB's relations and Arrow's tables have in common for a writer."""

    def to_arrow_reader(self, batch_size: int = ...) -> pa.RecordBatchReader: ...


class Outputs:
    """The files of one run in one folder: all of them appear together at the end, or none.

    Each is written to a hidden file beside its place and renamed at the end. A run that fails, is stopped
    or fills the disk leaves the old files as they were and no litter.
    """

    def __init__(self, folder: Path, *, raw: bool = False) -> None:
        self.folder = folder
        self.raw = raw
        self._made = not folder.exists()
        self._written: dict[str, Path] = {}
        self._absent: list[str] = []

    def __enter__(self) -> Outputs:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise UnwritableOutput(
                f"{self.folder}: is no folder; name a folder for the output files"
            ) from None
        except OSError as error:
            raise UnwritableOutput(f"{self.folder}: the folder cannot be made ({error.strerror})") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            for temporary in self._written.values():
                temporary.unlink(missing_ok=True)
            if self._made and (kind is not None):
                with suppress(OSError):
                    self.folder.rmdir()

    def table(
        self, name: str, content: Relation | pa.Table, columns: Sequence[str], *, raw: bool | None = None
    ) -> int:
        """Write a table as CSV with `columns` in this order; the number of rows. raw: without the guard."""
        with self._file(name) as stream:
            return write_table(stream, content, columns, raw=self.raw if raw is None else raw)

    def rows(self, name: str, rows: Iterable[Sequence[object]], columns: Sequence[str]) -> int:
        """Write rows of Python values as CSV; the number of rows."""
        with self._file(name) as stream:
            return write_rows(stream, rows, columns, raw=self.raw)

    def text(self, name: str, text: str | Iterable[str]) -> None:
        """Write a text file, such as a page of HTML, in one piece or in several."""
        with self._file(name) as stream:
            for piece in [text] if isinstance(text, str) else text:
                stream.write(piece.encode("utf-8"))

    def absent(self, name: str) -> None:
        """This run has no such file: one that an earlier run left is taken away with the commit."""
        self._absent.append(name)

    @contextmanager
    def _file(self, name: str) -> Iterator[BinaryIO]:
        target = self.folder / name
        if target.is_dir():
            raise UnwritableOutput(f"{target}: is a folder; name a file")
        if target.exists() and not target.is_file():
            raise UnwritableOutput(f"{target}: is no ordinary file; name one, or - for standard output")
        try:
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=self.folder)
            self._written[name] = Path(temporary)
            with os.fdopen(handle, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            self._written[name].chmod(0o666 & ~_umask())
        except OSError as error:
            raise UnwritableOutput(
                f"{target}: cannot be written ({error.strerror or error}); nothing was changed"
            ) from error

    def _commit(self) -> None:
        try:
            with _undisturbed():
                for name, temporary in self._written.items():
                    temporary.replace(self.folder / name)
                for name in self._absent:
                    if name not in self._written:
                        (self.folder / name).unlink(missing_ok=True)
                _sync_folder(self.folder)
        except OSError as error:
            raise UnwritableOutput(
                f"{self.folder}: the files could not be put in place ({error.strerror})"
            ) from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and the like wait for the end: files that belong together are put in place together."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals never reach it
        return
    came: list[int] = []
    former = {
        number: signal.signal(number, lambda n, _: came.append(n))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the renames last, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def refuse_to_overwrite(inputs: Iterable[str | Path], outputs: Iterable[str | Path]) -> None:
    """Raise BadUsage if an output would take the place of an input, under whatever name it was typed."""
    written = {os.path.realpath(output) for output in outputs}
    for path in inputs:
        if os.path.realpath(path) in written:
            raise BadUsage(f"{path} is an input and would be overwritten; name another place with --out")


@contextmanager
def one_file(target: str, *, raw: bool = False) -> Iterator[tuple[Outputs, str]]:
    """A single output file as typed: its folder's outputs and its name there. Not for `-` (standard output)."""
    path = Path(target)
    if not path.name or target.endswith("/"):
        raise BadUsage(f"{target!r} names no file")
    with Outputs(path.parent, raw=raw) as outputs:
        yield outputs, path.name


def write_table_to(
    target: str, content: Relation | pa.Table, columns: Sequence[str], *, raw: bool = False
) -> int:
    """Write a table to a file, or to standard output for `-`; the number of rows."""
    if target == "-":
        count = write_table(sys.stdout.buffer, content, columns, raw=raw)
        sys.stdout.buffer.flush()
        return count
    with one_file(target, raw=raw) as (outputs, name):
        return outputs.table(name, content, columns)


def write_rows(
    stream: BinaryIO, rows: Iterable[Sequence[object]], columns: Sequence[str], *, raw: bool = False
) -> int:
    """Write rows of Python values as CSV to an open stream; the number of rows."""
    stream.write(_line(columns, raw).encode("utf-8"))
    count = 0
    for row in rows:
        stream.write(_line([_cell(value) for value in row], raw).encode("utf-8", "replace"))
        count += 1
    return count


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple | dict) else str(value)


def _line(cells: Sequence[str], raw: bool) -> str:
    safe = cells if raw else [guarded(cell) for cell in cells]
    if len(safe) == 1 and not safe[0]:
        return '""\n'
    quoted = ['"' + cell.replace('"', '""') + '"' if _STRUCTURE_RE.search(cell) else cell for cell in safe]
    return ",".join(quoted) + "\n"


def write_table(
    stream: BinaryIO, content: Relation | pa.Table, columns: Sequence[str], *, raw: bool = False
) -> int:
    """Write a table as CSV to an open stream: UTF-8, comma, header, `\\n`, quotes only where needed.

    content: an Arrow table or a DuckDB relation; its columns are taken by name in the order of `columns`.
    null is empty; a moment is ISO 8601 with `Z`, a list a JSON array, a truth value yes or no.
    Returns the number of rows.
    """
    stream.write(_line(columns, raw).encode("utf-8"))
    count = 0
    for batch in _batches(content):
        for start in range(0, batch.num_rows, CHUNK_ROWS):
            part = batch.slice(start, CHUNK_ROWS)
            texts = [_quoted(_texts(part.column(name)), raw) for name in columns]
            stream.write(_bytes_of(_joined(texts)))
        count += batch.num_rows
    return count


def _batches(content: Relation | pa.Table) -> Iterable[pa.RecordBatch]:
    if isinstance(content, pa.Table):
        batches: list[pa.RecordBatch] = content.combine_chunks().to_batches(max_chunksize=CHUNK_ROWS)
        return batches
    reader: Iterable[pa.RecordBatch] = content.to_arrow_reader(CHUNK_ROWS)
    return reader


def _texts(column: pa.Array) -> pa.Array:
    """A column as the texts of its cells, null as empty."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_boolean(kind):
        texts = pc.if_else(column, "yes", "no")
    elif pa.types.is_timestamp(kind):
        whole = column.cast(pa.timestamp("s", kind.tz), safe=False)
        texts = pc.strftime(whole, "%Y-%m-%dT%H:%M:%SZ" if kind.tz else "%Y-%m-%dT%H:%M:%S")
    elif pa.types.is_list(kind) or pa.types.is_struct(kind) or pa.types.is_large_list(kind):
        texts = pa.array([None if v is None else _cell(v) for v in column.to_pylist()], pa.string())
    else:
        texts = column.cast(pa.string())
    return pc.fill_null(texts, "")


def _quoted(texts: pa.Array, raw: bool) -> pa.Array:
    """Cells guarded against formulas and quoted, each step only where some cell needs it."""
    if not raw:
        risky = pc.match_substring_regex(texts, FORMULA)
        if pc.any(risky).as_py():
            risky = pc.and_not(risky, pc.match_substring_regex(texts, PLAIN_NUMBER))
            texts = pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)
    special = pc.match_substring_regex(texts, _STRUCTURE)
    if not pc.any(special).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), texts)


def _joined(texts: Sequence[pa.Array]) -> pa.Array:
    """Whole lines, each with its end."""
    if len(texts) == 1:
        only = pc.if_else(pc.equal(texts[0], ""), '""', texts[0])
        return pc.binary_join_element_wise(only, "\n", "")
    last = pc.binary_join_element_wise(texts[-1], "\n", "")
    return pc.binary_join_element_wise(*texts[:-1], last, ",")


def _bytes_of(lines: pa.Array) -> memoryview:
    """The text of all lines one after another, as Arrow keeps it, without a copy."""
    offsets = memoryview(lines.buffers()[1]).cast("i")
    first, last = offsets[lines.offset], offsets[lines.offset + len(lines)]
    return memoryview(lines.buffers()[2])[first:last]


def csv_lines(columns: Sequence[Sequence[str]], *, raw: bool = False) -> bytes:
    """Lines of CSV of columns of texts, all of one length, as `write_table` writes them; for a file that is sent piece by piece."""
    return bytes(_bytes_of(_joined([_quoted(_array(column), raw) for column in columns])))


def _array(texts: Sequence[str]) -> pa.Array:
    """The texts as Arrow has them; what UTF-8 cannot hold becomes a question mark."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())
