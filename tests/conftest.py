"""Fixtures that every room's tests share."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

HOME = Path(tempfile.mkdtemp(prefix="pilothouse-tests-"))
"""Never the folder of a server: its collected files would be served in place of those that are tried."""
os.environ["PILOTHOUSE_HOME"] = str(HOME)
settings.HOME = HOME
settings.STATIC_ROOT, settings.MEDIA_ROOT = HOME / "static", HOME / "files"
settings.STATIC_ROOT.mkdir()
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
"""Passwords of tests are nobody's; what the house takes for its own is slow on purpose."""

hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")
"""How long an example takes says how busy the machine is, and nothing of what is tried."""


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of real public data: PILOTHOUSE_DATA, else `shared/data` beside the checkout.

    On a user's machine without it the test is skipped and says so; in CI its absence is a failure.
    """
    named = os.environ.get("PILOTHOUSE_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if (folder / "MANIFEST.md").exists():
        return folder
    message = f"the public data is not at {folder}; PILOTHOUSE_DATA names another folder"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def make_places() -> dict[str, Any]:
    """What the fixture `places` gives."""
    from pilothouse.core.keeping import writing
    from pilothouse.core.models import Facility, Unit

    found: dict[str, Any] = {}
    with writing(by=None, at=NOW, verb="make_places") as w:
        for facility, units in {"NGH": ("ICU", "OR"), "SGH": ("ICU", "ED")}.items():
            found[facility] = w.save(Facility(key=facility, name=f"{facility} hospital"))
            for unit in units:
                key = f"{facility}-{unit}"
                found[key] = w.save(Unit(key=key, name=f"{unit} of {facility}", facility=found[facility]))
    return found


def make_person(places: dict[str, Any], name: str, role: str, place: str = "") -> Any:
    """A person with an account and one role at a place (none: the whole system)."""
    from pilothouse.core.keeping import writing
    from pilothouse.core.models import Account, Facility, Membership, Person

    with writing(by=None, at=NOW, verb="make_person") as w:
        person = w.save(Person(key=name.lower(), name=name))
        where = places.get(place)
        kind = {} if where is None else {"facility" if isinstance(where, Facility) else "unit": where}
        w.save(Membership(person=person, role=role, **kind))
    Account.objects.create_user(name.lower(), password=None, person=person)
    return person


@pytest.fixture
def places(db: None) -> dict[str, Any]:
    """Two facilities with two units each, by key: NGH (NGH-ICU, NGH-OR) and SGH (SGH-ICU, SGH-ED)."""
    return make_places()


@pytest.fixture
def person_with(places: dict[str, Any]) -> Callable[..., Any]:
    """person_with("Ana", "technician", "NGH"): a person with an account and one role at a place (none: the system)."""
    return functools.partial(make_person, places)


@pytest.fixture
def ana(person_with: Callable[..., Any]) -> Any:
    """A technician at NGH."""
    return person_with("Ana", "technician", "NGH")


@pytest.fixture
def ben(person_with: Callable[..., Any]) -> Any:
    """A nurse manager at SGH-ICU: another department, another house."""
    return person_with("Ben", "nurse_manager", "SGH-ICU")


@pytest.fixture
def chief(person_with: Callable[..., Any]) -> Any:
    """Who holds the helm."""
    return person_with("Chief", "helm")


@pytest.fixture
def client_of() -> Callable[[Any], Any]:
    """client_of(ana): Django's test client, signed in as a person."""
    from django.test import Client

    def make(person: Any) -> Client:
        client = Client()
        client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def for_processes(transactional_db: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The tests' database where other processes reach it, and the environment that leads them to it.

    SQLite's stands in memory, so that this test works on a copy of it in a file.
    """
    from django.db import connection, connections

    was = connections["default"]
    about = was.settings_dict
    around = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    if was.vendor == "postgresql":
        where = f"{about['USER']}@{about['HOST']}:{about['PORT'] or 5432}/{about['NAME']}"
        yield around | {"DATABASE_URL": f"postgresql://{where}", "PGPASSWORD": about["PASSWORD"]}
        return
    file = tmp_path / "register.sqlite3"
    with was.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    connections["default"] = type(was)(about | {"NAME": str(file)}, "default")
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
        yield around | {"DATABASE_URL": f"sqlite:///{file}"}
    finally:
        connections["default"].close()
        connections["default"] = was
