"""The tables of the room: the chain of command, and findings with their owners."""

from pilothouse.governance.models.chain import (
    Absence,
    AbsencePast,
    Appointment,
    AppointmentPast,
    Delegation,
    DelegationPast,
    Mandate,
    MandatePast,
    Position,
    PositionPast,
    Shift,
    ShiftPast,
)
from pilothouse.governance.models.findings import (
    Basis,
    DueInstant,
    Finding,
    FindingEver,
    FindingNote,
    FindingNotePast,
    FindingPast,
    OwnersAsOf,
    Ownership,
    Severity,
    State,
)

__all__ = [
    "Absence", "AbsencePast", "Appointment", "AppointmentPast", "Basis", "Delegation", "DelegationPast", "DueInstant", "Finding", "FindingEver",
    "FindingNote", "FindingNotePast", "FindingPast", "Mandate", "MandatePast", "OwnersAsOf", "Ownership", "Position", "PositionPast",
    "Severity", "Shift", "ShiftPast", "State",
]  # fmt: skip
