"""Static files: named by their content once they are collected, compressed, and kept by the browser for a year.

Before `collectstatic` has run (in tests, on a fresh checkout) the plain names are served.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):
    """The manifest storage that takes a missing file for what it is: fonts that were never cut leave their fallback."""

    manifest_strict = False
    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._urls: dict[str | None, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of a file; worked out once, as files change only with a new start."""
        if name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """The name with the content's hash; the plain name where there is no such file. `Any`: Django's file."""
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name


UNUSED: Final = ("htmx-4*", "htmax*", "htmx-2.js", "ext", "django-htmx.js", "*.map", "*.txt")
"""What libraries bring along and no page loads."""
_STAMP = ".collected"


def collect() -> bool:
    """Collect, name and compress all static files, unless nothing has changed since the last time; whether it did."""
    stamp = Path(settings.STATIC_ROOT) / _STAMP
    now = _sources()
    if stamp.is_file() and stamp.read_text("ascii") == now:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=list(UNUSED))
    stamp.write_text(now, "ascii")
    return True


def _sources() -> str:
    """A seal over the names, sizes and times of all files that would be collected."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(list(UNUSED)):
            stat = Path(storage.path(path)).stat()
            seen.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()
