"""Bad input: every address and every form gets what no honest browser sends. Nothing breaks, and no text becomes markup or a formula.

Addresses come from the resolver and forms from the pages themselves, so that new ones are tried by themselves.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.addresses import Address, addresses
from tests.equipment.registers import registered
from tests.forms import Form, read
from tests.world import World, standing

pytestmark = pytest.mark.django_db

MARKUP = "<svg/onload=zqx(1)>\"'"
FORMULA = '=HYPERLINK("http://zqx.example")'
VALUES = (
    MARKUP,
    FORMULA,
    "a\x00b",
    "\ud800",
    "9" * 400,
    "-9223372036854775809",
    "9223372036854775808",
    "1e309",
    "NaN",
    "' OR 1=1 --",
    "%_\\",
    "../../../etc/passwd",
    "2026-02-31",
    "9999-12-31T23:59:59.999999-23:59",
    "{{ 7|add:7 }}[](){}*?^$",
    "😀" * 300,
)
WORST = VALUES[:6]
"""For what is tried one by one."""
ASKED = (
    "q",
    "sort",
    "after",
    "before",
    "as_of",
    "export",
    "panel",
    "limit",
    "cursor",
    "page",
    "tab",
    "from",
    "to",
    "next",
)


SHARES = 2
"""The longest tests are cut into so many, which run side by side."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with standing(django_db_blocker) as found:
        yield found


@pytest.fixture
def client(world: World, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The helm's: they may send the most."""
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "0")
    cache.clear()
    found = client_of(world.boss)
    found.raise_request_exception = False
    return found


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in pairs])


def _sent(
    client: Any, method: str, path: str, body: str = "", kind: str = "application/x-www-form-urlencoded"
) -> Any:
    """The answer; what the call wrote is undone, and a sign-out with it."""
    kept = dict(client.cookies)
    try:
        with transaction.atomic():
            told = client.generic(method, path, body, kind)
            told.whole = b"".join(told.streaming_content) if told.streaming else bytes(told.content)
            transaction.set_rollback(True)
    finally:
        client.cookies.clear()
        client.cookies.update(kept)
    return told


def _wrong(told: Any) -> str:
    """What is wrong with an answer, if anything is."""
    if told.status_code >= 500 and told.status_code != 503:
        return f"answers {told.status_code}"
    if told.headers.get("Content-Type", "").startswith("text/html") and b"<svg/onload=zqx" in told.whole:
        return "repeats markup as markup"
    return ""


def _pages() -> list[Address]:
    return [one for one in addresses() if not one.route.startswith("api/")]


def _names(client: Any, path: str) -> tuple[set[str], list[Form]]:
    told = _sent(client, "GET", path)
    if told.status_code != 200 or not told.headers.get("Content-Type", "").startswith("text/html"):
        return set(ASKED), []
    forms, asked = read(path, told.whole.decode())
    for panel in ("filters", "columns", "views", "export"):
        if "panel" in asked:
            more = _sent(client, "GET", f"{path}?panel={panel}")
            found, further = read(path, more.whole.decode())
            forms, asked = forms + found, asked | further
    gets = {name for form in forms if form.method == "GET" for name, _, _ in form.fields}
    return {*ASKED, *asked, *gets}, [form for form in forms if form.method != "GET"]


def _all(names: set[str], value: str) -> list[tuple[str, str]]:
    return [(name, value) for name in sorted(names)]


def _queries(names: set[str]) -> Iterator[list[tuple[str, str]]]:
    for value in VALUES:
        yield _all(names, value)
    for name in sorted(names - {"next"}):
        yield [(name, WORST[len(name) % len(WORST)])]
        yield [(name, "x"), (name, "y"), (f"{name}.from", "9" * 30), (f"{name}.to", "-")]


@pytest.mark.parametrize("share", range(SHARES))
def test_no_query_string_breaks_a_page(world: World, client: Any, share: int) -> None:
    wrong = []
    for one in _pages()[share::SHARES]:
        path = one.of(world, hidden=False)
        names, _ = _names(client, path)
        for pairs in _queries(names):
            if problem := _wrong(_sent(client, "GET", f"{path}?{_encoded(pairs)}")):
                wrong.append((path, pairs[0], problem))
    assert wrong == []


@pytest.mark.parametrize("share", range(SHARES))
def test_no_form_breaks_and_none_repeats_markup(world: World, client: Any, share: int) -> None:
    wrong, done = [], set()
    for one in _pages():
        path = one.of(world, hidden=False)
        for form in _names(client, path)[1]:
            if form.same in done or urlsplit(form.action).netloc not in ("", "testserver"):
                continue
            done.add(form.same)
            for pairs in islice(_fillings(form), share, None, SHARES):
                told = _sent(client, form.method, form.action, _encoded(pairs))
                if problem := _wrong(told):
                    wrong.append((path, form.action, pairs, problem))
    assert len(done) > 3
    assert wrong == []


