"""Everything that was recorded of a device: who changed what, from what to what, by which run of which source."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pilothouse.core.models import Revision
from pilothouse.equipment.actions.undoing import UNDOABLE
from pilothouse.equipment.claims import HAND
from pilothouse.equipment.fields import BY_NAME
from pilothouse.equipment.fleet import FIELD_OF
from pilothouse.equipment.models import Claim, ClaimPast, Equipment, EquipmentPast, Stage
from pilothouse.equipment.reads.versions import Known
from pilothouse.imports.models import Run

VERBS: Final[Mapping[str, str]] = {
    "set_by_hand": "set by hand", "add_by_hand": "added by hand", "retire": "retired", "bring_back": "brought back",
    "merge_equipment": "merged", "split_equipment": "split", "undo_equipment": "undone", "place_devices": "places changed",
    "settle_products": "its model was found",
}  # fmt: skip
"""What each verb is called in a device's history."""
MOST: Final = 200
"""Versions that one page of history reads."""
_SHOWN: Final = ("facility_id", "unit_id")
_COLUMNS: Final = ("since", *FIELD_OF.values(), "stage")


@dataclass(frozen=True, slots=True)
class Line:
    """One value that changed; empty is unknown."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Change:
    """What one revision did to a device."""

    revision: int
    at: datetime
    by: str
    verb: str
    note: str
    lines: list[Line] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    runs: list[tuple[int, str]] = field(default_factory=list)
    first: bool = False
    can_undo: bool = False

    @property
    def words(self) -> str:
        """The change in one sentence."""
        text = self._words()
        return text[:1].upper() + text[1:]

    def _words(self) -> str:
        who = f"{self.by}: " if self.by else ""
        if self.first:
            return f"{who}first recorded" + (f", {self.verb}" if self.verb else "")
        if self.lines:
            told = [f"{line.label.lower()} {_from_to(line)}" for line in self.lines[:3]]
            more = f" and {len(self.lines) - 3} more" if len(self.lines) > 3 else ""
            return f"{who}{', '.join(told)}{more}" + (f" ({self.verb})" if self.verb else "")
        return f"{who}{self.verb or 'claims changed'}" + (f": {self.claims[0]}" if self.claims else "")


def _from_to(line: Line) -> str:
    if not line.before:
        return f"is {line.after}"
    return f"from {line.before} to {line.after or 'unknown'}"


def changes(
    record: int, hidden: Collection[str] = (), most: int = MOST, known: Known | None = None
) -> list[Change]:
    """The changes of a device, newest first: six queries, and those of `Known`. hidden: fields that the viewer may not see.

    The caller has checked that the device may be seen.
    """
    rows = _versions(record, most + 1)
    told = _told(record, most, hidden, known or Known.now())
    numbers = sorted({row["since"] for row in rows} | set(told), reverse=True)[:most]
    entries = Revision.objects.filter(id__in=numbers).select_related("by").in_bulk()
    by_number = {row["since"]: (before, row) for before, row in _pairs(rows)}
    complete = bool(rows) and len(rows) <= most
    found = []
    for number in numbers:
        if number in entries:
            before, row = by_number.get(number, (None, None))
            first = complete and number == rows[0]["since"]
            found.append(_change(entries[number], before, row, told.get(number, ()), hidden, first))
    _name_runs(found, told)
    return found


def _versions(record: int, most: int) -> list[dict[str, Any]]:
    """The newest versions of a device's row, oldest first. `Any`: columns."""
    past = EquipmentPast.objects.filter(record=record).order_by("-since").values(*_COLUMNS)[:most]
    current = Equipment.objects.filter(pk=record).values(*_COLUMNS)
    return sorted([*current, *past], key=lambda row: row["since"])


def _pairs(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[dict[str, Any] | None, dict[str, Any]]]:
    return zip([None, *rows[:-1]], rows, strict=True)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a source's record said anew at a revision."""

    source: str
    words: str
    run: int
    hand: bool


def _told(record: int, most: int, hidden: Collection[str], known: Known) -> dict[int, list[_Told]]:
    """By revision: what sources said anew. Two queries."""
    wanted = ("id", "since", "source_id", "doc", "run", "key")
    past = ClaimPast.objects.filter(equipment_id=record).order_by("-since")[: 4 * most]
    rows = [(row.record, row.since, row.source_id, row.doc, row.run, row.key) for row in past]
    rows += Claim.objects.filter(equipment_id=record).values_list(*wanted)
    found: dict[int, list[_Told]] = defaultdict(list)
    last: dict[int, str] = {}
    for claim, since, source, doc, run, _ in sorted(rows, key=lambda row: (row[1], row[0])):
        name, key = known.names.get(source, "a source"), known.keys.get(source, "")
        words = _said_anew(name, last.get(claim), doc, hidden)
        if words:
            found[since].append(_Told(name, words, run, key == HAND))
        last[claim] = doc
    return found


