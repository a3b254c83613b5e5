"""From what sources claim of devices to the register's rows: every action that changes claims ends here.

Reads are a few queries for any number of devices; only rows that really change are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from django.db.models import Max

from pilothouse.core.keeping import Row, Writing
from pilothouse.core.locating import Locator
from pilothouse.equipment import fleet
from pilothouse.equipment.claims import HAND, Forms, Said, decide, usual_forms
from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.models import Claim, Equipment
from pilothouse.equipment.placing import locator_at
from pilothouse.equipment.products import Products, products_now
from pilothouse.imports.fields import Field
from pilothouse.imports.models import Run, Source

CHUNK: Final = 5_000
SPELT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""How a claim's document is written."""
_NUMBERED: Final = frozenset({"serial", "tag"})
_DIGIT: Final = re.compile(r"[1-9]")
"""A serial or tag with such a digit is no placeholder: those are words, zeros and crosses."""


Asked = TypeVar("Asked")


class ClaimRow(Protocol):
    """A claim of the present or the past, as far as deciding needs it."""

    equipment_id: int
    source_id: int
    key: str
    doc: str
    seen: str


def ranked_sources() -> dict[int, tuple[str, int]]:
    """Kind and rank of every source, by id: the smaller rank counts first where nothing else decides."""
    rows = Source.objects.order_by("place", "id").values_list("id", "key", "kind")
    return {id_: (HAND if key == HAND else kind, rank) for rank, (id_, key, kind) in enumerate(rows)}


def last_read() -> dict[int, str]:
    """For each source when its newest list was true, as text: the time of claims that have none of their own."""
    runs = (
        Run.objects.filter(state__in=("applied", "applying"), as_of__isnull=False)
        .values_list("source_id")
        .annotate(Max("as_of"))
    )
    return {source: as_of.strftime("%Y-%m-%dT%H:%M:%SZ") for source, as_of in runs}


@dataclass(frozen=True, slots=True)
class Sources:
    """Kind and rank of every source, and when each was last read."""

    ranked: Mapping[int, tuple[str, int]]
    read_at: Mapping[int, str]

    @classmethod
    def now(cls) -> Sources:
        """As they stand: two queries."""
        return cls(ranked_sources(), last_read())


def said(claim: ClaimRow, record: int, sources: Sources) -> Said:
    """A stored claim as deciding hears it. What was set by hand on the device itself counts before what came with a merge."""
    kind, rank = sources.ranked.get(claim.source_id, ("other", len(sources.ranked)))
    row = record
    if kind == HAND:
        row = 0 if claim.key == str(claim.equipment_id) else record
    seen = claim.seen or sources.read_at.get(claim.source_id, "")
    return Said(record, kind, rank, seen, json.loads(claim.doc), row)


def heard(ids: Collection[int], sources: Sources | None = None) -> dict[int, list[Said]]:
    """What is said of each device now: three queries, or one where the sources are known."""
    sources = sources or Sources.now()
    found: dict[int, list[Said]] = {record: [] for record in ids}
    for claim in Claim.objects.filter(equipment_id__in=list(ids)).order_by("id"):
        found[claim.equipment_id].append(said(claim, claim.pk, sources))
    return found


class _Verdicts(dict[Asked, bool]):
    """Whether what is asked about is a placeholder; asked once, then remembered, unless each device has its own."""

    def __init__(self, judge: Callable[[Asked], bool], *, remember: bool = True) -> None:
        self._judge, self._remember = judge, remember

    def __missing__(self, asked: Asked) -> bool:
        verdict = self._judge(asked)
        if self._remember:
            self[asked] = verdict
        return verdict


def _says_nothing(forms: Forms, of: Field, value: str) -> bool:
    """Whether a field's value is a placeholder, whatever else the claim says. A day or a sum never is; a model by its maker."""
    if of.kind in ("date", "money") or of.name == "model" or (of.name in _NUMBERED and _DIGIT.search(value)):
        return False
    return forms.of(of.name, value).worth == "placeholder"


