"""Names that only resemble a product, gathered into one question for all devices that bear them."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher

import duckdb
from django.db import connection

from pilothouse.exposure.models import Bearer, Candidate, NameDecision
from pilothouse.exposure.relations import upsert
from pilothouse.kernel.text import fold


@dataclass(slots=True)
class _Asked:
    """One question while it is gathered."""

    maker: str
    model: str
    name: str
    seen: str
    means: str
    advisory: int
    score: float
    why: str
    advisories: set[int] = field(default_factory=set)
    profiles: set[int] = field(default_factory=set)


def remember_candidates(con: duckdb.DuckDBPyConnection, *, whole: bool) -> None:
    """What the engine found beside its answers (table `candidates` of `con`); what was decided is not asked again.

    whole: everything was judged, so that what is not found any more is asked no more.
    """
    found = _gathered(con)
    if whole:
        Bearer.objects.all().delete()
        stale = [
            number
            for number, seen, means in Candidate.objects.values_list("id", "seen", "means")
            if (seen, means) not in found
        ]
        Candidate.objects.filter(pk__in=stale).delete()
    names = ("maker", "model", "name", "seen", "means", "advisory_id", "advisories", "score", "why", "devices")  # fmt: skip
    rows = [
        (a.maker, a.model, a.name, a.seen, a.means, a.advisory, len(a.advisories), a.score, a.why, 0)
        for a in found.values()
    ]
    upsert("exposure_candidate", ("seen", "means"), names, rows)
    if found:
        ids = {(seen, means): number for number, seen, means in Candidate.objects.values_list("id", "seen", "means")}  # fmt: skip
        bearers = [(ids[key], profile) for key, a in found.items() for profile in sorted(a.profiles)]
        upsert("exposure_bearer", ("candidate_id", "profile_id"), ("candidate_id", "profile_id"), bearers)
    _count_devices()


def _count_devices() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exposure_candidate SET devices = (SELECT count(*) FROM exposure_bearer b"
            " JOIN exposure_link l ON l.profile_id = b.profile_id WHERE b.candidate_id = exposure_candidate.id)"
        )


def _gathered(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], _Asked]:
    decided = {
        (seen, fold(means))
        for seen, means in NameDecision.objects.filter(kind="product").values_list("seen", "means")
    }
    found: dict[tuple[str, str], _Asked] = {}
    spelt: dict[
        tuple[str, str], str
    ] = {}  # a product that advisories write in capitals and not is one question
    for profile, maker, model, name, means, advisory, score, why in con.execute(
        'SELECT p.profile_id, j.maker, j.model, j."name", c.candidate, a.advisory_id, c.score, c.why'
        ' FROM candidates c JOIN judged j USING ("row") JOIN profiles p USING (key) JOIN advisory_ids a ON a.tracking = c.advisory'
        " ORDER BY c.score DESC, a.tracking DESC, p.profile_id"
    ).fetchall():
        seen = phrase(model, name, means)
        if not seen or (seen, fold(means)) in decided:
            continue
        means = spelt.setdefault((seen, fold(means)), means)
        asked = found.setdefault((seen, means), _Asked(maker, model, name, seen, means, advisory, score, why))
        asked.advisories.add(advisory)
        asked.profiles.add(profile)
    return found


def phrase(model: str, name: str, product: str) -> str:
    """The cell that a decision is about, folded: of model and description the one that is more like the product."""
    cells = [cell for cell in (fold(model), fold(name)) if cell]
    wanted = fold(product)
    return max(cells, key=lambda cell: _likeness(cell, wanted), default="")


def _likeness(cell: str, wanted: str) -> tuple[float, float]:
    words = [max((SequenceMatcher(None, word, other).ratio() for other in wanted.split()), default=0.0) for word in cell.split()]  # fmt: skip
    return sum(score for score in words if score > 0.8), SequenceMatcher(None, cell, wanted).ratio()
