"""A register of realistic devices for measuring lists: correlated as real ones are, with several versions of a part of them.

Tags follow the facility and the year of purchase, serials and names the product, criticality and patient data the kind of device:
what makes naive plans of a database slow.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from pilothouse.core.keeping import Row, writing
from pilothouse.core.models import Facility, Unit
from pilothouse.equipment import fleet
from pilothouse.equipment.models import DeviceModel, Equipment, Maker

CHUNK = 5_000
START_DAYS = 100
"""Days before the end at which the first devices were recorded."""
UNITS = ("ICU", "Step-down", "Emergency", "Operating rooms", "Recovery", "Neonatal ICU", "Cardiology", "Radiology", "Oncology", "Dialysis", "Maternity", "Surgery", "Medicine", "Endoscopy", "Laboratory", "Biomedical shop")  # fmt: skip
STATUSES = ("In use",) * 41 + ("Retired",) * 5 + ("In stock",) * 2 + ("In repair", "On loan")
HIGH = ("ventilator", "defibrillator", "anaesthesia", "infusion", "monitor", "pump", "dialysis")


def fill(devices: int, end: datetime, seed: int = 1) -> None:
    """Write the devices, 5,000 a revision, then change a quarter of them and a tenth once more."""
    rng = random.Random(seed)
    places = _places(max(2, min(40, devices // 20_000)), end - timedelta(days=START_DAYS + 1))
    products = _products(end - timedelta(days=START_DAYS + 1))
    weights = [weight for *_, weight in products]
    step = timedelta(days=START_DAYS) / max(1, devices // CHUNK * 2)
    at = end - timedelta(days=START_DAYS)
    for start in range(0, devices, CHUNK):
        count = min(CHUNK, devices - start)
        chosen = rng.choices(products, weights, k=count)
        with writing(by=None, at=at, verb="fill") as w:
            ids = w.new_ids(Equipment, count)
            fleet.add(
                w,
                [
                    (record, _row(rng, start + n, one, places))
                    for n, (record, one) in enumerate(zip(ids, chosen, strict=True))
                ],
            )
        at += step
    for share in (4, 10):
        for part in _parts(range(1 + share, devices + 1, share)):
            with writing(by=None, at=at, verb="move") as w:
                fleet.change(
                    w, [(record, _moved(rng, row, places)) for record, row in fleet.stored(part).items()]
                )
            at += step


def _parts(ids: range) -> Iterator[range]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


Place = tuple[int, str, list[tuple[int, str]]]


def _places(facilities: int, at: datetime) -> list[Place]:
    made: list[Place] = []
    with writing(by=None, at=at, verb="make_places") as w:
        for number in range(facilities):
            key = f"F{number:02}"
            facility = w.save(Facility(key=key, name=f"{key} hospital"))
            units = [
                w.save(
                    Unit(
                        key=f"{key}-{n}",
                        name=f"{UNITS[n % len(UNITS)]} {1 + n // len(UNITS)}",
                        facility=facility,
                    )
                )
                for n in range(60)
            ]
            made.append((facility.pk, key, [(unit.pk, unit.name) for unit in units]))
    return made


def _products(at: datetime) -> list[tuple[dict[str, str], int, float]]:
    made, makers = [], {}
    text = files("pilothouse.demo").joinpath("tables/products.csv").read_text("utf-8")
    with writing(by=None, at=at, verb="make_models") as w:
        for product in csv.DictReader(text.splitlines()):
            key = product["maker"]
            if key not in makers:
                makers[key] = w.save(Maker(key=key, name=key.title()))
            model = w.save(
                DeviceModel(
                    key=f"{key}|{product['model'].lower()}",
                    name=product["model"],
                    maker=makers[key],
                    category=product["noun"],
                )
            )
            made.append((product, model.pk, float(product["weight"])))
    return made


def _row(rng: random.Random, number: int, one: Any, places: list[Place]) -> Row:
    product, model, _ = one
    facility, key, units = places[int(rng.random() ** 1.6 * len(places))]
    unit, unit_name = rng.choice(units)
    located = rng.random() > 0.01
    networked = rng.random() * 100 < float(product["networked"])
    noun = product["noun"]
    name = (
        noun.capitalize()
        if rng.random() < 0.8
        else noun.upper()
        if rng.random() < 0.5
        else f"{noun.capitalize()}, {product['maker']}"
    )
    year = rng.randrange(2008, 2026)
    values = {
        "tag": f"{key}-{year % 100:02}{number % 1_000_000:06}",
        "serial": "".join(rng.choice("0123456789") if c == "#" else c for c in product["serial"])
        + str(number % 97),
        "maker": product["maker"].title(),
        "model": product["model"],
        "name": name,
        "facility": f"{key} hospital" if located else "",
        "unit": unit_name if located else "",
        "room": f"{rng.randrange(1, 6)}{rng.randrange(100):02}" if located else "",
        "status": rng.choice(STATUSES) if rng.random() > 0.003 else "Missing",
        "installed": f"{year}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
        "price": product["price"],
        "criticality": "High" if any(word in noun for word in HIGH) else rng.choice(("Medium", "Low", "")),
        "phi": "yes" if product["os"] else "no" if rng.random() < 0.6 else "",
    }
    if networked:
        values |= {
            "mac": f"00:09:fb:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
            "ip": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "host": f"{key.lower()}-{product['product'][:8]}-{number}",
            "firmware": rng.choice(product["versions"].split("|")),
            "os": product["os"],
        }
    sources = 1 + networked + (rng.random() < 0.3)
    return fleet.as_row(
        values,
        facility=facility if located else None,
        unit=unit if located else None,
        device_model=model,
        sources=sources,
    )


_UNIT, _UNIT_TEXT, _ROOM, _FACILITY = (
    fleet.COLUMNS.index(name) for name in ("unit", "unit_text", "room", "facility")
)


def _moved(rng: random.Random, row: Row, places: list[Place]) -> Row:
    """The device in another unit of its facility."""
    new = list(row)
    units = next((units for facility, _, units in places if facility == row[_FACILITY]), places[0][2])
    new[_UNIT], new[_UNIT_TEXT] = rng.choice(units)
    new[_ROOM] = f"9{rng.randrange(100):02}"
    return tuple(new)
