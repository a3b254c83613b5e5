"""`make bench`: every bar measured, with the machine and the versions it was measured on.

`python -m benchmarks who expose` measures only those. Never in CI: machines differ, bars do not.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from importlib import import_module, metadata
from pathlib import Path

EVERY = (
    "who",
    "register",
    "setup",
    "imports",
    "together",
    "expose",
    "demo",
    "reconcile",
    "parts",
    "competency",
    "masterplan",
    "worlds",
)
VERSIONS = ("pilothouse", "duckdb", "highspy", "splink", "pyarrow", "python-calamine", "typer")


def main(chosen: list[str]) -> None:
    """Print the machine, then a table for each benchmark as soon as it is measured."""
    unknown = [name for name in chosen if name not in EVERY]
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(EVERY)}")
    print(_machine())
    for name in chosen or EVERY:
        start = time.perf_counter()
        rows = import_module(f"benchmarks.{name}").bench()
        print(f"\n{name} ({time.perf_counter() - start:.0f} s)", flush=True)
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for what, measured, bar in rows:
            print(
                f"  {what:<{widths[0]}}  {measured:>{widths[1]}}  {bar and f'bar: {bar}'}".rstrip(),
                flush=True,
            )


def _machine() -> str:
    """Processor, cores, memory, load, system and versions, a line each."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in VERSIONS)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, load {os.getloadavg()[0]:.1f}\n"
        f"{platform.platform()}, Python {platform.python_version()}\n{versions}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main(sys.argv[1:])
