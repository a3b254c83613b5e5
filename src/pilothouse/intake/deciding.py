"""Devices follow their claims: whatever claims changed, the rows of the register are decided anew, in bulk."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from django.db import connection

from pilothouse.core.keeping import Row, Writing
from pilothouse.equipment import fleet
from pilothouse.equipment.claims import HAND, Said, decide, usual_forms
from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.models import Stage
from pilothouse.imports.models import Run, Source

_DERIVED: Final = tuple(fleet.COLUMNS.index(name) for name in ("facility", "unit", "device_model"))
_ALWAYS_SAY: Final = frozenset(f.name for f in FIELDS if f.kind in ("date", "money"))
_NUMBERED: Final = frozenset({"serial", "tag"})
_DIGIT: Final = re.compile(r"[1-9]")
"""A serial or tag with such a digit is no placeholder: those are words, zeros and crosses."""
_STAGE: Final = fleet.COLUMNS.index("stage")


class Register:
    """What deciding needs to know beside the claims: the sources, when each was last read, and the places by their words."""

    def __init__(self) -> None:
        self._forms = usual_forms()
        self._nothing: dict[tuple[str, str, str], bool] = {}
        self._kinds = {
            pk: (kind, place) for pk, kind, place in Source.objects.values_list("pk", "kind", "place")
        }
        self._read_at = _last_read()
        self._places = fleet.Placing.now()

    def add(self, w: Writing, fresh: Mapping[int, Sequence[Said]]) -> None:
        """New devices with the claims they begin with."""
        fleet.add(w, [(device, self._row(claims)) for device, claims in fresh.items()])

    def settle(self, w: Writing, devices: Collection[int]) -> int:
        """Decide devices anew by all their claims as they stand; how many changed. One without claims keeps its values, retired."""
        if not devices:
            return 0
        before = fleet.stored(devices)
        claims = self.claims_of(devices)
        changed = []
        for device, was in before.items():
            row = self._keeping(self._row(claims[device]), was) if device in claims else _retired(was)
            if row != was:
                changed.append((device, row))
        fleet.change(w, changed)
        return len(changed)

    def said(self, claim: int, source: int, seen: str, doc: str) -> Said:
        """A stored claim as deciding reads it; one without a time of its own has its list's."""
        kind, place = self._kinds[source]
        return Said(
            claim,
            kind,
            place * 1_000_000 + source,
            seen or self._read_at.get(source, ""),
            json.loads(doc),
            claim,
        )

    def claims_of(self, devices: Iterable[int]) -> dict[int, list[Said]]:
        """All claims of devices, by device."""
        found: defaultdict[int, list[Said]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT equipment_id, id, source_id, seen, doc FROM equipment_claim WHERE equipment_id {fleet.among()}",
                [fleet.id_list(devices)],
            )
            for device, *claim in cursor.fetchall():
                found[device].append(self.said(*claim))
        return found

    def _row(self, claims: Sequence[Said]) -> Row:
        values = self._alone(claims[0].doc) if len(claims) == 1 and claims[0].kind != HAND else {name: one.value for name, one in decide(claims, self._forms).items() if one.value}  # fmt: skip
        facility, unit = self._places.of(values.get("facility", ""), values.get("unit", ""))
        sources = len({claim.ordinal for claim in claims if claim.kind != "hand"})
        return fleet.as_row(values, facility=facility, unit=unit, device_model=None, sources=sources)

    def _alone(self, doc: Mapping[str, str]) -> dict[str, str]:
        """What `decide` comes to for one claim, which most devices have: all it says but placeholders."""
        maker = doc.get("maker", "")
        known, found = self._nothing, {}
        for name, value in doc.items():
            if name not in _ALWAYS_SAY and not (name in _NUMBERED and _DIGIT.search(value)):
                asked = (name, value, maker)
                nothing = known.get(asked)
                if nothing is None:
                    nothing = known[asked] = self._forms.of(name, value, maker).worth == "placeholder"
                if nothing:
                    continue
            found[name] = value
        return found

    def _keeping(self, row: Row, was: Row) -> Row:
        """The row with the device model it has, while maker and model are spelt as they were."""
        at = fleet.COLUMNS.index
        same = all(row[at(name)] == was[at(name)] for name in ("maker", "model"))
        place = at("device_model")
        return (*row[:place], was[place] if same else None, *row[place + 1 :])


def _retired(was: Row) -> Row:
    return (*was[:_STAGE], str(Stage.RETIRED), *was[_STAGE + 1 :])


def _last_read() -> dict[int, str]:
    """For each source the day its newest list was true, as text that compares with claims' times."""
    runs = Run.objects.filter(state__in=[Run.State.APPLIED, Run.State.APPLYING], as_of__isnull=False)
    found: dict[int, str] = {}
    for source, as_of in runs.values_list("source_id", "as_of"):
        found[source] = max(found.get(source, ""), as_of.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return found
