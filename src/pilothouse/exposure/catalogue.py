"""The advisories that stand, as the engine takes them, and the names that people decided on."""

from __future__ import annotations

import functools
import hashlib
import json
from importlib.resources import files
from typing import Any

from django.db.models import Max

from pilothouse.core.models import Revision
from pilothouse.equipment.makers import Name, load_names
from pilothouse.exposure.advisories import Advisory as Told
from pilothouse.exposure.advisories import Catalogue
from pilothouse.exposure.models import Advisory, Document, DocumentPast, NameDecision
from pilothouse.exposure.sources.csaf import read_csaf
from pilothouse.kernel.memory import collector_paused


def catalogue() -> Catalogue:
    """Every advisory in the revision that stands. Exploitation is not in it: it changes no answer."""
    return _catalogue(_version())


def _version() -> str:
    """The seals of the last revisions that wrote or removed a document: two states of the documents never share them."""
    stands = Document.objects.aggregate(at=Max("since"))["at"] or 0
    gone = DocumentPast.objects.aggregate(at=Max("until"))["at"] or 0
    return " ".join(Revision.objects.filter(pk__in=(stands, gone)).order_by("id").values_list("seal", flat=True))  # fmt: skip


@functools.lru_cache(maxsize=1)
def _catalogue(version: str) -> Catalogue:
    """version: for the cache alone; a worker that matches again and again reads the documents once."""
    from pilothouse.exposure.actions.taking import unpacked

    told: list[Told] = []
    with collector_paused():
        for text in Document.objects.order_by("id").values_list("packed", flat=True).iterator(chunk_size=200):
            told.append(read_csaf(json.loads(unpacked(text))))
    return Catalogue(tuple(sorted(told, key=lambda one: one.id)))


def document(advisory: int) -> Any:  # Any: a CSAF document, JSON
    """The publisher's document of one advisory as it stands."""
    from pilothouse.exposure.actions.taking import unpacked

    return json.loads(unpacked(Document.objects.values_list("packed", flat=True).get(pk=advisory)))


def names() -> list[Name]:
    """The shipped names, then the decisions of people, which win."""
    decided = NameDecision.objects.order_by("since", "id").values_list("kind", "seen", "means", "decision")
    return load_names() + [Name(kind, seen, means, decision, "", "") for kind, seen, means, decision in decided]  # fmt: skip


def advisory_ids() -> list[tuple[str, int, int]]:
    """(tracking id, id, number of vulnerabilities)."""
    from django.db.models import Count

    return list(
        Advisory.objects.annotate(told=Count("vulnerability_rows")).values_list("tracking", "id", "told")
    )


@functools.cache
def rules() -> str:
    """Which rules answer: a digest of their own text, so that an upgrade that changes them matches everything again."""
    seal = hashlib.sha256()
    for name in _RULES:
        seal.update(files("pilothouse").joinpath(*name.split("/")).read_bytes())
    return seal.hexdigest()[:16]


_RULES = (
    *(f"exposure/{name}.py" for name in ("advisories", "conditions", "device_names", "engine", "product_names", "resembling", "resolver", "shelves", "slots", "version_text", "words")),
    *(f"exposure/sql/{name}.sql" for name in ("answers", "exposures", "profiles", "verdicts")),
    "exposure/actions/candidates.py", "exposure/sources/csaf.py", "equipment/makers.py", "equipment/names.csv", "kernel/text.py", "kernel/versions.py",
)  # fmt: skip
