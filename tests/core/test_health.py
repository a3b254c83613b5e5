"""The server tells a proxy whether it lives and is ready, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.core.models import Beat

pytestmark = pytest.mark.django_db


def test_live_needs_no_database(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"live\n")


def test_ready_means_that_a_worker_was_heard_of(client: Client) -> None:
    assert client.get("/health/ready").status_code == 503
    now = timezone.now()
    Beat.objects.create(worker="a", at=now - timedelta(minutes=5), started_at=now)
    assert client.get("/health/ready").content == b"not ready\n"
    Beat.objects.create(worker="b", at=now, started_at=now)
    assert client.get("/health/ready").status_code == 200


def test_a_database_that_lacks_migrations_is_not_ready(client: Client, monkeypatch: Any) -> None:
    from pilothouse.core.views import health

    Beat.objects.create(worker="b", at=timezone.now(), started_at=timezone.now())
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health, "unapplied", lambda: ["core.0009_next"])
    assert client.get("/health/ready").status_code == 503
