"""Signing in and out, the second factor, one's own page: the flows as a browser without script sends them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from pilothouse.core.models import Setting

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LOGIN = "/sign-in/login/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No limit reached by another test."""
    cache.clear()


@pytest.fixture
def account(ana: Any) -> Any:
    """Ana's account with a password."""
    ana.account.set_password(PASSWORD)
    ana.account.save()
    return ana.account


def sign_in(client: Client, login: str = "ana", password: str = PASSWORD) -> Any:
    return client.post(f"{LOGIN}?next=/account/", {"login": login, "password": password, "next": "/account/"})


def code_of(secret: str) -> str:
    import time

    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def with_factor(account: Any) -> str:
    """A second factor for an account; returns its secret."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    RecoveryCodes.activate(account)
    return secret


def test_name_and_password_lead_to_the_page_that_was_asked_for(account: Any) -> None:
    client = Client()
    assert client.get("/account/").headers["Location"] == f"{LOGIN}?next=/account/"
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert "Biomedical technician" in client.get("/account/").text


def test_the_sign_in_page_is_in_our_look_and_offers_no_account() -> None:
    page = Client().get(LOGIN).text
    assert 'class="door"' in page
    assert "signup" not in page
    assert "Forgot the password" not in page


def test_a_wrong_password_is_said_in_words_and_what_was_typed_stays(account: Any) -> None:
    page = sign_in(Client(), password="wrong")
    assert page.status_code == 200
    assert "Name and password do not fit" in page.text
    assert 'value="ana"' in page.text


def test_guessing_is_slowed_down(account: Any) -> None:
    client = Client()
    for _ in range(5):
        sign_in(client, password="wrong")
    assert "Too many wrong tries" in sign_in(client, password="wrong").text
    assert "Too many wrong tries" in sign_in(client).text


@pytest.mark.parametrize(
    "page", ["signup/", "email/", "confirm-email/", "password/set/", "password/reset/", "3rdparty/"]
)
def test_pages_of_the_library_that_the_house_does_not_have_are_not_found(page: str) -> None:
    assert Client().get(f"/sign-in/{page}").status_code == 404


def test_nobody_is_sent_to_another_site_after_signing_in(account: Any) -> None:
    answer = Client().post(LOGIN, {"login": "ana", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_signing_out_ends_the_session(account: Any) -> None:
    client = Client()
    sign_in(client)
    assert client.get("/sign-in/logout/").status_code == 200
    assert client.post("/sign-in/logout/").headers["Location"] == LOGIN
    assert client.get("/account/").status_code == 302


def test_signing_out_everywhere_else_keeps_this_session(account: Any) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    here.post("/account/elsewhere/")
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_a_password_is_changed_and_other_devices_are_signed_out(account: Any) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    form = {"oldpassword": PASSWORD, "password1": "another long one", "password2": "another long one"}
    page = here.post("/sign-in/password/change/", {**form, "oldpassword": "wrong"})
    assert "This is not your password." in page.text
    assert here.post("/sign-in/password/change/", form).headers["Location"] == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert sign_in(Client(), password="another long one").status_code == 302


def test_a_second_factor_is_set_up_used_and_taken_away(account: Any) -> None:
    client = Client()
    sign_in(client)
    again = client.get("/sign-in/2fa/totp/activate/").headers["Location"]
    assert "Confirm that it is you" in client.get(again).text
    assert "This is not your password." in client.post(again, {"password": "wrong"}).text
    client.post(again, {"password": PASSWORD})
    page = client.get("/sign-in/2fa/totp/activate/").text
    assert "<svg" in page
    assert "data:image" not in page
    secret = re.search(r'id="secret" value="([A-Z2-7]+)"', page)
    assert secret
    assert "Not saved yet" in client.post("/sign-in/2fa/totp/activate/", {"code": "000000"}).text
    client.post("/sign-in/2fa/totp/activate/", {"code": code_of(secret[1])})
    assert Authenticator.objects.filter(user=account).count() == 2
    assert "recovery code" in client.get("/account/").text
    codes = client.get("/sign-in/2fa/recovery-codes/").text
    assert len(re.findall(r"<li>[0-9a-f]+</li>", codes)) == 10

    other = Client()
    assert sign_in(other).headers["Location"].startswith("/sign-in/2fa/authenticate/")
    assert other.get("/account/").status_code == 302
    assert other.post("/sign-in/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = re.search(r"<li>([0-9a-f]+)</li>", codes)
    assert code
    assert other.post("/sign-in/2fa/authenticate/", {"code": code[1]}).status_code == 302
    assert other.get("/account/").status_code == 200

    client.post("/sign-in/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=account, type="totp").exists()


def test_a_role_that_needs_a_second_factor_works_only_with_one(
    account: Any, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(account.person)
    assert client.get("/account/").status_code == 200
    Setting.objects.create(name="second_factor_roles", value=["technician"])
    assert client.get("/account/").headers["Location"] == "/sign-in/2fa/totp/activate/"
    with_factor(account)
    assert client.get("/account/").status_code == 200


def test_roles_that_do_not_need_a_second_factor_are_left_alone(
    ana: Any, client_of: Callable[[Any], Client]
) -> None:
    Setting.objects.create(name="second_factor_roles", value=["helm", "keeper"])
    assert client_of(ana).get("/account/").status_code == 200


@pytest.mark.parametrize("value", ["technician", {"technician": 1}, 7, [1, None]])
def test_a_setting_of_the_wrong_kind_locks_nobody_out(
    value: object, ana: Any, client_of: Callable[[Any], Client]
) -> None:
    Setting.objects.create(name="second_factor_roles", value=value)
    assert client_of(ana).get("/account/").status_code == 200


def test_theme_and_density_are_kept_for_the_account(ana: Any, client_of: Callable[[Any], Client]) -> None:
    client = client_of(ana)
    assert (
        client.post("/account/look/", {"theme": "dark", "density": "dense"}).headers["Location"]
        == "/account/"
    )
    page = client.get("/account/").text
    assert 'data-theme="dark" data-density="dense"' in page
    client.post("/account/look/", {"theme": "system", "density": "enormous"})
    assert "data-theme" not in client.get("/account/").text.split(">", 3)[1]


def test_keeping_a_look_never_leads_to_another_site(ana: Any, client_of: Callable[[Any], Client]) -> None:
    answer = client_of(ana).post("/account/look/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/account/"


def test_a_form_of_another_site_is_refused_in_our_look(account: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post(LOGIN, {"login": "ana", "password": PASSWORD})
    assert page.status_code == 403
    assert "This form is out of date" in page.text


@pytest.mark.parametrize("role", ["helm", "technician", "nurse_manager", "buyer", "auditor", "keeper"])
def test_every_role_has_its_own_page(
    role: str, person_with: Callable[..., Any], client_of: Callable[[Any], Client]
) -> None:
    assert client_of(person_with("Somebody", role)).get("/account/").status_code == 200
