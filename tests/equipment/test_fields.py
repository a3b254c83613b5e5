"""A field of the register is told in one line; every other place follows from it."""

from __future__ import annotations

from pathlib import Path

from pilothouse.equipment.claims import decide
from pilothouse.equipment.fields import FIELDS, GROUPS, NEEDS, grouped
from pilothouse.equipment.fleet import COLUMNS, FIELD_OF, SEARCHED
from pilothouse.equipment.forms import DeviceForm
from pilothouse.equipment.hand import EDITABLE
from pilothouse.equipment.models import Equipment, EquipmentPast

NAMES = [field.name for field in FIELDS if field.name != "seen"]


def test_every_field_is_a_column_of_the_present_and_of_the_past() -> None:
    for name in NAMES:
        for table in (Equipment, EquipmentPast):
            assert table._meta.get_field(FIELD_OF[name]).get_internal_type() == "TextField"
        assert FIELD_OF[name] in COLUMNS


def test_every_field_stands_once_on_the_page_and_in_the_form() -> None:
    shown = [field.name for fields in grouped().values() for field in fields]
    assert sorted(shown) == sorted(NAMES)
    assert set(DeviceForm().fields) - {"note", "since"} == set(NAMES) == set(EDITABLE)


def test_what_names_fields_names_fields_that_are_there() -> None:
    named = {*(name for names in GROUPS.values() for name in names), *NEEDS, *SEARCHED}
    assert named <= set(NAMES)


def test_every_field_is_decided() -> None:
    from pilothouse.equipment.claims import Said

    doc = {field.name: "17" for field in FIELDS}
    claims = [Said(n, kind, n, "2026-01-01", doc) for n, kind in enumerate(["cmms", "network"])]
    assert set(decide(claims)) == {field.name for field in FIELDS}


def test_the_guide_names_the_places() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "developers" / "adding-a-field.md").read_text("utf-8")
    for place in ("equipment/fields.py", "equipment/models/equipment.py", "makemigrations"):
        assert place in guide
