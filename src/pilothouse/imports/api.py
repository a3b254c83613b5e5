"""The API of imports: sources, their runs, and a file that is sent, looked at, applied and undone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import AskedOut, Id, Written
from pilothouse.imports import reads, runs
from pilothouse.imports.jobs import ask, look
from pilothouse.imports.models import Run
from pilothouse.imports.views import rejected_file
from pilothouse.kernel.text import plain_name

router = Router(tags=["Sources and imports"])


class SourceOut(Schema):
    """A system whose exports are imported again and again."""

    key: str = Field(examples=["cmms"])
    name: str
    kind: str
    target: str
    since: int


class SourceIn(Schema):
    """A new source. kind: empty to be read off its first file; takes: what it brings."""

    key: str = Field(min_length=1, max_length=80)
    name: str = Field("", max_length=200)
    kind: str = Field("", max_length=20)
    takes: str = Field("equipment", max_length=40)


class RunOut(Schema):
    """One import of one file. counts: new, changed, unchanged, vanished, rejected and what linking found."""

    id: int
    source: str
    state: str
    file: str
    digest: str
    as_of: datetime | None
    started_at: datetime
    ended_at: datetime | None
    done: int
    total: int
    counts: dict[str, Any]
    notes: list[Any]
    error: str

    @staticmethod
    def resolve_source(row: Any) -> str:
        """The source's key. `Any`: a run."""
        return str(row.source.key)


class ColumnOut(Schema):
    """How a column was understood, and why."""

    field: str = Field(examples=["serial"])
    column: str = Field(examples=["Ser. Nr."])
    why: str


class SampleOut(Schema):
    """A record of a preview. what: new, joined, changed or vanished; was, becomes: its fields."""

    what: str
    key: str
    was: dict[str, str]
    becomes: dict[str, str]


class RunFullOut(RunOut):
    """An import with how its file was understood. complete: whether what it lacks has vanished; columns: of the file."""

    complete: bool
    columns: list[str]
    understood: list[ColumnOut]
    unmapped: list[str] = Field(description="Columns that are no field.")
    samples: list[SampleOut]

    @staticmethod
    def resolve_understood(row: Run) -> Any:
        """The file's columns that were taken for fields. `Any`: JSON."""
        told = row.understood.get("columns", [])
        return [{"field": field, "column": column, "why": why} for field, column, why in told]

    @staticmethod
    def resolve_unmapped(row: Run) -> Any:
        """The other ones. `Any`: JSON."""
        return row.understood.get("unmapped", [])

    @staticmethod
    def resolve_samples(row: Run, context: Any) -> Any:
        """A few records of each sort. `Any`: ninja's context, JSON."""
        told = reads.sampled(context["request"].viewer, row)
        return [
            {"what": what, "key": key, "was": was, "becomes": becomes} for what, key, was, becomes in told
        ]


class ColumnsIn(Schema):
    """From each field to its column; a field that is left out has none."""

    columns: dict[Annotated[str, Field(max_length=80)], Annotated[str, Field(max_length=1_000)]] = Field(examples=[{"serial": "Ser. Nr."}])  # fmt: skip


class RejectedOut(Schema):
    """A record, or one value of it, that could not be taken."""

    row: int | None
    line: int | None
    column: str
    value: str
    problem: str
    expected: str


class OutlookOut(Schema):
    """What would be done."""

    counts: dict[str, Any]
    notes: list[str]


@router.get("/sources", response=list[SourceOut], summary="Sources")
def list_sources(request: HttpRequest) -> Any:
    """Every source, in the order in which they win."""
    return list(reads.sources(request.viewer))


@router.post("/sources", response={201: SourceOut}, summary="Make a source")
def make_source(request: HttpRequest, body: SourceIn) -> Any:
    """A source that files can be sent for."""
    return runs.make_source(key=body.key, name=body.name, kind=body.kind, takes=body.takes, by=request.viewer, at=timezone.now())  # fmt: skip


@router.get("/sources/{str:key}", response=SourceOut, summary="A source")
def get_source(request: HttpRequest, key: str) -> Any:
    """One source."""
    return reads.source_seen(request.viewer, key)


