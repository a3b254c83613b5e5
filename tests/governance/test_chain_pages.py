"""The chain of command in the browser: drawn, changed, asked; the same number of queries however large it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.core.models import Job, Person, Unit
from pilothouse.core.permissions import viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.asking import ask
from pilothouse.governance.chain_findings import refresh
from pilothouse.governance.command import actions
from pilothouse.governance.command.answering import Finder, Positions
from pilothouse.governance.command.versions import version_of_position
from pilothouse.governance.models import Finding
from pilothouse.kernel.times import OPEN, as_instant
from tests.conftest import NOW
from tests.governance.hospital import FILES, chain_of, with_more
from tests.governance.test_tables import bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path: Path, places: Any) -> dict[str, Any]:
    """The small hospital, with an absence and a vacancy: positions and people by key. `Any`: rows."""
    files = with_more(
        positions=["CN-ED,Charge nurse ED,unit,ED,BIOMED,"],
        appointments=["fay,CN-ED,holder,,2020-01-01,2026-11-01"],
    )
    bring(chain_of(tmp_path, {**files, "absences": ["person,from,to", "dee,2020-01-01,2099-01-01"]}).rows)
    return {one.key: one for model in (m.Position, Person) for one in model.objects.all()}


@pytest.fixture
def boss(person_with: Any) -> Any:
    """Who may change everything, and stands in no file."""
    return person_with("Boss", "helm")


def queries_of(client: Any, url: str) -> int:
    """How many queries a page takes; it must come."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_chart_shows_holders_deputies_vacancies_and_who_is_away(
    chain: Any, boss: Any, client_of: Any
) -> None:
    page = client_of(boss).get("/chain/?on=2026-11-02").content.decode()
    assert "Charge nurse ED: empty since 1 Nov" in page
    assert "Director of HTM, away, deputy Eve Evans" in page
    assert "6 positions; 1 is empty" in page


def test_the_chart_of_a_past_day_is_as_it_was_recorded(chain: Any, boss: Any, client_of: Any) -> None:
    page = client_of(boss).get("/chain/?as_of=2026-10-01").content.decode()
    assert "No chain of command yet" in page


def test_pages_take_the_same_number_of_queries_however_large_the_chain(
    tmp_path: Path, places: Any, boss: Any, client_of: Any
) -> None:
    bring(chain_of(tmp_path, FILES).rows)
    client = client_of(boss)
    htm = m.Position.objects.get(key="HTM").pk
    urls = (
        "/chain/",
        f"/chain/{htm}/",
        f"/chain/{htm}/appoint/",
        "/who/?topic=repair&place=ICU",
        "/chain/add/",
        "/chain/worth/",
    )
    few = [queries_of(client, url) for url in urls]
    more = with_more(
        positions=[f"X{n},Post {n},unit,ICU,HTM," for n in range(120)],
        people=[f"x{n},Person {n},,+1 555 {n}" for n in range(120)],
        appointments=[
            f"x{n},X{n},{'holder' if n % 3 else 'deputy'},,2026-01-01,{'2026-06-01' if n % 5 else ''}"
            for n in range(120)
        ],
    )
    bring(chain_of(tmp_path, more).rows)
    assert [queries_of(client, url) for url in urls] == few
    assert max(few) <= 30, few


def test_appointing_says_what_was_done_and_can_be_taken_back(chain: Any, boss: Any, client_of: Any) -> None:
    client = client_of(boss)
    url = f"/chain/{chain['CN-ED'].pk}/appoint/"
    seen = version_of_position(chain["CN-ED"].pk)
    answer = client.post(url, {"since": seen, "person": "Ana Alvarez", "succeed": "on"}, follow=True)
    page = answer.content.decode()
    assert "Ana Alvarez holds Charge nurse ED from" in page
    revision = m.Appointment.objects.get(position=chain["CN-ED"], end=OPEN).since
    assert f"/chain/undo/{revision}/" in page
    client.post(f"/chain/undo/{revision}/")
    assert not m.Appointment.objects.filter(position=chain["CN-ED"], end=OPEN).exists()


