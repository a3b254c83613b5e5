"""Pairs that a person is asked about: answered once, remembered for ever, taken back when it was a slip."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from pilothouse.core.errors import Conflict, NotFound
from pilothouse.core.permissions import Viewer, house_viewer, viewer_of
from pilothouse.equipment.models import Claim, Equipment
from pilothouse.imports import runs
from pilothouse.intake import reviewing
from pilothouse.intake.models import Pair, Verdict
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

CMMS = "Asset Tag,Manufacturer,Model,Serial Number,Facility,Department\nA-1,Baxter,Spectrum IQ,35970012,NGH,NGH-ICU\nA-2,Baxter,Spectrum IQ,35970099,NGH,NGH-ICU\n"
SCAN = "MAC Address,IP Address,Manufacturer,Model,Serial Number\n00:1b:21:aa:00:01,10.1.1.5,Baxter,Spectrum IQ,77665544\n"


@pytest.fixture
def operator(chief: Any) -> Viewer:
    return house_viewer(chief)


@pytest.fixture
def pair(operator: Viewer) -> Pair:
    """Two devices, and the question whether they are one."""
    for key, kind, text in (("cmms", "cmms", CMMS), ("scan", "network", SCAN)):
        source = runs.make_source(key=key, kind=kind, by=operator, at=NOW)
        runs.apply(
            runs.begin(source, io.BytesIO(text.encode()), f"{key}.csv", by=operator, at=NOW),
            by=operator,
            at=NOW,
        )
    Pair.objects.all().delete()
    left, right = Claim.objects.get(key="A-1"), Claim.objects.get(source__key="scan")
    return Pair.objects.create(
        left=left, right=right, probability=0.7, made_at=NOW,
        evidence="for: serials one slip apart: 35970012 / 77665544, same model (+10.9), same unit (+2.0); against: MACs differ (\u22122.1)",
    )  # fmt: skip


def test_same_makes_one_device_and_is_remembered(pair: Pair, operator: Viewer) -> None:
    reviewing.answer(pair, "same", by=operator, at=NOW)
    assert Equipment.objects.count() == 2
    assert Equipment.objects.get(tag="A-1").ip == "10.1.1.5"
    assert Verdict.objects.get().verdict == "same"


def test_an_answer_taken_back_parts_the_records_again(pair: Pair, operator: Viewer) -> None:
    reviewing.answer(pair, "same", by=operator, at=NOW)
    again = reviewing.take_back(reviewing.pair_seen(operator, pair.pk), by=operator, at=NOW)
    assert again.state == "open"
    assert Equipment.objects.count() == 3
    assert not Verdict.objects.exists()
    assert Equipment.objects.get(tag="A-1").ip == ""


def test_different_is_not_asked_again(pair: Pair, operator: Viewer) -> None:
    reviewing.answer(pair, "different", by=operator, at=NOW)
    assert not reviewing.open_pairs(operator).exists()
    assert Equipment.objects.count() == 3


def test_two_people_do_not_answer_one_pair(pair: Pair, operator: Viewer) -> None:
    reviewing.answer(pair, "different", by=operator, at=NOW)
    with pytest.raises(Conflict):
        reviewing.answer(pair, "same", by=operator, at=NOW)


def test_who_sees_only_one_of_the_devices_is_not_asked(pair: Pair, ana: Any) -> None:
    viewer = viewer_of(ana, NOW)
    assert not reviewing.open_pairs(viewer).exists()
    with pytest.raises(NotFound):
        reviewing.pair_seen(viewer, pair.pk)


def test_the_page_shows_the_evidence_and_takes_the_answer(
    pair: Pair, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)
    page = client.get("/review/").content.decode()
    assert "+10.9" in page
    assert "MACs differ" in page
    assert client.post(f"/review/{pair.pk}/answer/", {"word": "same"}).status_code == 302
    assert "Nobody is asked" in client.get("/review/").content.decode()


def test_evidence_is_read_as_pieces() -> None:
    told = reviewing.weights(
        "for: same serial X, same model (+10.9), same unit (+2.0); against: MACs differ (\u22122.1); split: contradicting serials"
    )
    assert [(one.words, one.bits) for one in told] == [
        ("same serial X, same model", 10.9), ("same unit", 2.0), ("MACs differ", -2.1), ("split: contradicting serials", 0.0),
    ]  # fmt: skip
