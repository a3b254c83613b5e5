"""Backup and restore: the database as it was at one moment, the files and the key, in one tar file."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from pilothouse import __version__
from pilothouse.kernel.errors import BadUsage, UnreadableInput

FORM = 1
KEY, FILES, ABOUT = "secret.key", "files", "about.json"
DUMPS = {"sqlite": "register.sqlite3", "postgresql": "register.dump"}


def save_all(file: Path) -> int:
    """Write the backup; its size in bytes. The database first, so that every file it names is in it. Raises BadUsage."""
    if file.exists():
        raise BadUsage(f"{file} is there already; name another file")
    if not file.parent.is_dir():
        raise BadUsage(f"{file.parent} is no folder")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        dump = Path(folder) / DUMPS[connection.vendor]
        _dump_sqlite(dump) if connection.vendor == "sqlite" else _dump_postgresql(dump)
        half = Path(folder) / "half.tar"
        half.touch(mode=0o600)
        with tarfile.open(half, "w") as tar:
            _add_text(
                tar, ABOUT, json.dumps({"form": FORM, "version": __version__, "database": connection.vendor})
            )
            tar.add(dump, dump.name)
            key = Path(settings.HOME) / KEY
            if key.exists():
                tar.add(key, KEY)
            media = Path(settings.MEDIA_ROOT)
            if media.is_dir():
                tar.add(media, FILES, filter=_without_unfinished)
        half.replace(file)
    return file.stat().st_size


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    tar.addfile(member, io.BytesIO(text.encode()))


def _without_unfinished(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(member.name).name.startswith("upload-") else member


def _dump_sqlite(dump: Path) -> None:
    """SQLite's own backup: one state, whoever writes meanwhile."""
    with closing(sqlite3.connect(dump)) as into:
        connection.ensure_connection()
        connection.connection.backup(into)


def _dump_postgresql(dump: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--file", str(dump))


def _run(program: str, *arguments: str) -> None:
    about = connection.settings_dict
    found = shutil.which(program)
    if found is None:
        raise BadUsage(f"{program} is not installed; it comes with PostgreSQL's client programs")
    where = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    around = os.environ | {name: str(about[key]) for name, key in where.items() if about[key]}
    ended = subprocess.run(  # noqa: S603
        [found, *arguments, "--dbname", str(about["NAME"])],
        env=around,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise UnreadableInput(f"{program} ended with {ended.returncode}: {ended.stderr.strip()[:400]}")


def restore_all(file: Path) -> str:
    """Put a backup into an empty place; what it was, in words. Raises BadUsage where something stands, UnreadableInput."""
    if not file.is_file():
        raise UnreadableInput(f"{file} is no file")
    _need_empty()
    home = Path(settings.HOME)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
        try:
            with tarfile.open(file) as tar:
                tar.extractall(folder, filter="data")
            about = json.loads((Path(folder) / ABOUT).read_text("utf-8"))
            kind, form = about["database"], about["form"]
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise UnreadableInput(f"{file} is no backup of Pilothouse: {error}") from None
        if form != FORM or kind != connection.vendor:
            raise BadUsage(
                f"{file} is a backup of {kind}, form {form}; the settings name {connection.vendor}, form {FORM}"
            )
        dump = Path(folder) / DUMPS[kind]
        connections.close_all()
        if kind == "sqlite":
            _fill(dump)
        else:
            _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(dump))
        _place(Path(folder) / KEY, home / KEY)
        _place(Path(folder) / FILES, Path(settings.MEDIA_ROOT))
    return f"a {kind} database of version {about.get('version', 'unknown')}"


def _fill(dump: Path) -> None:
    target = Path(str(connection.settings_dict["NAME"]))
    for ending in ("", "-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    shutil.move(dump, target)
    target.chmod(0o600)


def _place(source: Path, target: Path) -> None:
    """The key the server made on starting this very command gives way to the backup's."""
    if source.is_file():
        target.unlink(missing_ok=True)
    elif target.is_dir():
        target.rmdir()
    if source.exists():
        shutil.move(source, target)


def _need_empty() -> None:
    if connection.introspection.table_names():
        raise BadUsage("the database is not empty; name an empty one in DATABASE_URL or PILOTHOUSE_HOME")
    media = Path(settings.MEDIA_ROOT)
    if media.is_dir() and any(media.iterdir()):
        raise BadUsage(f"{media} is not empty")
