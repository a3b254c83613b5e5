"""The rows of the command palette."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.core import navigation
from pilothouse.core.palette import found


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """What fits the text that is being typed; `all`: where everything that fits is listed."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context = {"groups": found(request.viewer, text), "text": text, "search": navigation.address("search")}
    return render(request, "frame/palette_rows.html", context)
