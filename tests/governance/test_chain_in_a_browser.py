"""The chain of command and who decides, looked at in a browser in both themes and sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pilothouse.governance import models as m
from tests.governance.hospital import chain_of, with_more
from tests.governance.standing import stand_up
from tests.governance.test_tables import bring
from tests.pages import SIZES, browsing, look_at, looked_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_pages_of_the_chain_look_right(live_server: Any, tmp_path: Path, person_with: Any) -> None:
    boss = person_with("Boss", "helm")
    files = with_more(
        positions=[
            "CN-ED,Charge nurse ED,unit,ED,BIOMED,",
            "SEC,Medical device security engineer,system,,CISO,",
        ],
        appointments=["fay,CN-ED,holder,,2020-01-01,2026-11-01", "ana,HTM,deputy,2,,", "boss,SEC,holder,,,"],
        people=["boss,Boss,boss@mercy.example,+1 555 0100 x204"],
    )
    files["absences"] = ["person,from,to", "dee,2020-01-01,2099-01-01"]
    files["roster"] = ["position,person,from,to", "CN-ICU,eve,2026-01-01,2099-01-01"]
    bring(chain_of(tmp_path, files).rows)
    htm = m.Position.objects.get(key="HTM").pk
    row = m.Appointment.objects.filter(position=htm).first()
    assert row is not None
    look_at(
        live_server,
        boss,
        "/chain/",
        "/chain/worth/",
        "/chain/add/",
        f"/chain/{htm}/",
        f"/chain/{htm}/appoint/",
        f"/chain/{htm}/mandate/",
        f"/chain/end/appointment/{row.pk}/",
        "/who/?topic=maintenance&place=ICU",
        "/who/?topic=repair&place=nowhere",
    )


def test_the_pages_without_a_chain_and_without_findings_look_right(
    live_server: Any, person_with: Any
) -> None:
    look_at(live_server, person_with("Boss", "helm"), "/chain/", "/who/", "/findings/")


def test_the_helm_is_moved_in_two_steps_that_look_right(
    live_server: Any, places: dict[str, Any], chief: Any
) -> None:
    stand_up(places)
    with browsing(live_server, chief) as opened:
        for size in SIZES:
            page, seen = opened("/chain/helm/", size)
            wrong = looked_at(page, seen, "helm-choose")
            page.get_by_label("Who is to hold it").fill("sam")
            page.get_by_role("button", name="Show what changes").click()
            page.wait_for_selector("h2 >> text=What changes")
            wrong += looked_at(page, seen, "helm-confirm")
            assert wrong == []
        page.get_by_role("button", name="Move the helm").click()
        assert page.is_visible(".toast >> text=Sam holds The helm")
