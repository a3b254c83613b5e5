"""Shapes that the API's answers and questions share: ids, and instants as times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from ninja import Field, Path, Query
from pydantic import BeforeValidator

from pilothouse.kernel.times import ALWAYS, OPEN, as_datetime

LARGEST: Final = (1 << 63) - 1

Id = Annotated[int, Path(ge=1, le=LARGEST, description="The record's number.")]
"""An id in an address."""
Asked = Annotated[int | None, Field(None, ge=0, le=LARGEST)]
"""An id in a body."""
WantedId = Annotated[int | None, Query(None, ge=0, le=LARGEST)]
"""An id as a filter."""
Search = Annotated[str, Query("", max_length=200, description="What to look for.")]


def _as_time(value: Any) -> Any:
    """An instant of a kept table as a time; None for always and open. `Any`: pydantic gives what it has."""
    if not isinstance(value, int):
        return value
    if value in (ALWAYS, OPEN):
        return None
    try:
        return as_datetime(value, UTC)  # type: ignore[arg-type]
    except OverflowError:
        return None


Moment = Annotated[datetime | None, BeforeValidator(_as_time)]
