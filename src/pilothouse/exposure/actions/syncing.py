"""Feeds read again: from a folder, or from the official addresses when the operator lets Pilothouse ask them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from pilothouse.core.jobs import Step, enqueue
from pilothouse.core.models import Job, Person
from pilothouse.core.permissions import Viewer, need
from pilothouse.exposure.actions.taking import Taken, take
from pilothouse.exposure.advisories import Damaged
from pilothouse.exposure.models import Feed
from pilothouse.exposure.sources import Feeds, read_feeds
from pilothouse.exposure.sources.fetching import FeedError, Fetcher, Validators
from pilothouse.exposure.sources.listings import Offered, read_listing
from pilothouse.kernel.errors import BadUsage, PilothouseError
from pilothouse.kernel.text import plain_name

MATCH: Final = "match_devices"
"""The job that brings the register up to what was taken."""


class NotOnline(PilothouseError):
    """Nobody has allowed requests to the outside: set PILOTHOUSE_ONLINE=1, or give --online, or name a folder with --from."""


@dataclass(slots=True)
class Synced:
    """What a sync did. asked, unchanged: addresses; files: downloaded ones; problems: what could not be had, in words."""

    taken: Taken = field(default_factory=Taken)
    asked: int = 0
    unchanged: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)
    damaged: Sequence[Damaged] = ()

    def sentence(self) -> str:
        """In words, for the job's page and the command line."""
        if not self.taken.wrote:
            said = "Nothing has changed" if not self.problems else "Nothing was taken"
        else:
            said = f"{self.taken.new:,} new and {self.taken.changed:,} changed advisories, {self.taken.exploitation:,} changed facts on exploitation"
        unread = [f"{len(self.damaged):,} damaged files passed over"] if self.damaged else []
        return ". ".join([said, *unread, *self.problems[:3]])


def sync_from_folder(folder: Path, *, by: Person | None, at: datetime, step: Step | None = None) -> Synced:
    """Take what lies in a folder, a file or an archive. Raises UnreadableInput."""
    if step is not None:
        step.tell(0, 0, f"Reading {folder.name}")
    return _taken(read_feeds(folder), Synced(), by=by, at=at, note=folder.name, step=step)


def ask_for_sync(*, by: Viewer, at: datetime) -> Job:
    """Have a worker ask the addresses of the settings; while one does, it is that job. Raises NotAllowed, NotOnline."""
    need(by, "sync_advisories")
    if not settings.FEEDS_ONLINE:
        raise NotOnline(NotOnline.__doc__)
    return enqueue("sync_advisories", by=by.person, at=at, key="sync_advisories")


def sync_online(*, by: Person | None, at: datetime, allowed: bool = False, fetcher: Fetcher | None = None, step: Step | None = None) -> Synced:  # fmt: skip
    """Ask the addresses of the settings for what changed and take it. Raises NotOnline unless it is allowed here or by a setting.

    One address that cannot be had does not keep the others from being taken; it is told in the answer and at the feed.
    """
    if not (allowed or settings.FEEDS_ONLINE):
        raise NotOnline(NotOnline.__doc__)
    fetch = fetcher or Fetcher()
    if step is not None:
        told = step
        fetch.alive = lambda: told.tell(0, 0, "Asking the publishers")
    synced = Synced()
    files = list(_downloads(fetch, synced, at, step))
    fresh = [(feed, signature) for feed, paths in files if (signature := _signature(paths)) != feed.position and paths]  # fmt: skip
    if not fresh:
        return synced
    feeds = read_feeds(*(path for _, paths in files for path in paths))
    positions = {feed.key: signature for feed, signature in fresh}
    return _taken(feeds, synced, by=by, at=at, note="online", step=step, positions=positions)


def _taken(feeds: Feeds, synced: Synced, *, by: Person | None, at: datetime, note: str, step: Step | None, positions: Mapping[str, str] | None = None) -> Synced:  # fmt: skip
    """Write, note how far the feeds were read, and ask for the matching, all in one transaction."""
    with transaction.atomic():
        synced.taken = take(feeds, by=by, at=at, note=note, alive=None if step is None else lambda: step.tell(0, 0, "Writing"))  # fmt: skip
        for key, signature in (positions or {}).items():
            Feed.objects.filter(pk=key).update(position=signature, changed_at=at)
        if synced.taken.wrote:
            enqueue(MATCH, by=by, at=at, key=MATCH)
    synced.damaged = feeds.damaged
    return synced


def addresses() -> dict[str, str]:
    """The address of each feed: `csaf 1`, `csaf 2`, ... , `kev`, `epss`; an empty setting leaves one out."""
    listings = {f"csaf {n}": url for n, url in enumerate(settings.FEEDS["csaf"], 1)}
    return {**listings, **{key: settings.FEEDS[key] for key in ("kev", "epss") if settings.FEEDS[key]}}


