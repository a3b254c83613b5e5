"""The fields of the room's lists, with the headers they are met under. Source: docs/domains/competency.md, "Lists"."""

from __future__ import annotations

from pilothouse.imports.fields import Field, FieldKind


def _field(name: str, kind: FieldKind, label: str, *aliases: str) -> Field:
    return Field(name, kind, "agreement", label, (name.replace("_", " "), *aliases))


_PERSON = _field("person", "text", "Person", "employee", "staff", "person id", "employee id", "staff id", "learner", "name", "employee name")  # fmt: skip
_UNIT = _field("unit", "text", "Unit", "ward", "department", "cost center", "unit id")
_SHIFT = _field("shift", "text", "Shift", "duty", "shift name")
_SKILL = _field("skill", "text", "Skill", "competency", "competence", "device model", "skill id")
_LEVEL = _field("level", "text", "Level", "skill level", "competency level")
_FROM = _field("from", "date", "From", "start", "start date", "from date", "valid from", "begins")
_TO = _field("to", "date", "To", "end", "end date", "to date", "until", "valid to", "ends")
_LADDER = _field("ladder", "text", "Ladder", "role", "staff group")

PEOPLE = (_PERSON, _UNIT, _LADDER, _FROM, _TO)
EVIDENCE = (
    _PERSON,
    _SKILL,
    _LEVEL,
    _field("kind", "text", "Kind", "type", "evidence kind", "evidence type"),
    _field("got", "date", "Got", "got on", "date", "completed", "completion date", "completed on", "date got"),
    _field("expires", "date", "Expires", "expires on", "expiry", "expiry date", "expiration date", "valid until"),
    _field("assessor", "text", "Assessor", "assessed by", "signed off by", "examiner"),
    _field("withdrawn", "date", "Withdrawn", "withdrawn on", "revoked", "revoked on"),
)  # fmt: skip
NEEDS = (
    _UNIT,
    _SHIFT,
    _SKILL,
    _LEVEL,
    _field("people", "text", "People", "needed", "number needed", "headcount"),
    _field("share", "text", "Share", "share of staff"),
)
SKILLS = (
    _SKILL,
    _LADDER,
    _field("parent", "text", "Parent", "category", "parent skill"),
    _field("own", "text", "Own", "own evidence", "needs own"),
    _field("refresher_days", "text", "Refresher days", "refresher", "valid days", "validity days"),
    _field("declaration", "text", "Declaration", "declaration asked", "self declaration"),
)
ROSTER = (_PERSON, _UNIT, _SHIFT, _FROM, _TO)
ABSENCES = (_PERSON, _FROM, _TO)
SESSIONS = (
    _field("session", "text", "Session", "session id", "course date id"),
    _SKILL,
    _LEVEL,
    _field("day", "date", "Day", "date", "session date", "held on"),
    _field("hours", "text", "Hours", "duration", "duration hours"),
    _field("places", "text", "Places", "seats", "capacity"),
    _field("assessor", "text", "Assessor", "instructor", "trainer", "teacher"),
)
MEANINGS = (
    _field("what", "text", "What"),
    _field("seen", "text", "Seen", "name", "id"),
    _field("means", "text", "Means", "meaning"),
    _LEVEL,
)
