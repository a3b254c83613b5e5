"""The API of feeds: how far they were read, a job that asks the operator's addresses, a file that is sent instead.

No call names an address: only the settings do (PILOTHOUSE_FEED_...).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, File, Router, Schema
from ninja.files import UploadedFile

from pilothouse.core.calls.shapes import AskedOut
from pilothouse.core.errors import NotFound
from pilothouse.core.permissions import Viewer
from pilothouse.exposure.actions.syncing import ask_for_sync, known_feeds, upload
from pilothouse.exposure.reads import advisories as reads

router = Router(tags=["Feeds"])


class FeedOut(Schema):
    """An address of the settings and how far it was read. problem: why it could not be had; empty: it could."""

    key: str = Field(examples=["kev"])
    url: str
    asked_at: datetime | None
    changed_at: datetime | None
    problem: str


class FeedsOut(Schema):
    """Where advisories come from. online: whether the operator lets the addresses be asked."""

    online: bool
    feeds: list[FeedOut]


@router.get("/feeds", response=FeedsOut, summary="Feeds")
def list_feeds(request: HttpRequest) -> Any:
    """Every address that is asked, and what came of it the last time."""
    _need_look(request.viewer)
    return {"online": settings.FEEDS_ONLINE, "feeds": known_feeds()}


@router.post("/feeds/sync", response={202: AskedOut}, summary="Sync advisories")
def sync_feeds(request: HttpRequest) -> Any:
    """A job asks the addresses of the settings for what changed; while one does, it is that job. Refused where the operator allows none."""
    _need_look(request.viewer)
    return {"job": ask_for_sync(by=request.viewer, at=timezone.now()).pk}


@router.post("/feeds/files", response={202: AskedOut}, summary="Send a file of a feed")
def send_feed_file(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """A job takes a file of CSAF, KEV or EPSS, or an archive of any mix; what has not changed writes nothing."""
    _need_look(request.viewer)
    return {"job": upload(file.name or "", file.chunks(), by=request.viewer, at=timezone.now()).pk}


def _need_look(viewer: Viewer) -> None:
    if not reads.may_look(viewer):
        raise NotFound("There is nothing here")
