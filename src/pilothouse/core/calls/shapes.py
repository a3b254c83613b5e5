"""Shapes that the API's answers and questions share: ids, and instants as times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from ninja import Field, Path, Query, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from pilothouse.kernel.times import ALWAYS, OPEN, as_datetime, as_instant

LARGEST: Final = (1 << 63) - 1

Id = Annotated[int, Path(ge=1, le=LARGEST, description="The record's number.")]
"""An id in an address."""
Asked = Annotated[int | None, Field(None, ge=0, le=LARGEST)]
"""An id in a body."""
WantedId = Annotated[int | None, Query(None, ge=0, le=LARGEST)]
"""An id as a filter."""
Search = Annotated[str, Query("", max_length=200, description="What to look for.")]

Most = Annotated[int, Query(8, ge=1, le=50, description="How many of each kind at most.")]


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


def _iso(value: Any) -> Any:
    """A time is written out: a bare number, which pydantic would take for seconds, is none. `Any`: pydantic gives what it has."""
    if value is None or isinstance(value, datetime) or (isinstance(value, str) and _WRITTEN.match(value)):
        return value
    raise ValueError("a time such as 2026-11-02T07:30:00Z is needed")


_WRITTEN: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _in_reach(moment: datetime) -> datetime:
    """Every zone must be able to show it."""
    if not 1900 <= moment.year <= 9000:
        raise ValueError("a time between the years 1900 and 9000 is needed")
    return moment


Written = Annotated[AwareDatetime, BeforeValidator(_iso), AfterValidator(_in_reach)]
Time = Annotated[Written | None, Field(None, description="A time with its offset; null: none.")]
"""A time in a body."""
Asking = Annotated[Written | None, Query(None, description="A time with its offset; now, unless named.")]
"""A time as a filter."""


def instant_of(moment: datetime | None, otherwise: int) -> int:
    """A time of a body as an instant."""
    return otherwise if moment is None else as_instant(moment)


class AskedOut(Schema):
    """The job that was asked for; look at /api/v1/jobs/{id}."""

    job: int
