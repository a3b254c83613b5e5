"""What `pilothouse check` looks at: migrations, the audit log, every room's invariants, files, settings. Each problem in words."""

from __future__ import annotations

import hashlib
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from pilothouse.core import attachments, ports
from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Attachment, Membership
from pilothouse.core.models.people import Role
from pilothouse.kernel.times import as_instant

LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
FRESH_S: Final = 3_600
"""A file younger than this may belong to an upload that is not committed yet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it must be. about: migrations, audit, invariants, files or settings."""

    about: str
    words: str


def problems(now: datetime) -> Iterator[Problem]:
    """Everything that is wrong; nothing when all is well."""
    missing = unapplied()
    yield from (Problem("migrations", f"{name} is not applied; run pilothouse migrate") for name in missing)
    if not missing:
        yield from (Problem("audit", f"revision {one.revision:,}: {one.problem}") for one in broken_seals())
        yield from (Problem("invariants", words) for check in ports.checks for words in check.problems())
        yield from (Problem("files", words) for words in _files())
        yield from (Problem("settings", words) for words in _second_factor(now))
    yield from (Problem("settings", words) for words in unsafe_settings())


def unapplied() -> list[str]:
    """Names of migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    return [
        f"{one.app_label}.{one.name}"
        for one, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]


def is_local() -> bool:
    """Whether the server is set up for this machine alone: plain HTTP and the hosts of the default are then no danger."""
    return urlsplit(settings.PUBLIC_URL).hostname in LOCAL and set(settings.ALLOWED_HOSTS) <= LOCAL


def unsafe_settings() -> Iterator[str]:
    """Settings with which the server should not be put on a network."""
    if settings.DEBUG:
        yield "PILOTHOUSE_DEBUG is on: error pages show what the server knows"
    if len(settings.SECRET_KEY) < 32:
        yield "PILOTHOUSE_SECRET_KEY is shorter than 32 characters"
    if "*" in settings.ALLOWED_HOSTS:
        yield "PILOTHOUSE_HOSTS takes any host; name the server's own"
    yield from _readable(Path(settings.HOME))
    if is_local():
        return
    if set(settings.ALLOWED_HOSTS) <= LOCAL:
        yield "PILOTHOUSE_HOSTS is the default; name the server's host"
    if not settings.PUBLIC_URL.startswith("https://"):
        yield f"PILOTHOUSE_URL is {settings.PUBLIC_URL}: passwords would travel in clear text; https is needed"


def _readable(home: Path) -> Iterator[str]:
    for path in (home, home / "secret.key"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"{path} can be read by others on this machine; chmod go= it"


def _second_factor(now: datetime) -> Iterator[str]:
    """The helm without a second factor, on a server that others reach."""
    if is_local():
        return
    instant = as_instant(now)
    held = Membership.objects.filter(role=Role.HELM, start__lte=instant, end__gt=instant)
    people = held.filter(person__account__is_active=True).values_list("person__key", "person__account__id")
    with_one = set(Authenticator.objects.exclude(type="recovery_codes").values_list("user_id", flat=True))
    for key in sorted({key for key, account in people if account not in with_one}):
        yield f"{key} holds the helm and signs in without a second factor"


def _files() -> Iterator[str]:
    """Attachments whose file is gone or is another one; files that belong to nothing."""
    folder = attachments.folder()
    named: set[str] = set()
    for one in Attachment.objects.order_by("id").iterator():
        named.add(str(one.path))
        path = Path(settings.MEDIA_ROOT) / str(one.path)
        if not path.exists():
            if one.removed_at is None:
                yield f"attachment {one.pk} ({one.name}) of {one.subject}: its file {one.path} is missing"
        elif _hash(path) != one.sha256:
            yield f"attachment {one.pk} ({one.name}) of {one.subject}: its file {one.path} is not what was stored"
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        name = path.relative_to(settings.MEDIA_ROOT).as_posix()
        if path.is_file() and name not in named and time.time() - path.stat().st_mtime > FRESH_S:
            yield f"{name} belongs to no attachment"


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
