"""`/who/`: who decides? Works without script; the question stands in the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from pilothouse.core.as_of import as_of
from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import revision_at
from pilothouse.core.words import moment
from pilothouse.governance.asking import NoChain
from pilothouse.governance.command import deciding
from pilothouse.governance.loading import chain_zone
from pilothouse.governance.sources.cells import TOPIC_FORM
from pilothouse.governance.words import TOPICS, GovernanceError
from pilothouse.kernel.times import NotATime, as_datetime, read_time

LONGEST: Final = 120


@require_GET
def who_decides(request: HttpRequest) -> HttpResponse:
    """The question of the address, and its answer."""
    if not request.viewer.may_somewhere("see_chain"):
        raise NotFound("There is nothing here")
    past = as_of(request)
    at, wrong = _moment(request, past)
    topic = request.GET.get("topic", "repair")[:LONGEST].strip()
    context: dict[str, Any] = {"wrong": wrong}  # Any: what a template takes
    where = deciding.Where()
    try:
        where = _where(request)
        if not TOPIC_FORM.fullmatch(topic) or len(topic) > 60:
            raise NotFound(f"{topic!r} is no topic; small letters, digits and _ are, such as data_flow")
        context["answer"] = deciding.decides(topic, where, at, None if past is None else revision_at(past))
    except NoChain:
        context["no_chain"] = True
    except (NotFound, GovernanceError) as error:
        context["wrong"] = wrong or str(error)
    typed = request.GET.get("at", "")[:40]
    context |= {
        "topic": topic, "topic_words": deciding.topic_asked(topic), "topics": [(one, deciding.topic_asked(one)) for one in dict.fromkeys((*TOPICS, topic))],
        "where": where, "places": deciding.places_of(request.viewer, at), "typed": typed, "tag": request.GET.get("tag", "")[:LONGEST],
        "when": moment(at.astimezone(chain_zone())) if typed or past else "now",
        "may_edit": request.viewer.may_somewhere("edit_chain"),
    }  # fmt: skip
    return render(request, "governance/who.html", context)


def _where(request: HttpRequest) -> deciding.Where:
    if tag := request.GET.get("tag", "")[:LONGEST].strip():
        return deciding.where_device(request.viewer, tag)
    named = request.GET.get("place")
    key = deciding.own_place(request.viewer) if named is None else named[:LONGEST]
    return deciding.where_named(request.viewer, key)


def _moment(request: HttpRequest, past: datetime | None) -> tuple[datetime, str]:
    """The moment asked about, and what is wrong with it if it cannot be read."""
    typed = request.GET.get("at", "")[:40].strip()
    now = past or timezone.now()
    if not typed:
        return now, ""
    try:
        return as_datetime(read_time(typed, chain_zone()), chain_zone()), ""
    except (NotATime, OverflowError):
        return now, f"{typed} is no time; write it as 2026-11-02 07:30"
