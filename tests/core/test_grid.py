"""A big table packed for the reader's browser gives back what went in."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core.grid import FIRST_ROWS, Cell, Column, Grid, first_rows, pack


def grid(table: pa.Table, **more: Any) -> Grid:
    columns = tuple(Column(name, name.title()) for name in table.column_names)
    return Grid(
        id="g",
        noun="row",
        file="g.csv",
        table=table,
        columns=columns,
        cells=(Cell("text", "First", (table.column_names[0],), 100, "top"),),
        **more,
    )


def unpacked(packed: str) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """What the script makes of it: the head, and each column's values row by row."""
    plain = gzip.decompress(base64.b64decode(packed))
    length = int.from_bytes(plain[:4], "little")
    head = json.loads(plain[4 : 4 + length])
    columns = {}
    for column in head["columns"]:
        places = np.frombuffer(plain, f"<u{column['width']}", head["rows"], 4 + length + column["at"])
        columns[column["key"]] = [column["values"][place] for place in places]
    return head, columns


@given(st.lists(st.tuples(st.none() | st.text(max_size=8), st.none() | st.integers(0, 2**30)), max_size=400))
def test_rows_survive_the_packing(rows: list[tuple[str | None, int | None]]) -> None:
    table = pa.table(
        {
            "name": pa.array([r[0] for r in rows], pa.string()),
            "count": pa.array([r[1] for r in rows], pa.int64()),
        }
    )
    head, columns = unpacked(pack(grid(table)))
    assert head["rows"] == len(rows)
    assert columns["name"] == [r[0] for r in rows]
    assert columns["count"] == [r[1] for r in rows]


@given(st.lists(st.none() | st.text("abAB1é", max_size=3), min_size=1, max_size=50))
def test_values_stand_in_order_with_the_unknown_last(names: list[str | None]) -> None:
    head, _ = unpacked(pack(grid(pa.table({"name": pa.array(names, pa.string())}))))
    values = head["columns"][0]["values"]
    known = [v for v in values if v is not None]
    assert [v.lower() for v in known] == sorted(v.lower() for v in known)
    assert values == known + [None] * (None in names)
    assert len(set(values)) == len(values)


def test_many_values_take_more_bytes() -> None:
    table = pa.table(
        {"few": pa.array(["a", "b"] * 35_000), "many": pa.array([str(i) for i in range(70_000)])}
    )
    head, columns = unpacked(pack(grid(table)))
    assert [column["width"] for column in head["columns"]] == [1, 4]
    assert columns["many"][69_999] == "69999"


def test_markup_in_a_value_cannot_leave_the_packing() -> None:
    assert "<" not in pack(grid(pa.table({"name": ["</script><script>alert(1)</script>"]})))


def test_only_the_first_rows_are_plain_html() -> None:
    whole = grid(pa.table({"name": [str(i) for i in range(200)]}), total=1000)
    assert len(first_rows(whole)) == FIRST_ROWS
    assert whole.beyond == 800
    assert whole.unprinted == 975
