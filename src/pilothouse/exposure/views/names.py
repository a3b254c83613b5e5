"""Names to confirm: one question at a time, by keyboard, with undo."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pilothouse.core import words
from pilothouse.exposure.actions.naming import decide_name, take_back_name
from pilothouse.exposure.models import NameDecision
from pilothouse.exposure.reads.names import names_page, need_names

_MOST_SKIPPED = 200


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _skipped(text: str) -> list[int]:
    return [number for part in text[:4000].split(".") if (number := _number(part)) is not None][-_MOST_SKIPPED:]  # fmt: skip


@require_GET
def name_list(request: HttpRequest) -> HttpResponse:
    """The question at hand and what waits behind it."""
    need_names(request.viewer)
    skipped = _skipped(request.GET.get("skip", ""))
    page = names_page(request.viewer, _number(request.GET.get("name", "")), skipped)
    at_hand = page.asked.candidate.pk if page.asked else 0
    skip = urlencode({"skip": ".".join(map(str, [*skipped, at_hand]))})
    last = page.decided[0] if page.decided else None
    return render(request, "exposure/names.html", {"page": page, "skip": skip, "skipped": ".".join(map(str, skipped)), "last": last})  # fmt: skip


@require_POST
def name_decide(request: HttpRequest) -> HttpResponse:
    """Same or different, for all devices; the next question follows."""
    need_names(request.viewer)
    told = {name: request.POST.get(name, "") for name in ("seen", "means", "decision")}
    one = decide_name(by=request.viewer, at=timezone.now(), **told)
    said = "is" if one.decision == "same" else "is not"
    devices = _number(request.POST.get("devices", "")) or 0
    messages.success(request, f"{one.seen} {said} {one.means}: counts for {words.counted(devices, 'device')}", extra_tags=reverse("name_undo", args=[one.pk]))  # fmt: skip
    return _next(request)


@require_POST
def name_undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take a decision back: its name is asked about again."""
    need_names(request.viewer)
    if not NameDecision.objects.filter(pk=number).exists():
        raise Http404
    take_back_name(by=request.viewer, at=timezone.now(), decision=number)
    messages.success(request, "The decision is taken back; the name is asked about again")
    return _next(request)


def _next(request: HttpRequest) -> HttpResponse:
    skipped = _skipped(request.POST.get("skip", ""))
    query = f"?{urlencode({'skip': '.'.join(map(str, skipped))})}" if skipped else ""
    return redirect(f"{reverse('name_list')}{query}")
