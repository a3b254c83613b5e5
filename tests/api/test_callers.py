"""Who may call: tokens that are known, alive and within their scopes, or the session with its CSRF token; all else is told as a problem."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.core.errors import Conflict, Invalid, NotFound
from pilothouse.core.keeping import writing
from pilothouse.core.models import Revision, Token
from pilothouse.core.permissions import viewer_of
from pilothouse.core.tokens import hashed, make_token, withdraw_token

pytestmark = pytest.mark.django_db


def test_a_token_is_kept_as_a_hash_only(ana: Any) -> None:
    now = timezone.now()
    token, plain = make_token(by=viewer_of(ana, now), at=now, name="till", scopes=["see_equipment"])
    stored = Token.objects.values().get(pk=token.pk)
    assert stored["hashed"] == hashed(plain)
    assert plain.startswith(stored["prefix"])
    assert plain not in str(stored)
    assert plain not in str(list(Revision.objects.values()))


def test_making_and_withdrawing_stand_in_the_audit_log(ana: Any) -> None:
    now = timezone.now()
    token, _ = make_token(by=viewer_of(ana, now), at=now, name="till", scopes=["see_equipment"])
    withdraw_token(by=viewer_of(ana, now), at=now, token_id=token.pk)
    withdraw_token(by=viewer_of(ana, now), at=now, token_id=token.pk)
    verbs = list(Revision.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[-2:] == ["make_token", "withdraw_token"]


def test_a_token_says_who_calls(ana: Any, caller: Any) -> None:
    told = caller(ana, "see_equipment").get("me").json()
    assert told["key"] == "ana"
    assert told["permissions"] == ["see_equipment"]


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ", "Basic YTpi", "Bearer \x00", "Bearer ph_" + "é" * 5000]
)
def test_an_unknown_token_is_401_even_beside_a_session(ana: Any, client_of: Any, header: str) -> None:
    response = client_of(ana).get("/api/v1/me", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "Bearer" in response.headers["WWW-Authenticate"]


def test_withdrawn_past_and_leavers_tokens_are_of_no_use(ana: Any, caller: Callable[..., Any]) -> None:
    withdrawn, past, gone = caller(ana), caller(ana), caller(ana)
    now = timezone.now()
    Token.objects.filter(hashed=hashed(withdrawn.plain)).update(withdrawn_at=now)
    Token.objects.filter(hashed=hashed(past.plain)).update(ends_at=now - timedelta(seconds=1))
    assert [withdrawn.get("me").status_code, past.get("me").status_code] == [401, 401]
    assert gone.get("me").status_code == 200
    ana.left = True
    with writing(by=None, at=now, verb="leave") as w:
        w.save(ana)
    assert gone.get("me").status_code == 401


def test_a_role_that_is_gone_takes_the_scope_along(ben: Any, caller: Any) -> None:
    told = caller(ben, "see_findings", "edit_equipment").get("me").json()
    assert told["permissions"] == ["see_findings"]


def test_others_tokens_are_not_found(ana: Any, ben: Any, chief: Any, caller: Any) -> None:
    now = timezone.now()
    token, _ = make_token(by=viewer_of(ana, now), at=now, name="till", scopes=["see_equipment"])
    assert caller(ben).post(f"tokens/{token.pk}/withdraw").status_code == 404
    with pytest.raises(NotFound):
        withdraw_token(by=viewer_of(ben, now), at=now, token_id=token.pk)
    assert caller(chief).post(f"tokens/{token.pk}/withdraw").status_code == 200


def test_a_token_without_name_scope_or_future_is_not_made(ana: Any) -> None:
    now = timezone.now()
    with pytest.raises(Invalid) as caught:
        make_token(by=viewer_of(ana, now), at=now, name=" ", scopes=["fly"], ends_at=now)
    assert set(caught.value.fields) == {"name", "scopes", "ends_at"}


def test_a_token_makes_no_tokens(ana: Any) -> None:
    now = timezone.now()
    with pytest.raises(Conflict):
        make_token(by=viewer_of(ana, now, only=["see_equipment"]), at=now, name="x", scopes=["see_equipment"])


def test_the_last_use_is_written_once_a_minute(ana: Any, caller: Any, django_assert_num_queries: Any) -> None:
    mine = caller(ana)
    mine.get("me")
    first = Token.objects.get(hashed=hashed(mine.plain)).used_at
    with django_assert_num_queries(2):
        mine.get("me")
    assert Token.objects.get(hashed=hashed(mine.plain)).used_at == first


def test_a_session_reads_freely_and_writes_with_its_csrf_token(ana: Any) -> None:
    now = timezone.now()
    token, _ = make_token(by=viewer_of(ana, now), at=now, name="till", scopes=["see_equipment"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.account, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me").json()["key"] == "ana"
    path = f"/api/v1/tokens/{token.pk}/withdraw"
    refused = client.post(path)
    assert (refused.status_code, refused.json()["type"]) == (403, "/api/v1/docs#problem-not-allowed")
    client.cookies["csrftoken"] = "a" * 32
    assert client.post(path, headers={"X-CSRFToken": "a" * 32}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "me", 401),
        ("POST", "tokens/1/withdraw", 401),
        ("GET", "nowhere", 404),
        ("GET", "", 404),
        ("DELETE", "me", 405),
    ],
)
def test_whatever_goes_wrong_is_a_problem(db: None, method: str, path: str, status: int) -> None:
    response = Client(raise_request_exception=False).generic(method, f"/api/v1/{path}")
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    told = response.json()
    assert (told["status"], told["instance"]) == (status, f"/api/v1/{path}")


def test_too_many_calls_wait(ana: Any, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "2")
    mine, other = caller(ana), caller(ana)
    answers = [mine.get("me") for _ in range(3)]
    assert [one.status_code for one in answers[:2]] == [200, 200]
    assert answers[2].status_code in (200, 429)  # a minute may begin between two calls
    if answers[2].status_code == 429:
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert other.get("me").headers["RateLimit-Limit"] == "2"
