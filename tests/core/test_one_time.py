"""A password that was handed out opens one door: the one to a password of one's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.core import people
from pilothouse.core.models import Account

pytestmark = pytest.mark.django_db


def signed_in() -> tuple[Client, str]:
    one = people.add_person(by=None, at=timezone.now(), name="Dana")
    _, password = people.create_account(one.pk, by=None, at=timezone.now(), login="dana")
    client = Client()
    assert client.login(username="dana", password=password)
    return client, password


def test_it_leads_to_the_page_where_it_is_changed_and_is_then_ones_own() -> None:
    client, password = signed_in()
    assert client.get("/jobs/")["Location"] == "/sign-in/password/change/"
    own = "a long one of my own"
    sent = {"oldpassword": password, "password1": own, "password2": own}
    assert client.post("/sign-in/password/change/", sent).status_code == 302
    assert Account.objects.get().one_time_until is None
    assert Account.objects.get().check_password(own)


def test_after_its_time_it_leads_out() -> None:
    client, _ = signed_in()
    Account.objects.update(one_time_until=timezone.now() - timedelta(seconds=1))
    assert client.get("/jobs/")["Location"] == "/sign-in/login/"
    assert client.get("/jobs/")["Location"].startswith("/sign-in/login/")
