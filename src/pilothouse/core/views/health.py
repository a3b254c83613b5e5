"""Whether the server lives and is ready: for a proxy or a supervisor, without sign-in and without details."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pilothouse.core.checking import unapplied
from pilothouse.core.models import Beat

SILENT_FOR: Final = timedelta(seconds=90)
"""So long without a sign of any worker, and nobody does the jobs."""

_migrated = False


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, has all migrations, and a worker was heard of lately; 503 otherwise."""
    well = _is_ready()
    return HttpResponse(
        "ready\n" if well else "not ready\n", content_type="text/plain", status=200 if well else 503
    )


def _is_ready() -> bool:
    global _migrated
    try:
        _migrated = _migrated or not unapplied()
        return _migrated and Beat.objects.filter(at__gt=timezone.now() - SILENT_FOR).exists()
    except (DatabaseError, InterfaceError):
        return False
