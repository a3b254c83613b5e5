"""People: who may change what of them, who cannot be locked out, and what erasing leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from pilothouse.core import people
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Account, Membership, Person, PersonPast, Revision
from pilothouse.core.people import Known, LastOne
from pilothouse.core.permissions import NotAllowed, Viewer, viewer_of
from pilothouse.kernel.times import as_instant
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)


def seen(person: Any, at: datetime = SOON) -> Viewer:
    return viewer_of(person, at)


@pytest.fixture
def keeper(person_with: Callable[..., Any]) -> Any:
    return person_with("Kim", "keeper")


def test_the_keeper_adds_a_person_whose_key_tells_nothing_of_them(keeper: Any) -> None:
    one = people.add_person(by=seen(keeper), at=SOON, name="  Dana   Fox ", phone="4431")
    assert (one.name, one.key, one.phone) == ("Dana Fox", f"P{one.pk}", "4431")
    last = Revision.objects.latest("id")
    assert (last.verb, last.subject, last.by_id) == ("add_person", f"person:{one.pk}", keeper.pk)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        people.add_person(by=None, at=NOW, name=name)


def test_a_key_is_one_persons() -> None:
    people.add_person(by=None, at=NOW, name="A", key="K")
    with pytest.raises(Invalid, match="taken"):
        people.add_person(by=None, at=NOW, name="B", key="K")


def test_outsiders_change_nothing_of_people(ana: Any, ben: Any) -> None:
    for act in (
        lambda: people.add_person(by=seen(ana), at=SOON, name="X"),
        lambda: people.change_person(ben.pk, by=seen(ana), at=SOON, since=ben.since, name="X"),
        lambda: people.grant(ana.pk, by=seen(ana), at=SOON, role="helm"),
        lambda: people.create_account(ben.pk, by=seen(ana), at=SOON, login="x"),
        lambda: people.reset_password(ben.pk, by=seen(ana), at=SOON),
        lambda: people.enable_account(ben.pk, by=seen(ana), at=SOON, on=False),
        lambda: people.erase_person(ben.pk, by=seen(ana), at=SOON),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_role_that_one_may_not_end_is_as_if_it_were_not_there(ana: Any, ben: Any) -> None:
    with pytest.raises(NotFound):
        people.withdraw(Membership.objects.get(person=ben).pk, by=seen(ana), at=SOON)


def test_the_second_saver_of_a_person_is_told(keeper: Any, ana: Any) -> None:
    people.change_person(ana.pk, by=seen(keeper), at=SOON, since=ana.since, name="Anna")
    with pytest.raises(Stale) as told:
        people.change_person(ana.pk, by=seen(keeper), at=SOON, since=ana.since, name="Ann")
    assert told.value.present["name"] == "Anna"


def test_a_role_has_a_place_and_a_time(places: dict[str, Any], keeper: Any, ana: Any) -> None:
    one = people.grant(ana.pk, by=seen(keeper), at=SOON, role="buyer", unit=places["SGH-ED"].pk)
    assert seen(ana).may("see_prices", unit=places["SGH-ED"].pk)
    with pytest.raises(Conflict, match="already"):
        people.grant(ana.pk, by=seen(keeper), at=SOON, role="buyer", unit=places["SGH-ED"].pk)
    later = SOON + timedelta(hours=1)
    people.withdraw(one.pk, by=seen(keeper), at=later)
    assert not seen(ana, later).may("see_prices", unit=places["SGH-ED"].pk)
    assert seen(ana, later - timedelta(seconds=1)).may("see_prices", unit=places["SGH-ED"].pk)


def test_a_role_that_has_not_begun_is_withdrawn_whole(keeper: Any, ana: Any) -> None:
    one = people.grant(ana.pk, by=seen(keeper), at=SOON, role="buyer", start=as_instant(SOON) + 10**9)
    people.withdraw(one.pk, by=seen(keeper), at=SOON)
    assert not Membership.objects.filter(pk=one.pk).exists()


def test_the_keeper_makes_nobody_the_helm_and_lifts_not_themselves(keeper: Any, ana: Any) -> None:
    with pytest.raises(NotAllowed, match="only by who holds it"):
        people.grant(ana.pk, by=seen(keeper), at=SOON, role="helm")
    with pytest.raises(NotAllowed, match="more than you hold"):
        people.grant(keeper.pk, by=seen(keeper), at=SOON, role="technician")


def test_the_keeper_cannot_take_over_the_helms_sign_in(keeper: Any, chief: Any) -> None:
    for act in (
        lambda: people.reset_password(chief.pk, by=seen(keeper), at=SOON),
        lambda: people.enable_account(chief.pk, by=seen(keeper), at=SOON, on=False),
        lambda: people.erase_person(chief.pk, by=seen(keeper), at=SOON),
        lambda: people.change_person(chief.pk, by=seen(keeper), at=SOON, since=chief.since, left=True),
    ):
        with pytest.raises(NotAllowed, match="above"):
            act()


def test_a_keeper_of_one_house_gives_roles_there_and_nowhere_else(
    places: dict[str, Any], person_with: Callable[..., Any], ana: Any
) -> None:
    local = person_with("Lou", "keeper", "NGH")
    people.grant(ana.pk, by=seen(local), at=SOON, role="buyer", unit=places["NGH-OR"].pk)
    with pytest.raises(NotAllowed):
        people.grant(ana.pk, by=seen(local), at=SOON, role="buyer", unit=places["SGH-ED"].pk)
    with pytest.raises(NotAllowed):
        people.grant(ana.pk, by=seen(local), at=SOON, role="buyer")


def test_the_last_helm_is_taken_away_in_no_way(person_with: Callable[..., Any], chief: Any) -> None:
    held = Membership.objects.get(person=chief)
    ways: list[Callable[[], Any]] = [
        lambda: people.withdraw(held.pk, by=seen(chief), at=SOON),
        lambda: people.enable_account(chief.pk, by=None, at=SOON, on=False),
        lambda: people.change_person(chief.pk, by=None, at=SOON, since=chief.since, left=True),
        lambda: people.erase_person(chief.pk, by=None, at=SOON),
    ]
    for way in ways:
        with pytest.raises(LastOne):
            way()
    assert people.holders("helm", SOON) == {chief.pk}
    person_with("Second", "helm")
    people.withdraw(held.pk, by=seen(chief), at=SOON)


def test_a_helm_for_a_while_does_not_stand_in_for_the_last(chief: Any, ana: Any) -> None:
    people.grant(ana.pk, by=seen(chief), at=SOON, role="helm", end=as_instant(SOON) + 10**12)
    with pytest.raises(LastOne):
        people.withdraw(Membership.objects.get(person=chief).pk, by=seen(chief), at=SOON)


def test_a_sign_in_is_made_with_a_password_for_once(keeper: Any) -> None:
    one = people.add_person(by=seen(keeper), at=SOON, name="Dana")
    account, password = people.create_account(one.pk, by=seen(keeper), at=SOON, login="dana")
    assert account.check_password(password)
    assert account.one_time_until == SOON + people.ONE_TIME_GOOD_FOR
    with pytest.raises(Conflict):
        people.create_account(one.pk, by=seen(keeper), at=SOON, login="dana2")
    other = people.add_person(by=seen(keeper), at=SOON, name="Dan")
    with pytest.raises(Invalid, match="taken"):
        people.create_account(other.pk, by=seen(keeper), at=SOON, login="DANA")


def test_a_new_password_signs_everybody_out_who_was_in(
    keeper: Any, ana: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(ana)
    password = people.reset_password(ana.pk, by=seen(keeper), at=SOON)
    assert client.get("/jobs/").status_code == 302
    assert Account.objects.get(person=ana).check_password(password)


def test_who_has_left_signs_in_no_more(keeper: Any, ana: Any) -> None:
    people.change_person(ana.pk, by=seen(keeper), at=SOON, since=ana.since, left=True)
    assert not Account.objects.get(person=ana).is_active
    with pytest.raises(Conflict):
        people.enable_account(ana.pk, by=seen(keeper), at=SOON, on=True)


def test_an_erased_person_is_nowhere_and_the_log_verifies(keeper: Any) -> None:
    secret = "Sensitive Name"
    one = people.add_person(by=seen(keeper), at=SOON, name=secret, key="E1", email="s@x.org", phone="4431")
    people.change_person(one.pk, by=seen(keeper), at=SOON, since=one.since, phone="4432")
    people.create_account(one.pk, by=seen(keeper), at=SOON, login="sensitive")
    people.grant(one.pk, by=seen(keeper), at=SOON, role="buyer")
    people.erase_person(one.pk, by=seen(keeper), at=SOON + timedelta(hours=1))
    rows = [*Person.objects.filter(key="E1").values(), *PersonPast.objects.filter(key="E1").values()]
    assert len(rows) == 3
    told = str(rows)
    for text in (secret, "s@x.org", "4431", "4432"):
        assert text not in told
    assert all(row["veil"] for row in rows)
    assert not Account.objects.filter(login="sensitive").exists()
    assert not seen(one, SOON + timedelta(hours=1)).held
    assert list(broken_seals()) == []


def test_a_list_of_people_brings_no_erased_person_back(keeper: Any) -> None:
    one = people.add_person(by=seen(keeper), at=SOON, name="Gone", key="E1")
    people.erase_person(one.pk, by=seen(keeper), at=SOON)
    with writing(by=None, at=SOON, verb="import") as w:
        came = people.upsert_people(w, [Known("E1", "Gone"), Known("N1", "New"), Known("N2")])
        assert (came.added, came.changed, came.erased) == (2, 0, ("E1",))
    with writing(by=None, at=SOON, verb="import") as w:
        came = people.upsert_people(w, [Known("E1", "Gone"), Known("N1", "Newer"), Known("N2")])
        assert (came.added, came.changed) == (0, 1)
    assert set(came.ids) == {"E1", "N1", "N2"}
    assert Person.objects.get(key="E1").name == ""
    assert PersonPast.objects.get(key="N1").name == "New"
    assert list(broken_seals()) == []


def test_nobody_erases_themselves(chief: Any) -> None:
    with pytest.raises(NotAllowed):
        people.erase_person(chief.pk, by=seen(chief), at=SOON)


def test_an_erased_text_written_back_behind_the_house_is_found(keeper: Any) -> None:
    one = people.add_person(by=None, at=SOON, name="Gone")
    people.erase_person(one.pk, by=None, at=SOON)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_person SET name = 'Eve' WHERE id = %s", [one.pk])
    assert list(broken_seals())


def test_rows_written_over_an_erased_person_bring_no_text_back() -> None:
    one = people.add_person(by=None, at=NOW, name="Gone", key="E1")
    people.erase_person(one.pk, by=None, at=NOW)
    with writing(by=None, at=NOW, verb="import") as w:
        w.overwrite(Person, [(one.pk, people._row(Known("E1", "Gone", left=True)))])
    assert Person.objects.get(pk=one.pk).name == ""
    versions = PersonPast.objects.filter(record=one.pk).count()
    with writing(by=None, at=NOW, verb="import") as w:
        w.overwrite(Person, [(one.pk, people._row(Known("E1", "Gone", left=True)))])
    assert PersonPast.objects.filter(record=one.pk).count() == versions
    assert list(broken_seals()) == []
