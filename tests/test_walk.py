"""The walk: every address, as everybody. What is hidden cannot be told from what does not exist, nothing of it shows anywhere, and
nothing breaks. Addresses come from the resolver: a new page is walked by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from pilothouse.core.models.people import Role
from tests.addresses import Address, addresses
from tests.conftest import make_person
from tests.world import KEY, SECRET, World, standing

pytestmark = pytest.mark.django_db

OPEN = frozenset({
    "person", "position", "appointment", "mandate", "delegation", "shift", "absence", "device_model", "maker", "advisory", "name",
    "verb", "bond", "chain_change",
})  # fmt: skip
"""Kinds of which nothing is hidden from anybody: names and positions of people, the chain of command, since everybody may ask who
decides, what the house knows of products, what publishers say."""
QUERIES = (
    (b'name="q"', f"?q={KEY}"),
    (b'"next"', f"?q={KEY}"),
    (b"export=", "?export=csv&all=1"),
    (b"export=", "?export=xlsx&all=1"),
    (b"panel=", "?panel=filters"),
    (b"as_of", "?as_of=2026-11-03"),
)
"""What a page must hold so that it is asked with a query: a field or a link of that name."""
CLOSED = (403, 404, 405, 422, 428)
"""422 and 428: the API reads a call before it looks for what it is about, and says the same of everything."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with standing(django_db_blocker) as found:
        yield found


@pytest.fixture(autouse=True)
def no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "0")
    cache.clear()


def _asked(client: Client, method: str, path: str) -> Any:
    """The answer; what the call wrote is undone, and a sign-out with it."""
    kept = dict(client.cookies)
    try:
        with transaction.atomic():
            told = client.generic(method, path, headers={"X-CSRFToken": "x"})
            told.whole = b"".join(told.streaming_content) if told.streaming else bytes(told.content)
            transaction.set_rollback(True)
    finally:
        client.cookies.clear()
        client.cookies.update(kept)
    return told


def _broke(told: Any) -> bool:
    """503 is no fault of ours: /health/ready says so while there is no worker."""
    return told.status_code >= 500 and told.status_code != 503


def _shows(told: Any) -> bool:
    return SECRET.encode() in _plain(told)


def _plain(told: Any) -> bytes:
    """What an answer says; a workbook is a zip of it."""
    content = told.whole
    if not content.startswith(b"PK"):
        return content
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"".join(package.read(name) for name in package.namelist())


def test_every_argument_of_an_address_is_named() -> None:
    assert len(addresses()) > 20


def _answers(client: Client, path: str) -> Iterator[tuple[str, str, Any]]:
    """What is asked of an address, and each answer: itself, and with each query that its page offers."""
    page = _asked(client, "GET", path)
    yield "GET", path, page
    yield "POST", path, _asked(client, "POST", path)
    if page.status_code == 200:
        for sign, query in QUERIES:
            if sign in page.whole:
                yield "GET", path + query, _asked(client, "GET", path + query)


def _rooms() -> list[Address]:
    """Every address but those of signing in, which know nothing of records."""
    return [one for one in addresses() if not one.route.startswith("sign-in/")]


@pytest.mark.parametrize("place", ["NGH", "NGH-OR"])
@pytest.mark.parametrize("role", Role.values)
def test_what_is_hidden_is_as_if_it_were_not_there(
    world: World, client_of: Any, role: str, place: str
) -> None:
    client = client_of(make_person(world.places, "Walker", role, place))
    client.raise_request_exception = False
    wrong = []
    for one in _rooms():
        if not one.kinds or OPEN.issuperset(one.kinds):
            continue
        for method in ("GET", "POST"):
            nothing = _asked(client, method, one.of_nothing())
            hidden = _asked(client, method, one.of(world, hidden=True))
            if hidden.status_code != nothing.status_code or hidden.status_code not in CLOSED:
                wrong.append((method, one.route, hidden.status_code, nothing.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_nothing_breaks_and_nothing_hidden_shows(world: World, client_of: Any, role: str) -> None:
    client = client_of(make_person(world.places, "Walker", role, "NGH"))
    client.raise_request_exception = False
    wrong = []
    for one in _rooms():
        for method, path, told in _answers(client, one.of(world, hidden=False)):
            if _broke(told) or _shows(told):
                wrong.append((method, path, told.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_nothing_breaks_for_who_works_everywhere(world: World, client_of: Any, role: str) -> None:
    client = client_of(make_person(world.places, "Walker", role))
    client.raise_request_exception = False
    paths = [one.of(world, hidden=True) for one in _rooms()]
    wrong = [path for path in paths if _broke(_asked(client, "GET", path))]
    assert wrong == []


def test_the_secrets_do_show_to_who_may_see_them(world: World, client_of: Any) -> None:
    """Else the walk would find nothing whatever leaks."""
    client = client_of(world.boss)
    shown = [one.route for one in addresses() if _shows(_asked(client, "GET", one.of(world, hidden=True)))]
    assert shown


def test_who_is_not_signed_in_sees_nothing(world: World) -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for one in addresses():
        for method in ("GET", "POST"):
            told = _asked(client, method, one.of(world, hidden=False))
            if _broke(told) or _shows(told):
                wrong.append((method, one.route, told.status_code))
    assert wrong == []
