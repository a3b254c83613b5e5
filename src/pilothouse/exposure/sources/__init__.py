"""Advisories, KEV and EPSS of any mix, in files, folders and archives, brought to one catalogue.

Every file is recognised by what it holds, not by its name. Source: docs/domains/exposure.md, "What is read".
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pilothouse.exposure.advisories import Advisory, Catalogue, Damaged
from pilothouse.exposure.sources import exploitation
from pilothouse.exposure.sources.archives import Bounds, Document, Reader
from pilothouse.exposure.sources.csaf import DamagedAdvisory, is_csaf, looks_like_csaf, read_csaf
from pilothouse.exposure.sources.exploitation import Exploited
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.memory import collector_paused
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.versions import version_key

__all__ = ["Bounds", "Feeds", "load_advisories", "read_feeds"]


def load_advisories(path: Path, *, kev: Path | None = None, epss: Path | None = None, bounds: Bounds | None = None, progress: Progress = SILENT) -> Catalogue:  # fmt: skip
    """Everything below `path`, each advisory in its newest revision.

    kev, epss: files that win over those found below `path`. Raises UnreadableInput when there is no such path
    or no advisory in it, and when `kev` or `epss` is not what it should be.
    """
    if not path.exists():
        raise UnreadableInput(f"{path}: there is no such file or folder of advisories.")
    progress.step("Reading advisories")
    found = _Found()
    reader = Reader(bounds or Bounds())
    with collector_paused():
        for document in reader.documents(path):
            found.take(document)
            progress.advance()
    if not found.newest:
        raise UnreadableInput(_nothing(path, found, reader.damaged))
    if kev is not None:
        found.exploited = [_only_kev(kev)]
    if epss is not None:
        found.scores = [_only_epss(epss)]
    return found.catalogue(reader.damaged)


@dataclass(frozen=True, slots=True)
class Feeds:
    """What was found, each advisory in its newest revision with its publisher's own bytes.

    documents: by tracking id, packed by zlib. exploited, scores: of the newest KEV catalogue and EPSS file (day, content), if any.
    """

    advisories: tuple[Advisory, ...]
    documents: Mapping[str, bytes]
    exploited: Exploited | None = None
    scores: tuple[str, bytes] | None = None
    superseded: int = 0
    passed_over: int = 0
    damaged: tuple[Damaged, ...] = ()


def read_feeds(*paths: Path, bounds: Bounds | None = None, progress: Progress = SILENT) -> Feeds:
    """Everything below the paths, advisories or not. Raises UnreadableInput when a path is not there or none of it is of use."""
    found = _Found(packed={})
    reader = Reader(bounds or Bounds())
    with collector_paused():
        for path in paths:
            if not path.exists():
                raise UnreadableInput(f"{path}: there is no such file or folder of advisories.")
            for document in reader.documents(path):
                found.take(document)
                progress.advance()
    if not (found.newest or found.exploited or found.scores):
        raise UnreadableInput(_nothing(paths[0], found, reader.damaged))
    return Feeds(
        advisories=tuple(found.newest[name] for name in sorted(found.newest)),
        documents=found.packed or {},
        exploited=max(found.exploited, key=lambda kev: kev.as_of, default=None),
        scores=max(found.scores, key=lambda score: score[0], default=None),
        superseded=found.superseded,
        passed_over=found.passed_over,
        damaged=(*reader.damaged, *found.damaged),
    )


@dataclass(slots=True)
class _Found:
    """What has been met so far. scores: EPSS files with their day, read when the CVEs are known.

    packed: the bytes of each advisory's newest revision by zlib; None when nobody asks for them.
    """

    newest: dict[str, Advisory] = field(default_factory=dict)
    exploited: list[Exploited] = field(default_factory=list)
    scores: list[tuple[str, bytes]] = field(default_factory=list)
    superseded: int = 0
    passed_over: int = 0
    damaged: list[Damaged] = field(default_factory=list)
    packed: dict[str, bytes] | None = None

    def take(self, document: Document) -> None:
        """Recognise one document by its content and keep what it says."""
        content = document.content
        start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start == b"{":
            self._take_json(document)
        elif exploitation.is_epss(content):
            self.scores.append((exploitation.epss_date(document.name, content), content))
        elif exploitation.is_kev_csv(content):
            self.exploited.append(exploitation.read_kev_csv(content))
        else:
            self.passed_over += 1

    def _take_json(self, document: Document) -> None:
        try:
            parsed = _whole_text(json.loads(document.content), document.content)
        except (ValueError, RecursionError) as error:
            self._take_broken(document, error)
            return
        if exploitation.is_kev(parsed):
            self.exploited.append(exploitation.read_kev(parsed))
        elif is_csaf(parsed):
            try:
                self._keep_newer(read_csaf(parsed), document.content)
            except DamagedAdvisory as error:
                self.damaged.append(Damaged(document.name, str(error)))
        else:
            self.passed_over += 1

    def _take_broken(self, document: Document, error: Exception) -> None:
        if looks_like_csaf(document.content):
            self.damaged.append(Damaged(document.name, f"the advisory breaks off or is not JSON ({error})"))
        else:
            self.passed_over += 1

    def _keep_newer(self, advisory: Advisory, content: bytes) -> None:
        present = self.newest.get(advisory.id)
        self.superseded += present is not None
        if present is None or revision(advisory) > revision(present):
            self.newest[advisory.id] = advisory
            if self.packed is not None:
                self.packed[advisory.id] = zlib.compress(content, 6)

    def catalogue(self, damaged: list[Damaged]) -> Catalogue:
        """The newest revision of each advisory, the newest KEV catalogue and the newest scores of its CVEs."""
        catalogue = Catalogue(
            advisories=tuple(self.newest[name] for name in sorted(self.newest)),
            superseded=self.superseded,
            passed_over=self.passed_over,
            damaged=(*damaged, *self.damaged),
        )
        if self.exploited:
            catalogue = replace(catalogue, exploited=max(self.exploited, key=lambda kev: kev.as_of).cves)
        if self.scores:
            cves = {v.id for advisory in catalogue.advisories for v in advisory.vulnerabilities}
            _, content = max(self.scores, key=lambda score: score[0])
            catalogue = replace(catalogue, epss=exploitation.read_epss(content, cves))
        return catalogue


def _whole_text(parsed: Any, content: bytes) -> Any:
    """The document; raises ValueError when it holds half a character (`\\ud800`), which no output file can hold."""
    if b"\\ud" in content or b"\\uD" in content:
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    return parsed


def revision(advisory: Advisory) -> tuple[float, str]:
    """Of two revisions of one advisory the greater counts."""
    return advisory.released.timestamp(), version_key(advisory.version)


def _only_kev(path: Path) -> Exploited:
    found = _option(path)
    if not found.exploited:
        raise UnreadableInput(f"{path}: this is no KEV catalogue; CISA's known_exploited_vulnerabilities as JSON or CSV would be right.")  # fmt: skip
    return found.exploited[0]


def _only_epss(path: Path) -> tuple[str, bytes]:
    found = _option(path)
    if not found.scores:
        raise UnreadableInput(
            f"{path}: this is no EPSS file; FIRST's epss_scores CSV, packed or not, would be right."
        )
    return found.scores[0]


def _option(path: Path) -> _Found:
    if not path.is_file():
        raise UnreadableInput(f"{path}: there is no such file.")
    found = _Found()
    for document in Reader().documents(path):
        found.take(document)
    return found


def _nothing(path: Path, found: _Found, damaged: list[Damaged]) -> str:
    broken = [*damaged, *found.damaged]
    if broken:
        return f"{path}: no advisory could be read; {len(broken)} damaged, the first is {broken[0].file}: {broken[0].problem}."  # fmt: skip
    seen = f"{found.passed_over} other files were passed over" if found.passed_over else "it is empty"
    return f"{path}: there is no advisory in it ({seen}). Put CSAF files (JSON, or zip, tar, gz, xz of them) there."
