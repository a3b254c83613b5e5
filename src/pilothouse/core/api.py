"""The API of core: who one is, one's tokens, jobs, the audit log, search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from pilothouse.core import ports, tokens
from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import Id, Most, Search
from pilothouse.core.jobs import ask_to_stop
from pilothouse.core.reads import audit as audit_reads
from pilothouse.core.reads import jobs as jobs_reads

router = Router()


class RoleOut(Schema):
    """A role at a place: the whole system when neither facility nor unit is named."""

    role: str = Field(examples=["technician"])
    facility: int | None
    unit: int | None


class MeOut(Schema):
    """Who calls, in which roles, and what this call may do anywhere at all."""

    id: int
    key: str = Field(examples=["ana"])
    name: str
    roles: list[RoleOut]
    permissions: list[str] = Field(examples=[["see_equipment", "see_findings"]])


class TokenOut(Schema):
    """One of one's tokens; its text is shown once, when it is made."""

    id: int
    name: str
    prefix: str = Field(examples=["ph_Zk3xQ9aB"])
    scopes: list[str]
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    withdrawn_at: datetime | None


@router.get("/me", response=MeOut, tags=["You"], summary="Who calls")
def me(request: HttpRequest) -> dict[str, Any]:
    """The person behind the call, their roles, and what this session or token may do."""
    viewer = request.viewer
    return {
        "id": viewer.person.pk,
        "key": viewer.person.key,
        "name": viewer.person.name,
        "roles": [{"role": one.role, "facility": one.facility, "unit": one.unit} for one in viewer.held],
        "permissions": tokens.scopes_for(viewer),
    }


@router.get("/tokens", response=list[TokenOut], tags=["You"], summary="Your tokens")
def list_tokens(request: HttpRequest) -> Any:
    """Your own tokens, the newest first, with those that were withdrawn."""
    return tokens.tokens_of(request.viewer)


@router.post("/tokens/{int:token_id}/withdraw", response=TokenOut, tags=["You"], summary="Withdraw a token")
def withdraw_token(request: HttpRequest, token_id: Id) -> Any:
    """The token is of no use from now on. Again: nothing more happens."""
    return tokens.withdraw_token(by=request.viewer, at=timezone.now(), token_id=token_id)


class JobOut(Schema):
    """Work in the background: how far it is and what came of it."""

    id: int
    kind: str = Field(examples=["apply_import"])
    state: str = Field(examples=["running"])
    done: int
    total: int
    says: str
    result: dict[str, Any]
    error: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class EntryOut(Schema):
    """An entry of the audit log. seal: over this entry and the one before it."""

    id: int
    at: datetime
    by: int | None = Field(alias="by_id")
    verb: str = Field(examples=["set_by_hand"])
    subject: str = Field(examples=["equipment:12"])
    note: str
    rows: int
    seal: str


class HitOut(Schema):
    """One thing that a search found."""

    kind: str
    title: str
    detail: str
    url: str


@router.get("/jobs", response=Page[JobOut], tags=["Jobs"], summary="Jobs")
def list_jobs(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """Your jobs, and everybody's if you may see them, the last asked for first."""
    return page_of(request, jobs_reads.jobs_of(request.viewer), ["-id"], limit=limit, cursor=cursor)


@router.get("/jobs/{int:job_id}", response=JobOut, tags=["Jobs"], summary="A job")
def get_job(request: HttpRequest, job_id: Id) -> Any:
    """How far a job is and what came of it."""
    return jobs_reads.job_of(request.viewer, job_id)


@router.post("/jobs/{int:job_id}/stop", response=JobOut, tags=["Jobs"], summary="Stop a job")
def stop_job(request: HttpRequest, job_id: Id) -> Any:
    """It stops at its next step; what it did stays."""
    return ask_to_stop(jobs_reads.job_of(request.viewer, job_id), by=request.viewer, at=timezone.now())


@router.get("/audit", response=Page[EntryOut], tags=["Audit"], summary="Audit log")
def list_audit(request: HttpRequest, limit: Limit, cursor: Cursor, subject: Search) -> Any:
    """What was done, by whom, the newest first; of one subject such as equipment:12, if it is named."""
    found = audit_reads.entries(request.viewer, subject)
    found = found.filter(subject=subject) if subject else found
    return page_of(request, found, ["-id"], limit=limit, cursor=cursor)


@router.get("/search", response=list[HitOut], tags=["Search"], summary="Search")
def search(request: HttpRequest, q: Search, most: Most) -> Any:
    """What a text finds among everything you may see: tags, serials, addresses, advisories, people."""
    return list(ports.hits(request.viewer, q.strip(), most)) if q.strip() else []
