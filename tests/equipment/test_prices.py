"""A price is seen by who may see prices, and by no way by anybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core.permissions import viewer_of
from pilothouse.equipment import actions
from pilothouse.equipment.models import Claim, Equipment
from pilothouse.intake.models import Pair
from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.conftest import NOW
from tests.equipment.registers import PUMP, registered

pytestmark = pytest.mark.django_db
FIRST, SECOND = "7316549", "8427659"
SPELT = (FIRST, SECOND, "7,316,549", "8,427,659")


def test_no_way_leads_to_a_price_without_the_permission(places: dict[str, Any], ana: Any, chief: Any, person_with: Any, client_of: Any, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    keeper = person_with("Kim", "keeper")
    told = {**PUMP["aims"], "price": FIRST}
    pump, other = registered([{"aims": told, "xdome": PUMP["xdome"]}, {"aims": told}])
    helm = viewer_of(chief, NOW)
    change = actions.set_by_hand([pump], {"price": SECOND, "room": "B4"}, by=helm, at=NOW + timedelta(hours=1)).revision  # fmt: skip
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=2))
    left, right = (Claim.objects.filter(equipment=one, source__key="aims").get() for one in (pump, other))
    pair = Pair.objects.create(left=left, right=right, probability=0.7, evidence="for: same serial (+9.0)", made_at=NOW)  # fmt: skip
    claim = Claim.objects.filter(equipment=pump, source__key="xdome").get()
    subject = f"equipment:{pump}"
    pages = [
        "/equipment/?cols=price&columns=price&sort=price&price.from=1&price=1&panel=filters", f"/equipment/?q={FIRST}", "/equipment/?panel=columns",
        "/equipment/?export=csv&all=1&sort=price", "/equipment/?as_of=2026-11-02T09:30:00Z", f"/search/?q={FIRST}", f"/equipment/{pump}/",
        f"/equipment/{pump}/?as_of=2026-11-02T09:30:00Z", f"/equipment/{pump}/history/?from=2026-11-02T09:30:00Z", f"/equipment/{pump}/edit/",
        f"/equipment/{pump}/label/", f"/equipment/{pump}/merge/?with={other}", f"/equipment/{pump}/split/?claim={claim.pk}", f"/review/?pair={pair.pk}",
        f"/audit/?subject={subject}", f"/audit/{change}/",
    ]  # fmt: skip
    calls = [
        "equipment", f"equipment?q={FIRST}", f"equipment/{pump}", f"equipment/{pump}?at=2026-11-02T09:30:00Z", f"equipment/{pump}/claims",
        f"equipment/{pump}/claims?at=2026-11-02T09:30:00Z", f"equipment/{pump}/history", f"review/{pair.pk}", "review", f"audit/{change}",
    ]  # fmt: skip
    for person in (ana, keeper):
        client, mine = client_of(person), caller(person)
        for address in pages:
            page = client.get(address)
            text = page.getvalue().decode()
            shown = [price for price in SPELT if price in text.replace(f"q={FIRST}", "").replace(f'value="{FIRST}"', "").replace(f'value="{SECOND}"', "")]  # fmt: skip
            assert not shown or f"q={FIRST}" in address, (person.name, address)
        for path in calls:
            assert not [price for price in SPELT if price in mine.get(path).content.decode()], (person.name, path)  # fmt: skip
        late = mine.call("PATCH", f"equipment/{pump}", {"values": {"room": "B9"}}, **{"If-Match": '"1"'})
        assert late.status_code == (412 if person is ana else 403)
        assert FIRST not in late.content.decode()
        assert SECOND not in late.content.decode()
    assert client_of(ana).get(f"/equipment/?q={FIRST}").content.decode().count("<tr data-id") == 0
    tried = caller(ana).call("PATCH", f"equipment/{pump}", {"values": {"price": "1"}}, **{"If-Match": f'"{Equipment.objects.get(pk=pump).since}"'})  # fmt: skip
    assert tried.status_code == 403
    assert SECOND in caller(chief).get(f"equipment/{pump}/claims").content.decode()
    assert SECOND in client_of(chief).get(f"/audit/{change}/").content.decode()
    assert FIRST in caller(chief).get(f"review/{pair.pk}").content.decode()
