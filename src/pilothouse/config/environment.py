"""What the operator sets, read from the environment in one place. Every name is told in docs/operators/settings.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pilothouse.kernel.errors import BadUsage

SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=8000; PRAGMA journal_size_limit=268435456;"

WITHOUT_JIT = "-c jit=off"
"""Compiling costs PostgreSQL a tenth of a second and more for queries that take a millisecond; recursive ones look costly to it."""


def home() -> Path:
    """The folder that holds the database, the files and the key; made where it is missing, for its owner alone."""
    folder = Path(os.environ.get("PILOTHOUSE_HOME", "pilothouse-data")).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """PILOTHOUSE_SECRET_KEY, else the key in the folder, which is made on the first start."""
    if told := os.environ.get("PILOTHOUSE_SECRET_KEY"):
        return told
    file = folder / "secret.key"
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text("ascii")
    with os.fdopen(descriptor, "w") as stream:
        key = secrets.token_urlsafe(48)
        stream.write(key)
    return key


def database(url: str, folder: Path) -> dict[str, Any]:
    """Django's settings of one database. url: empty for SQLite in the folder, `sqlite:///PATH` or `postgresql://…`.

    `Any`: Django takes texts, numbers and dictionaries. Raises BadUsage for another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "sqlite"):
        name = unquote(parts.path[1:]) if url else str(folder / "register.sqlite3")
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "CONN_MAX_AGE": None,
            "OPTIONS": options,
        }
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadUsage(f"DATABASE_URL begins with {parts.scheme!r}; sqlite or postgresql is needed")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]) or "pilothouse",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": WITHOUT_JIT, **dict(parse_qsl(parts.query))},
    }


def mail(url: str) -> tuple[str, int, str, str, bool, bool] | None:
    """Host, port, name, password, STARTTLS, TLS of the mail server; None for an empty address: no mail is sent.

    url: `smtp://HOST`, `smtp+tls://NAME:PASSWORD@HOST:587` or `smtps://…`. Raises BadUsage for another scheme.
    """
    if not url:
        return None
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise BadUsage("PILOTHOUSE_MAIL is an address like smtp+tls://NAME:PASSWORD@HOST:587")
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or ports[parts.scheme]
    return parts.hostname, port, name, password, parts.scheme == "smtp+tls", parts.scheme == "smtps"


def words(name: str, default: str = "") -> list[str]:
    """A setting that lists words, parted by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def is_on(name: str) -> bool:
    """Whether a switch is set to 1, yes, true or on."""
    return os.environ.get(name, "").strip().lower() in ("1", "yes", "true", "on")
