"""Static files: named by their content once they are collected, compressed, and kept by the browser for a year.

Before `collectstatic` has run (in tests, on a fresh checkout) the plain names are served.
"""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):
    """The manifest storage that takes a missing file for what it is: fonts that were never cut leave their fallback."""

    manifest_strict = False
    support_js_module_import_aggregation = True

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """The name with the content's hash; the plain name where there is no such file. `Any`: Django's file."""
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name
