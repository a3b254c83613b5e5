"""Tokens are made and withdrawn on one's own page; the text shows once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from pilothouse.core.models import Setting, Token
from pilothouse.core.tokens import hashed

pytestmark = pytest.mark.django_db


def _made(client: Any, **more: Any) -> Any:
    return client.post(
        "/account/tokens/new/", {"name": "Export", "ends": "30", "scopes": ["see_equipment"], **more}
    )


def test_a_token_is_shown_once_and_works(ana: Any, client_of: Callable[[Any], Client]) -> None:
    client = client_of(ana)
    page = _made(client)
    plain = re.search(r'value="(ph_[\w-]+)"', page.text)
    assert plain is not None
    assert "no-store" in page.headers["Cache-Control"]
    assert Token.objects.get().hashed == hashed(plain[1])
    listed = client.get("/account/")
    assert plain[1] not in listed.text
    assert plain[1][:11] in listed.text
    told = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {plain[1]}"})
    assert told.json()["permissions"] == ["see_equipment"]


def test_only_what_one_may_do_can_be_ticked(ben: Any, client_of: Callable[[Any], Client]) -> None:
    page = _made(client_of(ben), scopes=["edit_chain"])
    assert page.status_code == 200
    assert "Not saved yet" in page.text
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "more", [{"name": ""}, {"name": "x" * 101}, {"name": "a\x00b"}, {"ends": "-5"}, {"scopes": []}]
)
def test_what_is_wrong_is_said_at_its_field(
    ana: Any, client_of: Callable[[Any], Client], more: dict[str, Any]
) -> None:
    page = _made(client_of(ana), **more)
    assert (page.status_code, Token.objects.count()) == (200, 0)
    assert "is-wrong" in page.text


def test_a_withdrawn_token_stays_in_the_list_and_is_of_no_use(
    ana: Any, ben: Any, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(ana)
    _made(client)
    path = f"/account/tokens/{Token.objects.get().pk}/withdraw/"
    assert client_of(ben).post(path).status_code == 404
    assert client.get(path).status_code == 405
    assert client.post(path, follow=True).status_code == 200
    assert "withdrawn" in client.get("/account/").text


def test_a_session_that_lacks_its_second_factor_calls_nothing(
    ana: Any, client_of: Callable[[Any], Client]
) -> None:
    Setting.objects.update_or_create(name="second_factor_roles", defaults={"value": ["technician"]})
    response = client_of(ana).get("/api/v1/me")
    assert (response.status_code, response.json()["detail"]) == (
        403,
        "Your role needs a second factor; set it up first",
    )
