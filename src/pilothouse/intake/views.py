"""The review queue: one pair after another, by the keyboard."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pilothouse.intake import reviewing, weighing
from pilothouse.intake.models import Pair

SHOWN = 12
"""Pairs of the queue beside the one that is looked at."""


@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """The next pair, or the one that was chosen."""
    reviewing.need_review(request.viewer)
    waiting = reviewing.open_pairs(request.viewer)
    queue = list(waiting[: SHOWN + 1])
    chosen = request.GET.get("pair", "")
    pair = (
        reviewing.pair_seen(request.viewer, int(chosen))
        if chosen.isdigit() and len(chosen) < 19
        else next(iter(queue), None)
    )
    now = timezone.now()
    mine = Pair.objects.filter(by=request.viewer.person, answered_at__gte=now - timedelta(hours=12))
    context = {
        "pair": pair,
        "fall": weighing.picture(pair) if pair else None,
        "lines": reviewing.side_by_side(request.viewer, pair) if pair else (),
        "why": weighing.why_asked(pair) if pair else "",
        "queue": queue[:SHOWN],
        "more": len(queue) > SHOWN,
        "total": waiting.count(),
        "today": mine.count(),
    }
    return render(request, "intake/review.html", context)


@require_POST
def review_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word on a pair; then the next one."""
    pair = reviewing.pair_seen(request.viewer, pk)
    word = request.POST.get("word", "")
    if word not in ("same", "different", "unsure"):
        return redirect("review")
    reviewing.answer(pair, word, by=request.viewer, at=timezone.now())
    messages.success(request, WORDS[word], extra_tags=reverse("review_take_back", args=[pk]))
    return redirect("review")


@require_POST
def review_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an answer, and look at the pair again."""
    pair = reviewing.pair_seen(request.viewer, pk)
    reviewing.take_back(pair, by=request.viewer, at=timezone.now())
    return redirect(f"{reverse('review')}?pair={pk}")


WORDS = {
    "same": "One device. Later imports will know.",
    "different": "Different devices. Later imports will not ask again.",
    "unsure": "Put aside. Somebody else may know.",
}
