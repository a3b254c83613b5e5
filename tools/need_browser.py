"""Before the tests: is there a Chromium for those that look at pages?

On a user's machine a missing one is told with the command that brings it, and its tests are skipped. In CI
(`CI=true`) it is installed from Debian's packages when we may, and otherwise the run fails here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = "apt-get install chromium"


def found() -> str | None:
    """The path of a Chromium, if one is installed."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> None:
    """Bring Debian's Chromium. Raises CalledProcessError when apt-get fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def main() -> int:
    """0: go on; 1: in CI there is no browser and none can be brought."""
    if found():
        return 0
    if os.environ.get("CI", "").lower() not in ("1", "true"):
        print(
            f"No Chromium here: the tests that look at pages will be skipped. To run them too: {HINT}",
            file=sys.stderr,
        )
        return 0
    if not shutil.which("apt-get") or os.geteuid() != 0:
        print(
            f"The tests that look at pages need Chromium, and this run may not install it. Install it first: {HINT}",
            file=sys.stderr,
        )
        return 1
    print("Installing Chromium for the tests that look at pages …", file=sys.stderr)
    try:
        install()
    except subprocess.CalledProcessError as error:
        print(
            f"{' '.join(error.cmd)} ended with {error.returncode}; the tests that look at pages need Chromium",
            file=sys.stderr,
        )
        return 1
    return 0 if found() else 1


if __name__ == "__main__":
    sys.exit(main())
