"""The API of people: who works here, added, changed, and what a leaver leaves open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.responses import Status

from pilothouse.core import people
from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import Id
from pilothouse.core.calls.versions import tag_of, version_read
from pilothouse.core.errors import NotFound
from pilothouse.core.leaving import left_open
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.core.reads import people as reads

router = Router(tags=["People"])


class PersonOut(Schema):
    """Somebody who works here, by name and key."""

    id: int
    key: str
    name: str
    left: bool


class OpenOut(Schema):
    """Something that waits for a person or hangs on them. url: its page, or empty."""

    says: str = Field(examples=["3 open findings"])
    url: str


class PersonFullOut(PersonOut):
    """A person, how to reach them, and what they would leave open, or have left open. version: to be sent as If-Match."""

    email: str
    phone: str
    pager: str
    open: list[OpenOut]
    version: int


class _Reach(Schema):
    email: str = Field("", max_length=people.LONGEST)
    phone: str = Field("", max_length=people.LONGEST)
    pager: str = Field("", max_length=people.LONGEST)


class NewPersonIn(_Reach):
    """Somebody who works here. key: the id of chain files; left empty, the house makes one."""

    name: str = Field(min_length=1, max_length=people.LONGEST)
    key: str = Field("", max_length=people.LONGEST)


class PersonIn(_Reach):
    """What is to change; what is left out stays. left: their sign-in, sessions and tokens end at once."""

    name: str = Field("", max_length=people.LONGEST)
    left: bool = False


@router.get("/people", response=Page[PersonOut], summary="People")
def list_people(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """Everybody whom you may see, by key."""
    rows = reads.people(request.viewer, timezone.now())
    return page_of(request, rows, ["key", "id"], limit=limit, cursor=cursor)


@router.get("/people/{int:person_id}", response=PersonFullOut, summary="A person")
def get_person(request: HttpRequest, person_id: Id, response: HttpResponse) -> Any:
    """Somebody, how to reach them, and what waits for them or hangs on them."""
    return _told(request.viewer, _seen(request.viewer, person_id), response)


@router.post("/people", response={201: PersonFullOut}, summary="Add a person")
def add_person(request: HttpRequest, body: NewPersonIn, response: HttpResponse) -> Any:
    """Somebody who works here; roles and a sign-in are given on their page."""
    made = people.add_person(by=request.viewer, at=timezone.now(), **body.dict())
    return Status(201, _told(request.viewer, made, response))


@router.patch(
    "/people/{int:person_id}",
    response=PersonFullOut,
    openapi_extra={"x-versioned": True},
    summary="Change a person",
)
def change_person(request: HttpRequest, person_id: Id, body: PersonIn, response: HttpResponse) -> Any:
    """Their name, how to reach them, or that they have left; `open` then tells what is to be given to others."""
    _seen(request.viewer, person_id)
    since, said = version_read(request), body.dict(exclude_unset=True)
    left = said.pop("left", None)
    one = people.change_person(
        person_id, by=request.viewer, at=timezone.now(), since=since, left=left, **said
    )
    return _told(request.viewer, one, response)


def _seen(viewer: Viewer, number: int) -> Person:
    if not viewer.may_somewhere("see_people"):
        raise NotFound("There is nobody with this number, or you may not see them")
    return people.person_of(number)


def _told(viewer: Viewer, one: Person, response: HttpResponse) -> dict[str, Any]:
    response["ETag"] = tag_of(one.since)
    names = ("id", "key", "name", "left", "email", "phone", "pager")
    return {
        **{name: getattr(one, name) for name in names},
        "open": [{"says": words, "url": url} for words, url in left_open(viewer, one.pk)],
        "version": one.since,
    }
