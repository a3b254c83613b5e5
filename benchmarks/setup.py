"""How long a newcomer waits: the first `make run` in a clean clone, and the second.

The packages are taken from the machine's own cache, as the bar says ("after the packages are there"), so one throwaway
run may have to fill it.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path


def bench() -> list[tuple[str, str, str]]:
    """What was measured, its value, and the bar it is held against."""
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as room:
        clone = Path(room) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        first, second = _run_s(clone), _run_s(clone)
    return [
        ("first make run, packages in the cache", f"{first:.0f} s", "under 60 s"),
        ("second make run", f"{second:.0f} s", "under 20 s"),
    ]


def _run_s(clone: Path) -> float:
    start = time.perf_counter()
    subprocess.run(["make", "run"], cwd=clone, check=True, capture_output=True)
    return time.perf_counter() - start
