"""Makers and device models: learnt from what devices say of themselves, and put right by people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import connection

from pilothouse.core.errors import Conflict, Invalid, NotFound
from pilothouse.core.keeping import Row, Writing, writing
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer, need
from pilothouse.equipment import fleet, ports
from pilothouse.equipment.hand import LONGEST
from pilothouse.equipment.models import DeviceModel, Maker
from pilothouse.equipment.products import Products, products_now
from pilothouse.equipment.settling import parts
from pilothouse.kernel.text import fold

Told = Mapping[tuple[str, str], Mapping[str, int]]
"""Maker and model as devices spell them, with how many devices call themselves what."""
_MODEL: Final = fleet.COLUMNS.index("device_model")
_MAKER_TEXT, _MODEL_TEXT = fleet.COLUMNS.index("maker"), fleet.COLUMNS.index("model")
MODEL_FIELDS: Final = ("name", "category", "software", "support_until", "product_code", "identifiers", "note")
"""What a person may say of a device model."""


def learn_products(w: Writing, told: Told, products: Products | None = None) -> Products:
    """Make the makers and models that devices name and the register has not; gives the reader that knows them.

    Called by `settle_products`, and by an import before it writes its devices, so that none is written twice. A handful of
    queries; what is there is left as it is.
    """
    products = products or products_now()
    makers: dict[str, Counter[str]] = defaultdict(Counter)
    models: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for (maker, model), called in told.items():
        maker_key, model_key = products.keys(maker, model)
        n = sum(called.values())
        if maker_key:
            makers[maker_key][maker.strip()] += n
        if model_key:
            models[model_key][model.strip()] += n
            names[model_key].update({name: count for name, count in called.items() if name})
    ids = _makers(w, makers)
    _models(w, models, names, ids)
    products.forget()
    return products


def _makers(w: Writing, wanted: Mapping[str, Counter[str]]) -> dict[str, int]:
    """The ids of makers by key; those that are missing are made."""
    known = dict(Maker.objects.values_list("key", "id"))
    missing = sorted(set(wanted) - set(known))
    rows = [(id_, _row(Maker(key=key, name=_called(key, wanted[key])))) for id_, key in zip(w.new_ids(Maker, len(missing)), missing, strict=True)]  # fmt: skip
    if rows:
        w.insert(Maker, rows)
    return known | dict(zip(missing, (id_ for id_, _ in rows), strict=True))


def _models(w: Writing, wanted: Mapping[str, Counter[str]], names: Mapping[str, Counter[str]], makers: Mapping[str, int]) -> None:  # fmt: skip
    missing = sorted(set(wanted) - set(DeviceModel.objects.values_list("key", flat=True)))
    rows = []
    for id_, key in zip(w.new_ids(DeviceModel, len(missing)), missing, strict=True):
        maker = makers.get(key.partition("|")[0])
        category = _usual(names[key]) if names.get(key) else ""
        rows.append(
            (id_, _row(DeviceModel(key=key, maker_id=maker, name=_usual(wanted[key]), category=category)))
        )
    if rows:
        w.insert(DeviceModel, rows)


def _called(key: str, spellings: Counter[str]) -> str:
    """A maker's name: as most devices spell it, its own name before one it had earlier or that of a firm it bought."""
    own = Counter({text: n for text, n in spellings.items() if fold(text) == key})
    return _usual(own or spellings)


def _usual(spellings: Counter[str]) -> str:
    """The spelling met most; of several the first by letters."""
    return min(spellings, key=lambda text: (-spellings[text], text))


def _row(one: Maker | DeviceModel) -> Row:
    fields = [f for f in one._meta.concrete_fields if f.name not in ("id", "since")]
    return tuple(getattr(one, f.attname) for f in fields)


def settle_products(*, by: Person | None, at: datetime) -> int:
    """Make what is missing and let every device have the model that its texts name; gives how many devices changed.

    To be called after imports and when names are decided. Again without a change it writes nothing. The caller has checked
    that it may be done.
    """
    with writing(by=by, at=at, verb="settle_products") as w:
        changed = _settle(w)
        ports.tell_changed(changed, w.number)
    return len(changed)


def _settle(w: Writing) -> list[int]:
    products = learn_products(w, _told())
    wrong = _wrong(products)
    changed = _devices_of(wrong)
    for part in parts(changed):
        rows = fleet.stored(part)
        models = products.model_ids((row[_MAKER_TEXT], row[_MODEL_TEXT]) for row in rows.values())
        fleet.change(
            w,
            [(record, _with_model(row, models[row[_MAKER_TEXT], row[_MODEL_TEXT]])) for record, row in rows.items()],
        )  # fmt: skip
    return changed


def _with_model(row: Row, model: int | None) -> Row:
    return (*row[:_MODEL], model, *row[_MODEL + 1 :])