@router.get("/sources/{str:key}/runs", response=Page[RunOut], summary="Runs of a source")
def list_runs(request: HttpRequest, key: str, limit: Limit, cursor: Cursor) -> Any:
    """Its imports, the newest first."""
    source = reads.source_seen(request.viewer, key)
    return page_of(request, reads.runs_of(request.viewer, source), ["-id"], limit=limit, cursor=cursor)


@router.post("/sources/{str:key}/runs", response={201: RunOut}, summary="Send a file")
def begin_run(
    request: HttpRequest,
    key: str,
    file: File[UploadedFile],
    as_of: Annotated[Written | None, Form(None, description="When it was true; now, unless named.")] = None,
    complete: Annotated[bool, Form(True, description="Whether what it lacks has vanished.")] = True,
) -> Any:
    """A run of a file; nothing is applied yet. Look at it with preview, then apply it."""
    source = reads.source_seen(request.viewer, key)
    return runs.begin(source, file, plain_name(file.name or ""), by=request.viewer, at=timezone.now(), as_of=as_of, complete=complete)  # fmt: skip


@router.get("/runs/{int:run_id}", response=RunFullOut, summary="A run")
def get_run(request: HttpRequest, run_id: Id) -> Any:
    """One import, how its file was understood, and what became of it."""
    return reads.run_seen(request.viewer, run_id)


@router.get("/runs/{int:run_id}/rejected", response=Page[RejectedOut], summary="What could not be taken")
def list_rejected(request: HttpRequest, run_id: Id, limit: Limit, cursor: Cursor) -> Any:
    """Records and values of a run that could not be taken, with what would be right."""
    run = reads.run_seen(request.viewer, run_id)
    return page_of(request, run.rejected.all(), ["id"], limit=limit, cursor=cursor)


@router.get(
    "/runs/{int:run_id}/to-correct.csv", summary="What could not be taken, to correct",
    openapi_extra={"responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}},
)  # fmt: skip
def download_rejected(request: HttpRequest, run_id: Id) -> Any:
    """The records that could not be taken whole, under their file's own header; corrected, send them with complete=false."""
    return rejected_file(reads.run_seen(request.viewer, run_id))


@router.post("/runs/{int:run_id}/preview", response={200: RunFullOut, 202: AskedOut}, summary="Look at a run")
def preview_run(request: HttpRequest, run_id: Id) -> Any:
    """What applying would do, as `counts` and `samples`; the register stays as it is. A large file is looked at by a job (202)."""
    return _looked(request, reads.run_seen(request.viewer, run_id))


@router.post(
    "/runs/{int:run_id}/columns", response={200: RunFullOut, 202: AskedOut}, summary="Correct the columns"
)
def correct_columns(request: HttpRequest, run_id: Id, body: ColumnsIn) -> Any:
    """Take other columns for fields, in this file and the next ones of its source, and look again."""
    run = reads.run_seen(request.viewer, run_id)
    runs.correct_columns(run, body.columns, by=request.viewer, at=timezone.now())
    return _looked(request, run)


@router.post("/runs/{int:run_id}/apply", response={202: AskedOut}, summary="Apply a run")
def apply_run(request: HttpRequest, run_id: Id) -> Any:
    """A job writes what the run brings. Again: nothing more happens."""
    return _enqueued(request, "apply_import", run_id)


@router.get("/runs/{int:run_id}/undo", response=OutlookOut, summary="What undoing would do")
def preview_undo(request: HttpRequest, run_id: Id) -> Any:
    """What undoing a run would do."""
    outlook = runs.preview_undo(reads.run_seen(request.viewer, run_id), by=request.viewer)
    return {"counts": dict(outlook.counts), "notes": list(outlook.notes)}


@router.post("/runs/{int:run_id}/undo", response={202: AskedOut}, summary="Undo a run")
def undo_run(request: HttpRequest, run_id: Id) -> Any:
    """A job withdraws what the run brought."""
    return _enqueued(request, "undo_import", run_id)


def _enqueued(request: HttpRequest, kind: str, run_id: int) -> dict[str, int]:
    run = reads.run_seen(request.viewer, run_id)
    return {"job": ask(kind, run, by=request.viewer, at=timezone.now()).pk}


def _looked(request: HttpRequest, run: Run) -> Any:
    """The run after it was looked at, or the job that does. `Any`: a status with a shape."""
    job = look(run, by=request.viewer, at=timezone.now())
    return reads.run_seen(request.viewer, run.pk) if job is None else Status(202, {"job": job.pk})
