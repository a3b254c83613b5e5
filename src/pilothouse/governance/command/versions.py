"""The version of a position or a person's absences: the last revision that touched any row of it. Forms carry it."""

from __future__ import annotations

from pilothouse.core.keeping import tables
from pilothouse.governance import models as m
from pilothouse.governance.loading import lines_of

OF_POSITION = (m.Appointment, m.Mandate, m.Shift, m.Delegation)


def version_of_position(position: int) -> int:
    """The last revision that wrote the position, or what is appointed, mandated, planned or delegated there: one query."""
    parts = [_touched(m.Position, "id", "record", position)]
    parts += [_touched(model, "position_id", "position_id", position) for model in OF_POSITION]
    return _last(parts)


def version_of_person(person: int) -> int:
    """The last revision that wrote an absence of the person."""
    return _last([_touched(m.Absence, "person_id", "person_id", person)])


def _touched(model: type[m.Position], now: str, past: str, record: int) -> str:
    """Numbers and names of ours only."""
    table = tables()[model]
    return (
        f"SELECT MAX(since) AS number FROM {table.name} WHERE {now} = {record:d} "
        f"UNION ALL SELECT MAX(until) FROM {table.past_name} WHERE {past} = {record:d}"
    )


def _last(parts: list[str]) -> int:
    found = lines_of(f"SELECT MAX(number) FROM ({' UNION ALL '.join(parts)}) v")
    return int(found[0][0] or 0)
