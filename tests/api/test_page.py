"""The API's page tells every call and every kind of problem, and runs nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pilothouse.config.api_page import described
from pilothouse.core import ports
from pilothouse.core.errors import KINDS

pytestmark = pytest.mark.django_db


def test_the_page_tells_every_call_and_problem(ana: Any, client_of: Any) -> None:
    page = client_of(ana).get("/api/v1/docs")
    assert page.status_code == 200
    for group in described()[0]:
        for call in group.calls:
            assert f'id="{call.name}"' in page.text
    for kind in KINDS.values():
        assert f'id="problem-{kind.name}"' in page.text


def test_who_is_not_signed_in_is_sent_to_sign_in() -> None:
    assert Client().get("/api/v1/docs").headers["Location"].startswith("/sign-in/login/")


def test_the_page_asks_little(
    ana: Any, client_of: Any, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The navigation's numbers are counted apart: tests/core/test_counters.py."""
    monkeypatch.setattr(ports, "counters", [])
    client = client_of(ana)
    client.get("/api/v1/docs")
    with django_assert_max_num_queries(5):
        client.get("/api/v1/docs")
