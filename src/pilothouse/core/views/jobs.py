"""Jobs: what runs, what came of it, stop."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.core import drawing
from pilothouse.core.jobs import ask_to_stop, title_of
from pilothouse.core.listing import Column, Filter, Listing, Rows, View, link, show
from pilothouse.core.models import Job
from pilothouse.core.reads.jobs import job_of, jobs_of, shown, span

TONES = {"done": "ok", "failed": "crit", "running": "solid"}


def _took(row: Job) -> str:
    if row.started_at is None:
        return ""
    return span((row.ended_at or timezone.now()) - row.started_at)


def _url(row: Job) -> str:
    return reverse("job_page", args=[row.pk])


JOBS = Listing(
    key="jobs",
    noun="job",
    plural="jobs",
    sort="-asked",
    columns=(
        Column("job", "Job", lambda row: link(_url(row), title_of(row.kind)), text=lambda row: title_of(row.kind), head=True, fold="top", sort="kind"),
        Column("state", "State", lambda row: drawing.tag(row.get_state_display(), TONES.get(row.state, "")), text=lambda row: row.get_state_display(), sort="state", fold="end", fit=True),
        Column("says", "What it says", lambda row: row.error if row.state == "failed" else row.result.get("says", "") or row.says, fold="row"),
        Column("by", "Asked for by", lambda row: str(row.by) if row.by else "the house", fit=True),
        Column("asked", "Asked for", lambda row: drawing.when(timezone.localtime(row.queued_at), timezone.localtime()), text=lambda row: row.queued_at, sort=("queued_at",), fit=True, fold="row"),
        Column("took", "Took", _took, kind="num", fit=True),
        Column("number", "Number", lambda row: str(row.pk), kind="num", fit=True, shown=False),
    ),
    filters=(
        Filter("state", "State", field="state", options=lambda viewer: [(str(value), str(label)) for value, label in Job.State.choices]),
        Filter("kind", "Job", field="kind", options=lambda viewer: [(kind, title_of(kind)) for kind in jobs_of(viewer).order_by("kind").values_list("kind", flat=True).distinct()]),
        Filter("asked", "Asked for", kind="span", field="queued_at", input="date", moment=True),
    ),
    views=(View("All jobs", ""), View("Open", "state=queued&state=running"), View("Failed", "state=failed")),
    first="No job was asked for yet. Imports, syncs and matches appear here while they run and afterwards.",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def job_list(request: HttpRequest) -> HttpResponse:
    """Every job the viewer may know of, the last asked for first."""
    said = "What was asked for in the background, and what came of it"
    return show(request, JOBS, Rows(JOBS, jobs_of(request.viewer)), title="Jobs", said=said)


@require_GET
def job_page(request: HttpRequest, number: int) -> HttpResponse:
    """One job; by htmx only the part that moves."""
    one = shown(request.viewer, job_of(request.viewer, number), timezone.now())
    part = request.headers.get("HX-Target") == "job"
    answer = render(request, "core/job_part.html" if part else "core/job.html", {"one": one})
    answer["Vary"] = "HX-Request, HX-Target, Cookie"
    return answer


@require_POST
def job_stop(request: HttpRequest, number: int) -> HttpResponse:
    """Stop it at its next step."""
    one = ask_to_stop(job_of(request.viewer, number), by=request.viewer, at=timezone.now())
    messages.info(request, "Stopped." if one.state == "stopped" else "It stops at its next step.")
    return redirect("job_page", number)
