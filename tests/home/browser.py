"""Debian's Chromium through Playwright: skipped on a user's machine without it, a failure in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window. Root may not use Chromium's sandbox, and CI is root."""
    path = next((p for p in map(shutil.which, _NAMES) if p), None)
    if path is None:
        message = "there is no Chromium here; apt-get install chromium brings it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        try:
            yield browser
        finally:
            browser.close()
