"""The pages of sources and their runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.core.permissions import need
from pilothouse.imports import reads, runs
from pilothouse.imports.forms import SourceForm, UploadForm
from pilothouse.imports.jobs import ask, look
from pilothouse.imports.models import Run
from pilothouse.imports.targets import target
from pilothouse.kernel.errors import PilothouseError


@require_http_methods(["GET", "POST"])
def source_list(request: HttpRequest) -> HttpResponse:
    """All sources, and a form for another."""
    need(request.viewer, "see_sources")
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = runs.make_source(key=told["name"], name=told["name"], kind=told["kind"], takes=told["takes"], by=request.viewer, at=timezone.now())  # fmt: skip
            return redirect("source_page", made.key)
        except PilothouseError as wrong:
            form.add_error("name", str(wrong))
    context = {
        "known": reads.known_sources(request.viewer),
        "form": form,
        "may_import": request.viewer.may("import_sources"),
    }
    return render(request, "imports/sources.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def source_page(request: HttpRequest, key: str) -> HttpResponse:
    """One source: its runs, and the door for its next file."""
    source = reads.source_seen(request.viewer, key)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, day = form.cleaned_data["file"], form.cleaned_data["as_of"]
        as_of = datetime.combine(day, time(), UTC) if day else None
        run = runs.begin(source, file, file.name, by=request.viewer, at=timezone.now(), as_of=as_of, complete=not form.cleaned_data["part"])  # fmt: skip
        _look(request, run)
        return redirect("run_page", run.pk)
    shown = list(reads.runs_of(request.viewer, source)[:50])
    context = {
        "source": source,
        "runs": shown,
        "form": form,
        "may_import": request.viewer.may(target(source.target).needs),
    }
    return render(request, "imports/source.html", context, status=422 if form.errors else 200)


@require_GET
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what it would do or did, what could not be taken, and what can be done with it."""
    run = reads.run_seen(request.viewer, pk)
    may = request.viewer.may(target(run.source.target).needs)
    rejected = list(run.rejected.order_by("row", "pk")[:50])
    context = {
        "run": run,
        "counts": reads.told_counts(run),
        "job": reads.job_of(run),
        "samples": reads.samples(request.viewer, run),
        "rejected": rejected,
        "more_rejected": max(0, run.counts.get("rejected", 0) - len(rejected)),
        "fields": _fields(run) if may and run.state == Run.State.PREVIEWED else [],
        "may": may,
    }
    return render(request, "imports/run.html", context)


@require_POST
def run_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the run to be applied."""
    run = reads.run_seen(request.viewer, pk)
    ask("apply_import", run, by=request.viewer, at=timezone.now())
    return redirect("run_page", pk)


@require_http_methods(["GET", "POST"])
def run_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What undoing would do, and the button that does it."""
    run = reads.run_seen(request.viewer, pk)
    need(request.viewer, target(run.source.target).needs)
    if request.method == "POST":
        ask("undo_import", run, by=request.viewer, at=timezone.now())
        return redirect("run_page", pk)
    return render(
        request, "imports/undo.html", {"run": run, "outlook": runs.preview_undo(run, by=request.viewer)}
    )


@require_POST
def run_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Take other columns for fields, remember that for the source, and look again."""
    run = reads.run_seen(request.viewer, pk)
    mapping = {
        name.removeprefix("f-"): column
        for name, column in request.POST.items()
        if name.startswith("f-") and column
    }
    runs.correct_columns(run, mapping, by=request.viewer, at=timezone.now())
    _look(request, run)
    return redirect("run_page", pk)


@require_GET
def run_rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The records that could not be taken, as a file to correct."""
    return rejected_file(reads.run_seen(request.viewer, pk))


def rejected_file(run: Run) -> StreamingHttpResponse:
    """The answer that holds it, for the page and the API."""
    answer = StreamingHttpResponse(runs.to_correct(run), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="run-{run.pk}-to-correct.csv"'
    return answer


def _look(request: HttpRequest, run: Run) -> None:
    """Preview now, or by a job; what is wrong with the file is told on the run's page."""
    try:
        look(run, by=request.viewer, at=timezone.now())
    except PilothouseError as wrong:
        messages.error(request, str(wrong))


def _fields(run: Run) -> list[tuple[str, str, str]]:
    """Each field with its label and the column it is read from, for the form that corrects them."""
    from pilothouse.imports.targets import fields_of

    chosen = json.loads(run.source.mapping or "{}") or {
        field: column for field, column, _ in run.understood.get("columns", [])
    }
    return [(field.name, field.label, chosen.get(field.name, "")) for field in fields_of(run.source.target)]
