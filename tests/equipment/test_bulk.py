"""One verb over many chosen devices: what it fits, one revision, undone as one; and nothing where the viewer may not."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Revision
from pilothouse.core.permissions import viewer_of
from pilothouse.equipment.actions import add_by_hand, retire
from pilothouse.equipment.models import Equipment
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def pumps(places: dict[str, Any], chief: Any) -> list[int]:
    """Sixty pumps at NGH-ICU, five at SGH-ICU; the first is retired."""
    made = []
    for n in range(65):
        unit = places["NGH-ICU" if n < 60 else "SGH-ICU"]
        values = {
            "tag": f"HTM-{n:03}",
            "name": "Pump",
            "facility": unit.facility.name,
            "unit": unit.name,
            "status": "In use",
        }
        made.append(add_by_hand(values, by=viewer_of(chief, NOW), at=NOW).made)
    retire(made[:1], by=viewer_of(chief, NOW), at=NOW)
    return made


def test_the_page_says_how_many_a_verb_fits_and_why_not_the_others(
    pumps: list[int], chief: Any, client_of: Any
) -> None:
    page = client_of(chief).post("/equipment/", {"do": "retire", "id": pumps[:3]}).content.decode()
    assert "Retire 2 of 3 devices" in page
    assert "1 device is retired already." in page


def test_everything_the_filter_finds_is_retired_as_one_revision_and_comes_back_as_one(
    pumps: list[int], chief: Any, client_of: Any
) -> None:
    client, before = client_of(chief), Revision.objects.count()
    sent = {"do": "retire", "all": "1", "query": "q=htm-0", "confirm": "1", "note": "sold"}
    page = client.post("/equipment/", sent, follow=True).content.decode()
    assert "64 devices retired" in page
    assert Equipment.objects.filter(stage="retired").count() == 65
    assert Revision.objects.count() == before + 1
    undo = re.search(r'action="(/equipment/undo/\d+/)"', page)
    assert undo
    client.post(undo[1])
    assert Equipment.objects.filter(stage="retired").count() == 1
    assert list(broken_seals()) == []


def test_devices_are_moved_to_a_unit(
    pumps: list[int], places: dict[str, Any], chief: Any, client_of: Any
) -> None:
    unit = places["SGH-ED"]
    client_of(chief).post("/equipment/", {"do": "move", "id": pumps[1:4], "unit": unit.pk, "confirm": "1"})
    assert set(Equipment.objects.filter(unit=unit).values_list("id", "facility_id")) == {
        (one, unit.facility_id) for one in pumps[1:4]
    }


def test_criticality_is_set_and_a_wrong_one_is_refused_with_its_field(
    pumps: list[int], chief: Any, client_of: Any
) -> None:
    client = client_of(chief)
    wrong = client.post(
        "/equipment/", {"do": "criticality", "id": pumps[:2], "criticality": "=1", "confirm": "1"}
    )
    assert (wrong.status_code, Equipment.objects.exclude(criticality="").count()) == (422, 0)
    client.post("/equipment/", {"do": "criticality", "id": pumps[:2], "criticality": "High", "confirm": "1"})
    assert Equipment.objects.filter(criticality="High").count() == 2


def test_who_works_at_one_house_changes_nothing_in_another(
    pumps: list[int], places: dict[str, Any], ana: Any, ben: Any, client_of: Any
) -> None:
    page = client_of(ana).post("/equipment/", {"do": "retire", "id": [pumps[5], pumps[62]]}).content.decode()
    assert "Retire 1 device" in page
    moved = client_of(ana).post(
        "/equipment/", {"do": "move", "id": pumps[5:6], "unit": places["SGH-ED"].pk, "confirm": "1"}
    )
    assert moved.status_code == 422
    assert (
        client_of(ben).post("/equipment/", {"do": "retire", "id": pumps[62:63], "confirm": "1"}).status_code
        == 403
    )
    assert not Equipment.objects.filter(id__in=[pumps[5], pumps[62]], stage="retired").exists()


def test_chosen_devices_are_taken_away_as_a_file_in_the_lists_order(
    pumps: list[int], ana: Any, client_of: Any
) -> None:
    sent = client_of(ana).post(
        "/equipment/", {"do": "export", "id": [*pumps[1:4], pumps[63], 10**9], "query": "sort=-tag"}
    )
    rows = list(csv.DictReader(io.StringIO(sent.getvalue().decode())))
    assert [row["Tag"] for row in rows] == ["HTM-003", "HTM-002", "HTM-001"]
    every = client_of(ana).post("/equipment/", {"do": "export", "all": "1", "query": "q=pump"})
    assert every["Location"] == "/equipment/?q=pump&export=csv"


@pytest.mark.parametrize("sent", [{"do": "retire"}, {"do": "retire", "confirm": "1"}, {"do": "retire", "id": ["x", "-1", "9" * 30]}, {"do": "move", "id": "1", "unit": "x" * 999, "confirm": "1"}, {"do": "export"}, {"do": "no such"}])  # fmt: skip
def test_a_strange_form_does_no_harm(
    pumps: list[int], chief: Any, client_of: Any, sent: dict[str, Any]
) -> None:
    assert client_of(chief).post("/equipment/", sent).status_code in (200, 400, 422)
    with writing(by=None, at=NOW, verb="look"):
        pass
    assert Equipment.objects.filter(stage="retired").count() == 1