def _told() -> dict[tuple[str, str], dict[str, int]]:
    """What all devices say of maker, model and description: one query."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute("SELECT maker, model, name, count(*) FROM equipment_equipment WHERE maker <> '' OR model <> '' GROUP BY maker, model, name")  # fmt: skip
        for maker, model, name, n in cursor.fetchall():
            found[maker, model][name] = n
    return found


def _wrong(products: Products) -> set[tuple[str, str, int | None]]:
    """Maker, model and device model of devices whose model is not the one their texts name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT maker, model, device_model_id FROM equipment_equipment")
        rows = [tuple(row) for row in cursor.fetchall()]
    ids = products.model_ids((maker, model) for maker, model, _ in rows)
    return {(maker, model, held) for maker, model, held in rows if ids[maker, model] != held}


def _devices_of(wrong: set[tuple[str, str, int | None]]) -> list[int]:
    if not wrong:
        return []
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT maker, model, device_model_id, id FROM equipment_equipment ORDER BY id")
        return [row[3] for row in iter(cursor.fetchone, None) if row[:3] in wrong]


# --- Put right by people -----------------------------------------------------------------------------------


def edit_model(model: int, values: Mapping[str, str], *, by: Viewer, at: datetime) -> int:
    """Say what a device model is; gives the revision, 0 if nothing changed. Raises NotFound, NotAllowed, Invalid."""
    need(by, "edit_models")
    one = DeviceModel.objects.filter(pk=model).first()
    if one is None:
        raise NotFound("There is no such model.")
    wrong = {name: f"At most {10 * LONGEST:,} letters." for name, value in values.items() if len(value) > 10 * LONGEST}  # fmt: skip
    wrong |= {name: "This cannot be set." for name in values if name not in MODEL_FIELDS}
    if not values.get("name", one.name).strip():
        wrong["name"] = "Enter the model's name."
    if wrong:
        raise Invalid("Some values cannot be taken.", wrong)
    with writing(by=by.person, at=at, verb="edit_model") as w:
        for name, value in values.items():
            setattr(one, name, value.strip())
        since = one.since
        w.save(one)
        return w.number if one.since != since else 0


def edit_maker(maker: int, name: str, *, by: Viewer, at: datetime) -> None:
    """Call a maker as it is to be called. Raises NotFound, NotAllowed, Invalid."""
    need(by, "edit_models")
    one = Maker.objects.filter(pk=maker).first()
    if one is None:
        raise NotFound("There is no such maker.")
    if not name.strip() or len(name) > LONGEST:
        raise Invalid("A maker needs a name.", {"name": f"Enter 1 to {LONGEST} letters."})
    with writing(by=by.person, at=at, verb="edit_maker") as w:
        one.name = name.strip()
        w.save(one)


def merge_makers(keep: int, other: int, *, by: Viewer, at: datetime) -> int:
    """Two spellings are one maker: the other's name becomes an alias, its models and their devices the first's.

    Gives how many devices changed their model. Raises NotFound, NotAllowed, Conflict.
    """
    need(by, "edit_models")
    with writing(by=by.person, at=at, verb="merge_makers") as w:
        found = Maker.objects.in_bulk([keep, other])
        if len(found) < 2:
            raise NotFound("There is no such maker.") if keep != other else Conflict("Choose another maker.")
        first, second = found[keep], found[other]
        aliases = [*first.aliases.splitlines(), second.name, second.key, *second.aliases.splitlines()]
        first.aliases = "\n".join(dict.fromkeys(filter(None, aliases)))
        w.save(first)
        _move_models(w, first, second)
        w.remove(Maker, [other])
        changed = _settle(w)
        ports.tell_changed(changed, w.number)
    return len(changed)


def _move_models(w: Writing, first: Maker, second: Maker) -> None:
    """The second maker's models to the first; of two that are one the first's stays and learns what it did not know."""
    own = {one.key: one for one in DeviceModel.objects.filter(maker=first)}
    gone: list[int] = []
    for model in DeviceModel.objects.filter(maker=second):
        model.key = f"{first.key}|{model.key.partition('|')[2]}"
        model.maker = first
        if (same := own.get(model.key)) is None:
            w.save(model)
            continue
        for name in MODEL_FIELDS:
            if not getattr(same, name):
                setattr(same, name, getattr(model, name))
        w.save(same)
        gone.append(model.pk)
    if gone:
        _point_away(w, gone)
        w.remove(DeviceModel, gone)


def _point_away(w: Writing, models: Iterable[int]) -> None:
    """Devices of models that go stand without one until they are read again, in the same revision."""
    for model in models:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM equipment_equipment WHERE device_model_id = %s", [model])
            ids = [record for (record,) in cursor.fetchall()]
        for part in parts(ids):
            fleet.change(w, [(record, _with_model(row, None)) for record, row in fleet.stored(part).items()])