@dataclass(slots=True)
class Settler:
    """Makes rows of winning values. Places, products and forms are read once, then serve any number of devices."""

    locator: Locator[int]
    products: Products
    sources: Sources
    forms: Forms = field(default_factory=usual_forms)
    _nothing: Mapping[str, Mapping[str, bool]] = field(init=False)
    _nothing_of_maker: Mapping[tuple[str, str], bool] = field(init=False)

    def __post_init__(self) -> None:
        of = self.forms.of
        self._nothing = {
            f.name: _Verdicts(partial(_says_nothing, self.forms, f), remember=f.name not in _NUMBERED)
            for f in FIELDS
        }
        self._nothing_of_maker = _Verdicts(lambda asked: of("model", *asked).worth == "placeholder")

    @classmethod
    def at(cls, w: Writing) -> Settler:
        """By the places and products that stand at the time of a writing."""
        return cls(locator_at(w.at), products_now(), Sources.now())

    def row(self, values: Mapping[str, str], device_model: int | None, sources: int) -> Row:
        """The row of winning values."""
        found = self.locator.find(values.get("facility", ""), values.get("unit", ""))
        return fleet.as_row(
            values, facility=found.facility, unit=found.unit, device_model=device_model, sources=sources
        )

    def rows(self, values: Mapping[int, tuple[Mapping[str, str], int]]) -> list[tuple[int, Row]]:
        """The rows of many devices, from their winning values and number of sources."""
        pairs = {record: (of.get("maker", ""), of.get("model", "")) for record, (of, _) in values.items()}
        models = self.products.model_ids(pairs.values())
        return [
            (record, self.row(of, models[pairs[record]], sources)) for record, (of, sources) in values.items()
        ]

    def decided(self, claims: Mapping[int, Sequence[Said]]) -> dict[int, tuple[Mapping[str, str], int]]:
        """Winning values and number of sources of each device."""
        return {
            record: (self._values(told), len({claim.ordinal for claim in told if claim.kind != HAND}))
            for record, told in claims.items()
        }

    def _values(self, told: Sequence[Said]) -> Mapping[str, str]:
        if len(told) == 1 and told[0].kind != HAND:
            return self._alone(told[0].doc)
        return {name: of.value for name, of in decide(told, self.forms).items() if of.value}

    def _alone(self, doc: Mapping[str, str]) -> Mapping[str, str]:
        """What `decide` comes to for one claim, which most devices have: all it says but placeholders."""
        verdicts = self._nothing
        nothing = [name for name, value in doc.items() if verdicts[name][value]]
        if (model := doc.get("model")) and self._nothing_of_maker[model, doc.get("maker", "")]:
            nothing.append("model")
        return {name: value for name, value in doc.items() if name not in nothing} if nothing else doc


def settle(w: Writing, ids: Iterable[int], settler: Settler | None = None) -> list[int]:
    """Decide devices that are there again and write those that change; gives their ids.

    Of a device that nobody claims any more, the last known values stay.
    """
    settler = settler or Settler.at(w)
    changed: list[int] = []
    for part in parts(sorted(set(ids))):
        before = fleet.stored(part)
        told = {record: claims for record, claims in heard(list(before), settler.sources).items() if claims}
        rows = [(record, row) for record, row in settler.rows(settler.decided(told)) if row != before[record]]
        fleet.change(w, rows)
        changed += [record for record, _ in rows]
    return changed


def appear(w: Writing, ids: Sequence[int], settler: Settler | None = None) -> None:
    """New devices with ids of theirs, from claims that are already written."""
    settler = settler or Settler.at(w)
    for part in parts(ids):
        fleet.add(w, settler.rows(settler.decided(heard(part, settler.sources))))


def parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """The ids in parts that fit into memory and one statement."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def claim_row(claim: Claim, **changed: Any) -> Row:
    """A claim's columns in the order of its table. `Any`: texts and whole numbers."""
    fields = [f for f in Claim._meta.concrete_fields if f.name not in ("id", "since")]
    return tuple(changed.get(f.attname, getattr(claim, f.attname)) for f in fields)


def standing(ids: Iterable[int]) -> set[int]:
    """Those of the ids that devices have now."""
    return {
        record
        for part in parts(sorted(set(ids)))
        for record in Equipment.objects.filter(id__in=list(part)).values_list("id", flat=True)
    }
