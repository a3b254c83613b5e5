"""The tables of the room: the chain of command."""

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

__all__ = [
    "Absence", "AbsencePast", "Appointment", "AppointmentPast", "Delegation", "DelegationPast", "Mandate", "MandatePast", "Position",
    "PositionPast", "Shift", "ShiftPast",
]  # fmt: skip
