"""The day a page is looked at: `?as_of=` in its address; nothing means now."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def read_as_of(text: str, now: datetime) -> datetime | None:
    """The moment a text means; a day means its end. None for nothing, for what is no time, and for what is not yet past."""
    moment = _moment(text.strip())
    return moment if moment is not None and EARLIEST <= moment < now else None


def _moment(text: str) -> datetime | None:
    try:
        if day := parse_date(text):
            return _end_of(day)
        if moment := parse_datetime(text):
            return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    except (ValueError, OverflowError):
        return None
    return None


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()) + timedelta(days=1)) - timedelta(microseconds=1)


def as_of(request: HttpRequest) -> datetime | None:
    """The past moment the page is to show, or None for now.

    A view that asks says by it that its page can be shown as it was: only there the frame offers another day.
    """
    request._knows_the_past = True
    return asked_for(request)


def asked_for(request: HttpRequest) -> datetime | None:
    """The past moment in the address, whether or not the page can show it."""
    return read_as_of(request.GET.get("as_of", "")[:40], timezone.now())


def knows_the_past(request: HttpRequest) -> bool:
    """Whether the page that answers can be shown as it was."""
    return getattr(request, "_knows_the_past", False)
