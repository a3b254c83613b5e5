"""A table that is filled for the first time has its indexes again when it is full, whatever happened in between."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from pilothouse.core.filling import present
from pilothouse.core.keeping import writing
from pilothouse.equipment import fleet
from pilothouse.equipment.models import Equipment
from pilothouse.intake.checks import RegisterCheck
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def _statements() -> list[tuple[str, str]]:
    sql = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'equipment_equipment' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'equipment_equipment'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(cursor.fetchall())


def _add_one() -> None:
    row = fleet.as_row({"tag": "A-1"}, facility=None, unit=None, device_model=None, sources=1)
    with writing(by=None, at=NOW, verb="try") as w:
        fleet.add(w, [(w.new_ids(Equipment)[0], row)])


def test_what_filling_makes_is_what_the_migrations_made() -> None:
    before = _statements()
    with fleet.filled():
        assert len(_statements()) < len(before)
        _add_one()
    assert _statements() == before


def test_an_error_in_the_middle_leaves_the_indexes(places: dict[str, Any]) -> None:
    before = present(Equipment)
    with suppress(ZeroDivisionError), fleet.filled():
        _add_one()
        raise ZeroDivisionError
    assert present(Equipment) == before


def test_two_fillings_that_end_together_make_each_index_once() -> None:
    before = _statements()
    with fleet.filled(), fleet.filled():
        _add_one()
    assert _statements() == before


def test_a_register_that_holds_devices_keeps_its_indexes() -> None:
    _add_one()
    before = present(Equipment)
    with fleet.filled():
        assert present(Equipment) == before


def test_what_a_killed_filling_left_is_named_and_the_next_one_mends_it() -> None:
    before = present(Equipment)
    with connection.cursor() as cursor:
        cursor.execute('DROP INDEX "equipment_tag"')
        if connection.vendor == "postgresql":
            cursor.execute('DROP INDEX "equipment_search"')
    _add_one()
    searched = ["equipment_search"] if connection.vendor == "postgresql" else []
    assert fleet.missing_indexes() == [*searched, "equipment_tag"]
    assert any("equipment_tag" in problem for problem in RegisterCheck().problems())
    with fleet.filled():
        pass
    assert present(Equipment) == before
