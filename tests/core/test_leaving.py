"""Somebody leaves: their sign-in, sessions and keys end at once, whoever marks them, and what they leave open is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from pilothouse.core import people
from pilothouse.core.keeping import writing
from pilothouse.core.leaving import LeftCheck
from pilothouse.core.models import Account, Person, Token
from pilothouse.core.people import Known
from pilothouse.core.permissions import viewer_of
from pilothouse.core.tokens import caller_of, make_token
from pilothouse.governance.findings import open_findings, working
from pilothouse.governance.models import Finding
from tests.conftest import NOW
from tests.governance.standing import Standing, found, stand_up

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain with a finding."""
    standing = stand_up(places)
    open_findings(None, [found(places)], NOW)
    return standing


def leave(person: Any) -> None:
    """As an import marks them."""
    with writing(by=None, at=NOW, verb="import_people") as w:
        people.upsert_people(w, [Known(person.key, person.name, left=True)])


def test_an_open_session_a_sign_in_and_a_token_end_when_a_list_says_that_somebody_left(
    ana: Any, client_of: Any
) -> None:
    _, plain = make_token(by=viewer_of(ana, NOW), at=NOW, name="script", scopes=["see_equipment"])
    client = client_of(ana)
    assert client.get("/account/").status_code == 200
    leave(ana)
    assert client.get("/account/").status_code == 302
    assert caller_of(plain, NOW) is None
    assert Token.objects.get().withdrawn_at == NOW
    assert list(LeftCheck().problems()) == []
    people.change_person(ana.pk, by=None, at=NOW, since=Person.objects.get(pk=ana.pk).since, left=False)
    people.enable_account(ana.pk, by=None, at=NOW, on=True)
    assert client.get("/account/").status_code == 302, "a session from before does not come back to life"
    assert caller_of(plain, NOW) is None


def test_who_has_left_is_refused_even_where_the_account_was_forgotten_and_check_names_it(
    ana: Any, client_of: Any
) -> None:
    make_token(by=viewer_of(ana, NOW), at=NOW, name="script", scopes=["see_equipment"])
    ana.account.set_password(PASSWORD)
    ana.account.save()
    session = client_of(Person.objects.get(pk=ana.pk))
    with writing(by=None, at=NOW, verb="restore") as w:
        ana.left = True
        w.save(ana)
    assert Account.objects.get(person=ana).is_active
    assert session.get("/account/").status_code == 302
    assert session.get("/api/v1/me").status_code == 401
    fresh = Client()
    sent = fresh.post("/sign-in/login/", {"login": "ana", "password": PASSWORD})
    assert "_auth_user_id" not in fresh.session
    assert sent["Location"].endswith("inactive/")
    assert sorted(LeftCheck().problems()) == [
        "ana has left and has a token that was not withdrawn",
        "ana has left and their account is still open",
    ]


def test_what_a_leaver_leaves_open_is_on_their_page_and_findings_go_on(
    standing: Standing, chief: Any, client_of: Any
) -> None:
    client, iris = client_of(chief), standing.people["iris"]
    page = client.get(f"/people/{iris.pk}/edit/").content.decode()
    assert "Would be left open" in page
    assert "1 open finding" in page
    working.assign(viewer_of(chief, NOW), Finding.objects.get().pk, to=standing.people["sam"].pk, at=NOW)
    leave(standing.people["sam"])
    leave(iris)
    page = client.get(f"/people/{iris.pk}/").content.decode()
    assert "Appointed as holder: Security analyst" in page
    assert "open finding" not in client.get(f"/people/{standing.people['sam'].pk}/").content.decode()


def test_people_are_added_changed_and_leave_by_the_api(
    standing: Standing, chief: Any, ana: Any, client_of: Any
) -> None:
    client = client_of(chief)

    def call(method: str, path: str, tag: str = "", who: Any = client, **body: Any) -> Any:
        headers = {"X-CSRFToken": "x", **({"If-Match": tag} if tag else {})}
        return who.generic(method, f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers)

    made = call("POST", "people", name="Nia Novak", phone="4711")
    assert (made.status_code, made.json()["phone"]) == (201, "4711")
    assert call("POST", "people", name="Other", key="ana").status_code == 422
    path = f"people/{standing.people['iris'].pk}"
    read = client.get(f"/api/v1/{path}")
    assert {"says": "1 open finding", "url": f"/findings/?owner={standing.people['iris'].pk}"} in read.json()[
        "open"
    ]
    assert call("PATCH", path, name="x").status_code == 428
    left = call("PATCH", path, read["ETag"], left=True)
    assert (left.json()["left"], left.json()["name"]) == (True, "Iris")
    assert call("PATCH", path, read["ETag"], name="x").status_code == 412
    assert call("PATCH", path, left["ETag"], who=client_of(ana), name="x").status_code == 403
    assert call("POST", "people", who=client_of(ana), name="x").status_code == 403