def known_feeds() -> list[Feed]:
    """Each address of the settings with how far it was read; one that was never asked is not stored yet. One query."""
    known = {feed.key: feed for feed in Feed.objects.all()}
    return [
        known[key] if key in known and known[key].url == url else Feed(key=key, url=url)
        for key, url in addresses().items()
    ]


def feeds_folder() -> Path:
    """Where what was downloaded lies, so that the next request is for what changed."""
    return Path(settings.MEDIA_ROOT) / "feeds"


def _downloads(fetch: Fetcher, synced: Synced, at: datetime, step: Step | None) -> Iterator[tuple[Feed, list[Path]]]:  # fmt: skip
    for key, url in addresses().items():
        feed = Feed.objects.filter(pk=key).first() or Feed(pk=key)
        if feed.url != url:  # another address: what was known of the old one says nothing
            feed = Feed(pk=key, url=url)
        folder = feeds_folder() / f"{key.replace(' ', '-')}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        feed.asked_at, feed.problem = at, ""
        synced.asked += 1
        paths: list[Path] = []
        try:
            paths = _of_feed(fetch, feed, folder, synced, step)
        except FeedError as error:
            feed.problem = str(error)
            synced.problems.append(str(error))
        feed.save()
        yield feed, paths


def _of_feed(fetch: Fetcher, feed: Feed, folder: Path, synced: Synced, step: Step | None) -> list[Path]:
    """The files of a feed as they lie on the disk, after asking for what changed."""
    file = folder / _NAMES.get(feed.pk, "listing")
    answer = fetch.fetch(feed.url, file, Validators(feed.etag, feed.modified))
    feed.etag, feed.modified = answer.validators.etag, answer.validators.modified
    synced.unchanged += not answer.changed
    if feed.pk in _NAMES:
        return [file]
    offered = read_listing(file.read_bytes(), feed.url)
    return _documents(fetch, feed, folder / "documents", offered, synced, step)


_NAMES: Final = {"kev": "known_exploited_vulnerabilities.json", "epss": "epss_scores.csv.gz"}


def _documents(fetch: Fetcher, feed: Feed, folder: Path, offered: Sequence[Offered], synced: Synced, step: Step | None) -> list[Path]:  # fmt: skip
    """A document whose time on the disk is the listing's is there already, whatever run brought it."""
    missing = [one for one in offered if not _is_there(folder / one.name, one.changed)]
    failed: list[str] = []
    for number, one in enumerate(missing):
        if step is not None:
            step.tell(number, len(missing), f"Reading {one.name}")
        try:
            fetch.fetch(one.url, folder / one.name)
        except FeedError as error:
            failed.append(str(error))
            if len(failed) >= _MOST_FAILURES:
                break
            continue
        _stamp(folder / one.name, one.changed)
        synced.files += 1
    if failed:
        feed.problem = f"{len(failed):,} of {len(missing):,} advisories could not be read. {failed[0]}"
        synced.problems.append(feed.problem)
    return [path for one in offered if (path := folder / one.name).exists()]


_MOST_FAILURES: Final = 20
"""After so many the server is taken to be down; the next sync goes on."""


def _is_there(path: Path, changed: float) -> bool:
    return path.exists() and int(path.stat().st_mtime) == int(changed)


def _stamp(path: Path, changed: float) -> None:
    import os

    os.utime(path, (changed, changed))


def _signature(paths: Sequence[Path]) -> str:
    seal = hashlib.sha256()
    for path in sorted(paths):
        about = path.stat()
        seal.update(f"{path.name}\n{about.st_size}\n{about.st_mtime_ns}\n".encode())
    return seal.hexdigest()


def upload(name: str, chunks: Iterator[bytes], *, by: Viewer, at: datetime) -> Job:
    """Keep a file that somebody sent and ask for it to be taken. Raises NotAllowed, and BadUsage when it is too large or empty."""
    need(by, "sync_advisories")
    folder = feeds_folder() / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    temporary = (
        folder
        / f".{hashlib.sha256(f'{by.person.pk} {at.isoformat()} {name}'.encode()).hexdigest()[:16]}.part"
    )
    seal, size = hashlib.sha256(), 0
    try:
        with temporary.open("wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > MOST_UPLOADED:
                    raise BadUsage(f"The file has more than {MOST_UPLOADED // 2**20:,} MiB. Put it on the server and take it with: pilothouse sync advisories --from FILE")  # fmt: skip
                seal.update(chunk)
                stream.write(chunk)
        if not size:
            raise BadUsage("The file is empty. Choose a CSAF file, or an archive of them.")
        kept = folder / seal.hexdigest()[:32]
        temporary.replace(kept)
    finally:
        temporary.unlink(missing_ok=True)
    return enqueue("sync_advisories", by=by.person, at=at, key=f"sync_upload {kept.name}", upload=kept.name, called=plain_name(name))  # fmt: skip


MOST_UPLOADED: Final = 200 * 2**20
