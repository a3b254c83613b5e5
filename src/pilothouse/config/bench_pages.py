"""Pages of the server on the database there is: how long each takes from request to last byte, for who may see the most.

Asked in this process, without browser and network. All of it is one transaction that is taken back, so that nothing stays written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Final

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from pilothouse.core.errors import NotFound
from pilothouse.core.models import Account, Unit
from pilothouse.core.permissions import TABLE, viewer_of
from pilothouse.equipment.models import Equipment

TIMES: Final = 60
WARM: Final = 3
"""The first of them are not counted: they compile templates and fill caches."""

Figures = Iterator[tuple[str, str, str]]
"""(what, measured, bar)."""


def lists() -> Figures:
    """The register's list: first page, sorted, filtered."""
    yield from _timed(
        "p50 under 20 ms, p95 under 50",
        "/equipment/",
        "/equipment/?sort=-serial",
        "/equipment/?stage=in_use&sort=name",
    )


def search() -> Figures:
    """The search over everything, for words and numbers that devices here have."""
    some = Equipment.objects.exclude(serial="").order_by("pk").values_list("serial", "name")[:1]
    words = [word for serial, name in some for word in (serial, name.split(" ")[0]) if word]
    yield from _timed("p50 under 20 ms, p95 under 40", *(f"/palette/?q={word}" for word in words or ["pump"]))


def device() -> Figures:
    """The page of one device: the first there is."""
    one = Equipment.objects.order_by("pk").values_list("pk", flat=True).first()
    if one is None:
        raise NotFound("There is no device yet, so that no device's page can be measured")
    yield from _timed("p50 under 30 ms, p95 under 60", f"/equipment/{one}/")


def helm() -> Figures:
    """The helm's page."""
    yield from _timed("p50 under 30 ms, p95 under 60", "/")


def work() -> Figures:
    """One's own work."""
    yield from _timed("p50 under 30 ms, p95 under 60", "/my-work/")


def who() -> Figures:
    """Who decides, at the first unit there is."""
    unit = Unit.objects.order_by("pk").values_list("pk", flat=True).first()
    yield from _timed("", f"/who/?topic=recall&unit={unit or ''}")


def _timed(bar: str, *paths: str) -> Figures:
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
    with transaction.atomic():
        client.force_login(_who_sees_most(), backend="django.contrib.auth.backends.ModelBackend")
        for path in paths:
            took = [_asked_ms(client, path) for _ in range(WARM + TIMES)][WARM:]
            yield path, f"p50 {median(took):.0f} ms, p95 {quantiles(took, n=20)[-1]:.0f} ms", bar
        transaction.set_rollback(True)


def _asked_ms(client: Client, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    took_ms = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200:
        raise NotFound(f"{path} answered {answer.status_code} and cannot be measured")
    return took_ms


def _who_sees_most() -> Account:
    """Of those who can sign in, the one whose roles allow the most. Raises NotFound while there is none."""
    now = timezone.now()
    found = list(Account.objects.filter(is_active=True, one_time_until=None).select_related("person")[:200])
    if not found:
        raise NotFound(
            "Nobody who can sign in has chosen a password yet; pilothouse createuser adds somebody"
        )
    return max(found, key=lambda one: sum(map(viewer_of(one.person, now).may_somewhere, TABLE)))