def _said_anew(source: str, before: str | None, now: str, hidden: Collection[str]) -> str:
    if before == now:
        return ""
    if before is None:
        return f"a record of {source}"
    old, new = json.loads(before), json.loads(now)
    told = [
        f"{BY_NAME[name].label.lower()} {new.get(name) or 'nothing'}, before {old.get(name) or 'nothing'}"
        for name in BY_NAME
        if old.get(name) != new.get(name) and name not in hidden and name != "seen"
    ]
    return f"{source} says {'; '.join(told)}" if told else ""


def _change(
    entry: Revision,
    before: Mapping[str, Any] | None,
    row: Mapping[str, Any] | None,
    told: Iterable[_Told],
    hidden: Collection[str],
    first: bool,
) -> Change:
    by = entry.by.name or entry.by.key if entry.by else ""
    verb = VERBS.get(entry.verb, entry.verb.replace("_", " "))
    change = Change(entry.pk, entry.at, by, verb, entry.note, first=first, can_undo=entry.verb in UNDOABLE)
    change.claims = [one.words for one in told if not one.hand]
    if row is not None and not first:
        change.lines = differences(before or {}, row, hidden) if before is not None else []
    return change


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], hidden: Collection[str] = ()
) -> list[Line]:
    """The fields of two rows that differ, in the order of the fields."""
    lines = [
        Line(BY_NAME[name].label, before.get(column, ""), after.get(column, ""))
        for name, column in FIELD_OF.items()
        if before.get(column, "") != after.get(column, "") and name not in hidden
    ]
    old, new = before.get("stage", ""), after.get("stage", "")
    if old != new:
        lines.append(Line("Stage", Stage(old).label if old else "", Stage(new).label if new else ""))
    return lines


def _name_runs(found: Sequence[Change], told: Mapping[int, Sequence[_Told]]) -> None:
    """Which imports a change came from: one query."""
    asked = {one.run for change in found for one in told.get(change.revision, ()) if one.run and not one.hand}
    if not asked:
        return
    runs = dict(Run.objects.filter(id__in=asked).values_list("id", "file"))
    for change in found:
        ids = dict.fromkeys(one.run for one in told.get(change.revision, ()) if one.run in runs)
        change.runs = [(run, runs[run]) for run in ids]


@dataclass(frozen=True, slots=True)
class SetBy:
    """Who set a field by hand, and when."""

    name: str
    at: datetime


def set_by(claims: Iterable[Claim | ClaimPast]) -> dict[str, SetBy]:
    """For each field that is set by hand on a device: by whom and when. Two queries, none if nothing is set.

    claims: the device's claims of the source `hand`.
    """
    rows: dict[int, list[tuple[int, dict[str, str]]]] = {}
    for claim in claims:
        number = claim.record if isinstance(claim, ClaimPast) else claim.pk
        rows.setdefault(number, []).append((claim.since, json.loads(claim.doc)))
    if not rows:
        return {}
    latest = {number: of[-1][0] for number, of in rows.items()}
    past = ClaimPast.objects.filter(record__in=sorted(rows)).values_list("record", "since", "doc")
    for number, since, doc in past:
        if since < latest[number]:
            rows[number].append((since, json.loads(doc)))
    since_of = {name: since for of in rows.values() for name, since in _since_when(of).items()}
    entries = Revision.objects.filter(id__in=set(since_of.values())).select_related("by").in_bulk()
    return {
        name: SetBy((entry.by.name or entry.by.key) if entry.by else "by hand", entry.at)
        for name, since in since_of.items()
        if (entry := entries.get(since))
    }


def _since_when(rows: list[tuple[int, dict[str, str]]]) -> dict[str, int]:
    """Since which revision each field of the newest document has its value."""
    newest_first = sorted(rows, key=lambda row: -row[0])
    found: dict[str, int] = {}
    for name, value in newest_first[0][1].items():
        for since, doc in newest_first:
            if doc.get(name) != value:
                break
            found[name] = since
    return found
