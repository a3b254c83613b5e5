"""New records of a source find the devices of the register: the linker of the command line, asked for what is new.

Ids stay: a record that has a device keeps it, whatever later lists say. Where new records show that two devices are one, or
the linker doubts, a person is asked (`Pair`), and what a person decided is obeyed by every later run (`Verdict`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import duckdb
import pyarrow as pa
from django.db import connection

from pilothouse.equipment.makers import MakerNames
from pilothouse.equipment.models import Claim
from pilothouse.imports.models import Run
from pilothouse.imports.models import Source as KnownSource
from pilothouse.imports.sources import Source
from pilothouse.intake.engine import joined
from pilothouse.intake.models import Pair, Verdict
from pilothouse.intake.records import as_source
from pilothouse.kernel.duck import engine
from pilothouse.kernel.progress import Progress

NEW: Final = 1 << 39
"""Rows from here on are new records, by their place in the file; below, a row is a claim's id."""

Place = tuple[int, str]
"""A new record: its row in the file and its key."""


@dataclass(slots=True)
class Joined:
    """What linking found for new records.

    device_of: those that belong to a device there is. group_of: those of one new device that several records make, by group;
    made: that device's id, once it has one. review: pairs a person should look at, each with two sides (a claim's id, or
    the key of a new record), the probability and the evidence.
    """

    device_of: dict[Place, int] = field(default_factory=dict)
    group_of: dict[Place, int] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)
    review: list[tuple[int | str, int | str, float, str]] = field(default_factory=list)


def join(con: duckdb.DuckDBPyConnection, source: KnownSource, progress: Progress) -> Joined:
    """Ask the linker for the new records of `differences` in con, against every claim of the register and each other."""
    new = con.execute(
        'SELECT "row", key, doc FROM differences WHERE what = \'new\' ORDER BY "row", key'
    ).fetchall()
    places: list[Place] = [(row, key) for row, key, _ in new]
    with engine() as linker:
        sources, device_of_claim = _sources(linker, source, new)
        joined(linker, sources, MakerNames.load(), progress)
        groups = list(_groups(linker))
        reviews = linker.execute(
            "SELECT left_row, right_row, probability, evidence FROM links WHERE decision = 'review'"
        ).fetchall()
    verdicts = Verdicts.load()
    found = Joined()
    for number, rows in enumerate(groups):
        _sort_in(found, number, rows, places, device_of_claim, verdicts, source)
    _obey(found, places, verdicts, source)
    for left, right, probability, evidence in reviews:
        found.review.append((_side(left, places), _side(right, places), probability, evidence))
    return found


def _side(row: int, places: Sequence[Place]) -> int | str:
    return places[row - NEW][1] if row >= NEW else row


