"""The device's pages: what they show, to whom, of which day, at how many queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer, viewer_of
from pilothouse.equipment import actions, ports
from pilothouse.equipment.models import Claim, DeviceModel, Equipment, Maker
from pilothouse.equipment.reads.scanned import ScanFinder
from tests.conftest import NOW
from tests.equipment.registers import MONITOR, PUMP, registered

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
AS_OF = "?as_of=2026-11-02T09:30:00Z"


@pytest.fixture(autouse=True)
def at_a_later_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked three weeks after the register began."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=21))


@pytest.fixture
def helm(chief: Person) -> Viewer:
    return viewer_of(chief, NOW)


@pytest.fixture
def client(client_of: Callable[[Any], Client], chief: Person) -> Client:
    return client_of(chief)


def body(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_shows_who_won_and_why(client: Client, helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER)
    page = body(client.get(f"/equipment/{pump}/"))
    assert "Infusion pump in ICU of NGH, B4" in page
    assert "Network and security lists are asked first for: Firmware" in page
    assert 'data-claim="hand">Chief, 2 Nov 2026' in page
    assert '<span class="lost">B5</span>' in page
    for word in ("Sources", "Register", "Finding", "Owner", "Decision", "Work", "Evidence"):
        assert f"<small>{word}</small>" in page


def test_a_past_day_shows_what_was_and_nothing_to_change(client: Client, helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER)
    page = body(client.get(f"/equipment/{pump}/{AS_OF}"))
    assert "Infusion pump in ICU of NGH, B5" in page
    assert reverse("equipment_edit", args=[pump]) not in page
    assert client.get(f"/equipment/{pump}/?as_of=2026-11-01").status_code == 404


def test_a_merged_device_leads_on_and_its_past_stays(client: Client, helm: Viewer) -> None:
    pump, other = registered([{"aims": PUMP["aims"]}, {"xdome": PUMP["xdome"]}])
    actions.merge(pump, [other], by=helm, at=LATER)
    answer = client.get(f"/equipment/{other}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/equipment/{pump}/")
    assert client.get(f"/equipment/{other}/{AS_OF}").status_code == 200
    assert client.get("/equipment/9999/").status_code == 404


def test_history_tells_every_change_and_compares_two_moments(client: Client, helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"room": "B4"}, by=helm, at=LATER, note="Ward round")
    page = body(client.get(f"/equipment/{pump}/history/?from=2026-11-02T09:30:00Z"))
    assert "Ward round" in page
    assert "set by hand" in page
    assert page.count(">B5<") == 2
    nothing = body(client.get(f"/equipment/{pump}/history/?from=2026-11-03&to=2026-11-04"))
    assert "recorded alike at both moments" in nothing


def test_saving_sets_only_what_was_changed_and_can_be_taken_back(client: Client) -> None:
    (pump,) = registered([PUMP])
    form = client.get(f"/equipment/{pump}/edit/").context["form"]
    answer = client.post(f"/equipment/{pump}/edit/", {**form.initial, "room": "B4", "mac": "0009FB000001"})
    assert answer.status_code == 302
    (hand,) = Claim.objects.filter(source__key="hand")
    assert hand.doc == '{"room":"B4"}'
    (message,) = get_messages(answer.wsgi_request)
    assert client.post(message.extra_tags).status_code == 302
    assert Equipment.objects.get(pk=pump).room == "B5"


def test_who_saves_second_sees_both_versions(client: Client, helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    form = client.get(f"/equipment/{pump}/edit/").context["form"]
    actions.set_by_hand([pump], {"room": "B9", "owner": "Ben"}, by=helm, at=LATER)
    answer = client.post(f"/equipment/{pump}/edit/", {**form.initial, "room": "B4"})
    assert answer.status_code == 409
    assert ("Room", "B5", "B9", "B4") in answer.context["both"]
    again = answer.context["form"]
    assert (again.initial["room"], again.initial["owner"]) == ("B4", "Ben")
    assert Equipment.objects.get(pk=pump).room == "B9"
    client.post(f"/equipment/{pump}/edit/", again.initial)
    assert (Equipment.objects.get(pk=pump).room, Equipment.objects.get(pk=pump).owner) == ("B4", "Ben")


@pytest.mark.parametrize(
    "bad", ["<script>alert(1)</script>", "=cmd()", "'; DROP TABLE x; --", "x" * 600, "\x00\x01", "ünï"]
)
def test_odd_texts_are_kept_as_text_or_refused(client: Client, bad: str) -> None:
    (pump,) = registered([PUMP])
    form = client.get(f"/equipment/{pump}/edit/").context["form"]
    for field in ("room", "mac", "price", "installed", "since"):
        answer = client.post(f"/equipment/{pump}/edit/", {**form.initial, field: bad})
        assert answer.status_code in (200, 302, 409)
    assert "<script>alert" not in body(client.get(f"/equipment/{pump}/"))


def test_prices_are_hidden_from_those_who_may_not_see_them(client_of: Callable[[Any], Client], ana: Person, chief: Person) -> None:  # fmt: skip
    (pump,) = registered([PUMP])
    actions.set_by_hand([pump], {"price": "3111"}, by=viewer_of(chief, NOW), at=LATER)
    technician = client_of(ana)
    for url in (f"/equipment/{pump}/", f"/equipment/{pump}/edit/", f"/equipment/{pump}/history/?from=2026-11-02T09:30:00Z", f"/equipment/{pump}/split/", f"/equipment/{pump}/{AS_OF}"):  # fmt: skip
        page = body(technician.get(url))
        assert "2,950" not in page
        assert "2950" not in page
        assert "3,111" not in page
        assert "3111" not in page
    assert "3,111" in body(client_of(chief).get(f"/equipment/{pump}/"))
    form = technician.get(f"/equipment/{pump}/edit/").context["form"]
    technician.post(f"/equipment/{pump}/edit/", {**form.initial, "price": "1", "room": "B1"})
    assert Equipment.objects.get(pk=pump).price == "3111"


def test_merging_and_splitting_are_shown_before_they_are_done(client: Client) -> None:
    pump, other = registered([{"aims": PUMP["aims"]}, {"xdome": PUMP["xdome"]}])
    assert f"?with={other}" in body(client.get(f"/equipment/{pump}/merge/"))
    assert f"?with={other}" in body(client.get(f"/equipment/{pump}/merge/?q=sn778812"))
    preview = body(client.get(f"/equipment/{pump}/merge/?with={other}"))
    assert "00:09:fb:00:00:01" in preview
    assert client.post(f"/equipment/{pump}/merge/", {"with": other}).status_code == 302
    claim = Claim.objects.get(source__key="xdome").pk
    assert "The new device" in body(client.get(f"/equipment/{pump}/split/?claim={claim}"))
    assert client.post(f"/equipment/{pump}/split/", {"claim": [1, claim]}).status_code == 422
    assert client.post(f"/equipment/{pump}/split/", {"claim": claim}).status_code == 302
    assert Equipment.objects.count() == 2


def test_a_device_is_retired_and_brought_back(client: Client) -> None:
    (pump,) = registered([PUMP])
    for stage in ("retired", "in_use"):
        assert client.get(f"/equipment/{pump}/retire/").status_code == 200
        client.post(f"/equipment/{pump}/retire/", {"note": "worn"})
        assert Equipment.objects.get(pk=pump).stage == stage


def test_a_udi_fills_the_form_and_saves_nothing(client: Client, helm: Viewer) -> None:
    (pump,) = registered([PUMP])
    actions.settle_products(by=None, at=LATER)
    model = DeviceModel.objects.get()
    actions.edit_model(model.pk, {"identifiers": "00643169001763"}, by=helm, at=LATER)
    typed = {"do": "read", "udi": "(01)00643169001763(21)ZZ99", "room": "B1"}
    page = client.post("/equipment/new/", typed)
    form = page.context["form"]
    assert (form.initial["serial"], form.initial["model"], form.initial["room"]) == (
        "ZZ99",
        "Spectrum IQ",
        "B1",
    )
    wrong = client.post(f"/equipment/{pump}/edit/", {"do": "read", "udi": "(01)00643169001764"})
    assert "should be 3" in body(wrong)
    assert Equipment.objects.get().serial == "SN778812"


def test_the_label_leads_to_the_device(client: Client) -> None:
    (pump,) = registered([PUMP])
    page = body(client.get(f"/equipment/{pump}/label/"))
    assert "<svg" in page
    assert f"/equipment/{pump}/" in page


PAGES = ["/equipment/{}/", "/equipment/{}/history/", "/equipment/{}/label/", "/equipment/{}/edit/", "/equipment/{}/merge/", "/equipment/{}/split/", "/equipment/{}/retire/"]  # fmt: skip


def test_what_is_hidden_is_not_found_and_what_is_only_seen_not_changed(client_of: Callable[[Any], Client], person_with: Callable[..., Person]) -> None:  # fmt: skip
    pump, monitor = registered([PUMP, MONITOR])
    people = {
        "technician": ("Tia", "NGH", True), "nurse_manager": ("Nora", "NGH-ICU", False), "auditor": ("Audra", "NGH", False), "buyer": ("Bo", "NGH", False),
        "security_analyst": ("Sam", "NGH", False), "htm_manager": ("Hal", "NGH", True), "keeper": ("Kim", "NGH", False),
    }  # fmt: skip
    for role, (name, place, may) in people.items():
        client = client_of(person_with(name, role, place))
        for page in PAGES:
            assert client.get(page.format(monitor)).status_code == 404, (role, page)
            writes = page.rsplit("/", 2)[1] in ("edit", "merge", "split", "retire")
            assert client.get(page.format(pump)).status_code == (403 if writes and not may else 200), (
                role,
                page,
            )
            if writes:
                assert client.post(page.format(monitor), {"with": pump, "claim": 1}).status_code == 404
                assert may or client.post(page.format(pump), {"with": monitor}).status_code == 403
        assert client.get("/equipment/new/").status_code == (200 if may else 403)
    assert Client().get(f"/equipment/{pump}/").status_code == 302


def test_an_undo_that_is_not_ones_own_place_is_not_found(client_of: Callable[[Any], Client], ana: Person, helm: Viewer) -> None:  # fmt: skip
    (monitor,) = registered([MONITOR])
    done = actions.set_by_hand([monitor], {"room": "1"}, by=helm, at=LATER)
    assert client_of(ana).post(f"/equipment/undo/{done.revision}/").status_code == 404
    assert client_of(ana).get(f"/equipment/undo/{done.revision}/").status_code == 405


@pytest.mark.parametrize("page", ["/equipment/{}/", "/equipment/{}/history/", "/equipment/{}/" + AS_OF])
def test_a_long_past_costs_no_more_queries(client: Client, helm: Viewer, page: str) -> None:
    short, long = registered([{"aims": PUMP["aims"]}, PUMP])
    for record, n in ((short, 2), (long, 30)):
        for i in range(n):
            actions.set_by_hand([record], {"room": f"R{i}", "firmware": f"{i}.0"}, by=helm, at=LATER)
    client.get(page.format(short))
    counts = []
    for record in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page.format(record)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 31


def test_rooms_above_speak_on_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Room:
        """A room with a panel, a moment and a stop of the thread."""

        def panels(
            self, viewer: Viewer, equipment_id: int, as_of_revision: int | None
        ) -> list[ports.PanelBlock]:
            knot = ports.Knot("finding", "1 open", "/findings/1/", "now")
            return [ports.PanelBlock("Exposure", "kit/say.html", {"parts": []}, "side", knots=[knot])]

        def timeline(self, viewer: Viewer, equipment_id: int) -> list[ports.Moment]:
            return [ports.Moment(LATER, "F-2193 opened", "/findings/1/", "owner")]

    monkeypatch.setattr(ports, "panels", [Room()])
    (pump,) = registered([PUMP])
    page = body(client.get(f"/equipment/{pump}/"))
    assert "F-2193 opened" in page
    assert '<li data-step="now" aria-current="step"><small>Finding</small>' in page
    assert "Exposure" in page


def test_models_and_makers_come_from_what_devices_say(client: Client, helm: Viewer) -> None:
    registered([PUMP, MONITOR, {"aims": {**PUMP["aims"], "maker": "Sigma Works", "tag": "X"}}])
    assert actions.settle_products(by=None, at=LATER) == 3
    assert actions.settle_products(by=None, at=LATER) == 0
    assert DeviceModel.objects.count() == 3
    page = body(client.get("/models/"))
    assert "IntelliVue MX800" in page
    assert "Infusion pump" in page
    assert body(client.get("/makers/")).count("Sigma Works") >= 1
    baxter, sigma = Maker.objects.get(key="baxter"), Maker.objects.get(name="Sigma Works")
    assert client.get(f"/makers/{baxter.pk}/?q=sigma").status_code == 200
    assert client.post(f"/makers/{baxter.pk}/merge/", {"other": sigma.pk}).status_code == 302
    assert set(
        Equipment.objects.filter(name="Infusion pump").values_list("device_model__maker", flat=True)
    ) == {baxter.pk}
    assert DeviceModel.objects.count() == 2
    assert actions.settle_products(by=None, at=LATER) == 0
    registered([{"aims": {**PUMP["aims"], "maker": "Sigma Works, Inc.", "tag": "Y"}}])
    assert set(
        Equipment.objects.filter(name="Infusion pump").values_list("device_model__maker", flat=True)
    ) == {baxter.pk}


def test_a_model_is_put_right_by_those_who_may(client: Client, client_of: Callable[[Any], Client], ana: Person) -> None:  # fmt: skip
    registered([PUMP])
    actions.settle_products(by=None, at=LATER)
    url = f"/models/{DeviceModel.objects.get().pk}/"
    data = {"name": "Spectrum IQ", "support_until": "2029-12-31", "product_code": "frn"}
    assert client_of(ana).post(url, data).status_code == 403
    assert client.post(url, {**data, "product_code": "FRNX"}).status_code == 200
    assert client.post(url, data).status_code == 302
    assert DeviceModel.objects.get().product_code == "FRN"
    assert "31 Dec 2029" in body(client.get(url))


@pytest.mark.parametrize("url", ["/models/", "/makers/"])
def test_lists_of_products_cost_no_more_queries_with_many(client: Client, url: str) -> None:
    counts = []
    for n in (2, 30):
        registered([{"aims": {**PUMP["aims"], "maker": f"Maker{i}", "model": f"M{i}"}} for i in range(n)])
        actions.settle_products(by=None, at=LATER)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_scanned_code_finds_the_device_and_its_model(chief: Person, ana: Person, helm: Viewer) -> None:
    _, monitor = registered([PUMP, MONITOR])
    actions.settle_products(by=None, at=LATER)
    model = DeviceModel.objects.get(name="IntelliVue MX800")
    actions.edit_model(model.pk, {"identifiers": "00643169001763"}, by=helm, at=LATER)
    code = "]d2010064316900176321de4711055"
    found = ScanFinder().find(helm, code, 5)
    assert [hit.url for hit in found] == [f"/equipment/{monitor}/", f"/models/{model.pk}/"]
    assert [hit.kind for hit in ScanFinder().find(viewer_of(ana, NOW), code, 5)] == ["Models"]
    assert ScanFinder().find(helm, "(01)12", 5) == []


def test_no_page_says_a_makers_name_twice(client: Client, helm: Viewer) -> None:
    doc = {"tag": "P1", "serial": "S-77", "maker": "BD", "model": "BD Pyxis ES"}
    pyxis, _ = registered([{"aims": doc}, {"xdome": doc}])
    actions.settle_products(by=None, at=LATER)
    model = DeviceModel.objects.get(name="BD Pyxis ES")
    addresses = ["/equipment/?panel=filters", "/models/", f"/models/{model.pk}/", "/search/?q=pyxis"]
    addresses += [f"/equipment/{pyxis}/{page}" for page in ("", "label/", "merge/", "edit/", "history/")]
    for address in addresses:
        page = re.sub(r"<[^>]*>", " ", body(client.get(address)))
        assert "BD Pyxis ES" in page, address
        assert not re.search(r"BD {1,4}BD", page), address
