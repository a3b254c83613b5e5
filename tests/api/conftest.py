"""Fixtures of the API's tests: callers by token and by session."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.core.calls import rates
from pilothouse.core.models import Person
from pilothouse.core.permissions import TABLE, viewer_of
from pilothouse.core.tokens import make_token


@dataclass
class Caller:
    """Calls the API as a person, by a token."""

    plain: str
    client: Client

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call. `Any`: Django's test response; body as JSON."""
        told = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self.client.generic(
            method,
            path if path.startswith("/") else f"/api/v1/{path}",
            headers={"Authorization": f"Bearer {self.plain}", **headers},
            **told,
        )

    def get(self, path: str, **headers: str) -> Any:
        """A call that reads."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """A call that writes."""
        return self.call("POST", path, {} if body is None else body, **headers)


@pytest.fixture(autouse=True)
def fresh_minute() -> None:
    """Calls of other tests do not count."""
    rates.forget()


@pytest.fixture
def caller() -> Callable[..., Caller]:
    """caller(ana, "see_equipment"): who calls by a token of a person; without scopes: with all."""

    def make(person: Person, *scopes: str, ends_at: datetime | None = None) -> Caller:
        now = timezone.now()
        _, plain = make_token(
            by=viewer_of(person, now), at=now, name="test", scopes=scopes or tuple(TABLE), ends_at=ends_at
        )
        return Caller(plain, Client(raise_request_exception=False))

    return make
