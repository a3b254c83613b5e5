"""The API of core: who one is, one's tokens, places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from pilothouse.core import seeing, tokens
from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import Id, Moment

router = Router()


class PlaceOut(Schema):
    """A facility or a unit, by its id and the key that chain files and sources use."""

    id: int
    key: str = Field(examples=["NGH"])
    name: str = Field(examples=["North General"])


class UnitOut(PlaceOut):
    """A unit and the facility it lies in."""

    facility: PlaceOut
    starts_at: Moment = Field(None, alias="start", description="Since when it exists; null: always.")
    ends_at: Moment = Field(None, alias="end", description="Until when; null: open.")


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


@router.get("/facilities", response=Page[PlaceOut], tags=["Places"], summary="Facilities")
def list_facilities(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """The facilities you may see something of, by key."""
    return page_of(request, seeing.facilities(request.viewer), ["key", "id"], limit=limit, cursor=cursor)


@router.get("/units", response=Page[UnitOut], tags=["Places"], summary="Units")
def list_units(request: HttpRequest, limit: Limit, cursor: Cursor, facility: int | None = None) -> Any:
    """The units you may see something of, by key; of one facility if it is named."""
    found = seeing.units(request.viewer, facility=facility)
    return page_of(request, found, ["key", "id"], limit=limit, cursor=cursor)
