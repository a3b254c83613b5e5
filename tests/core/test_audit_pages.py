"""The audit log in the browser: who sees which entries, what each wrote, whether the chain holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from pilothouse.core import people
from pilothouse.core.keeping import writing
from pilothouse.core.models import Revision, Unit
from pilothouse.core.working import Worker
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Client = Any


@pytest.fixture
def auditor(person_with: Callable[..., Any]) -> Any:
    return person_with("Ora", "auditor")


def rename(places: dict[str, Any], name: str) -> Revision:
    with writing(by=None, at=NOW, verb="rename_unit", subject=f"unit:{places['NGH-OR'].pk}") as w:
        unit = Unit.objects.get(pk=places["NGH-OR"].pk)
        unit.name = name
        w.save(unit)
    return Revision.objects.latest("id")


def test_an_entry_shows_what_was_and_what_is_with_names_for_numbers(
    places: dict[str, Any], auditor: Any, client_of: Callable[[Any], Client]
) -> None:
    entry = rename(places, "Theatre 4")
    page = client_of(auditor).get(f"/audit/{entry.pk}/").content.decode()
    assert "OR of NGH" in page
    assert "Theatre 4" in page
    assert "Rename unit" in page
    first = client_of(auditor).get("/audit/1/").content.decode()
    assert "NGH hospital" in first
    assert "no end" in first


def test_an_entry_still_shows_what_it_wrote_after_later_ones(
    places: dict[str, Any], auditor: Any, client_of: Callable[[Any], Client]
) -> None:
    entry = rename(places, "Theatre 4")
    rename(places, "Theatre 5")
    page = client_of(auditor).get(f"/audit/{entry.pk}/").content.decode()
    wrote = page[page.index('id="rows"') :]  # above it stands what the unit is called by now
    assert "Theatre 4" in wrote
    assert "Theatre 5" not in wrote


def test_the_log_costs_the_same_with_many(
    places: dict[str, Any],
    auditor: Any,
    client_of: Callable[[Any], Client],
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(auditor)
    client.get("/audit/")
    counts = []
    for n in (3, 40):
        for i in range(n):
            rename(places, f"Theatre {n} {i}")
            people.add_person(by=None, at=NOW, name=f"P {n} {i}")
        with django_assert_max_num_queries(20) as asked:
            assert client.get("/audit/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_filters_by_person_verb_subject_and_day(
    places: dict[str, Any], auditor: Any, chief: Any, client_of: Callable[[Any], Client]
) -> None:
    entry = rename(places, "Theatre 4")
    with writing(by=chief, at=NOW + timedelta(days=3), verb="note_it", note="a note"):
        pass
    client = client_of(auditor)

    def finds(query: str, what: str) -> bool:
        return what in client.get(f"/audit/?{query}").content.decode().partition("<tbody")[2]

    link, other = f'href="/audit/{entry.pk}/"', f'href="/audit/{entry.pk + 1}/"'
    assert finds("verb=rename_unit", link)
    assert not finds("verb=rename_unit", other)
    assert finds(f"by={chief.pk}", other)
    assert not finds(f"by={chief.pk}", link)
    assert finds("by=house", link)
    assert finds(f"subject=unit:{places['NGH-OR'].pk}", link)
    assert not finds("subject=unit:999", link)
    assert finds("at.from=2026-11-04", other)
    assert not finds("at.from=2026-11-04", link)
    assert finds("q=note", other)
    for odd in ("by=x", "by=99999999999999999999", "at.from=never", "subject=%00", "verb=%F0%9F%98%80"):
        assert client.get(f"/audit/?{odd}").status_code == 200


def test_without_see_audit_only_ones_own_subject_is_shown(
    ana: Any, chief: Any, client_of: Callable[[Any], Client]
) -> None:
    from pilothouse.core.permissions import viewer_of

    people.change_person(ana.pk, by=viewer_of(chief, NOW), at=NOW, since=ana.since, phone="4431")
    own = Revision.objects.latest("id")
    with writing(by=chief, at=NOW, verb="other", subject=f"person:{chief.pk}", note="secret"):
        pass
    client = client_of(ana)
    assert client.get("/audit/").status_code == 404
    assert client.get(f"/audit/?subject=person:{chief.pk}").status_code == 404
    assert client.get(f"/audit/{own.pk + 1}/").status_code == 404
    listed = client.get(f"/audit/?subject=person:{ana.pk}").content.decode()
    assert f'href="/audit/{own.pk}/"' in listed
    assert "secret" not in listed
    assert "4431" in client.get(f"/audit/{own.pk}/").content.decode()
    assert client.post("/audit/verify/").status_code == 403


def test_the_export_holds_what_is_filtered(
    places: dict[str, Any], auditor: Any, client_of: Callable[[Any], Client]
) -> None:
    rename(places, "Theatre 4")
    told = client_of(auditor).get("/audit/?verb=rename_unit&export=csv&all=1")
    lines = b"".join(told.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert "rename_unit" in lines[1]


def test_the_page_tells_up_to_where_the_log_was_verified_and_what_broke(
    places: dict[str, Any], auditor: Any, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(auditor)
    assert "Not verified yet" in client.get("/audit/").content.decode()
    assert client.post("/audit/verify/").status_code == 302
    Worker("w").work_off()
    assert "verified up to entry" in client.get("/audit/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_unit SET name = 'x' WHERE key = 'NGH-OR'")
    client.post("/audit/verify/")
    Worker("w").work_off()
    page = client.get("/audit/").content.decode()
    assert "does not hold" in page
    assert "Entry 1: its rows are not those that were written" in page


def test_an_erased_person_is_erased_in_the_log_too(
    chief: Any, auditor: Any, client_of: Callable[[Any], Client]
) -> None:
    one = people.add_person(by=None, at=NOW, name="Sensitive Name")
    entry = Revision.objects.latest("id")
    people.erase_person(one.pk, by=None, at=NOW)
    client = client_of(auditor)
    for path in (f"/audit/{entry.pk}/", f"/audit/{entry.pk + 1}/", "/audit/", "/people/"):
        assert "Sensitive" not in client.get(path).content.decode()
