"""The rows of the command palette."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.core import navigation
from pilothouse.core.palette import found


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """What fits the text that is being typed, of one kind where it was refined."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    kind = request.GET.get("kind", "")[:40]
    context = {
        "groups": found(request.viewer, text, kind),
        "kind": kind,
        "search": navigation.address("search"),
    }
    return render(request, "frame/palette_rows.html", context)