def test_a_refusal_keeps_what_was_typed_and_says_why(chain: Any, boss: Any, client_of: Any) -> None:
    seen = version_of_position(chain["HTM"].pk)
    answer = client_of(boss).post(f"/chain/{chain['HTM'].pk}/appoint/", {"since": seen, "person": "fay"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "HTM has two holders" in page
    assert 'value="fay"' in page


def test_the_second_of_two_savers_sees_both_versions(chain: Any, boss: Any, client_of: Any) -> None:
    client, url = client_of(boss), f"/chain/{chain['HTM'].pk}/change/"
    seen = version_of_position(chain["HTM"].pk)
    typed = {"since": seen, "title": "Head of HTM", "reports_to": "COO", "place": "", "end": ""}
    assert client.post(url, typed).status_code == 302
    second = client.post(url, {**typed, "title": "HTM lead"})
    assert second.status_code == 409
    page = second.content.decode()
    assert "saved this meanwhile" in page
    assert "Head of HTM" in page
    assert "HTM lead" in page
    assert m.Position.objects.get(key="HTM").title == "Head of HTM"


def test_who_decides_answers_with_links_to_call_and_the_way_up(chain: Any, boss: Any, client_of: Any) -> None:
    page = client_of(boss).get("/who/?topic=maintenance&place=ICU&at=2026-11-02T12:00").content.decode()
    assert "Eve Evans decides" in page
    assert 'href="tel:+15550105"' in page
    assert "mailto:eve@mercy.example" in page
    assert "Dee Diaz is away until" in page


def test_who_decides_begins_at_ones_own_place_and_hides_other_houses(
    ben: Any, chain: Any, client_of: Any
) -> None:
    client = client_of(ben)
    assert "ICU of SGH" in client.get("/who/").content.decode()
    page = client.get("/who/?place=NGH-ICU").content.decode()
    assert "you see" in page
    assert "ICU of NGH" not in page


def test_who_decides_finds_the_place_of_a_device(chain: Any, boss: Any, client_of: Any) -> None:
    from pilothouse.core.keeping import writing
    from pilothouse.equipment.models import Equipment

    icu = Unit.objects.get(key="ICU")
    with writing(by=None, at=NOW, verb="make") as w:
        w.save(Equipment(tag="P-1001", maker="Acme", model="Pump", unit=icu, facility=icu.facility))
    page = client_of(boss).get("/who/?topic=repair&tag=P-1001").content.decode()
    assert "Charge nurse ICU" in page
    assert "P-1001 Acme Pump" in page


@pytest.mark.parametrize(
    "rest",
    [
        "topic=<script>",
        "topic=repair&at=never",
        "place=%00",
        "tag='; DROP TABLE",
        "at=9999-12-31",
        "topic=" + "x" * 500,
    ],
)
def test_whatever_is_asked_gets_a_page(chain: Any, boss: Any, client_of: Any, rest: str) -> None:
    answer = client_of(boss).get(f"/who/?{rest}")
    assert answer.status_code == 200
    assert b"<script>" not in answer.content.split(b"</head>")[1].replace(b'<script type="module"', b"")


def test_without_a_chain_pages_teach_the_first_step(boss: Any, client_of: Any) -> None:
    client = client_of(boss)
    assert "Make the helm" in client.get("/chain/").content.decode()
    assert "No chain of command yet" in client.get("/who/").content.decode()
    assert client.get("/chain/worth/").status_code == 200
    answer = client.post("/chain/add/", {"title": "Vice President", "key": "VP", "person": "boss"})
    assert answer.status_code == 302
    assert ask("recall", at=NOW.replace(year=2099)).person == "boss"


def test_who_may_not_edit_is_refused_everywhere(ben: Any, chain: Any, client_of: Any) -> None:
    client = client_of(ben)
    htm = chain["HTM"].pk
    row = m.Appointment.objects.filter(position=htm).first()
    assert row is not None
    for url in (f"/chain/{htm}/appoint/", f"/chain/{htm}/change/", "/chain/add/", "/chain/files/"):
        assert client.get(url).status_code == 403, url
    assert (
        client.post(
            f"/chain/end/appointment/{row.pk}/", {"since": version_of_position(htm), "end": ""}
        ).status_code
        == 403
    )
    assert client.post("/chain/undo/1/").status_code == 403
    hidden = m.Position.objects.get(key="CN-ED").pk
    assert client.get(f"/chain/{hidden}/").status_code == 404


def test_the_files_of_the_chain_are_downloaded(chain: Any, boss: Any, client_of: Any) -> None:
    answer = client_of(boss).get("/chain/files/")
    assert answer["Content-Type"] == "application/zip"
    assert answer.content[:2] == b"PK"


def test_worth_a_look_lists_what_the_check_finds(chain: Any, boss: Any, client_of: Any) -> None:
    page = client_of(boss).get("/chain/worth/?on=2026-11-02").content.decode()
    assert "Charge nurse ED has no holder" in page
    assert "HTM (HTM) and IT (CISO) meet at COO" in page


def test_what_is_worth_a_look_becomes_findings_and_goes_again(chain: Any, boss: Any) -> None:
    at = NOW.replace(year=2099)
    first = refresh(by=None, at=at)
    assert first["new"] == first["open"] > 0
    one = Finding.objects.get(kind="chain:no_holder")
    assert (one.title, one.owner.key) == (
        "Charge nurse ED has no holder",
        ask("access", unit=one.unit_id, at=at).person,
    )
    assert refresh(by=None, at=at) == {"open": first["open"], "new": 0, "closed": 0}
    actions.appoint(
        chain["CN-ED"].pk,
        chain["ana"].pk,
        by=viewer_of(boss, NOW),
        at=at,
        times=actions.Times(as_instant(at)),
    )
    assert refresh(by=None, at=at)["closed"] >= 1
    assert Finding.objects.get(pk=one.pk).state == "resolved"


def test_a_change_asks_for_the_findings_of_the_chain_once(chain: Any, boss: Any) -> None:
    by = viewer_of(boss, NOW)
    for title in ("Head of HTM", "HTM lead"):
        actions.change_position(chain["HTM"].pk, by=by, at=NOW, title=title)
    assert Job.objects.filter(kind="chain_findings").count() == 1


def test_the_rest_of_the_house_knows_positions(boss: Any, ben: Any, chain: Any, client_of: Any) -> None:
    all_of_it, little = viewer_of(boss, NOW), viewer_of(ben, NOW)
    ed = chain["CN-ED"].pk
    assert [hit.title for hit in Finder().find(all_of_it, "charge nurse", 5)] == [
        "Charge nurse ED",
        "Charge nurse ICU",
    ]
    assert Finder().find(little, "charge nurse", 5) == []
    assert Finder().find(all_of_it, "100%_\\", 5) == []
    assert Positions().may_see(all_of_it, ed)
    assert not Positions().may_see(little, ed)
    assert Positions().titles([ed]) == {ed: ("Charge nurse ED", f"/chain/{ed}/")}
    page = client_of(boss).get(f"/people/{chain['eve'].pk}/").content.decode()
    assert "Director of HTM</a>, deputy" in page
    assert "Note an absence" in page


def test_somebody_notes_an_absence_of_their_own(ben: Any, chain: Any, client_of: Any) -> None:
    client = client_of(ben)
    assert (
        client.post(
            f"/chain/away/{ben.pk}/", {"since": 0, "start": "", "end": "2099-01-01T00:00"}
        ).status_code
        == 302
    )
    row = m.Absence.objects.get(person=ben)
    assert (
        client.post(
            f"/chain/end/absence/{row.pk}/", {"since": row.since, "end": "2000-01-01T00:00"}
        ).status_code
        == 302
    )
    assert not m.Absence.objects.filter(person=ben).exists()
    assert client.get(f"/chain/away/{chain['dee'].pk}/").status_code == 403