def _fillings(form: Form) -> Iterator[list[tuple[str, str]]]:
    """The form with one field wrong at a time, with all of them wrong, with none sent."""
    filled = [(name, value) for name, kind, value in form.fields if kind not in ("checkbox", "radio", "file")]
    names = sorted(
        {name for name, kind, _ in form.fields if kind not in ("file", "submit")} - {"csrfmiddlewaretoken"}
    )
    yield []
    for value in VALUES:
        yield [(name, value) for name in names]
    for name in names:
        for value in WORST:
            yield [*((other, old) for other, old in filled if other != name), (name, value)]


def test_no_body_breaks_an_address(world: World, client: Any) -> None:
    """What is no form at all."""
    bodies = (
        ("", "application/json"),
        ("[" * 100_000, "application/json"),
        ('{"a": 1' + "0" * 5_000 + "}", "application/json"),
        ('{"a": "\\ud800\\u0000"}', "application/json"),
        ("\x00\xff", "multipart/form-data; boundary=x"),
        ("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\x00\"\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        ("&".join(f"a{n}=1" for n in range(21_000)), "application/x-www-form-urlencoded"),
        ("a=1", "text/x-odd; charset=nowhere"),
    )  # fmt: skip
    wrong = []
    for one in addresses():
        path = one.of(world, hidden=False)
        for body, kind in bodies:
            for method in ("POST", "PATCH", "PUT", "DELETE") if one.route.startswith("api/") else ("POST",):
                if problem := _wrong(_sent(client, method, path, body, kind)):
                    wrong.append((method, path, body[:20], problem))
    assert wrong == []


def test_no_query_string_breaks_the_api(world: World, client: Any) -> None:
    wrong = []
    for one in addresses():
        if not one.route.startswith("api/"):
            continue
        path = one.of(world, hidden=False)
        names = {*ASKED, *(p["name"] for p in _operation(one).get("parameters", ()) if p["in"] == "query")}
        for pairs in _queries(names):
            if problem := _wrong(_sent(client, "GET", f"{path}?{_encoded(pairs)}")):
                wrong.append((path, pairs[0], problem))
    assert wrong == []


def test_no_value_of_a_body_breaks_the_api(world: World, client: Any) -> None:
    """Each member of each body, by the schema, with a value of every wrong kind."""
    values: list[Any] = [*VALUES, None, True, 10**30, -1, 1e300, [], {}, [[]], {"a": {"b": MARKUP}}]
    wrong = []
    for one in addresses():
        if not one.route.startswith("api/"):
            continue
        path = one.of(world, hidden=False)
        for method in ("post", "patch", "put"):
            for body in _bodies(_operation(one, method), values):
                told = _sent(client, method.upper(), path, json.dumps(body), "application/json")
                if problem := _wrong(told):
                    wrong.append((method, path, body, problem))
    assert wrong == []


@functools.cache
def _schema() -> dict[str, Any]:
    from pilothouse.config.api_schema import text

    return json.loads(text())


def _operation(one: Address, method: str = "get") -> dict[str, Any]:
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", one.route)
    return _schema()["paths"].get(path, {}).get(method, {})


def _bodies(operation: dict[str, Any], values: list[Any]) -> Iterator[Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    yield from values
    name = content["schema"].get("$ref", "").rsplit("/", 1)[-1]
    members = _schema()["components"]["schemas"].get(name, content["schema"]).get("properties", {})
    for value in values:
        yield dict.fromkeys(members, value)
    for member in members:
        for value in values:
            yield {**_plausible(members), member: value}


def _plausible(members: dict[str, Any]) -> dict[str, Any]:
    """Values of the right type for the members, so that only one is wrong."""
    kinds = {"integer": 1, "string": "x", "boolean": False, "array": [], "object": {}}
    return {name: kinds.get(told.get("type", "")) for name, told in members.items()}


def test_formulas_are_guarded_wherever_rows_are_exported(world: World, client: Any) -> None:
    registered(
        [
            {
                "aims": {
                    "tag": "T1",
                    "name": FORMULA,
                    "serial": "+1+1",
                    "maker": "@SUM(1)",
                    "host": "-2+3",
                    "facility": "NGH",
                }
            }
        ]
    )
    exported: set[str] = set()
    held: set[str] = set()
    for one in _pages():
        told = _sent(client, "GET", f"{one.of(world, hidden=False)}?export=csv&all=1")
        if not told.headers.get("Content-Type", "").startswith("text/csv"):
            continue
        cells = [cell for row in csv.reader(io.StringIO(told.whole.decode("utf-8-sig"))) for cell in row]
        wrong = [cell for cell in cells if re.match(r"[=+@\t\r]|-(?![\d.,]*$)", cell)]
        assert not wrong, (one.route, wrong)
        exported.add(one.route)
        if any(FORMULA in cell for cell in cells):
            held.add(one.route)
    assert exported >= EXPORTS, EXPORTS - exported
    assert "equipment/" in held, "the formula stands in no export, so that nothing was tried"


EXPORTS = {
    "advisories/", "advisories/<int:number>/devices/", "audit/", "equipment/", "findings/", "jobs/", "makers/", "models/",
    "people/", "rooms/", "runs/<int:pk>/to-correct.csv",
}  # fmt: skip
"""What gives rows out as CSV; what comes to it is tried too."""
