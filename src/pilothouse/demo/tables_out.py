"""Writing the demo's plain lists: UTF-8, commas, a header, lines ended as CSV has them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def save(path: Path, header: Sequence[str], lines: Iterable[Sequence[object]]) -> int:
    """Write one list; returns how many lines it has but the header. None is an empty cell."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for count, line in enumerate(lines, 1):  # noqa: B007 - the last number is the answer
            writer.writerow(line)
    return count
