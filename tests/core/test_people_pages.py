"""The pages of people: who sees what of whom, what can be done there, and that they cost the same with many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core import people
from pilothouse.core.models import Account, Membership, Person
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Client = Any


@pytest.fixture
def keeper(person_with: Callable[..., Any]) -> Any:
    return person_with("Kim", "keeper")


def add(n: int) -> None:
    for i in range(n):
        one = people.add_person(by=None, at=NOW, name=f"Person {i:03}", phone=f"44{i:02}")
        people.grant(one.pk, by=None, at=NOW, role="technician")


def test_the_list_costs_the_same_with_many(
    keeper: Any, client_of: Callable[[Any], Client], django_assert_max_num_queries: Any
) -> None:
    client = client_of(keeper)
    client.get("/people/")
    counts = []
    for n in (3, 40):
        add(n)
        with django_assert_max_num_queries(20) as asked:
            assert client.get("/people/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_page_of_a_person_costs_the_same_with_many_roles(
    keeper: Any, ana: Any, places: dict[str, Any], client_of: Callable[[Any], Client], django_assert_max_num_queries: Any
) -> None:  # fmt: skip
    client = client_of(keeper)
    client.get(f"/people/{ana.pk}/")
    counts = []
    for role, unit in (("buyer", "NGH-OR"), ("auditor", "SGH-ED"), ("technician", "SGH-ICU")):
        people.grant(ana.pk, by=None, at=NOW, role=role, unit=places[unit].pk)
        with django_assert_max_num_queries(22) as asked:
            client.get(f"/people/{ana.pk}/")
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_roles_and_sign_ins_are_for_who_manages_people(
    keeper: Any, ana: Any, ben: Any, client_of: Callable[[Any], Client]
) -> None:
    seen = client_of(ben).get("/people/").content.decode()
    assert "Ana" in seen
    assert "Biomedical technician" not in seen
    assert "can sign in" not in seen
    page = client_of(ben).get(f"/people/{ana.pk}/").content.decode()
    assert "Signs in as" not in page
    assert "Give a role" not in page
    own = client_of(ana).get(f"/people/{ana.pk}/").content.decode()
    assert "Biomedical technician" in own
    assert "Signs in as" in own
    assert "New one-time password" not in own
    managed = client_of(keeper).get("/people/").content.decode()
    assert "Biomedical technician, NGH hospital" in managed
    assert "can sign in" in managed


@pytest.mark.parametrize(
    "query", ["role=technician", "sign_in=yes", "left=False", "q=ana", "sign_in=no", "role=x", "left=maybe"]
)
def test_filters_find_who_fits(keeper: Any, ana: Any, query: str, client_of: Callable[[Any], Client]) -> None:
    seen = client_of(keeper).get(f"/people/?{query}").content.decode()
    assert (f'href="/people/{ana.pk}/"' in seen) == (query not in ("sign_in=no", "role=x", "left=maybe"))


def test_the_keeper_adds_somebody_lets_them_in_and_hands_the_password_over_once(
    keeper: Any, places: dict[str, Any], client_of: Callable[[Any], Client]
) -> None:
    client = client_of(keeper)
    made = client.post("/people/new/", {"name": "Dana Fox", "email": "dana@example.org"})
    page = made["Location"]
    given = client.post(f"{page}roles/", {"role": "nurse_manager", "place": "NGH-ICU"})
    assert given.status_code == 302
    let_in = client.post(f"{page}sign-in/", {"login": "dana"})
    account = Account.objects.get(login="dana")
    told = let_in.content.decode()
    password = next(
        word
        for word in told.replace("<", " ").replace(">", " ").split()
        if word.count("-") == 4 and account.check_password(word)
    )
    assert password not in client.get(page).content.decode()
    assert "no-store" in let_in["Cache-Control"]
    assert Membership.objects.get(person=account.person).unit == places["NGH-ICU"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"role": "nurse_manager", "place": "Nowhere"}, "No one facility or unit is called"),
        ({"role": "king"}, "Select a valid choice"),
        ({"role": "helm"}, "given only by who holds it"),
        ({"role": "buyer", "start": "2026-12-01", "end": "2026-11-01"}, "Choose a day after the first"),
        ({"role": "buyer", "end": "9999-12-31"}, "beyond the calendar"),
        ({"role": "buyer", "place": "x" * 201}, "at most 200"),
        ({"role": "buyer", "start": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_a_role_that_cannot_be_given_is_told_where_it_was_typed(
    keeper: Any, ana: Any, sent: dict[str, str], says: str, client_of: Callable[[Any], Client]
) -> None:
    before = Membership.objects.count()
    told = client_of(keeper).post(f"/people/{ana.pk}/roles/", sent)
    assert told.status_code == 422
    assert says in told.content.decode()
    assert Membership.objects.count() == before


def test_of_two_savers_the_second_sees_both_versions_and_nothing_is_overwritten(
    keeper: Any, chief: Any, ana: Any, client_of: Callable[[Any], Client]
) -> None:
    first, second = client_of(keeper), client_of(chief)
    since = Person.objects.get(pk=ana.pk).since
    typed = {"since": since, "name": "Ana Ruiz", "email": "", "phone": "4431", "pager": ""}
    assert first.post(f"/people/{ana.pk}/edit/", typed).status_code == 302
    other = typed | {"name": "Ana R.", "phone": "4999"}
    told = second.post(f"/people/{ana.pk}/edit/", other)
    page = told.content.decode()
    assert told.status_code == 409
    assert "Kim</b>" not in page
    assert "Kim saved this meanwhile" in page
    for text in ("Ana Ruiz", "Ana R.", "4431", "4999"):
        assert text in page
    assert Person.objects.get(pk=ana.pk).name == "Ana Ruiz"
    now = Person.objects.get(pk=ana.pk).since
    assert f'value="{now}"' in page
    assert second.post(f"/people/{ana.pk}/edit/", other | {"since": now}).status_code == 302
    assert Person.objects.get(pk=ana.pk).name == "Ana R."


@pytest.mark.parametrize("since", ["", "x", "-1", str(1 << 70)])
def test_a_form_without_its_version_saves_nothing(
    keeper: Any, ana: Any, since: str, client_of: Callable[[Any], Client]
) -> None:
    told = client_of(keeper).post(f"/people/{ana.pk}/edit/", {"since": since, "name": "Eve"})
    assert told.status_code == 200
    assert Person.objects.get(pk=ana.pk).name == "Ana"


def test_what_is_typed_is_shown_as_text(keeper: Any, client_of: Callable[[Any], Client]) -> None:
    client = client_of(keeper)
    page = client.post("/people/new/", {"name": "<script>alert(1)</script>", "phone": "=1+1"})["Location"]
    assert b"<script>alert" not in client.get(page).content
    assert b"<script>alert" not in client.get("/people/").content


def test_erasing_asks_first_and_is_then_everywhere(
    keeper: Any, ana: Any, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(keeper)
    assert b"cannot be undone" in client.get(f"/people/{ana.pk}/erase/").content
    assert client.post(f"/people/{ana.pk}/erase/").status_code == 302
    page = client.get(f"/people/{ana.pk}/").content.decode()
    assert "An erased person" in page
    assert "Ana" not in page.replace("Announced", "")
    assert client.get("/people/?q=Ana").content.decode().count(f'href="/people/{ana.pk}/"') in (0, 1)


@pytest.mark.parametrize("path", ["new/", "{}/edit/", "{}/erase/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_outsiders_reach_no_form(
    ana: Any, ben: Any, path: str, method: str, client_of: Callable[[Any], Client]
) -> None:
    told = getattr(client_of(ben), method)(f"/people/{path.format(ana.pk)}")
    assert told.status_code == 403


def test_the_permission_table_names_every_permission_and_role(
    ben: Any, client_of: Callable[[Any], Client]
) -> None:
    from pilothouse.core.permissions import TABLE

    seen = client_of(ben).get("/permissions/").content.decode()
    for name in TABLE:
        assert name.replace("_", " ").capitalize() in seen
    assert "Nurse manager may" in seen


def test_settings_are_the_keepers_and_each_change_is_in_the_log(
    keeper: Any, ana: Any, client_of: Callable[[Any], Client]
) -> None:
    from pilothouse.core.models import Revision, Setting

    assert client_of(ana).get("/settings/").status_code == 403
    client = client_of(keeper)
    rest = {"time_zone": "UTC", "session_hours": 12, "jobs_kept_days": 90}
    sent = {"house": "  North   Valley Health ", "second_factor_roles": ["helm"], **rest}
    assert client.post("/settings/", sent).status_code == 302
    assert Setting.objects.get(name="house").value == "North Valley Health"
    note = Revision.objects.latest("id").note
    assert 'house: nothing to "North Valley Health"' in note
    before = Revision.objects.count()
    client.post("/settings/", sent)
    assert Revision.objects.count() == before
    assert "North Valley Health" in client.get("/settings/").content.decode()
    assert client.post("/settings/", {"house": "x" * 81, **rest}).status_code == 200
    assert client.post("/settings/", {**sent, "second_factor_roles": ["king"]}).status_code == 200
    assert timezone.now()
