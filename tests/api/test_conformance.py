"""The API keeps to its schema whatever it is sent: Schemathesis makes calls from the schema, right and wrong ones, and each answer is
one that the schema names, for who sees everything and for who sees little. The same calls on every run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from pilothouse.config.api_schema import text

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    negative_data_rejection,
]
FEW = 7
"""Ids are brought into the range of those that exist."""

schema = schemathesis.openapi.from_dict(json.loads(text()))
schema.app = get_wsgi_application()
schema.config.phases.coverage.enabled = (
    False  # boundary values are what tests/test_hostile.py sends, in less time
)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Calls go through the server's own door, which closes what it takes for spent connections: not those of a test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "0")


@pytest.fixture
def helm(chief: Any, caller: Any) -> Any:
    return caller(chief)


@pytest.fixture
def nurse(ben: Any, caller: Any) -> Any:
    return caller(ben)


def _tried(case: Any, who: Any) -> None:
    if case.meta.generation.mode == GenerationMode.POSITIVE:
        for name, value in case.path_parameters.items():
            if isinstance(value, int):
                case.path_parameters[name] = value % FEW + 1
    case.call_and_validate(headers={"Authorization": f"Bearer {who.plain}"}, checks=CHECKS)


same = settings(
    max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.django_db
@schema.parametrize()
@same
def test_the_helm_is_answered_as_the_schema_says(case: Any, helm: Any) -> None:
    _tried(case, helm)


@pytest.mark.django_db
@schema.include(method="GET").parametrize()
@same
def test_who_sees_little_is_answered_as_the_schema_says(case: Any, nurse: Any) -> None:
    _tried(case, nurse)
