"""The review queue: pairs of records that may be one device, asked one by one, and every answer remembered."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from pilothouse.core.errors import Conflict, NotFound
from pilothouse.core.keeping import writing
from pilothouse.core.permissions import Viewer, need
from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.models import Claim, Equipment
from pilothouse.equipment.reads.versions import hidden_fields
from pilothouse.intake.models import Pair, Verdict

_POINTS: Final = re.compile(r"^(?P<words>.*?) \((?P<bits>[+\u2212-]\d+(?:\.\d+)?)\)$")


@dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence: its words and how many bits it speaks for (above 0) or against; 0 where it has none."""

    words: str
    bits: float


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both records, side by side. how: same, near, other, or one (only one side says it)."""

    label: str
    left: str
    right: str
    how: str


def weights(evidence: str) -> tuple[Weight, ...]:
    """The linker's sentence as pieces: `for: same serial X, same model (+10.9), ...; against: ... (-2.1)`."""
    found = []
    for side in evidence.split("; "):
        head, _, rest = side.partition(": ")
        body = rest if head in ("for", "against") else side
        for piece in re.split(r"(?<=\)), ", body):
            match = _POINTS.match(piece)
            bits = float(match["bits"].replace("\u2212", "-")) if match else 0.0
            found.append(Weight(match["words"] if match else piece, bits))
    return tuple(found)


def says(viewer: Viewer, claim: Claim) -> dict[str, str]:
    """What a record says, as far as the viewer may see it of its device."""
    hidden = hidden_fields(viewer, claim.equipment)
    return {name: value for name, value in json.loads(claim.doc).items() if name not in hidden}


def side_by_side(viewer: Viewer, pair: Pair) -> tuple[Line, ...]:
    """What both records say, field by field; fields that neither says are left out."""
    left, right = says(viewer, pair.left), says(viewer, pair.right)
    lines = []
    for field in FIELDS:
        one, other = left.get(field.name, ""), right.get(field.name, "")
        if one or other:
            lines.append(Line(field.label, one, other, _how(one, other)))
    return tuple(lines)


def _how(one: str, other: str) -> str:
    if not one or not other:
        return "one"
    if one == other:
        return "same"
    bare = ["".join(c for c in text.lower() if c.isalnum()) for text in (one, other)]
    return "near" if bare[0] == bare[1] or bare[0] in bare[1] or bare[1] in bare[0] else "other"


def need_review(viewer: Viewer) -> None:
    """Raise NotAllowed for who answers pairs nowhere."""
    if not viewer.may_somewhere("review_links"):
        need(viewer, "review_links")


def pairs(viewer: Viewer) -> QuerySet[Pair]:
    """The pairs of which the viewer may see both devices, whatever became of them, with all that is shown of them."""
    scope = viewer.scope("review_links")
    return (
        Pair.objects.filter(scope.q("left__equipment__facility_id", "left__equipment__unit_id"))
        .filter(scope.q("right__equipment__facility_id", "right__equipment__unit_id"))
        .select_related("left__source", "right__source", "left__equipment", "right__equipment")
    )


def open_pairs(viewer: Viewer) -> QuerySet[Pair]:
    """The pairs that wait, surest first."""
    return pairs(viewer).filter(state=Pair.State.OPEN).order_by("-probability", "id")


def pair_seen(viewer: Viewer, pk: int) -> Pair:
    """One pair, whatever its state. Raises NotFound for one that the viewer may not see."""
    found = pairs(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such pair")
    return found


def answer(pair: Pair, word: str, *, by: Viewer, at: datetime) -> Pair:
    """A person's word on a pair: same (the devices become one), different, or unsure. Remembered for every later run.

    The same word again changes nothing. Raises Conflict when the pair has another answer, or is no question any more.
    """
    from pilothouse.equipment.actions import merge

    for side in (pair.left, pair.right):
        need(by, "review_links", facility=side.equipment.facility_id, unit=side.equipment.unit_id)
    state = Pair.State(word)
    with transaction.atomic():
        if not Pair.objects.filter(pk=pair.pk, state__in=[Pair.State.OPEN, Pair.State.UNSURE]).update(
            state=state, by=by.person, answered_at=at
        ):
            pair.refresh_from_db()
            if pair.state == state:
                return pair
            raise Conflict("Somebody has answered this pair already")
        if state in (Pair.State.SAME, Pair.State.DIFFERENT):
            _remember(pair, str(state), by, at)
        keep, other = sorted((pair.left.equipment_id, pair.right.equipment_id))
        if state == Pair.State.SAME and keep != other:
            merge(keep, [other], by=by, at=at)
        _drop_answered(pair)
    pair.refresh_from_db()
    return pair


def take_back(pair: Pair, *, by: Viewer, at: datetime) -> Pair:
    """Undo an answer: the pair waits again, and the records of a device that it joined part again."""
    from pilothouse.equipment.actions import split

    for side in (pair.left, pair.right):
        need(by, "review_links", facility=side.equipment.facility_id, unit=side.equipment.unit_id)
    with transaction.atomic():
        was = Pair.objects.select_for_update().get(pk=pair.pk).state
        if was in (Pair.State.OPEN, Pair.State.GONE):
            raise Conflict("This pair has no answer to take back")
        Pair.objects.filter(pk=pair.pk).update(state=Pair.State.OPEN, by=None, answered_at=None)
        _forget(pair, by, at)
        if was == Pair.State.SAME and pair.left.equipment_id == pair.right.equipment_id:
            later = max(pair.left_id, pair.right_id)
            split(pair.left.equipment_id, [later], by=by, at=at)
    pair.refresh_from_db()
    return pair


def _sides(pair: Pair) -> tuple[int, str, int, str]:
    one, other = sorted([(pair.left.source_id, pair.left.key), (pair.right.source_id, pair.right.key)])
    return (*one, *other)


def _stored(pair: Pair) -> Verdict | None:
    left_source, left_key, right_source, right_key = _sides(pair)
    found: Verdict | None = Verdict.objects.filter(
        left_source=left_source, left_key=left_key, right_source=right_source, right_key=right_key
    ).first()
    return found


def _remember(pair: Pair, word: str, by: Viewer, at: datetime) -> None:
    left_source, left_key, right_source, right_key = _sides(pair)
    verdict = _stored(pair) or Verdict(
        left_source=left_source, left_key=left_key, right_source=right_source, right_key=right_key
    )
    verdict.verdict, verdict.by = word, by.person
    with writing(by=by.person, at=at, verb="answer_pair", subject=f"pair:{pair.pk}", note=word) as w:
        w.save(verdict)


def _forget(pair: Pair, by: Viewer, at: datetime) -> None:
    verdict = _stored(pair)
    with writing(by=by.person, at=at, verb="take_back_answer", subject=f"pair:{pair.pk}") as w:
        if verdict is not None:
            w.remove(Verdict, [verdict.pk])


def _drop_answered(pair: Pair) -> None:
    """Open pairs whose records are of one device by now are no longer a question."""
    devices: Sequence[int] = [pair.left.equipment_id, pair.right.equipment_id]
    claims = Claim.objects.filter(equipment__in=[*devices]).values("pk")
    for one in Pair.objects.filter(state=Pair.State.OPEN, left__in=claims, right__in=claims).select_related(
        "left", "right"
    ):
        if one.left.equipment_id == one.right.equipment_id:
            Pair.objects.filter(pk=one.pk).update(state=Pair.State.GONE)


def waiting(viewer: Viewer) -> int:
    """How many pairs wait for this viewer."""
    return open_pairs(viewer).count() if Equipment.objects.exists() else 0
