"""Downloads that can be broken off anywhere: conditional, resumed where they stopped, tried again, bounded, checked by TLS.

A file is either as it was or whole: what is on its way lies beside it as `NAME.part`, with the validators under which it may be
resumed. Source: RFC 9110, 13 (conditional requests) and 14 (ranges). The proxy is the environment's.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from pilothouse.kernel.errors import PilothouseError

AGENT: Final = "Pilothouse (advisory sync)"
_BLOCK = 1 << 16
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_WAIT_S = 60.0


class FeedError(PilothouseError):
    """A feed could not be read; the text names the address and what happened."""


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells whether something changed; empty when it does not say."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. changed: False when the server says that nothing did."""

    changed: bool
    validators: Validators


@dataclass(slots=True)
class Fetcher:
    """Asks servers. most_bytes: a larger answer is refused; tries: requests before it gives up; wait_s: before the second one.

    alive: called between blocks and while it waits, so that a job can be stopped (by raising) and renews its lease.
    """

    most_bytes: int = 256 * 2**20
    tries: int = 5
    timeout_s: float = 30.0
    wait_s: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    alive: Callable[[], None] = lambda: None
    _opener: urllib.request.OpenerDirector | None = field(default=None, repr=False)

    def fetch(self, url: str, into: Path, known: Validators = Validators()) -> Answer:
        """Bring the file at `url` to `into`, unless it is there and the server says that it has not changed.

        Raises FeedError when it cannot be had; `into` is then as it was.
        """
        check_address(url)
        into.parent.mkdir(parents=True, exist_ok=True)
        problem = ""
        for attempt in range(self.tries):
            self.alive()
            try:
                return self._try(url, into, known if into.exists() else Validators())
            except _Again as error:
                problem = str(error)
                if attempt + 1 < self.tries:
                    self.sleep(min(max(self.wait_s * 2**attempt, error.wait_s), _LONGEST_WAIT_S))
        raise FeedError(f"{url}: {problem}; tried {self.tries} times")

    def _try(self, url: str, into: Path, known: Validators) -> Answer:
        part = _Part.of(into, url)
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked
            url, headers={"User-Agent": AGENT, "Accept-Encoding": "identity", **part.asks(known)}
        )
        try:
            with self._open(request) as answer:
                return self._take(answer, part, into, url)
        except urllib.error.HTTPError as error:
            with error:
                return self._judge(error, part, known, url)
        except (OSError, http.client.HTTPException, EOFError) as error:
            if isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError):
                raise FeedError(f"{url}: its certificate cannot be trusted ({error})") from error
            raise _Again(f"the connection broke ({_said(error)})") from error

    def _open(self, request: urllib.request.Request) -> Any:  # Any: urllib's answer
        if self._opener is None:
            secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
            self._opener = urllib.request.build_opener(secure, _NeverDown())
        return self._opener.open(request, timeout=self.timeout_s)

    def _take(self, answer: Any, part: _Part, into: Path, url: str) -> Answer:  # Any: urllib's answer
        resumed = answer.status == 206 and _starts_at(answer.headers) == part.size
        if answer.status == 206 and not resumed:
            part.drop()
            raise _Again("the server sent another part than was asked for")
        found = _validators(answer.headers)
        start = part.size if resumed else 0
        length = _length(answer.headers)
        if length is not None and start + length > self.most_bytes:
            part.drop()
            raise FeedError(f"{url}: it has more than {self.most_bytes:,} bytes")
        if not resumed:
            part.begin(found)
        with part.path.open("ab" if resumed else "wb") as stream:
            got = self._copy(answer, stream, start, url, part)
        if length is not None and got < length:
            raise _Again(f"it broke off after {start + got:,} of {start + length:,} bytes")
        part.finish(into)
        return Answer(True, found)

    def _copy(self, answer: Any, stream: IO[bytes], start: int, url: str, part: _Part) -> int:
        got = 0
        while block := answer.read1(_BLOCK):
            got += len(block)
            if start + got > self.most_bytes:
                stream.close()
                part.drop()
                raise FeedError(f"{url}: it has more than {self.most_bytes:,} bytes")
            stream.write(block)
            self.alive()
        stream.flush()
        os.fsync(stream.fileno())
        return got

    def _judge(self, error: urllib.error.HTTPError, part: _Part, known: Validators, url: str) -> Answer:
        if error.code == 304:
            part.drop()
            return Answer(False, known)
        if error.code == 416:
            part.drop()
            raise _Again("the server has no such part")
        if error.code in _AGAIN:
            raise _Again(f"the server answers {error.code}", _retry_after(error.headers))
        raise FeedError(f"{url}: the server answers {error.code} {error.reason}")


def check_address(url: str) -> None:
    """Refuse what is not https, or http to this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise FeedError(f"{url}: only https addresses are read")


class _Again(Exception):
    """A failure that may pass. wait_s: what the server asks for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _NeverDown(urllib.request.HTTPRedirectHandler):
    """Follows no redirect to an address that `check_address` refuses."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(slots=True)
class _Part:
    """What is there of a download, and under which validators it may be resumed."""

    path: Path
    about: Path
    url: str
    validators: Validators

    @classmethod
    def of(cls, into: Path, url: str) -> _Part:
        path, about = into.with_name(f"{into.name}.part"), into.with_name(f"{into.name}.part.json")
        part = cls(path, about, url, Validators())
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(about.read_text("utf-8"))
            if told["url"] == url:
                part.validators = Validators(told["etag"], told["modified"])
        return part

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def asks(self, known: Validators) -> dict[str, str]:
        """The headers of the next request: the rest of what is there, or all of it if it changed."""
        strong = self.validators.etag if not self.validators.etag.startswith("W/") else ""
        unless = strong or self.validators.modified
        if self.size and unless:
            return {"Range": f"bytes={self.size}-", "If-Range": unless}
        asked = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
        return {name: value for name, value in asked.items() if value}

    def begin(self, found: Validators) -> None:
        self.drop()
        self.about.write_text(json.dumps({"url": self.url, "etag": found.etag, "modified": found.modified}), "utf-8")  # fmt: skip

    def finish(self, into: Path) -> None:
        self.path.replace(into)
        self.about.unlink(missing_ok=True)

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)


def _validators(headers: Message) -> Validators:
    return Validators(headers.get("ETag", ""), headers.get("Last-Modified", ""))


def _length(headers: Message) -> int | None:
    told = headers.get("Content-Length", "")
    return int(told) if told.isdigit() else None


def _starts_at(headers: Message) -> int:
    """Where a part begins: `bytes 100-199/200`; -1 when it does not say."""
    unit, _, span = headers.get("Content-Range", "").partition(" ")
    first = span.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdigit() else -1


def _retry_after(headers: Message) -> float:
    told = headers.get("Retry-After", "")
    if told.isdigit():
        return float(told)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - time.time())
    return 0.0


def _said(error: BaseException) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__
