"""Imports into the register: a first list, the same again, a second with linking, on SQLite and PostgreSQL.

Each import is a process of its own, so that its time and memory are its own. PILOTHOUSE_BENCH_ROWS sets the number of devices.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DEVICES = int(os.environ.get("PILOTHOUSE_BENCH_ROWS", "100000"))
POSTGRES = os.environ.get("PILOTHOUSE_BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
_TIMED = """
import resource, sys, time
start, cpu = time.perf_counter(), time.process_time()
sys.argv = ["pilothouse", *sys.argv[1:]]
from pilothouse.cli.main import main
try:
    main()
except SystemExit:
    pass
print(f"\\ntook {time.perf_counter() - start:.2f} {time.process_time() - cpu:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}", file=sys.stderr)
"""


def bench() -> list[tuple[str, str, str]]:
    """(what, measured, bar), all in rows of the files as they are."""
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as folder:
        place = Path(folder)
        _run(place, "", "demo", str(place / "demo"), "--devices", str(DEVICES))
        found = _measured(place, "", "SQLite", 10_000)
        if _fresh_postgres():
            found += _measured(place, f"{POSTGRES}/pilothouse_bench", "PostgreSQL", 5_000)
            _psql("DROP DATABASE IF EXISTS pilothouse_bench")
        return found


def _measured(place: Path, url: str, name: str, bar: int) -> list[tuple[str, str, str]]:
    home = place / f"house-{name}"
    demo = place / "demo"
    rows = sum(1 for _ in (demo / "cmms_export.csv").open("rb")) - 1
    _run(home, url, "migrate")
    _run(home, url, "import", "chain", str(_zipped(place)), "--target", "chain")
    first = _run(home, url, "import", "cmms", str(demo / "cmms_export.csv"))
    again = _run(home, url, "import", "cmms", str(demo / "cmms_export.csv"))
    second = _run(home, url, "import", "scan", str(demo / "network_scan.csv"))
    return [
        (f"{name}: first list of {rows:,} rows", f"{rows / first[0]:,.0f} rows/s ({first[0]:.1f} s, {first[1]:.1f} s of processor, {first[2]:.0f} MB)", f"{bar:,} rows/s, 400 MB" if name == "SQLite" else f"{bar:,} rows/s"),
        (f"{name}: the same file again", f"{again[0]:.1f} s, {again[2]:.0f} MB", "3 s"),
        (f"{name}: a second list with linking", f"{second[0]:.1f} s ({second[1]:.1f} s of processor, {second[2]:.0f} MB)", "60 s"),
    ]  # fmt: skip


def _zipped(place: Path) -> Path:
    """The demo's chain as one file."""
    if not (place / "chain.zip").exists():
        shutil.make_archive(str(place / "chain"), "zip", place / "demo" / "chain")
    return place / "chain.zip"


def _run(home: Path, url: str, *words: str) -> tuple[float, float, float]:
    """Seconds, seconds of processor, megabytes."""
    settings = {**os.environ, "PILOTHOUSE_HOME": str(home), "DATABASE_URL": url}
    told = subprocess.run(
        [sys.executable, "-c", _TIMED, *words], env=settings, capture_output=True, text=True, check=True
    )
    found = re.search(r"took ([\d.]+) ([\d.]+) (\d+)", told.stderr)
    if found is None or "pilothouse: " in told.stderr:
        raise RuntimeError(told.stderr)
    return float(found[1]), float(found[2]), float(found[3])


def _fresh_postgres() -> bool:
    """Whether a server is there; its database for this is made anew."""
    try:
        _psql("DROP DATABASE IF EXISTS pilothouse_bench")
        _psql("CREATE DATABASE pilothouse_bench")
    except OSError:
        return False
    return True


def _psql(sql: str) -> None:
    import psycopg

    try:
        with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.encode())
    except psycopg.OperationalError as error:
        raise OSError(str(error)) from error
