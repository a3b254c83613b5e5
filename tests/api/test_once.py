"""A call that is repeated acts once and is answered the same, also when both come at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from pilothouse.core.models import Answered, Revision, Token
from pilothouse.core.permissions import viewer_of
from pilothouse.core.tokens import make_token


def _token(person: Any) -> int:
    now = timezone.now()
    token, _ = make_token(by=viewer_of(person, now), at=now, name="till", scopes=["see_equipment"])
    return int(token.pk)


@pytest.mark.django_db
def test_the_same_call_again_gets_the_same_answer(ana: Any, caller: Any) -> None:
    mine, path = caller(ana), f"tokens/{_token(ana)}/withdraw"
    first = mine.post(path, **{"Idempotency-Key": "k"})
    Token.objects.update(withdrawn_at=None)
    again = mine.post(path, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert not Token.objects.exclude(withdrawn_at=None).exists()


@pytest.mark.django_db
def test_the_same_key_for_another_call_is_refused(ana: Any, caller: Any) -> None:
    mine = caller(ana)
    mine.post(f"tokens/{_token(ana)}/withdraw", **{"Idempotency-Key": "k"})
    response = mine.post(f"tokens/{_token(ana)}/withdraw", **{"Idempotency-Key": "k"})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.django_db
def test_keys_of_two_people_do_not_meet(ana: Any, chief: Any, caller: Any) -> None:
    caller(ana).post(f"tokens/{_token(ana)}/withdraw", **{"Idempotency-Key": "k"})
    response = caller(chief).post(f"tokens/{_token(chief)}/withdraw", **{"Idempotency-Key": "k"})
    assert response.status_code == 200


@pytest.mark.django_db
def test_an_error_is_not_remembered(ana: Any, caller: Any) -> None:
    mine = caller(ana)
    assert mine.post("tokens/999/withdraw", **{"Idempotency-Key": "k"}).status_code == 404
    assert not Answered.objects.exists()


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day(ana: Any, caller: Any) -> None:
    mine, path = caller(ana), f"tokens/{_token(ana)}/withdraw"
    mine.post(path, **{"Idempotency-Key": "k"})
    Answered.objects.update(at=timezone.now() - timedelta(hours=25))
    assert "Idempotent-Replayed" not in mine.post(path, **{"Idempotency-Key": "k"}).headers


@pytest.mark.django_db
def test_a_key_too_long_is_refused(ana: Any, caller: Any) -> None:
    response = caller(ana).post(f"tokens/{_token(ana)}/withdraw", **{"Idempotency-Key": "k" * 201})
    assert response.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_six_at_once_act_once(ana: Any, caller: Any, for_processes: Any) -> None:
    mine, path = caller(ana), f"tokens/{_token(ana)}/withdraw"
    mine.get("me")
    start, answers = threading.Barrier(6), []
    kind, about = type(connections["default"]), connections["default"].settings_dict

    def call() -> None:
        connections["default"] = kind(about, "default")
        start.wait()
        try:
            answers.append(mine.post(path, **{"Idempotency-Key": "k"}))
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [200] * 6
    assert len({one.content for one in answers}) == 1
    assert sum("Idempotent-Replayed" in one.headers for one in answers) == 5
    assert Revision.objects.filter(verb="withdraw_token").count() == 1
