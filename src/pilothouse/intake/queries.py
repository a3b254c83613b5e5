"""Named SQL: each file of `sql/` holds statements, each under a line `-- name: what_it_makes`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.M)


@cache
def statements(file: str) -> dict[str, str]:
    """The statements of `sql/<file>.sql` by name, in the order they stand there."""
    text = files("pilothouse.intake").joinpath("sql").joinpath(f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    return {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}
