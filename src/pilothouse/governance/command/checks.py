"""What must always hold of the chain of command, for `pilothouse check`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from pilothouse.governance import models as m
from pilothouse.governance.chain import Chain
from pilothouse.governance.check import errors
from pilothouse.governance.command.validity import in_words
from pilothouse.governance.recorded import whole
from pilothouse.governance.rules import who
from pilothouse.governance.words import SYSTEM, TOPICS, BeforeTheFirstHelm, GovernanceError, Place
from pilothouse.kernel.times import as_instant


class ChainCheck:
    """One helm that is always held, no two holders, no circle; and every topic has an answer at every place."""

    def problems(self) -> Iterator[str]:
        """What is not so now, in words."""
        yield from broken_invariants(timezone.now())


def broken_invariants(at: datetime) -> Iterator[str]:
    """What is not so at a moment; nothing where there is no chain yet."""
    if not m.Position.objects.exists():
        return
    rows = whole().rows
    found = errors(rows)
    yield from (f"chain of command: {in_words(issue)}" for issue in found)
    if not found:
        yield from _unanswered(Chain(rows), at)


def _unanswered(chain: Chain, at: datetime) -> Iterator[str]:
    instant = as_instant(at)
    places = [SYSTEM, *(Place("facility", key) for key in chain.facilities), *(Place("unit", key) for key in chain.units)]  # fmt: skip
    topics = sorted(chain.topics_at(instant).union(TOPICS))
    for place in places:
        if not chain.has_place(place, instant):
            continue
        for topic in topics:
            try:
                who(chain, topic, place, at)
            except BeforeTheFirstHelm as error:
                yield f"chain of command: {error}"
                return
            except GovernanceError as error:
                yield f"chain of command: {topic} at {place.kind} {place.id or ''}: {error}"
