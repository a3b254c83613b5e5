"""The engine port: a DuckDB connection that asks nothing of the outside and keeps within its memory.

Traps (measured on DuckDB 2.0): the default memory limit is 80 % of the machine; extensions load from the
network unless forbidden; relations have no `fetchone()`; Arrow tables come in through `register()`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

DEFAULT_MEMORY_MB = 2500


@contextmanager
def engine(
    memory_mb: int = DEFAULT_MEMORY_MB, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory that may spill to a private folder; both are gone at the end.

    memory_mb: upper bound for DuckDB's buffers, in MiB. threads: default all cores.
    No extension is loaded or installed, no file and no address can be read through SQL, and the
    settings are locked.
    """
    with tempfile.TemporaryDirectory(prefix="pilothouse-") as spill:
        con = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "temp_directory": str(Path(spill)),
                "memory_limit": f"{memory_mb}MiB",
                "threads": str(threads or os.cpu_count() or 2),
            },
        )
        try:
            con.execute("SET enable_external_access=false")
            con.execute("SET lock_configuration=true")
            yield con
        finally:
            con.close()
