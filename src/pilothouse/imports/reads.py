"""Sources and their runs, as pages and the API show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from pilothouse.core.errors import NotFound
from pilothouse.core.models import Job
from pilothouse.core.permissions import Viewer
from pilothouse.imports.models import Run, Source
from pilothouse.imports.targets import target

HAND = "hand"
"""Key of the source of what people set by hand; nothing is imported for it."""
SORTS = {
    "new": "New records",
    "joined": "Of devices already known",
    "changed": "Changed",
    "unchanged": "Unchanged",
    "vanished": "No longer in the list",
    "rejected": "Values not taken",
    "review": "Pairs for review",
}
"""The figures of a run in the order in which they are told, in words."""


@dataclass(frozen=True, slots=True)
class Known:
    """A source with its newest run, if it has one."""

    source: Source
    last: Run | None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record before and after."""

    sign: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A record of a preview: what becomes of it, its key, and what changes."""

    what: str
    key: str
    rows: tuple[Change, ...]


def sources(viewer: Viewer) -> QuerySet[Source]:
    """The sources that the viewer may see: all or none, since a list is of the whole system."""
    if not viewer.may("see_sources"):
        return Source.objects.none()
    return Source.objects.exclude(key=HAND).order_by("place", "pk")


def known_sources(viewer: Viewer) -> list[Known]:
    """Every source with its newest run: three queries."""
    found = list(sources(viewer))
    newest = (
        Run.objects.filter(source__in=found)
        .exclude(state=Run.State.PREVIEWED)
        .values("source_id")
        .annotate(pk=Max("pk"))
    )
    runs = {run.source_id: run for run in Run.objects.filter(pk__in=[row["pk"] for row in newest])}
    return [Known(source, runs.get(source.pk)) for source in found]


def source_seen(viewer: Viewer, key: str) -> Source:
    """One source. Raises NotFound, also for what the viewer may not see."""
    found = sources(viewer).filter(key=key).first()
    if found is None:
        raise NotFound("There is no such source")
    return found


def runs_of(viewer: Viewer, source: Source) -> QuerySet[Run]:
    """The runs of a source, newest first."""
    return (
        Run.objects.filter(source__in=sources(viewer))
        .filter(source=source)
        .select_related("by", "source")
        .order_by("-pk")
    )


def run_seen(viewer: Viewer, pk: int) -> Run:
    """One run. Raises NotFound, also for what the viewer may not see."""
    found = Run.objects.filter(pk=pk, source__in=sources(viewer)).select_related("source", "by").first()
    if found is None:
        raise NotFound("There is no such run")
    return found


def job_of(run: Run) -> Job | None:
    """The job that is at work on a run's source, if one is."""
    return Job.objects.filter(key=job_key(run.source), state__in=["queued", "running"]).order_by("pk").first()


def job_key(source: Source) -> str:
    """Under which the jobs of one source follow each other."""
    return f"import:{source.pk}"


def told_counts(run: Run) -> list[tuple[str, int]]:
    """The run's figures in words; other targets' own figures follow as they call them."""
    known = [(words, run.counts[sort]) for sort, words in SORTS.items() if sort in run.counts]
    return known + [
        (sort.capitalize(), n) for sort, n in run.counts.items() if sort not in SORTS and sort != "records"
    ]


def samples(viewer: Viewer, run: Run) -> list[Shown]:
    """The records that a preview shows, each with what changes of it."""
    return [
        Shown(what, key, tuple(_changes(was, becomes))) for what, key, was, becomes in sampled(viewer, run)
    ]


def sampled(viewer: Viewer, run: Run) -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
    """The same as they are kept: sort, key, values before and after, without those that the viewer may not see."""
    private = target(run.source.target).private
    hidden = {name for name, permission in private.items() if not viewer.may_somewhere(permission)}
    return [
        (
            what,
            key,
            *({name: value for name, value in of.items() if name not in hidden} for of in (was, becomes)),
        )
        for what, key, was, becomes in run.understood.get("samples", [])
    ]


def _changes(was: dict[str, str], becomes: dict[str, str]) -> Sequence[Change]:
    rows = []
    for name in dict.fromkeys([*was, *becomes]):
        if was.get(name, "") == becomes.get(name, "") and was:
            continue
        if was.get(name):
            rows.append(Change("-", name, was[name]))
        if becomes.get(name):
            rows.append(Change("+", name, becomes[name]))
    return rows
