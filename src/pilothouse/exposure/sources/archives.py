"""Files, folders and archives as one stream of documents, read in memory and never written to disk.

What an archive may do to its reader is bounded: its size unpacked, the number of its members, how deep
archives lie in archives. A member whose path climbs out of the archive is refused.
Source: docs/domains/exposure.md, "What is read".
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final, Protocol

from pilothouse.exposure.advisories import Damaged

_HEAD = 512
_BROKEN: Final = (OSError, EOFError, lzma.LZMAError, zlib.error, tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)  # fmt: skip
"""What the unpackers of the standard library raise for damaged, encrypted or unknown archives."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class TooMuch(Exception):
    """An archive that unpacks to more than its reader takes."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one folder may hold unpacked, in bytes and members; how deep archives may nest."""

    one_bytes: int = 512 * 2**20
    all_bytes: int = 8 * 2**30
    members: int = 500_000
    depth: int = 3


@dataclass(frozen=True, slots=True)
class Document:
    """One file of whatever kind. name: the path as a person would look for it, archives included."""

    name: str
    content: bytes


@dataclass(slots=True)
class Reader:
    """Walks through a path; what could not be read is kept in `damaged`, by name."""

    bounds: Bounds = field(default_factory=Bounds)
    damaged: list[Damaged] = field(default_factory=list)
    _bytes: int = 0
    _members: int = 0

    def documents(self, path: Path) -> Iterator[Document]:
        """Every document below a path, in the order of their names; archives in the order of their members."""
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            try:
                with file.open("rb") as stream:
                    yield from self._unpacked(str(file), stream, 0)
            except TooMuch as error:
                self.damaged.append(Damaged(str(file), str(error)))
            except _BROKEN as error:
                self.damaged.append(
                    Damaged(str(file), f"it cannot be unpacked: {error or type(error).__name__}")
                )

    def _unpacked(self, name: str, stream: _Readable, depth: int) -> Iterator[Document]:
        head, stream = _peek(stream)
        if not _is_archive(head):
            yield Document(name, self._bounded(name, stream))
            return
        if depth > self.bounds.depth:
            raise TooMuch(f"archives lie more than {self.bounds.depth} deep in it")
        if head.startswith(b"PK\x03\x04"):
            yield from self._from_zip(name, io.BytesIO(self._bounded(name, stream)), depth)
        elif head[257:262] == b"ustar":
            yield from self._from_tar(name, stream, depth)
        else:
            # A packed tar archive is one archive to the eye, so it counts as one level.
            yield from self._unpacked(_packed_name(name), _unpacker(head, stream), depth + 1)

    def _from_tar(self, name: str, stream: IO[bytes], depth: int) -> Iterator[Document]:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                if not member.isfile() or not self._may_enter(name, member.name):
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    yield from self._member(f"{name}/{member.name}", content, depth)

    def _from_zip(self, name: str, stream: IO[bytes], depth: int) -> Iterator[Document]:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if member.is_dir() or not self._may_enter(name, member.filename):
                    continue
                with archive.open(member) as content:
                    yield from self._member(f"{name}/{member.filename}", content, depth)

    def _member(self, name: str, content: IO[bytes], depth: int) -> Iterator[Document]:
        self._members += 1
        if self._members > self.bounds.members:
            raise TooMuch(f"it holds more than {self.bounds.members:,} files")
        yield from self._unpacked(name, content, depth + 1)

    def _may_enter(self, archive: str, member: str) -> bool:
        if not climbs_out(member):
            return True
        self.damaged.append(
            Damaged(f"{archive}/{member}", "its path climbs out of the archive; it was refused")
        )
        return False

    def _bounded(self, name: str, stream: IO[bytes]) -> bytes:
        content = stream.read(self.bounds.one_bytes + 1)
        self._bytes += len(content)
        if len(content) > self.bounds.one_bytes:
            raise TooMuch(f"{name} unpacks to more than {self.bounds.one_bytes // 2**20:,} MiB")
        if self._bytes > self.bounds.all_bytes:
            raise TooMuch(f"the advisories unpack to more than {self.bounds.all_bytes // 2**30:,} GiB")
        return content


def climbs_out(member: str) -> bool:
    """Whether a member's path leads out of its archive, in the ways of POSIX or of Windows."""
    windows = PureWindowsPath(member)
    return member.startswith(("/", "\\")) or bool(windows.drive) or ".." in windows.parts or ".." in PurePosixPath(member).parts  # fmt: skip


def _is_archive(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ\x00", b"BZh")) or head[257:262] == b"ustar"


def _unpacker(head: bytes, stream: IO[bytes]) -> _Readable:
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(stream)
    return lzma.LZMAFile(stream)


def _packed_name(name: str) -> str:
    return name.removesuffix(".gz").removesuffix(".xz").removesuffix(".bz2")


def _peek(stream: _Readable) -> tuple[bytes, IO[bytes]]:
    """The first bytes of a stream, and a stream that still begins with them."""
    if isinstance(stream, io.BufferedReader):
        return stream.peek(_HEAD)[:_HEAD], stream
    buffered = io.BufferedReader(_Raw(stream), buffer_size=2**16)
    return buffered.peek(_HEAD)[:_HEAD], buffered


class _Raw(io.RawIOBase):
    """Any readable object as a raw stream, so that it can be buffered and looked into."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: WriteableBuffer
        content = self._stream.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)
