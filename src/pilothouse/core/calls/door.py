"""The door of the API: what each call passes before and after its operation."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.parser import Parser

from pilothouse.core.calls.callers import identify
from pilothouse.core.calls.once import answered_once
from pilothouse.core.calls.problems import PLAIN, problem, problem_of
from pilothouse.core.calls.rates import count_call
from pilothouse.core.calls.versions import unchanged
from pilothouse.core.errors import Invalid
from pilothouse.kernel.errors import PilothouseError

Run = Callable[..., HttpResponse]


def door(run: Run) -> Run:
    """Around an operation: who calls, how often, whether it was answered before, whether the caller holds the answer already."""

    @functools.wraps(run)
    def through(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        at = timezone.now()
        try:
            _need_plain(request)
            calling = identify(request, at)
            rate = count_call(f"{calling.account.pk}:{calling.token_id or ''}")
            response = answered_once(request, calling, at, lambda: run(request, *arguments, **named))
        except PilothouseError as error:
            return problem_of(request, error)
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            return busy(request)
        if rate.limit:
            response["RateLimit-Limit"] = str(rate.limit)
            response["RateLimit-Remaining"] = str(rate.left)
            response["RateLimit-Reset"] = str(rate.resets_s)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return unchanged(request, response)

    return through


def _need_plain(request: HttpRequest) -> None:
    """Raises Invalid for an address with a NUL character, which PostgreSQL cannot hold; browsers never send one."""
    for name, values in request.GET.lists():
        if FORBIDDEN in name or any(FORBIDDEN in value for value in values):
            raise Invalid(
                "The address holds a NUL character",
                {name.replace(FORBIDDEN, "")[:60]: "holds a NUL character"},
            )
    if FORBIDDEN in request.path:
        raise Invalid("The address holds a NUL character")


def busy(request: HttpRequest) -> HttpResponse:
    """The answer while the database is held by another writer for longer than we wait."""
    response = problem(request, PLAIN[503], "The database is held by another writer; try again in a moment")
    response["Retry-After"] = "5"
    return response


class StrictParser(Parser):
    """Reads JSON bodies; texts that no database takes and numbers that are none are refused here, once."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's value. `Any`: JSON. Raises Invalid with what is wrong."""
        if request.content_type not in ("application/json", ""):
            raise Invalid("The body is to be application/json")
        try:
            told = json.loads(request.body, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Invalid(f"The body is no JSON that can be read: {str(error)[:200]}") from None
        if b"\\u" in request.body and not all(map(storable, _texts(told))):
            raise Invalid("A text holds a NUL character or half of a surrogate pair")
        return told


FORBIDDEN: Final = "\x00"


def storable(text: str) -> bool:
    """Whether both databases can hold a text."""
    if FORBIDDEN in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _texts(told: Any) -> Iterator[str]:
    """Every text in a JSON value. `Any`: JSON."""
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
