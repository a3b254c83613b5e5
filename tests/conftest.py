"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of real public data: PILOTHOUSE_DATA, else `shared/data` beside the checkout.

    On a user's machine without it the test is skipped and says so; in CI its absence is a failure.
    """
    named = os.environ.get("PILOTHOUSE_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if (folder / "MANIFEST.md").exists():
        return folder
    message = f"the public data is not at {folder}; PILOTHOUSE_DATA names another folder"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
