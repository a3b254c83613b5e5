"""What the user says of single files, and the answer when it cannot be meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pilothouse.equipment.fields import FIELDS
from pilothouse.imports import options
from pilothouse.kernel.errors import BadUsage

FILES = ("cmms.csv", "C:/lists/scan=1.csv", "C:/lists/scan=1.csv#Sheet")


def test_a_mapping_names_its_file_as_typed_even_with_a_colon_in_it() -> None:
    said = ["cmms.csv:serial=Ser. Nr.", "C:/lists/scan=1.csv:mac=A=B", "cmms.csv:name="]
    found = options.mappings(said, FILES, FIELDS)
    assert found == {"cmms.csv": {"serial": "Ser. Nr.", "name": ""}, FILES[1]: {"mac": "A=B"}, FILES[2]: {}}


def test_the_longest_file_that_fits_is_meant() -> None:
    assert options.kinds(["C:/lists/scan=1.csv#Sheet=network"], FILES) == {FILES[2]: "network"}


def test_a_date_of_a_file_is_a_moment() -> None:
    assert options.dates(["cmms.csv=2026-11-02"], FILES) == {"cmms.csv": datetime(2026, 11, 2, tzinfo=UTC)}


@pytest.mark.parametrize("said", ["cms.csv:serial=x", "serial=x"])
def test_an_unknown_file_is_answered_with_the_files_there_are(said: str) -> None:
    with pytest.raises(BadUsage, match="none of the files"):
        options.mappings([said], FILES, FIELDS)


def test_an_unknown_field_is_answered_with_the_fields_there_are() -> None:
    with pytest.raises(BadUsage, match=r"no field 'seriel'; near it: serial.*; the fields are tag, uid"):
        options.mappings(["cmms.csv:seriel=x"], FILES, FIELDS)


def test_a_mapping_without_a_column_says_what_was_expected() -> None:
    with pytest.raises(BadUsage, match="expected FILE:FIELD=COLUMN"):
        options.mappings(["cmms.csv:serial"], FILES, FIELDS)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(BadUsage, match="expected a date such as"):
        options.dates(["cmms.csv=yesterday"], FILES)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(BadUsage, match="the kinds are cmms, network, security, other"):
        options.kinds(["cmms.csv=it"], FILES)
