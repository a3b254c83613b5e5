"""The demo at its largest: a million devices, their time and memory, and the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LARGEST = 1_000_000
AGAIN = 100_000
"""Devices of the two runs whose bytes are compared; two runs of the largest would take twice as long."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


def bench() -> list[tuple[str, str, str]]:
    """What was measured, its value, and the bar it is held against."""
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as room:
        took_s, peak_mb = _measured(Path(room) / "largest", LARGEST)
        one, two = (_digest(Path(room) / name) for name in ("one", "two"))
    same = "yes" if one == two else f"no: {one[:12]} and {two[:12]}"
    return [
        (f"demo of {LARGEST:,} devices: time", f"{took_s:.0f} s", "under 180 s"),
        (
            f"demo of {LARGEST:,} devices: peak memory of all its processes",
            f"{peak_mb:.0f} MB",
            "under 1000 MB",
        ),
        (f"demo of {AGAIN:,} devices twice: the same bytes", same, "yes"),
    ]


def _command(folder: Path, devices: int) -> list[str]:
    return [sys.executable, "-m", "pilothouse", "demo", str(folder), "--devices", str(devices)]


def _measured(folder: Path, devices: int) -> tuple[float, float]:
    """Seconds, and the highest sum of resident memory over the command and its children, in MB."""
    start = time.perf_counter()
    run = subprocess.Popen(_command(folder, devices), stderr=subprocess.DEVNULL)
    peak = [0.0]
    watch = threading.Thread(target=_watch, args=(run, peak), daemon=True)
    watch.start()
    if run.wait() != 0:
        raise RuntimeError(f"the demo of {devices:,} devices ended with {run.returncode}")
    return time.perf_counter() - start, peak[0]


def _watch(run: subprocess.Popen[bytes], peak: list[float]) -> None:
    while run.poll() is None:
        peak[0] = max(peak[0], sum(_resident_mb(pid) for pid in (run.pid, *_children(run.pid))))
        time.sleep(0.2)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident_mb(pid: int) -> float:
    """Pages shared by several processes count in each: the sum errs on the high side."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
    except OSError:
        return 0.0


def _digest(folder: Path) -> str:
    """One hash over the names and bytes of every file of a demo."""
    subprocess.run(_command(folder, AGAIN), check=True, stderr=subprocess.DEVNULL)
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(folder)).encode())
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
