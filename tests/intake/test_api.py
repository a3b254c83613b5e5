"""The API of link review: the queue of the page, answers that are remembered and may be repeated, and nothing of what is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.core.permissions import Viewer
from pilothouse.equipment.models import Equipment
from pilothouse.intake.models import Pair, Verdict
from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.intake.test_reviewing import operator as operator
from tests.intake.test_reviewing import pair as pair

pytestmark = pytest.mark.django_db


def test_a_pair_is_told_with_both_records_and_its_evidence(pair: Pair, chief: Any, caller: Any) -> None:
    told = caller(chief).get("review").json()["items"]
    assert [(one["id"], one["state"], one["left"]["key"], one["right"]["source"]) for one in told] == [(pair.pk, "open", "A-1", "scan")]  # fmt: skip
    assert told[0]["left"]["says"]["serial"] == "35970012"
    assert [one["bits"] for one in told[0]["evidence"]] == [10.9, 2.0, -2.1]
    assert caller(chief).get("review?state=same").json()["items"] == []


def test_pages_of_pairs_follow_each_other(pair: Pair, chief: Any, caller: Any) -> None:
    other = Pair.objects.create(left=pair.right, right=pair.left, probability=0.7, made_at=pair.made_at, evidence="")  # fmt: skip
    mine = caller(chief)
    first = mine.get("review?limit=1").json()
    second = mine.get(first["next"]).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [pair.pk, other.pk]


def test_a_list_costs_the_same_however_many_pairs_wait(
    pair: Pair, chief: Any, caller: Any, django_assert_max_num_queries: Any
) -> None:
    Pair.objects.create(left=pair.right, right=pair.left, probability=0.6, made_at=pair.made_at, evidence="")
    mine = caller(chief)
    mine.get("me")
    with django_assert_max_num_queries(3):
        assert len(mine.get("review").json()["items"]) == 2


def test_an_answer_is_remembered_repeated_without_effect_and_taken_back(
    pair: Pair, chief: Any, caller: Any
) -> None:
    mine, path = caller(chief), f"review/{pair.pk}"
    for _ in range(2):
        told = mine.post(f"{path}/answer", {"word": "same"})
        assert (told.status_code, told.json()["state"], told.json()["answered_by"]) == (200, "same", chief.pk)
    assert (Equipment.objects.count(), Verdict.objects.get().verdict) == (2, "same")
    assert mine.post(f"{path}/answer", {"word": "different"}).status_code == 409
    for _ in range(2):
        assert mine.post(f"{path}/take-back").json()["state"] == "open"
    assert (Equipment.objects.count(), Verdict.objects.count()) == (3, 0)


def test_what_is_put_aside_can_be_found_and_answered(pair: Pair, chief: Any, caller: Any) -> None:
    mine = caller(chief)
    mine.post(f"review/{pair.pk}/answer", {"word": "unsure"})
    assert [one["id"] for one in mine.get("review?state=unsure").json()["items"]] == [pair.pk]
    assert mine.post(f"review/{pair.pk}/answer", {"word": "different"}).json()["state"] == "different"


def test_a_pair_of_which_one_device_is_hidden_is_not_there(
    pair: Pair, operator: Viewer, ana: Any, ben: Any, caller: Any
) -> None:
    mine = caller(ana)
    assert mine.get("review").json()["items"] == []
    assert mine.get(f"review/{pair.pk}").status_code == 404
    assert mine.post(f"review/{pair.pk}/answer", {"word": "different"}).status_code == 404
    assert mine.post(f"review/{pair.pk}/take-back").status_code == 404
    assert caller(ben).get("review").status_code == 403
    assert not Verdict.objects.exists()
