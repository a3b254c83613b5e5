"""The tables of core: what the house stands on (places, people, sign-in, audit, jobs)."""

from pilothouse.core.models.audit import Counter, Revision
from pilothouse.core.models.kept import Kept, Past, Text
from pilothouse.core.models.people import Account, Membership, MembershipPast, Person, PersonPast, Token
from pilothouse.core.models.places import Facility, FacilityPast, Unit, UnitPast
from pilothouse.core.models.work import (
    Answered,
    Attachment,
    Beat,
    Called,
    Due,
    Job,
    Remembered,
    SavedView,
    Setting,
)

__all__ = [
    "Account", "Answered", "Attachment", "Beat", "Called", "Counter", "Due", "Facility", "FacilityPast", "Job", "Kept", "Membership", "MembershipPast",
    "Past", "Person", "PersonPast", "Remembered", "Revision", "SavedView", "Setting", "Text", "Token", "Unit", "UnitPast",
]  # fmt: skip
