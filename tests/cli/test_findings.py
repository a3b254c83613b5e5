"""`pilothouse findings`: the list of the database, filtered, in three forms."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from pilothouse.core.permissions import viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.findings import open_findings, working
from tests.cli.running import pilothouse
from tests.conftest import NOW
from tests.governance.standing import found, stand_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def standing(places: dict[str, Any], chief: Any) -> None:
    """One finding of Iris, one of Hugo that is resolved, one with a formula for a title."""
    stand_up(places)
    open_findings(
        None,
        [
            found(places, "1"),
            found(places, "2", "SGH-ED", title="Recalled"),
            found(places, "3", title="=1+1"),
        ],
        NOW,
    )
    working.resolve(viewer_of(chief, NOW), m.Finding.objects.get(key="2").pk, evidence="Done", at=NOW)


def test_what_is_open_is_listed_with_its_owner(standing: None) -> None:
    told = json.loads(pilothouse("findings", "--json").out)
    assert [(one["title"], one["owner_key"], one["position"], one["state"]) for one in told] == [
        ("Pumps are exposed to 1", "iris", "ICU-SEC", "open"),
        ("=1+1", "iris", "ICU-SEC", "open"),
    ]
    assert "Iris" in pilothouse("findings").out


def test_csv_is_guarded_and_read_back(standing: None) -> None:
    rows = list(csv.DictReader(io.StringIO(pilothouse("findings", "--csv").out)))
    assert [row["title"] for row in rows] == ["Pumps are exposed to 1", "'=1+1"]


def test_it_is_filtered_by_owner_and_state(standing: None) -> None:
    assert len(json.loads(pilothouse("findings", "--json", "--owner", "Iris").out)) == 2
    assert json.loads(pilothouse("findings", "--json", "--owner", "hugo").out) == []
    assert (
        len(json.loads(pilothouse("findings", "--json", "--owner", "hugo", "--state", "resolved").out)) == 1
    )
    assert len(json.loads(pilothouse("findings", "--json", "--state", "all").out)) == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--state", "lost"), "right are open, snoozed, resolved, all"),
        (("--owner", "Irys"), "near it: Iris"),
        (("--owner", ""), "nobody"),
        (("--json", "--csv"), "not both"),
    ],
)
def test_wrong_options_are_told(standing: None, arguments: tuple[str, ...], says: str) -> None:
    ended = pilothouse("findings", *arguments)
    assert ended.code == 2
    assert says in ended.err
