"""Identifiers that many devices of one list share: they lose their weight and join nothing.

Source of every rule: docs/domains/intake.md, "What many share".
"""

from __future__ import annotations

from typing import Final

import duckdb

from pilothouse.intake.queries import statements

ENTERED_TWICE: Final = 2
"""So many tags (or serials, one with a slip) one device may have in a list."""
CARDS: Final = 3
"""So many MACs, host names, ids and spellings of its model."""
ADDRESSES: Final = 10
"""So many IP addresses, which come and go."""
MANY: Final = 5
"""From so many devices beyond that a value links nothing at all; below, the pairs it makes are for a person at most."""
MOST_LOOKS: Final = 500
"""A value on more rows of one list than this links nothing, even if nothing tells them apart: a look a day fits."""

_WORDS: Final = {"mac": "MAC", "host": "host name"}


def set_aside(con: duckdb.DuckDBPyConnection, file_shift: int) -> None:
    """From `rows`, `read_serials` and `read_macs` to `hubs` and `set_aside(rid, kind, value, rows, crowd)`.

    What is set aside is taken off `rows`; the serials and MACs are left to whoever numbers them.
    """
    sql = statements("hubs")
    con.execute(sql["bearers"], {"shift": file_shift})
    con.execute(sql["hubs"], {"twice": ENTERED_TWICE, "cards": CARDS, "addresses": ADDRESSES, "many": MANY, "looks": MOST_LOOKS})  # fmt: skip
    con.execute(sql["set_aside"])
    for kind in ("tag", "uid", "host"):
        con.execute(
            f"UPDATE rows SET {kind} = NULL FROM set_aside s WHERE s.rid = rows.rid AND s.kind = '{kind}'"
        )
    con.execute("DROP TABLE bearers")


def told(con: duckdb.DuckDBPyConnection) -> list[str]:
    """For each list with hubs a sentence that names the one on most rows."""
    return [
        f"{file}: {_WORDS.get(kind, kind)} {value} stands on {most:,} rows that cannot all be one device and joins none of them"
        + (f"; so with {hubs - 1:,} more identifiers, {rows:,} rows in all" if hubs > 1 else "")
        for file, hubs, rows, kind, value, most in con.execute(statements("hubs")["told_hubs"]).fetchall()
    ]
