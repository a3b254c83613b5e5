"""Where a device stands: from the words of a list to a place of the chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pilothouse.governance.locate import Locator, place_text
from pilothouse.governance.words import Rows, Unit, no_rows
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_instant

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def unit(row: int, id_: str, facility: str, name: str | None = None, facility_name: str | None = None, end: Instant = OPEN) -> Unit:  # fmt: skip
    return Unit(row, id_, facility, name, facility_name, ALWAYS, end)


def rows(*units: Unit) -> Rows:
    return replace(no_rows(ZoneInfo("UTC")), units=units)


HOSPITALS = rows(
    unit(1, "N-ICU", "NORTH", "Intensive Care", "Northgate General"),
    unit(2, "N-OR", "NORTH", "Operating Rooms", "Northgate General"),
    unit(3, "S-OR", "SOUTH", "Operating Rooms", "Southside Medical"),
    unit(4, "S-OLD", "SOUTH", "Old Annex", "Southside Medical", end=as_instant(NOON)),
)


@pytest.mark.parametrize(
    ("facility", "unit_text", "place"),
    [
        ("NORTH", "N-ICU", "unit:N-ICU"),
        ("Northgate General", "intensive-care", "unit:N-ICU"),
        ("", "Intensive  Care", "unit:N-ICU"),
        ("unknown hospital", "Intensive Care", "unit:N-ICU"),
        ("Southside Medical", "Intensive Care", "facility:SOUTH"),
        ("southside medical", "Operating Rooms", "unit:S-OR"),
        ("", "Operating Rooms", "system"),
        ("SOUTH", "Laundry", "facility:SOUTH"),
        ("SOUTH", None, "facility:SOUTH"),
        (None, None, "system"),
        ("", "Laundry", "system"),
        ("SOUTH", "Old Annex", "facility:SOUTH"),
    ],
)
def test_a_device_stands_in_the_unit_it_names_else_its_facility_else_the_system(
    facility: str | None, unit_text: str | None, place: str
) -> None:
    assert place_text(Locator.at(HOSPITALS, NOON).place(facility, unit_text)) == place


def test_an_ambiguous_name_is_listed_with_the_places_it_could_mean() -> None:
    locator = Locator.at(HOSPITALS, NOON)
    locator.place("", " Operating Rooms ")
    assert locator.ambiguous == {"Operating Rooms": ("N-OR", "S-OR")}


def test_a_name_that_is_clear_within_the_known_facility_is_not_ambiguous() -> None:
    locator = Locator.at(HOSPITALS, NOON)
    locator.place("NORTH", "Operating Rooms")
    assert locator.ambiguous == {}


def test_a_facility_name_that_two_facilities_bear_falls_back_to_the_system() -> None:
    twins = rows(unit(1, "A", "ONE", None, "Saint Mary"), unit(2, "B", "TWO", None, "Saint Mary"))
    locator = Locator.at(twins, NOON)
    assert place_text(locator.place("Saint Mary", "")) == "system"
    assert locator.ambiguous == {"Saint Mary": ("ONE", "TWO")}


def test_one_unit_whose_id_and_name_fold_alike_is_one_place() -> None:
    locator = Locator.at(rows(unit(1, "ICU", "ONE", "icu")), NOON)
    assert place_text(locator.place("", "I.C.U.")) == "system"
    assert place_text(locator.place("", "icu")) == "unit:ICU"
