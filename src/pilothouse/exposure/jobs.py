"""What exposure does in the background: sync, match, open findings. Safe to run twice; each writes only what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from pilothouse.core import schedule
from pilothouse.core.jobs import Step, job
from pilothouse.exposure.actions.keeping_up import match
from pilothouse.exposure.actions.syncing import MATCH, feeds_folder, sync_from_folder, sync_online


@job("sync_advisories", title="Sync advisories")
def sync_advisories(step: Step, *, upload: str = "", called: str = "", folder: str = "") -> dict[str, Any]:
    """upload: the name of a file that somebody sent; folder: a place on the server; neither: the official addresses."""
    if upload:
        file = feeds_folder() / "uploads" / Path(upload).name
        if not file.exists():
            return {"says": f"{called} was taken already"}
        synced = sync_from_folder(file, by=step.by, at=step.at, step=step)
        file.unlink(missing_ok=True)
    elif folder:
        synced = sync_from_folder(Path(folder), by=step.by, at=step.at, step=step)
    else:
        synced = sync_online(by=step.by, at=step.at, step=step)
    return {"says": synced.sentence(), "url": "/advisories/", **synced.taken.counts()}


@job(MATCH, title="Match devices with advisories")
def match_devices(step: Step, *, devices: list[int] | None = None, whole: bool = False) -> dict[str, Any]:
    """devices: these alone; whole: everything anew."""
    outcome = match(by=step.by, at=step.at, devices=devices, whole=whole, step=step)
    return {"says": outcome.sentence(), "url": "/advisories/", **outcome.counts()}


if settings.FEEDS_ONLINE:
    schedule.every("sync_advisories", hours=24)
