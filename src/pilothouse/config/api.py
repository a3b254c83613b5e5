"""The API's assembly: every room's router under /api/v1, one door, one place for errors, the schema told in full.

The schema is OpenAPI 3.1 at /api/v1/openapi.json; `python -m pilothouse.config.api_schema` writes the copy that a test compares.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError as FieldsWrong
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from pilothouse.core.calls import once
from pilothouse.core.calls.callers import Session, Token
from pilothouse.core.calls.door import StrictParser, door
from pilothouse.core.calls.problems import MEDIA_TYPE, PLAIN, problem, problem_of
from pilothouse.core.errors import KINDS, Invalid, Kind, NotFound
from pilothouse.kernel.errors import PilothouseError

ROUTERS: Final = (
    "pilothouse.core.api",
    "pilothouse.core.places_api",
    "pilothouse.core.people_api",
    "pilothouse.equipment.api",
    "pilothouse.imports.api",
    "pilothouse.intake.api",
    "pilothouse.governance.api",
    "pilothouse.governance.findings_api",
    "pilothouse.exposure.api",
    "pilothouse.exposure.names_api",
    "pilothouse.exposure.feeds_api",
)
"""Where the rooms' routers are."""

DESCRIPTION: Final = """\
Everything the pages show and do, for programs. What you may not see is not there (404).

**Who calls.** `Authorization: Bearer ph_…` with a token from your account page, or the session of the browser.

**Lists.** They come in pages of `limit` rows; `next` is the address of the page that follows, null on the last. Rows that come or go
meanwhile neither repeat nor drop one that stays.

**Changes.** They name the version you have read: `If-Match` with the `ETag` you were given. When somebody was faster, 412 tells what
stands now, and nothing is written over.

**Repeating.** Send an `Idempotency-Key` with a call that writes: the same call with the same key within 24 hours acts once and
gets the same answer.

**Errors.** They are problem details (RFC 9457): `type`, `title`, `status`, `detail`, `instance`, and `errors` with the fields at fault.

**Rate.** 1,200 calls a minute unless the operator says otherwise; `RateLimit-Remaining` counts down, 429 says how long to wait.
"""


class Api(NinjaAPI):
    """ninja's API with a schema that also tells problems and headers."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the operation's function."""
        return str(operation.view_func.__name__)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The schema with problems and headers on every operation, made once. `Any`: as ninja declares it."""
        if not path_prefix and not path_params:
            return self._schema
        return self._told(path_prefix, path_params)

    @functools.cached_property
    def _schema(self) -> OpenAPISchema:
        return self._told(None, None)

    def _told(self, path_prefix: str | None, path_params: dict[str, Any] | None) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                _tell(path, method, operation)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        return schema


PROBLEM: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Which kind of problem; its address tells more."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in words."},
        "instance": {"type": "string", "description": "The address that was called."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "since": {"type": "integer", "description": "After 412: the version that stands."},
        "present": {"type": "object", "description": "After 412: what stands."},
    },
    "example": {
        "type": "/api/v1/docs#problem-not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such thing, or you may not see it.",
        "instance": "/api/v1/equipment/12",
    },
}
_SAID: Final[Mapping[int, str]] = {
    400: "The call cannot be read.",
    401: "Nobody is signed in, or the token is of no use.",
    403: "You may not do this here.",
    404: "There is no such thing, or you may not see it.",
    409: "It does not fit what is there now.",
    412: "Somebody changed it meanwhile; `since` and `present` tell what stands.",
    422: "A value cannot be taken; `errors` names the fields.",
    428: "Say which version you have read.",
    429: "Too many calls; `Retry-After` tells the seconds to wait.",
    503: "The database is held by another writer; try again.",
}


def _tell(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add to an operation what the door does for all of them."""
    writes = method != "get"
    versioned = operation.pop("x-versioned", False)
    statuses = [400, 401, 403, 404, 422, 429]
    statuses += [409, 503] if writes else []
    statuses += [412, 428] if versioned else []
    answer = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status in statuses:
        operation["responses"].setdefault(status, {"description": _SAID[status], **answer})
    operation["responses"] = {str(key): operation["responses"][key] for key in sorted(operation["responses"])}
    if versioned:
        operation["parameters"].append(_header("If-Match", "The ETag of the version you have read.", '"123"'))
    if writes:
        text = f"The same call with the same key within 24 hours acts once. At most {once.LONGEST} letters."
        operation["parameters"].append(_header(once.HEADER, text, "order-4711"))


def _header(name: str, text: str, example: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": text,
        "schema": {"type": "string", "maxLength": once.LONGEST},
        "example": example,
    }


def make_api(routers: Iterable[str] = ROUTERS) -> Api:
    """The API with its routers, its door and its errors."""
    made = Api(
        title="Pilothouse",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        urls_namespace="api",
        auth=[Token(), Session()],
        parser=StrictParser(),
        openapi_extra={"info": {"license": {"name": "Apache-2.0"}}},
    )
    made.add_decorator(door, mode="view")
    for name in routers:
        made.add_router("", f"{name}.router")
    for error, handler in HANDLERS.items():
        made.add_exception_handler(error, handler)
    return made


def wrong_values(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The answer for values of the wrong type or size, each by its field."""
    errors = [
        {"field": ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]), "message": one["msg"]}
        for one in error.errors
    ]
    return problem(request, KINDS[Invalid], f"{errors[0]['field']}: {errors[0]['message']}", errors)


def wrong_fields(request: HttpRequest, error: FieldsWrong) -> HttpResponse:
    """The answer for values that a form of ours refused."""
    told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [{"field": name, "message": text} for name, texts in told.items() for text in texts]
    return problem(request, KINDS[Invalid], errors[0]["message"], errors)


def as_told(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The answer for what ninja itself refuses: a body that cannot be read."""
    if isinstance(error.__cause__, PilothouseError):
        return problem(request, PLAIN[400], str(error.__cause__))
    kind = PLAIN.get(error.status_code, Kind("refused", error.status_code, error.message))
    return problem(request, kind, error.message)


def broke(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours: told to the log by Django, and to the caller as a problem without what is inside."""
    raise error


HANDLERS: Final[Mapping[type[Exception], Any]] = {
    PilothouseError: problem_of,
    Http404: lambda request, error: problem_of(request, NotFound()),
    ValidationError: wrong_values,
    FieldsWrong: wrong_fields,
    HttpError: as_told,
    Exception: broke,
}
"""From an error to what makes its answer. `Any`: ninja declares it for errors and their classes alike."""

api = make_api()
