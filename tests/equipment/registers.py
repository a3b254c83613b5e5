"""Small registers for tests: devices with what sources claim of them, written as an import writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pilothouse.core.keeping import writing
from pilothouse.equipment.actions.hand import digest
from pilothouse.equipment.models import Claim, Equipment
from pilothouse.equipment.settling import SPELT, appear, claim_row
from pilothouse.imports.models import Source
from tests.conftest import NOW

KINDS = {"aims": "cmms", "xdome": "network", "edr": "security"}


def sources() -> dict[str, int]:
    """The ids of three sources, made when they are not there."""
    known = dict(Source.objects.values_list("key", "id"))
    if not set(KINDS) <= set(known):
        with writing(by=None, at=NOW, verb="make_sources") as w:
            for place, (key, kind) in enumerate(KINDS.items()):
                known[key] = w.save(Source(key=key, name=key, kind=kind, target="equipment", place=place)).pk
    return known


def registered(devices: Sequence[Mapping[str, Mapping[str, str]]], *, at: datetime = NOW, seen: str = "2026-10-01") -> list[int]:  # fmt: skip
    """Devices, each by what its sources say: [{"aims": {"tag": "A1"}}]; gives their ids."""
    by_key = sources()
    with writing(by=None, at=at, verb="import") as w:
        ids = list(w.new_ids(Equipment, len(devices)))
        claims = []
        for record, device in zip(ids, devices, strict=True):
            for source, doc in device.items():
                text = SPELT(dict(doc))
                claims.append(
                    Claim(
                        equipment_id=record,
                        source_id=by_key[source],
                        key=f"{source}-{record}",
                        doc=text,
                        seen=seen,
                        digest=digest(text),
                    )
                )
        w.insert(
            Claim, [(n, claim_row(c)) for n, c in zip(w.new_ids(Claim, len(claims)), claims, strict=True)]
        )
        appear(w, ids)
    return ids


PUMP = {
    "aims": {"tag": "A1001", "serial": "SN778812", "maker": "Baxter Healthcare", "model": "Spectrum IQ", "name": "Infusion pump", "facility": "NGH", "unit": "ICU of NGH", "room": "B5", "status": "In use", "firmware": "8.0", "price": "2950"},
    "xdome": {"serial": "SN778812", "maker": "Baxter", "model": "Spectrum IQ", "mac": "00:09:fb:00:00:01", "ip": "10.1.2.3", "host": "pump-17", "firmware": "9.0", "unit": "ICU of NGH"},
}  # fmt: skip
"""A pump of NGH-ICU that two sources know."""
MONITOR = {"aims": {"tag": "M2002", "serial": "DE4711055", "maker": "Philips", "model": "IntelliVue MX800", "facility": "SGH", "unit": "SGH-ICU", "status": "Active"}}  # fmt: skip
"""A monitor of SGH-ICU that the CMMS alone knows."""
