"""Names that wait for a decision, and those that were decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from pilothouse.core.errors import NotFound
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.exposure.models import Bearer, Candidate, Link, NameDecision
from pilothouse.exposure.reads.advisories import places
from pilothouse.kernel.times import as_datetime

QUEUE: Final = 12
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the page tells it."""

    id: int
    seen: str
    means: str
    same: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """The question at hand. examples: some of the viewer's devices that bear the name; devices: how many of them do."""

    candidate: Candidate
    percent: int
    devices: int
    examples: Sequence[Any]

    @property
    def more(self) -> int:
        """Advisories besides the one that is named."""
        return self.candidate.advisories - 1


@dataclass(frozen=True, slots=True)
class Names:
    """The page: the question at hand, what waits behind it, what was decided last."""

    waiting: int
    queue: Sequence[Candidate]
    asked: Asked | None
    decided: Sequence[Decided]


def need_names(viewer: Viewer) -> None:
    """A decision counts for the whole system, so only who may for all of it is asked; others learn that it is not theirs.

    Raises NotFound for who may nowhere, NotAllowed for who may for a part.
    """
    if not viewer.may_somewhere("confirm_names"):
        raise NotFound("There is nothing here")
    if not viewer.may("confirm_names"):
        raise NotAllowed("A decision on a name counts for every facility; your role counts for some of them")


def undecided() -> QuerySet[Any]:
    """Names nobody has decided on, those of the most devices first. `Any`: Django has no types."""
    made = NameDecision.objects.filter(kind="product", seen=OuterRef("seen"), means=OuterRef("means"))
    return Candidate.objects.filter(~Exists(made), devices__gt=0).order_by("-devices", "-score", "id")


def names_page(viewer: Viewer, chosen: int | None = None, skipped: Sequence[int] = ()) -> Names:
    """Constant queries. chosen: the question to show; skipped: questions put off for now."""
    waiting = undecided()
    queue = list(waiting.exclude(pk__in=list(skipped)).select_related("advisory")[:QUEUE])
    if not queue and skipped:
        queue = list(waiting.select_related("advisory")[:QUEUE])
    at_hand = next((one for one in queue if one.pk == chosen), None)
    if at_hand is None and chosen is not None:
        at_hand = waiting.filter(pk=chosen).select_related("advisory").first()
    at_hand = at_hand or (queue[0] if queue else None)
    return Names(waiting.count(), queue, _asked(viewer, at_hand), _decided())


def _asked(viewer: Viewer, one: Candidate | None) -> Asked | None:
    if one is None:
        return None
    bearing = Link.objects.filter(places(viewer), profile__in=Bearer.objects.filter(candidate=one).values("profile_id"))  # fmt: skip
    examples = bearing.select_related("equipment", "equipment__unit").order_by("pk")[:6]
    return Asked(one, round(one.score * 100), bearing.count(), [link.equipment for link in examples])


def _decided() -> list[Decided]:
    rows = NameDecision.objects.select_related("by").order_by("-since", "-id")[:20]
    return [
        Decided(row.pk, row.seen, row.means, row.decision == "same", str(row.by or "the house"), as_datetime(row.at, _UTC))
        for row in rows
    ]  # fmt: skip
