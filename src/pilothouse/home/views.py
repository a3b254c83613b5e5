"""The helm's page, everybody's own page, and the search over everything."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from pilothouse.core import ports
from pilothouse.home import watch

MOST = 20
"""Hits of each room on the page of the search."""


@require_GET
def helm(request: HttpRequest) -> HttpResponse:
    """What needs somebody, whose it is, and what changed."""
    at = timezone.now()
    choices = request.user.choices
    shown = watch.watch(request.viewer, at, watch.last_seen(choices))
    watch.note_seen(request.viewer.person, at, choices)
    return render(request, "home/helm.html", {"watch": shown})


@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """The same for a screen on a wall: read from afar, touched by nobody, renewed by itself."""
    return render(request, "home/wall.html", {"wall": watch.wall(request.viewer, timezone.now())})


@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer."""
    return render(request, "home/my_work.html", {"work": watch.work(request.viewer, timezone.now())})


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What all rooms find of a text."""
    text = request.GET.get("q", "").strip()[:200]
    hits = list(ports.hits(request.viewer, text, MOST)) if len(text) >= 2 else []
    groups = [
        (kind, list(of))
        for kind, of in groupby(sorted(hits, key=lambda hit: hit.kind), key=lambda hit: hit.kind)
    ]
    return render(request, "home/search.html", {"text": text, "groups": groups, "found": len(hits)})
