"""What a publisher's listing offers: a ROLIE feed or `changes.csv` of a CSAF directory, as files with the time they changed.

Source: CSAF 2.0, 7.1.13 (changes.csv) and 7.1.15 (ROLIE). A file lies at the listing's own host, below no other scheme, and its
name has no way out of a folder; anything else is refused by name.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from pilothouse.exposure.sources.fetching import FeedError

MOST_FILES: Final = 200_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.json")
_FOLDER: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Offered:
    """One file of a listing. name: `2022/icsma-22-251-01.json`, where it is stored; changed: when, as an instant in seconds."""

    url: str
    name: str
    changed: float


def read_listing(content: bytes, url: str) -> tuple[Offered, ...]:
    """The files of a listing that stands at `url`. Raises FeedError when it is none, or names a file it must not."""
    try:
        text = content.decode("utf-8-sig")
        pairs = _rolie(json.loads(text)) if text.lstrip().startswith("{") else _changes(text)
        offered = [_offered(path, stamp, url) for path, stamp in pairs]
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise FeedError(f"{url}: it is no listing of advisories ({error})") from error
    if not offered or len(offered) > MOST_FILES:
        raise FeedError(f"{url}: it lists {len(offered):,} files; 1 to {MOST_FILES:,} would be right")
    return tuple({one.name: one for one in sorted(offered, key=lambda one: one.changed)}.values())


def _rolie(document: Any) -> list[tuple[str, str]]:  # Any: JSON of a stranger
    return [
        (str(entry["content"]["src"]), str(entry["updated"])) for entry in document["feed"].get("entry", [])
    ]


def _changes(text: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in csv.reader(io.StringIO(text)) if len(row) >= 2]


def _offered(path: str, stamp: str, listing: str) -> Offered:
    """CISA's paths are told from the root of its repository: what they share with the listing's own folder is said once."""
    base = urlsplit(listing)
    url = path if "://" in path else urljoin(listing, _below(path, base.path.rpartition("/")[0]))
    parts = urlsplit(url)
    *_, folder, name = ("", *parts.path.split("/"))
    if (parts.scheme, parts.netloc) != (base.scheme, base.netloc) or ".." in parts.path.split("/"):
        raise FeedError(f"{listing}: it names {path}, which lies elsewhere")
    if not _NAME.fullmatch(name):
        raise FeedError(f"{listing}: it names {path}, which is no name of an advisory")
    changed = datetime.fromisoformat(stamp)
    moment = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
    return Offered(url, f"{folder}/{name}" if _FOLDER.fullmatch(folder) else name, moment.timestamp())


def _below(path: str, folder: str) -> str:
    """The path from the listing's folder on: `csaf_files/OT/white/2023/x.json` at `…/csaf_files/OT/white` is `2023/x.json`."""
    parts = path.split("/")
    for shared in range(len(parts) - 1, 0, -1):
        if folder.endswith("/" + "/".join(parts[:shared])):
            return "/".join(parts[shared:])
    return path
