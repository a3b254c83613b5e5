"""rejected.csv: what could not be taken, with its place and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pilothouse.imports.contracts import REJECTED
from pilothouse.imports.sources import Rejected
from pilothouse.kernel.writing import Outputs


def write_rejected(outputs: Outputs, rejected: Iterable[Rejected], name: str = REJECTED.name) -> int:
    """Write the file, or see to it that there is none if nothing was rejected; the number of lines."""
    lines = list(rejected)
    if not lines:
        outputs.absent(name)
        return 0
    rows = ((r.file, r.row, r.line, r.column, r.value, r.problem, r.expected, r.raw) for r in lines)
    return outputs.rows(name, rows, REJECTED.columns)


def beside(output: str) -> str:
    """The name of the rejected rows beside a single output file: `exposures.csv` gives `exposures.rejected.csv`."""
    path = Path(output)
    return f"{path.stem if path.suffix.lower() == '.csv' else path.name}.rejected.csv"


MOST_TOLD = 5
"""So many records an error names when not one of them can be taken."""


def told(rejected: Sequence[Rejected]) -> str:
    """The first records that could not be taken, a line each, for an error that ends the run."""
    lines = [
        f"  {one.file}, row {one.row}, {one.column}: {one.problem}; expected {one.expected}"
        for one in rejected[:MOST_TOLD]
    ]
    more = [f"  and {len(rejected) - MOST_TOLD:,} more"] if len(rejected) > MOST_TOLD else []
    return "".join(f"\n{line}" for line in (*lines, *more))
