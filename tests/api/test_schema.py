"""The schema is what was agreed: a change of it is a change of this file, made by `make api-schema` and looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from pilothouse.config.api_schema import text

SNAPSHOT = Path(__file__).with_name("openapi.json")


def test_the_schema_is_the_one_that_was_agreed() -> None:
    assert text() == SNAPSHOT.read_text("utf-8"), "run `make api-schema` and look at what changed"


@pytest.mark.django_db
def test_the_schema_is_served_to_everybody() -> None:
    told = Client().get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert told["paths"] == json.loads(text())["paths"]


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = json.loads(text())["paths"]
    return [(path, method, one) for path, methods in paths.items() for method, one in methods.items()]


def test_every_operation_says_what_it_does_and_how_it_fails() -> None:
    for path, method, one in _operations():
        where = f"{method} {path}"
        assert one.get("summary"), where
        assert one.get("description"), where
        assert one.get("tags"), where
        assert one.get("security"), where
        assert {"401", "403", "404", "422", "429"} <= set(one["responses"]), where


def test_names_of_operations_are_used_once() -> None:
    names = [one["operationId"] for _, _, one in _operations()]
    assert len(names) == len(set(names))
