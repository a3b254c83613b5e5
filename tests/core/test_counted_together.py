"""What limits a guesser or a program is counted once for all processes of the server."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client

from pilothouse.core.calls import rates
from pilothouse.core.calls.rates import count_call
from pilothouse.core.errors import TooOften
from pilothouse.core.models import Called
from pilothouse.core.shared_cache import SharedCache
from tests.core.test_sign_in import code_of, sign_in, with_factor

NOON_S = 1_790_000_000.0 // 60 * 60
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    rates.forget()


def elsewhere(around: dict[str, str], script: str) -> str:
    """What another process says that runs a script against the same database."""
    whole = (
        "import django; django.setup()\n"
        "from django.conf import settings; settings.PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']\n"
        "from django.test.utils import setup_test_environment; setup_test_environment()\n" + script
    )
    around = around | {"DJANGO_SETTINGS_MODULE": "pilothouse.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", whole], env=around, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wrong_tries_and_used_codes_of_another_process_count_here(ana: Any, for_processes: Any) -> None:
    ana.account.set_password(PASSWORD)
    ana.account.save()
    secret = with_factor(ana.account)
    code = code_of(secret)
    told = elsewhere(
        for_processes,
        "from django.test import Client\n"
        "from allauth.mfa.models import Authenticator\n"
        f"one = Authenticator.objects.get(type='totp', user_id={ana.account.pk}).wrap()\n"
        f"print(one.validate_code({code!r}))\n"
        "for _ in range(5):\n"
        "    print(Client().post('/sign-in/login/', {'login': 'ana', 'password': 'wrong'}).status_code)\n",
    )
    assert told.split()[1:] == ["200"] * 5
    assert "Too many wrong tries" in sign_in(Client()).text
    here = Authenticator.objects.get(type="totp", user_id=ana.account.pk).wrap()
    assert not here.validate_code(code)


def test_calls_of_two_processes_are_never_more_than_the_limit(
    for_processes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "100")
    here = given(70)
    there = elsewhere(
        for_processes | {"PILOTHOUSE_API_RATE": "100"},
        "from tests.core.test_counted_together import given\nprint(given(70))",
    )
    assert here == 70
    assert here + int(there) + given(70) == 100


def given(most: int) -> int:
    """So many calls of one caller in one minute; how many were taken."""
    for made in range(most):
        try:
            count_call("ana", NOON_S)
        except TooOften:
            return made
    return most


@pytest.mark.django_db
def test_a_caller_costs_few_queries_and_a_refused_one_none(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "1000")
    with django_assert_num_queries(1):
        given(60)
    assert given(1000) == 940
    with django_assert_num_queries(0):
        assert given(5) == 0
    assert count_call("ana", NOON_S + 60).left == 999


def test_a_call_never_waits_for_an_import_and_is_counted_afterwards(
    for_processes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTHOUSE_API_RATE", "100")
    if connection.vendor == "sqlite":
        importing = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        importing.execute("BEGIN IMMEDIATE")
        assert given(3) == 3
        assert not Called.objects.exists()
        importing.close()
    else:
        assert given(3) == 3
    assert given(200) == 97


@pytest.mark.django_db
def test_what_is_over_is_forgotten_and_of_two_only_one_is_first() -> None:
    one, other = SharedCache("", {}), SharedCache("", {})
    assert one.add("k", [1.5], timeout=60)
    assert not other.add("k", [2.5], timeout=60)
    assert other.get("k") == [1.5]
    other.set("k", "y", timeout=-1)
    assert one.get("k", "none") == "none"
    assert one.add("k", "z", timeout=60)
    assert one.delete("k")
    assert other.get("k") is None
