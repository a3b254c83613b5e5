"""The API keeps to its schema whatever it is sent: Schemathesis makes calls from the schema, right and wrong ones, and each answer is
one that the schema names, for who sees everything and for who sees little. The same calls on every run."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
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


@pytest.fixture(params=["chief", "ben"])
def as_whom(request: Any, caller: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The helm, and a nurse manager of one unit, each by a token."""
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "0")
    return caller(request.getfixturevalue(request.param))


@pytest.mark.django_db
@schema.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_schema_names(case: Any, as_whom: Any) -> None:
    if case.meta.generation.mode == GenerationMode.POSITIVE:
        for name, value in case.path_parameters.items():
            if isinstance(value, int):
                case.path_parameters[name] = value % FEW + 1
    case.call_and_validate(headers={"Authorization": f"Bearer {as_whom.plain}"}, checks=CHECKS)
