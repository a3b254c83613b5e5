"""The device's pages in a real browser: both themes, screen and phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core.permissions import viewer_of
from pilothouse.equipment import actions
from pilothouse.equipment.models import Claim, DeviceModel, Maker
from tests.conftest import NOW
from tests.equipment.registers import MONITOR, PUMP, registered
from tests.pages import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_device_and_its_pages(live_server: Any, chief: Any) -> None:
    edr = {"host": "PUMP-17.ngh.example", "mac": "00:09:fb:00:00:01; 00:09:fb:00:00:02", "os": "VxWorks 6.9", "firmware": "8.00.01", "serial": "7.78812E+05", "phi": "yes"}  # fmt: skip
    pump, _, twin = registered(
        [{**PUMP, "edr": edr}, MONITOR, {"xdome": {**PUMP["xdome"], "host": "pump-18"}}]
    )
    helm = viewer_of(chief, timezone.now())
    actions.settle_products(by=None, at=NOW)
    actions.set_by_hand([pump], {"room": "B4, bay 6", "criticality": "high-risk"}, by=helm, at=NOW + timedelta(hours=2), note="Ward round")  # fmt: skip
    model = DeviceModel.objects.get(name="Spectrum IQ")
    actions.edit_model(model.pk, {"product_code": "FRN", "support_until": "2029-12-31", "software": "Spectrum 9"}, by=helm, at=NOW + timedelta(hours=3))  # fmt: skip
    claim = Claim.objects.get(source__key="edr").pk
    look_at(
        live_server,
        chief,
        f"/equipment/{pump}/",
        f"/equipment/{pump}/?as_of={NOW:%Y-%m-%d}",
        f"/equipment/{pump}/history/?from={NOW:%Y-%m-%dT%H:%M:%SZ}",
        f"/equipment/{pump}/edit/",
        f"/equipment/{pump}/label/",
        f"/equipment/{pump}/merge/?with={twin}",
        f"/equipment/{pump}/split/?claim={claim}",
        f"/equipment/{pump}/retire/",
        "/models/",
        f"/models/{model.pk}/",
        "/makers/",
        f"/makers/{Maker.objects.get(key='baxter').pk}/",
    )
