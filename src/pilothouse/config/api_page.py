"""The API's page for people: what its schema says, as a page of ours. Nothing of it runs in the browser.

The documentation viewers that ninja can serve weigh more than a megabyte and are not ours; this page is drawn from the same schema.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pilothouse.config.api import DESCRIPTION, api
from pilothouse.core.calls.problems import PLAIN
from pilothouse.core.errors import KINDS, Kind

Json = Mapping[str, Any]
"""A piece of the schema. `Any`: JSON."""


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter or a member: name, what it is, what it means. shape: the name of a shape that tells more."""

    name: str
    kind: str
    says: str
    where: str = ""
    needed: bool = False
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation."""

    name: str
    method: str
    path: str
    summary: str
    says: str
    takes: tuple[Value, ...]
    body: tuple[Value, ...]
    gives: Value | None


@dataclass(frozen=True, slots=True)
class Group:
    """The operations under one heading."""

    name: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer or a body looks like."""

    name: str
    says: str
    members: tuple[Value, ...]


def page(request: HttpRequest) -> HttpResponse:
    """The page, for who is signed in."""
    if request.viewer is None:
        return redirect_to_login(request.get_full_path())
    groups, shapes = described()
    context = {
        "groups": groups,
        "shapes": shapes,
        "problems": problems(),
        "paragraphs": paragraphs(),
        "base": settings.PUBLIC_URL,
    }
    return render(request, "core/api.html", context)


def paragraphs() -> list[tuple[str, list[tuple[bool, str]]]]:
    """The description's paragraphs: the words that head one, and its text in pieces, code or not."""
    found = []
    for paragraph in DESCRIPTION.strip().split("\n\n"):
        text = " ".join(paragraph.split("\n"))
        headed = re.match(r"\*\*(.+?)\*\*\s*", text)
        rest = text[headed.end() :] if headed else text
        pieces = [(bool(number % 2), piece) for number, piece in enumerate(rest.split("`")) if piece]
        found.append((headed[1].rstrip(".") if headed else "", pieces))
    return found


def problems() -> list[Kind]:
    """Every kind of problem once, by its status."""
    return sorted(
        {one.name: one for one in (*PLAIN.values(), *KINDS.values())}.values(),
        key=lambda k: (k.status, k.name),
    )


@functools.cache
def described() -> tuple[tuple[Group, ...], tuple[Shape, ...]]:
    """The schema as the page shows it."""
    schema = api.get_openapi_schema()
    grouped: dict[str, list[Call]] = {}
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            grouped.setdefault(one["tags"][0], []).append(_call(path, method, one))
    shapes = schema["components"]["schemas"].items()
    return (
        tuple(Group(name, tuple(calls)) for name, calls in grouped.items()),
        tuple(Shape(name, one.get("description", ""), tuple(_members(one))) for name, one in sorted(shapes)),
    )


def _call(path: str, method: str, one: Json) -> Call:
    body = _content(one.get("requestBody", {})) or {}
    good: Json = next((told for status, told in one["responses"].items() if status.startswith("2")), {})
    answer = _content(good)
    return Call(
        name=one["operationId"],
        method=method.upper(),
        path=path,
        summary=one["summary"],
        says=one.get("description", ""),
        takes=tuple(_parameters(one["parameters"])),
        body=(_value("", body, where="body"),) if "$ref" in body else tuple(_members(body)),
        gives=None if answer is None else _value("", answer),
    )


def _content(told: Json) -> Json | None:
    """The schema of a body or an answer, if it has one."""
    return next((one["schema"] for one in told.get("content", {}).values()), None)


def _parameters(told: Iterable[Json]) -> Iterator[Value]:
    for one in told:
        yield _value(
            one["name"],
            {**one["schema"], "description": one.get("description", "")},
            where=one["in"],
            needed=one["required"],
        )


def _members(told: Json) -> Iterator[Value]:
    needed = told.get("required", ())
    for name, one in told.get("properties", {}).items():
        yield _value(name, one, needed=name in needed)


def _value(name: str, told: Json, where: str = "", needed: bool = False) -> Value:
    kind, shape = _kind(told)
    return Value(name, kind, told.get("description", "").replace("`", ""), where, needed, shape)


WORDS: Final[Mapping[str, str]] = {"string": "text", "integer": "whole number", "date-time": "time"}


def _kind(told: Json) -> tuple[str, str]:
    """What a schema describes, in words, and the name of the shape behind it."""
    if "$ref" in told:
        name = told["$ref"].rsplit("/", 1)[-1]
        paged = re.fullmatch(r"Page_(\w+)_", name)
        return f"page of {paged[1]}" if paged else name, name
    if "anyOf" in told:
        kinds = [_kind(one) for one in told["anyOf"]]
        return " or ".join(kind for kind, _ in kinds), next((shape for _, shape in kinds if shape), "")
    if told.get("type") == "array":
        kind, shape = _kind(told.get("items", {}))
        return f"list of {kind}", shape
    if "enum" in told:
        return "one of " + ", ".join(map(str, told["enum"])), ""
    form = str(told.get("format") or told.get("type", "anything"))
    return WORDS.get(form, form), ""
