"""How long `reconcile` takes on 100,000 CMMS rows with 100,000 network rows, reading and all outputs included.

Bar: under 30 s and under 4 GB on two cores; beside it the ratio to a bare Splink script (`splink_reference`), which
links the same cleaned rows in the same run and neither reads nor writes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import pyarrow as pa

from benchmarks.splink_reference import link as splink_link
from benchmarks.worlds import sources_of
from pilothouse.demo.world import write
from pilothouse.equipment.makers import MakerNames
from pilothouse.imports.sources import Source
from pilothouse.intake.staging import stage
from pilothouse.kernel.duck import engine

ROWS = 100_000
SECONDS, MEGABYTES = 30.0, 4096


def two_lists(folder: Path, rows: int) -> tuple[Path, Path]:
    """The CMMS export and the network scan of one ordinary demo, cut to `rows` rows each."""
    write(folder, devices=int(rows * 1.05), seed=101, world="ordinary", everywhere=True)
    cut = []
    for name in ("cmms_export.csv", "network_scan.csv"):
        path = folder / f"cut_{name}"
        with (folder / name).open("rb") as whole, path.open("wb") as part:
            part.writelines(islice(whole, rows + 1))
        cut.append(path)
    return cut[0], cut[1]


def cleaned(sources: list[Source]) -> list[pa.Table]:
    """The same rows as one would hand them to a script: canonical keys in plain columns."""
    sql = """SELECT r.row::VARCHAR AS row, n.serial, m.mac, r.tag, r.host, r.maker, r.model, r.ips[1] AS ip
             FROM rows r JOIN nodes n ON n.rid = r.rid AND n.part = 1
             LEFT JOIN (SELECT rid, min(mac) AS mac FROM row_macs GROUP BY rid) m ON m.rid = r.rid WHERE r.ordinal = {}"""
    with engine() as con:
        stage(con, sources, MakerNames.load())
        return [con.sql(sql.format(source.ordinal)).to_arrow_table() for source in sources]


def bench(rows: int = ROWS) -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the bar."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "lists"
        lists = two_lists(folder, rows)
        start = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "pilothouse",
            "reconcile",
            *map(str, lists),
            "--out",
            str(Path(scratch) / "out"),
        ]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        loaded = sources_of(folder)[:2]
        reference = splink_link(*(table.slice(0, rows) for table in cleaned(loaded))).seconds
    size = f"{rows:,} CMMS rows with {rows:,} network rows"
    return [
        (f"reconcile, {size}, reading and outputs included", f"{seconds:.1f} s", f"< {SECONDS:.0f} s"),
        ("its peak memory", f"{used.ru_maxrss / 1024:.0f} MB", f"< {MEGABYTES} MB"),
        (
            "its ratio to the bare Splink script, which only links",
            f"{seconds / reference:.1f} ({reference:.1f} s)",
            "",
        ),
    ]
