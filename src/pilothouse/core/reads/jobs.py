"""Jobs as their pages show them: one's own, and everybody's with `see_jobs` for the whole system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from pilothouse.core import words
from pilothouse.core.errors import NotFound
from pilothouse.core.jobs import title_of
from pilothouse.core.models import Job
from pilothouse.core.permissions import Viewer

NOT_COUNTED = ("says", "url", "link", "downloads")


def jobs_of(viewer: Viewer) -> QuerySet[Any]:
    """The jobs the viewer may know of."""
    rows = Job.objects.select_related("by")
    return rows if viewer.may("see_jobs") else rows.filter(by=viewer.person)


def job_of(viewer: Viewer, number: int) -> Job:
    """One of them; raises NotFound."""
    found = jobs_of(viewer).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such job")
    return found


@dataclass(frozen=True)
class Shown:
    """A job in words. facts: the whole numbers of its result; downloads: (words, address)."""

    job: Job
    title: str
    state: str
    tone: str
    running: bool
    percent: int
    says: str
    left: str
    url: str
    link: str
    facts: tuple[tuple[str, str], ...]
    downloads: tuple[tuple[str, str], ...]
    may_stop: bool
    took: str

    @property
    def open(self) -> bool:
        """Whether it may still change."""
        return self.job.state in (Job.State.QUEUED, Job.State.RUNNING)


def shown(viewer: Viewer, one: Job, now: datetime) -> Shown:
    """A job for its page."""
    result: Mapping[str, Any] = one.result if isinstance(one.result, dict) else {}
    is_open = one.state in (Job.State.QUEUED, Job.State.RUNNING)
    return Shown(
        job=one,
        title=title_of(str(one.kind)),
        state="Stops at its next step" if one.stop_asked and is_open else str(Job.State(one.state).label),
        tone={Job.State.DONE: "ok", Job.State.FAILED: "crit"}.get(Job.State(one.state), ""),
        running=one.state == Job.State.RUNNING,
        percent=min(100, 100 * one.done // one.total) if one.total else 0,
        says=_says(one, result),
        left=_left(one, now),
        url=_inside(result.get("url")),
        link=str(result.get("link", "")),
        facts=tuple((name.replace("_", " ").capitalize(), words.count(value)) for name, value in result.items() if type(value) is int),
        downloads=tuple((str(text), _inside(url)) for text, url in result.get("downloads", ())),
        may_stop=is_open and not one.stop_asked and (one.by_id == viewer.person.pk or viewer.may("stop_jobs")),
        took=_took(one, now),
    )  # fmt: skip


def _inside(url: object) -> str:
    """An address of this server, or nothing."""
    text = str(url or "")
    return text if text.startswith("/") and not text.startswith("//") else ""


def _says(one: Job, result: Mapping[str, Any]) -> str:
    """Its sentence, with a full stop. `Any`: JSON."""
    if one.state == Job.State.QUEUED:
        text = f"Tried again soon. {one.error}" if one.error else one.says or "It waits for a worker"
    elif one.state == Job.State.FAILED:
        text = one.error
    elif one.state == Job.State.DONE:
        text = str(result.get("says", "")) or one.says or "Done"
    elif one.state == Job.State.STOPPED:
        text = one.says or "Stopped before its first step"
    else:
        text = one.says or "It has begun"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _left(one: Job, now: datetime) -> str:
    """`About 6 s left`, once a tenth of it or five seconds have shown how fast it is."""
    if one.state != Job.State.RUNNING or not (one.total and one.done and one.started_at):
        return ""
    spent = (now - one.started_at).total_seconds()
    if spent < 5 and one.done * 10 < one.total:
        return ""
    seconds = spent * (one.total - one.done) / one.done
    return f"About {span(timedelta(seconds=seconds))} left."


def _took(one: Job, now: datetime) -> str:
    if one.started_at is None:
        return ""
    return span(max(timedelta(), (one.ended_at or now) - one.started_at))


def span(of: timedelta) -> str:
    """A short span of time: `0.4 s`, `12 s`, `4 min`, `2 h 10 min`."""
    seconds = of.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
