"""What the page is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from pilothouse.competency.rules import Skill


@dataclass(frozen=True, slots=True)
class ReadinessFacts:
    """Coverage on a day, and where it came from.

    coverage: the columns of coverage.csv and `present`, how many are at the need's place. held: those of people.csv.
    sources: what each file is, and its name as typed. rejected: values and rows that were not taken or never count.
    """

    at: date
    coverage: pa.Table
    held: pa.Table
    skills: Mapping[str, Skill]
    sources: Sequence[tuple[str, str]]
    rejected: int = 0