def _sources(
    linker: duckdb.DuckDBPyConnection, source: KnownSource | None, new: Sequence[tuple[int, str, str]]
) -> tuple[list[Source], dict[int, int]]:
    """Every source's claims and the new records, as the linker reads lists; and the device of each claim."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, source_id, key, doc, equipment_id FROM equipment_claim ORDER BY id")
        claims = cursor.fetchall()
    devices = {claim: device for claim, _, _, _, device in claims}
    lines = [(claim, of, key, doc) for claim, of, key, doc, _ in claims]
    lines += [(NEW + n, source.pk if source else 0, key, doc) for n, (_, key, doc) in enumerate(new)]
    columns = list(zip(*lines, strict=True))
    kinds = (pa.int64(), pa.int64(), pa.string(), pa.string())
    names = ("row", "source", "key", "doc")
    table = pa.table(
        {name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )
    linker.register("every_claim", table)
    met = set(columns[1])
    known = KnownSource.objects.exclude(kind="hand").order_by("place", "pk")
    told = []
    for ordinal, one in enumerate(known):
        if one.pk not in met:
            continue
        linker.execute(
            f'CREATE OR REPLACE TEMP VIEW lines AS SELECT "row", key, doc FROM every_claim WHERE source = {one.pk}'
        )
        told.append(as_source(linker, "lines", ordinal=ordinal, file=one.key, kind=one.kind or "other"))
    linker.unregister("every_claim")
    return told, devices


def _groups(linker: duckdb.DuckDBPyConnection) -> Iterator[list[int]]:
    """The rows of each device the linker made, those with a new record only."""
    rows = linker.execute(
        f'SELECT list("row" ORDER BY "row") FROM members GROUP BY device HAVING max("row") >= {NEW} ORDER BY min("row"), max("row")'
    ).fetchall()
    yield from (found for (found,) in rows)


def _sort_in(
    found: Joined,
    number: int,
    rows: Sequence[int],
    places: Sequence[Place],
    devices: dict[int, int],
    verdicts: Verdicts,
    source: KnownSource,
) -> None:
    """One group of the linker: its new records go to the device that is there (the oldest of several), or make one."""
    known = sorted({devices[row] for row in rows if row < NEW})
    fresh = [places[row - NEW] for row in rows if row >= NEW]
    claims = [row for row in rows if row < NEW]
    for place in fresh:
        if place in found.device_of or place in found.group_of:
            continue
        allowed = [
            device
            for device in known
            if not verdicts.apart(source.pk, place[1], [c for c in claims if devices[c] == device])
        ]
        if allowed:
            found.device_of[place] = allowed[0]
        elif len(fresh) > 1 and not known:
            found.group_of[place] = number
    for other in known[1:]:
        ours = next(c for c in claims if devices[c] == known[0])
        theirs = next(c for c in claims if devices[c] == other)
        found.review.append(
            (ours, theirs, 0.95, f"for: one record of {source.name or source.key} fits both devices")
        )


def _obey(found: Joined, places: Sequence[Place], verdicts: Verdicts, source: KnownSource) -> None:
    """What a person called the same record before is so again."""
    for place in places:
        device = verdicts.device_for(source.pk, place[1])
        if device is not None:
            found.device_of[place] = device
            found.group_of.pop(place, None)


@dataclass(slots=True)
class Verdicts:
    """What people decided of pairs of records, by (source, key)."""

    same: dict[tuple[int, str], set[tuple[int, str]]]
    different: dict[tuple[int, str], set[tuple[int, str]]]
    keys: dict[int, tuple[int, str]]

    @classmethod
    def load(cls) -> Verdicts:
        """All verdicts that stand."""
        same: defaultdict[tuple[int, str], set[tuple[int, str]]] = defaultdict(set)
        different: defaultdict[tuple[int, str], set[tuple[int, str]]] = defaultdict(set)
        for one in Verdict.objects.all():
            kind = same if one.verdict == Verdict.Word.SAME else different
            left, right = (one.left_source, one.left_key), (one.right_source, one.right_key)
            kind[left].add(right)
            kind[right].add(left)
        return cls(dict(same), dict(different), {})

    def apart(self, source: int, key: str, claims: Sequence[int]) -> bool:
        """Whether a person said that the record is not the device of these claims."""
        others = self.different.get((source, key))
        if not others:
            return False
        rows = Claim.objects.filter(pk__in=claims).values_list("source_id", "key")
        return any(tuple(row) in others for row in rows)

    def device_for(self, source: int, key: str) -> int | None:
        """The device of a record that a person called the same as this one."""
        for of, other in self.same.get((source, key), ()):
            device = Claim.objects.filter(source=of, key=other).values_list("equipment_id", flat=True).first()
            if device is not None:
                return int(device)
        return None


def pairs_of_register(progress: Progress) -> dict[tuple[int, int], tuple[float, str]]:
    """Pairs of claims that the linker joins or doubts, over the whole register: probability and evidence."""
    if not Claim.objects.exists():
        return {}
    with engine() as linker:
        sources, _ = _sources(linker, None, [])
        joined(linker, sources, MakerNames.load(), progress)
        rows = linker.execute("SELECT left_row, right_row, probability, evidence FROM links").fetchall()
    return {
        (min(left, right), max(left, right)): (probability, evidence)
        for left, right, probability, evidence in rows
    }


def note_reviews(run: Run, found: Joined, at: datetime) -> int:
    """Keep the pairs that a person should look at and nobody has yet; how many are new."""
    keys = {side for pair in found.review for side in pair[:2] if isinstance(side, str)}
    claim_of = dict(_claims_by_key(run.source_id, keys))
    wanted = {}
    for left, right, probability, evidence in found.review:
        sides = [claim_of.get(side) if isinstance(side, str) else side for side in (left, right)]
        if None not in sides and sides[0] != sides[1]:
            one, other = sorted(side for side in sides if side is not None)
            wanted[one, other] = (probability, evidence)
    return note_pairs(wanted, run, at)


def note_pairs(wanted: Mapping[tuple[int, int], tuple[float, str]], run: Run | None, at: datetime) -> int:
    """Keep pairs of claims of different devices about which nobody has decided; of two devices the surest. How many are new."""
    devices = dict(_devices({side for pair in wanted for side in pair}))
    decided = _decided(wanted)
    best: dict[tuple[int, int], tuple[float, int, int]] = {}
    for (left, right), (probability, _) in wanted.items():
        one, other = sorted((devices.get(left, 0), devices.get(right, 0)))
        if one and one != other and (left, right) not in decided:
            best[one, other] = max(best.get((one, other), (-1.0, 0, 0)), (probability, left, right))
    waiting = _waiting(best)
    pairs = [
        Pair(
            left_id=left,
            right_id=right,
            probability=probability,
            evidence=wanted[left, right][1],
            run=run,
            made_at=at,
        )
        for of, (probability, left, right) in best.items()
        if of not in waiting
    ]
    before = Pair.objects.count()
    Pair.objects.bulk_create(pairs, ignore_conflicts=True, batch_size=500)
    return Pair.objects.count() - before


def _waiting(best: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those pairs of devices about which a pair of records waits already."""
    rows = Pair.objects.filter(state__in=["open", "unsure"]).values_list(
        "left__equipment_id", "right__equipment_id"
    )
    return {(min(row), max(row)) for row in rows} & set(best)


