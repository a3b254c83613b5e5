"""The operator's commands: what they refuse, what they say, and that a served house lives and ends whole."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Account, Attachment, Job, Membership, Person
from tests.cli.running import pilothouse


@pytest.mark.django_db
def test_createuser_lets_somebody_in_at_a_place_and_prints_a_password_for_once(
    places: dict[str, Any],
) -> None:
    ended = pilothouse(
        "createuser", "Dana Fox", "--login", "dana", "--role", "nurse_manager", "--unit", "NGH-ICU"
    )
    assert ended.code == 0
    account = Account.objects.get(login="dana")
    assert account.check_password(ended.out.strip())
    assert account.one_time_until is not None
    assert Membership.objects.get(person=account.person).unit == places["NGH-ICU"]
    assert str(account.person) == "Dana Fox"
    assert list(broken_seals()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--role", "king"), "There is no role 'king'"),
        (("--role", "helm", "--unit", "X"), "There is no unit 'X'"),
        (("--role", "helm", "--facility", "NGH", "--unit", "NGH-ICU"), "one place"),
    ],
)
def test_createuser_refuses_in_words_and_leaves_nothing(
    places: dict[str, Any], arguments: tuple[str, ...], says: str
) -> None:
    ended = pilothouse("createuser", "Dana", "--login", "dana", *arguments)
    assert ended.code == 2
    assert says in ended.err
    assert not Person.objects.exists()
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_createuser_takes_a_password_from_standard_input_unless_it_is_weak(monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a rather long one\n"))
    ended = pilothouse("createuser", "Dana", "--login", "dana", "--role", "helm", "--password-stdin")
    assert (ended.code, ended.out) == (0, "")
    assert Account.objects.get().check_password("a rather long one")
    assert Account.objects.get().one_time_until is None
    monkeypatch.setattr(sys, "stdin", io.StringIO("dana\n"))
    ended = pilothouse("createuser", "Dan", "--login", "dan", "--role", "helm", "--password-stdin")
    assert "too weak" in ended.err


@pytest.mark.django_db
def test_check_ends_with_0_when_all_is_well(places: dict[str, Any], ana: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    ended = pilothouse("check")
    assert (ended.code, ended.out) == (0, ""), ended.out
    assert "All is as it must be." in ended.err


@pytest.mark.django_db
def test_check_names_each_problem_and_ends_with_1(
    places: dict[str, Any], settings: Any, tmp_path: Path, chief: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["pilothouse.example.org"]
    settings.PUBLIC_URL = "http://pilothouse.example.org"
    settings.SECRET_KEY = "short"
    stray = tmp_path / "attachments" / "ab" / "stray"
    stray.parent.mkdir(parents=True)
    stray.write_text("x")
    os.utime(stray, (time.time() - 9_999,) * 2)
    lost = Attachment.objects.create(
        subject="equipment:1", name="a.pdf", path="attachments/gone", size=1, sha256="0", at=timezone.now()
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_facility SET name = 'other' WHERE key = 'NGH'")
    ended = pilothouse("check")
    assert ended.code == 1
    for words in (
        "audit: revision 1: its rows are not those that were written",
        f"files: attachment {lost.pk} (a.pdf) of equipment:1: its file attachments/gone is missing",
        "files: attachments/ab/stray belongs to no attachment",
        "settings: PILOTHOUSE_DEBUG is on",
        "settings: PILOTHOUSE_SECRET_KEY is shorter",
        "settings: PILOTHOUSE_URL is http://pilothouse.example.org",
        "settings: chief holds the helm and signs in without a second factor",
    ):
        assert words in ended.out
    assert "problems found" in ended.err


@pytest.mark.django_db
def test_check_asks_every_room(monkeypatch: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    from pilothouse.core import ports

    class Room:
        def problems(self) -> list[str]:
            return ["finding 12 has no owner"]

    monkeypatch.setattr(ports, "checks", [Room()])
    ended = pilothouse("check")
    assert (ended.code, ended.out) == (1, "invariants: finding 12 has no owner\n")


def test_a_database_without_tables_is_refused_with_the_way_out(tmp_path: Path) -> None:
    around = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3", "PYTHONPATH": "src"}
    for command in (
        ("serve", "--port", str(free_port())),
        ("worker",),
        ("createuser", "A", "--login", "a", "--role", "helm"),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", "pilothouse", *command],
            env=around,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 2
        assert "run pilothouse migrate" in ended.stderr


def test_a_database_that_is_away_is_told_in_words() -> None:
    around = os.environ | {
        "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
        "PYTHONPATH": "src",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "pilothouse", "check"], env=around, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "the database does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_told_in_words(for_processes: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = pilothouse("serve", "--port", taken.getsockname()[1])
    assert ended.code == 2
    assert "--port names another" in ended.err


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def answers(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def test_a_served_house_answers_does_its_jobs_and_ends_whole(for_processes: dict[str, str]) -> None:
    port = free_port()
    served = subprocess.Popen(
        [sys.executable, "-m", "pilothouse", "serve", "--port", str(port), "--workers", "1"],
        env=for_processes, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/health/ready") == 200)
        assert answers(f"http://127.0.0.1:{port}/health/live") == 200
        from pilothouse.core.jobs import enqueue

        one = enqueue("tidy", by=None, at=timezone.now())
        wait_for(lambda: Job.objects.filter(pk=one.pk, state="done").exists())
        served.send_signal(signal.SIGTERM)
        _, told = served.communicate(timeout=60)
    finally:
        served.kill()
        served.wait()
    assert served.returncode == 0, told
    assert "The worker has ended." in told
    assert "Traceback" not in told


def test_a_backup_is_restored_into_an_empty_place(
    for_processes: dict[str, str], tmp_path: Path, places: dict[str, Any]
) -> None:
    if connection.vendor == "postgresql" and not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip("pg_dump and pg_restore are not installed")
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home, other):
        folder.mkdir(mode=0o700)
    (home / "files" / "attachments" / "ab").mkdir(parents=True)
    (home / "files" / "attachments" / "ab" / "abcd").write_bytes(b"%PDF-")
    here = for_processes | {"PILOTHOUSE_HOME": str(home)}

    def run(around: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pilothouse", *command],
            env=around,
            capture_output=True,
            text=True,
            check=False,
        )

    file = tmp_path / "saved.tar"
    saved = run(here, "backup", str(file))
    assert saved.returncode == 0, saved.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert "there already" in run(here, "backup", str(file)).stderr
    there = for_processes | {"PILOTHOUSE_HOME": str(other), "DATABASE_URL": _elsewhere(tmp_path)}
    try:
        told = run(there, "restore", str(file))
        assert told.returncode == 0, told.stderr
        assert "not empty" in run(there, "restore", str(file)).stderr
        assert (other / "secret.key").read_text() == (home / "secret.key").read_text()
        assert (other / "files" / "attachments" / "ab" / "abcd").read_bytes() == b"%PDF-"
        checked = run(there, "check")
        assert "audit" not in checked.stdout
        look = "import django; django.setup(); from pilothouse.core.models import Facility; print(sorted(Facility.objects.values_list('key', flat=True)))"
        seen = subprocess.run(
            [sys.executable, "-c", look], env=there, capture_output=True, text=True, check=True
        )
        assert seen.stdout.strip() == "['NGH', 'SGH']"
    finally:
        _drop_elsewhere()


def _elsewhere(tmp_path: Path) -> str:
    if connection.vendor == "sqlite":
        return ""
    about = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {about['NAME']}_restored")
        cursor.execute(f"CREATE DATABASE {about['NAME']}_restored TEMPLATE template0")
    return f"postgresql://{about['USER']}@{about['HOST']}:{about['PORT'] or 5432}/{about['NAME']}_restored"


def _drop_elsewhere() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.settings_dict['NAME']}_restored")


@pytest.mark.parametrize("name", ["missing.tar", "text.tar"])
@pytest.mark.django_db
def test_what_is_no_backup_is_refused(tmp_path: Path, name: str, monkeypatch: Any) -> None:
    from pilothouse.core import saving

    (tmp_path / "text.tar").write_text("no tar")
    monkeypatch.setattr(saving, "_need_empty", lambda: None)
    ended = pilothouse("restore", tmp_path / name)
    assert ended.code == 2
    assert "no file" in ended.err or "no backup" in ended.err


@pytest.mark.django_db
def test_bench_measures_pages_and_leaves_nothing_behind(chief: Any) -> None:
    from django.contrib.sessions.models import Session

    ended = pilothouse("bench", "helm", "work")
    assert re.search(r"helm  /  p50 \d+ ms, p95 \d+ ms", ended.out), ended.err
    assert "/my-work/" in ended.out
    assert not Session.objects.exists()
    chief.account.refresh_from_db()
    assert (chief.account.last_login, chief.account.choices) == (None, {})
    assert "There is no device yet" in pilothouse("bench", "device").err


@pytest.mark.django_db
def test_bench_measures_what_it_is_told_to(places: dict[str, Any]) -> None:
    assert "audit" in pilothouse("bench").out.split()
    ended = pilothouse("bench", "audit")
    assert "audit  rows a second" in ended.out
    assert "there is no benchmark 'audi'" in pilothouse("bench", "audi").err
