"""Rooms and bays: devices stand in them by their own texts, at once, now and then, seen by whom the place is seen."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.keeping import writing
from pilothouse.core.permissions import NotAllowed, viewer_of
from pilothouse.equipment import actions
from pilothouse.equipment.models import Room, RoomPast
from pilothouse.equipment.search import RoomFinder
from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.conftest import NOW
from tests.equipment.registers import MONITOR, PUMP, registered
from tests.pages import look_at

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def _told(room: str, unit: str = "ICU of NGH") -> dict[str, dict[str, str]]:
    return {"aims": {"tag": f"T {room}", "facility": "NGH", "unit": unit, "room": room}}


def _ids(answer: Any) -> list[int]:
    return [int(text) for text in re.findall(r'<tr data-id="(\d+)"', answer.content.decode())]


def test_a_device_stands_in_the_room_that_its_sources_name(places: dict[str, Any], chief: Any, client_of: Any) -> None:  # fmt: skip
    by_code, by_name, by_other, in_bay, elsewhere = registered([_told("4-112"), _told("RÖNTGEN 1"), _told("old 7"), _told("röntgen 1, bay 2"), _told("4-112", "OR of NGH")])  # fmt: skip
    helm = viewer_of(chief, NOW)
    room = actions.add_room({"key": "4-112", "name": "Röntgen 1", "aliases": "Old 7\nOLD 7b"}, by=helm, at=LATER, unit=places["NGH-ICU"].pk)  # fmt: skip
    bay = actions.add_room({"key": "4-112-B", "name": "Bay 2"}, by=helm, at=LATER, within=room.pk)
    client = client_of(chief)
    assert set(_ids(client.get(f"/equipment/?room={room.pk}"))) == {by_code, by_name, by_other, in_bay}
    assert _ids(client.get(f"/equipment/?room={bay.pk}&stage=unknown&q=bay")) == [in_bay]
    page = client.get(f"/equipment/{in_bay}/").content.decode()
    assert reverse("room_page", args=[room.pk]) in page
    assert reverse("room_page", args=[bay.pk]) in page
    assert "not among the rooms kept here" in client.get(f"/equipment/{elsewhere}/").content.decode()
    assert "4 devices" in client.get(f"/rooms/{room.pk}/").content.decode()


def test_a_device_put_in_a_bay_stood_elsewhere_before(places: dict[str, Any], chief: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    (pump,) = registered([PUMP])
    helm = viewer_of(chief, NOW)
    room = actions.add_room({"key": "B5"}, by=helm, at=NOW, unit=places["NGH-ICU"].pk)
    bay = actions.add_room({"key": "OR-2-1"}, by=helm, at=NOW, within=actions.add_room({"key": "OR-2"}, by=helm, at=NOW, unit=places["NGH-OR"].pk).pk)  # fmt: skip
    done = actions.put_in_room(bay.pk, [pump], by=helm, at=LATER)
    client = client_of(chief)
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=2))
    for when, here, there in (("", bay, room), ("&as_of=2026-11-02T09:30:00Z", room, bay)):
        assert _ids(client.get(f"/equipment/?room={here.pk}{when}")) == [pump]
        assert _ids(client.get(f"/equipment/?room={there.pk}{when}")) == []
    actions.undo(done.revision, by=helm, at=timezone.now())
    assert _ids(client.get(f"/equipment/?room={room.pk}")) == [pump]


def test_rooms_are_kept_with_their_past_and_closed_with_their_bays(places: dict[str, Any], chief: Any) -> None:  # fmt: skip
    helm = viewer_of(chief, NOW)
    room = actions.add_room({"key": " 4-112 "}, by=helm, at=NOW, facility=places["NGH"].pk)
    bay = actions.add_room({"key": "4-112-B"}, by=helm, at=NOW, within=room.pk)
    assert actions.edit_room(room.pk, {"key": "4-112"}, by=helm, at=NOW) == 0
    actions.edit_room(room.pk, {"name": "Dialysis"}, by=helm, at=LATER)
    actions.close_room(room.pk, by=helm, at=LATER)
    assert Room.objects.get(pk=bay.pk).closed
    assert RoomPast.objects.filter(record=room.pk).count() == 2
    with pytest.raises(Invalid):
        actions.put_in_room(bay.pk, registered([PUMP]), by=helm, at=LATER)
    for values, place in (({"key": "4-112"}, {"unit": places["NGH-OR"].pk}), ({"key": ""}, {"unit": places["NGH-OR"].pk}), ({"key": "x"}, {"within": bay.pk})):  # fmt: skip
        with pytest.raises(Invalid):
            actions.add_room(values, by=helm, at=LATER, **place)


def test_rooms_go_with_their_unit_to_another_facility(places: dict[str, Any], chief: Any) -> None:
    helm, unit = viewer_of(chief, NOW), places["NGH-ICU"]
    actions.add_room({"key": "1"}, by=helm, at=NOW, unit=places["SGH-ED"].pk)
    rooms = [actions.add_room({"key": key}, by=helm, at=NOW, unit=unit.pk) for key in "12"]
    unit.facility = places["SGH"]
    with writing(by=None, at=LATER, verb="move_unit") as w:
        w.save(unit)
    actions.place_devices(by=None, at=LATER)
    found = Room.objects.in_bulk([room.pk for room in rooms])
    assert [(room.facility_id, room.key) for room in found.values()] == [(places["SGH"].pk, "1, NGH-ICU"), (places["SGH"].pk, "2")]  # fmt: skip


def test_rooms_are_seen_and_kept_where_equipment_is(places: dict[str, Any], ana: Any, ben: Any, chief: Any, client_of: Any, caller: Any) -> None:  # fmt: skip
    technician, nurse = viewer_of(ana, NOW), viewer_of(ben, NOW)
    room = actions.add_room({"key": "4-112"}, by=technician, at=NOW, unit=places["NGH-ICU"].pk)
    with pytest.raises(NotFound):
        actions.add_room({"key": "1"}, by=technician, at=NOW, unit=places["SGH-ICU"].pk)
    with pytest.raises(NotAllowed):
        actions.add_room({"key": "1"}, by=nurse, at=NOW, unit=places["SGH-ICU"].pk)
    assert RoomFinder().find(nurse, "4-112", 5) == []
    assert [hit.url for hit in RoomFinder().find(technician, "4-1", 5)] == [f"/rooms/{room.pk}/"]
    assert client_of(ben).get(f"/rooms/{room.pk}/").status_code == 404
    assert caller(ben).get("rooms").json()["items"] == []
    _, monitor = registered([PUMP, MONITOR])
    answer = caller(chief).call("POST", f"rooms/{room.pk}/devices", {"ids": [monitor]})
    assert answer.status_code == 200
    assert [one["room"] for one in caller(ana).get(f"equipment?room={room.pk}").json()["items"]] == ["4-112"]


def test_a_room_by_api_is_changed_on_the_version_that_was_read(places: dict[str, Any], ana: Any, caller: Any) -> None:  # fmt: skip
    mine = caller(ana)
    assert mine.call("POST", "rooms", {"key": "7"}).status_code == 422
    made = mine.call(
        "POST", "rooms", {"key": "7", "aliases": ["seven"], "unit_id": places["NGH-OR"].pk}
    ).json()
    assert made["aliases"] == ["seven"]
    tag = {"If-Match": f'"{made["since"]}"'}
    assert mine.call("PATCH", f"rooms/{made['id']}", {"key": "8"}).status_code == 428
    changed = mine.call("PATCH", f"rooms/{made['id']}", {"key": "8"}, **tag).json()
    assert changed == {**made, "key": "8", "since": changed["since"]}  # what is left out stays
    assert mine.call("PATCH", f"rooms/{made['id']}", {"key": "9"}, **tag).status_code in (409, 412)
    assert mine.call("POST", f"rooms/{made['id']}/close", {}).json()["closed"]
    assert not mine.call("POST", f"rooms/{made['id']}/open", {}).json()["closed"]


def test_a_room_in_the_browser(places: dict[str, Any], ana: Any, client_of: Any, django_assert_max_num_queries: Any) -> None:  # fmt: skip
    client = client_of(ana)
    new = client.get("/rooms/new/?key=B5&place=x").content.decode()
    assert 'value="B5"' in new
    assert "SGH" not in new
    unit = f"u{places['NGH-ICU'].pk}"
    wrong = client.post("/rooms/new/", {"key": "", "place": unit})
    assert wrong.status_code == 200
    made = client.post("/rooms/new/", {"key": "B5", "place": unit})
    room = Room.objects.get()
    assert made["Location"] == f"/rooms/{room.pk}/"
    bay = client.post(f"/rooms/new/?within={room.pk}", {"key": "B5-1"})
    assert bay.status_code == 302
    assert client.post(f"/rooms/{room.pk}/", {"key": "B6", "since": room.since}).status_code == 302
    late = client.post(f"/rooms/{room.pk}/", {"key": "B7", "since": room.since})
    assert (late.status_code, Room.objects.get(pk=room.pk).key) == (409, "B6")
    assert client.post(f"/rooms/{room.pk}/close/").status_code == 302
    for n in range(30):
        actions.add_room({"key": f"R{n}"}, by=viewer_of(ana, timezone.now()), at=NOW, within=None, unit=places["NGH-ICU"].pk)  # fmt: skip
    client.get("/rooms/")
    with django_assert_max_num_queries(18):
        assert client.get("/rooms/").content.decode().count("<tr data-id") == 32


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_how_rooms_look(live_server: Any, places: dict[str, Any], chief: Any) -> None:
    (pump,) = registered([PUMP])
    helm = viewer_of(chief, NOW)
    room = actions.add_room({"key": "B5", "name": "Four beds", "aliases": "B 5"}, by=helm, at=NOW, unit=places["NGH-ICU"].pk)  # fmt: skip
    actions.add_room({"key": "B5-1", "name": "Bay 1"}, by=helm, at=NOW, within=room.pk)
    look_at(live_server, chief, "/rooms/", f"/rooms/{room.pk}/", "/rooms/new/", f"/rooms/new/?within={room.pk}", f"/equipment/{pump}/", f"/equipment/{pump}/edit/")  # fmt: skip