def _decided(wanted: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those pairs of claims about which a person has decided, by the records they stand for."""
    verdicts = Verdicts.load()
    if not verdicts.same and not verdicts.different:
        return set()
    sides = {side for pair in wanted for side in pair}
    record = {pk: (source, key) for pk, source, key in _records(sides)}
    return {
        (left, right)
        for left, right in wanted
        if record.get(right)
        in verdicts.different.get(record[left], set()) | verdicts.same.get(record[left], set())
    }


def _claims_by_key(source: int, keys: Iterable[str]) -> Iterator[tuple[str, int]]:
    yield from _in_parts(
        list(keys), lambda part: Claim.objects.filter(source=source, key__in=part).values_list("key", "pk")
    )


def _devices(claims: Iterable[int]) -> Iterator[tuple[int, int]]:
    yield from _in_parts(
        list(claims), lambda part: Claim.objects.filter(pk__in=part).values_list("pk", "equipment_id")
    )


def _records(claims: Iterable[int]) -> Iterator[tuple[int, int, str]]:
    yield from _in_parts(
        list(claims), lambda part: Claim.objects.filter(pk__in=part).values_list("pk", "source_id", "key")
    )


def _in_parts(values: Sequence[Any], rows: Callable[[Sequence[Any]], Iterable[Any]]) -> Iterator[Any]:
    """Rows of a query that takes a list, asked for 500 at a time. `Any`: ids or keys in, tuples out."""
    for start in range(0, len(values), 500):
        yield from rows(values[start : start + 500])
