"""A real web server on loopback that behaves as it is told: conditional answers, ranges, failures, stalls."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Peer:
    """What the server holds, how it is to misbehave, and what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.trouble: defaultdict[str, list[str]] = defaultdict(list)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    def etag(self, path: str) -> str:
        return f'"{hashlib.sha256(self.files[path]).hexdigest()[:12]}"'

    def times(self, path: str) -> int:
        return sum(1 for asked, _ in self.asked if asked == path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        peer: Peer = self.server.peer  # type: ignore[attr-defined]
        peer.asked.append((self.path, dict(self.headers.items())))
        trouble = peer.trouble[self.path].pop(0) if peer.trouble[self.path] else ""
        if trouble.isdigit():
            return self._plain(int(trouble))
        if self.path not in peer.files:
            return self._plain(404)
        if trouble.startswith("to "):
            self.send_response(302)
            self.send_header("Location", trouble[3:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        return self._file(peer, trouble)

    def _plain(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()

    def _file(self, peer: Peer, trouble: str) -> None:
        content, etag = peer.files[self.path], peer.etag(self.path)
        if self.headers.get("If-None-Match") == etag and "Range" not in self.headers:
            return self._plain(304)
        start, status = 0, 200
        if "Range" in self.headers and self.headers.get("If-Range") == etag:
            start, status = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")), 206
            if start >= len(content):
                return self._plain(416)
        self.send_response(status)
        self.send_header("ETag", etag)
        if trouble != "endless":
            self.send_header("Content-Length", str(len(content) - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if trouble == "endless":
            return self._endless()
        if trouble in ("break", "stall"):
            self.wfile.write(content[start : start + (len(content) - start) // 2])
            self.wfile.flush()
            time.sleep(1.5 if trouble == "stall" else 0)
            self.close_connection = True
            return None
        if trouble == "slow":
            for at in range(start, len(content), 200):
                self.wfile.write(content[at : at + 200])
                self.wfile.flush()
                time.sleep(0.02)
            return None
        self.wfile.write(content[start:])
        return None

    def _endless(self) -> None:
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            return

    def log_message(self, *told: Any) -> None:
        """Silent."""


@contextmanager
def serving() -> Iterator[Peer]:
    """A peer that answers until the block ends."""
    peer = Peer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.peer = peer  # type: ignore[attr-defined]
    peer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
