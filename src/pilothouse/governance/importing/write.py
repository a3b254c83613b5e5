"""Writes what an import found into the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pilothouse.core.keeping import Row, Writing, among, tables
from pilothouse.core.leaving import end_sign_ins
from pilothouse.core.models import Facility, Kept, Person, Unit
from pilothouse.governance import models as m
from pilothouse.governance import words
from pilothouse.governance.chain import facilities
from pilothouse.governance.importing.compare import TIES, Kind
from pilothouse.governance.loading import lines_of
from pilothouse.kernel.times import as_datetime, zone


class Writer:
    """Writes an outcome into the open revision, in an order that no constraint minds."""

    def __init__(self, w: Writing, rows: words.Rows, kinds: dict[str, Kind]) -> None:
        self.w = w
        self.rows = rows
        self.kinds = kinds
        self.ids: dict[type[Kept], dict[str, int]] = {
            model: dict(lines_of(f"SELECT key, id FROM {tables()[model].name}"))
            for model in (Facility, Unit, Person, m.Position)
        }

    def write(self) -> None:
        """Places, people, positions, then what stands between them: first what ends, then what changes, then what is new."""
        if "units" in self.kinds:
            self._facilities()
        for kind in ("units", "people", "positions"):
            if kind in self.kinds:
                self._named(kind)
        kinds = [kind for kind in TIES if kind in self.kinds]
        for kind in kinds:
            self.w.remove(_MODELS[kind], [record for record, _ in self.kinds[kind].ended])
        for kind in kinds:
            self._change(kind, [(record, one) for record, _, one in self.kinds[kind].changed])
        for kind in kinds:
            self._insert(kind, self.kinds[kind].new)

    def _facilities(self) -> None:
        table = self.ids[Facility]
        known = {
            key: (record, name) for record, key, name in lines_of("SELECT id, key, name FROM core_facility")
        }
        stated = any(one.name for one in facilities(self.rows).values())
        new = []
        for one in facilities(self.rows).values():
            record, name = known.get(one.id, (0, ""))
            if not record:
                new.append(one)
            elif stated and name != (one.name or ""):
                self.w.overwrite(
                    Facility,
                    [(record, _patched(Facility, [record], {record: {"name": one.name or ""}})[record])],
                )
        ids = self.w.new_ids(Facility, len(new))
        table.update({one.id: record for record, one in zip(ids, new, strict=True)})
        self.w.insert(
            Facility,
            [
                (record, _new_row(Facility, {"key": one.id, "name": one.name or ""}))
                for record, one in zip(ids, new, strict=True)
            ],
        )

    def _named(self, kind: str) -> None:
        """Units, people or positions: new ones get their ids before anything names them."""
        model, found = _MODELS[kind], self.kinds[kind]
        ids = self.w.new_ids(model, len(found.new)) if found.new else range(0)
        self.ids[model].update({one.id: record for record, one in zip(ids, found.new, strict=True)})
        values = {
            record: {"left": True} if kind == "people" else self._values(kind, one)
            for record, one in found.ended
        }
        values |= {record: self._values(kind, one) for record, _, one in found.changed}
        rows = _patched(model, list(values), values)
        if kind == "positions":  # the helm moves only into an empty seat
            rows = dict(sorted(rows.items(), key=lambda pair: bool(values[pair[0]]["helm"])))
        self.w.overwrite(model, list(rows.items()))
        if kind == "people":
            end_sign_ins([record for record, _ in found.ended], self.w.at)
        self.w.insert(
            model,
            [
                (record, _new_row(model, self._values(kind, one)))
                for record, one in zip(ids, found.new, strict=True)
            ],
        )

    def _change(self, kind: str, changed: Sequence[tuple[int, Any]]) -> None:
        """Overwrite; first what gets an end, so that no two open ones stand beside each other."""
        model = _MODELS[kind]
        values = {
            record: self._values(kind, one) for record, one in sorted(changed, key=lambda pair: pair[1].end)
        }
        self.w.overwrite(model, list(_patched(model, list(values), values).items()))

    def _insert(self, kind: str, new: Sequence[Any]) -> None:
        model = _MODELS[kind]
        if new:
            ids = self.w.new_ids(model, len(new))
            self.w.insert(
                model,
                [
                    (record, _new_row(model, self._values(kind, one)))
                    for record, one in zip(ids, new, strict=True)
                ],
            )

    def _values(self, kind: str, one: Any) -> dict[str, Any]:
        """Column to value. `Any`: rows of the kind; text, whole numbers, booleans or None."""
        times = {} if kind == "people" else {"start": one.start, "end": one.end}
        turn = self.kinds[kind].turns.get(one.row, 0)
        match kind:
            case "units":
                return times | {
                    "key": one.id,
                    "name": one.name or "",
                    "facility_id": self.ids[Facility][one.facility],
                }
            case "people":
                return {
                    "key": one.id,
                    "name": one.name or "",
                    "email": one.email or "",
                    "phone": one.phone or "",
                    "left": False,
                    **tested(one),
                }
            case "positions":
                superior = None if one.reports_to is None else self.ids[m.Position][one.reports_to]
                return (
                    times
                    | self._scope(one.scope)
                    | {"key": one.id, "title": one.title or "", "reports_to_id": superior, "helm": one.helm}
                )
            case "mandates":
                most = "" if one.limit is None else format(one.limit, "f")
                return (
                    times
                    | self._scope(one.scope)
                    | {
                        "topic": one.topic,
                        "position_id": self.ids[m.Position][one.position],
                        "most": most,
                        "currency": one.currency or "",
                    }
                )
            case "absences":
                return times | {"person_id": self.ids[Person][one.person]}
        between = times | {
            "turn": turn,
            "person_id": self.ids[Person][one.person],
            "position_id": self.ids[m.Position][one.position],
        }
        if kind == "appointments":
            return between | {"kind": one.kind, "rank": one.order}
        return between | ({"topic": one.topic} if kind == "delegations" else {})

    def _scope(self, place: words.Place) -> dict[str, int | None]:
        facility = self.ids[Facility][place.id or ""] if place.kind == "facility" else None
        unit = self.ids[Unit][place.id or ""] if place.kind == "unit" else None
        return {"facility_id": facility, "unit_id": unit}


_MODELS: Final[dict[str, type[Kept]]] = {
    "units": Unit,
    "people": Person,
    "positions": m.Position,
    "appointments": m.Appointment,
    "mandates": m.Mandate,
    "absences": m.Absence,
    "roster": m.Shift,
    "delegations": m.Delegation,
}


def tested(person: words.Person) -> dict[str, str]:
    """The last try to reach a person, as core keeps it: a moment of UTC, and yes or no."""
    when = "" if person.tested_on is None else as_datetime(person.tested_on, zone("UTC")).isoformat()
    return {"tested_on": when, "test_ok": {True: "yes", False: "no", None: ""}[person.test_ok]}


def _new_row(model: type[Kept], values: Mapping[str, Any]) -> Row:
    """A row in the order of the table's columns; what is not said has its default. `Any`: as in `Row`."""
    fields = [f for f in model._meta.concrete_fields if f.name not in ("id", "since")]
    return tuple(values[f.column] if f.column in values else f.get_default() for f in fields)


def _patched(
    model: type[Kept], records: Sequence[int], values: Mapping[int, Mapping[str, Any]]
) -> dict[int, Row]:
    """Rows as they stand with some columns set anew, in the order of `records`. `Any`: as in `Row`."""
    if not records:
        return {}
    table = tables()[model]
    names = [name.strip('"') for name in table.columns]
    one, ids = among(records)
    there = {
        line[0]: line[1:]
        for line in lines_of(f"SELECT id, {', '.join(table.columns)} FROM {table.name} WHERE id {one}", [ids])
    }
    return {
        record: tuple(values[record].get(name, old) for name, old in zip(names, there[record], strict=True))
        for record in records
    }
