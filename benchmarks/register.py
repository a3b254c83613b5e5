"""The register's list, search and past at 100,000 and a million devices, on SQLite and on PostgreSQL.

Measured through Django's test client with everything a signed-in page takes, then once more through gunicorn on loopback. Of each
case the median of several calls counts; the percentiles are over the cases, of which a third is made to be hard: deep pages, common
words, filters that correlate with the order. Processor time stands beside the wall clock, for other work on the machine slows only
the latter. PILOTHOUSE_BENCH_DEVICES (100000,1000000) and PILOTHOUSE_BENCH_URL (postgresql://…, an empty database a size: {devices}
in it stands for the number) choose what is measured; without the latter it is SQLite in a temporary folder.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RUNS = 5
END = datetime(2026, 11, 20, tzinfo=UTC)
PORT = 8113

Cases = dict[str, Sequence[str]]


def bench() -> list[tuple[str, str, str]]:
    """Each size in a process of its own: settings are read once."""
    rows: list[tuple[str, str, str]] = []
    for devices in os.environ.get("PILOTHOUSE_BENCH_DEVICES", "100000").split(","):
        with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as folder:
            url = os.environ.get("PILOTHOUSE_BENCH_URL", "").replace("{devices}", devices)
            environment = {**os.environ, "PILOTHOUSE_HOME": folder, "DJANGO_SETTINGS_MODULE": "pilothouse.config.settings", "DATABASE_URL": url}  # fmt: skip
            done = subprocess.run([sys.executable, "-m", "benchmarks.register", devices], env=environment, check=True, stdout=subprocess.PIPE)  # fmt: skip
            rows += [tuple(row) for row in json.loads(done.stdout)]
    return rows


def main(devices: int) -> None:
    """Fill if it is empty, measure, and print the figures as JSON."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from pilothouse.equipment.models import Equipment

    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    label = f"{devices:,}, {connection.vendor}"
    rows: list[tuple[str, str, str]] = []
    if not Equipment.objects.exists():
        from benchmarks.fleet_rows import fill

        begun = time.perf_counter()
        fill(devices, END)
        rows.append(
            (f"{label}: filled with a third changed since", f"{time.perf_counter() - begun:.0f} s", "")
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    rows += _measured(label, devices)
    json.dump(rows, sys.stdout)


def _measured(label: str, devices: int) -> Iterator[tuple[str, str, str]]:
    client, session = _client()
    big = devices > 200_000
    get = lambda path: client.get(path).content  # noqa: E731 - a door like the other
    for what, paths in _cases().items():
        bar = (
            "p95 under 100 ms"
            if big
            else "p50 under 20 ms, p95 under 40"
            if what == "search"
            else "p50 under 20 ms, p95 under 50"
        )
        yield f"{label}: {what}, {len(paths)} cases", _percentiles(get, paths), bar
    yield f"{label}: as it was, first page", _percentiles(get, _past()), "under 50 ms"
    begun = time.perf_counter()
    client.get("/places/?as_of=2026-11-01")
    yield f"{label}: as it was, counts by unit as a page", f"{time.perf_counter() - begun:.2f} s", "under 1 s"
    begun, lines = time.perf_counter(), 0
    for part in client.get("/equipment/?as_of=2026-11-01&export=csv&all=1").streaming_content:
        lines += part.count(b"\n")
    yield (
        f"{label}: as it was, {lines - 1:,} rows as CSV",
        f"{time.perf_counter() - begun:.0f} s",
        "under 60 s",
    )
    with _gunicorn() as server:
        opener = urllib.request.build_opener()
        opener.addheaders = [("Cookie", f"sessionid={session}")]
        every = [path for paths in _cases().values() for path in paths]
        yield f"{label}: all of these through gunicorn", _percentiles(lambda path: opener.open(server + path).read(), every, cpu=False), ""  # fmt: skip


def _percentiles(get: Callable[[str], bytes], paths: Sequence[str], cpu: bool = True) -> str:
    """p50 and p95 over the cases, in ms of the wall clock and of the processor."""
    wall, spent = [], []
    get(paths[0])
    for path in paths:
        walls, cpus = [], []
        for _ in range(RUNS):
            begun, used = time.perf_counter(), _spent() if cpu else 0.0
            get(path)
            walls.append(time.perf_counter() - begun)
            cpus.append((_spent() if cpu else 0.0) - used)
        wall.append(statistics.median(walls) * 1_000)
        spent.append(statistics.median(cpus) * 1_000)
    told = "{:.0f} / {:.0f} ms".format(*_p50_p95(wall))
    return told + (" ({:.0f} / {:.0f} of the processor)".format(*_p50_p95(spent)) if cpu else "")


def _spent() -> float:
    """Seconds of the processor used by this process and, on this machine, by PostgreSQL's process behind the connection."""
    from django.db import connection

    behind = 0.0
    if connection.vendor == "postgresql" and connection.connection is not None:
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
        if stat.exists():
            behind = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) / os.sysconf(
                "SC_CLK_TCK"
            )
    return time.process_time() + behind


def _p50_p95(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def _cases() -> Cases:
    """The addresses that are measured. What is found depends on the fleet of `fleet_rows`."""
    from django.db import connection

    from pilothouse.core.listing import Cursor
    from pilothouse.core.models import Facility, Unit
    from pilothouse.equipment.models import Equipment

    first, last = Facility.objects.order_by("id").first(), Facility.objects.order_by("-id").first()
    unit = Unit.objects.filter(facility=first).first()
    middle = Equipment.objects.count() // 2
    lists = [
        "", "sort=name", "sort=-serial", "sort=unit", "sort=maker", "stage=in_use&sort=name", "stage=retired", "stage=missing&sort=name",
        f"facility={first.pk}", f"facility={last.pk}&sort=name", f"facility={last.pk}&sort=unit", f"unit={unit.pk}&sort=name",
        "maker=Zoll&sort=name", "maker=Philips&sort=serial", "model=100&sort=name", "criticality=High&sort=-name", "phi=yes&sort=name",
        "criticality=Low&stage=retired&sort=name", "sources.from=3&sort=name", "network=no&sort=name", "network=yes&unit=none", "located=no",
        f"facility={last.pk}&maker=Philips&stage=retired&sort=name",
    ]  # fmt: skip
    for column in ("tag", "serial"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column}, id FROM equipment_equipment ORDER BY {column}, id LIMIT 1 OFFSET {middle}"
            )
            key, record = cursor.fetchone()
        lists += [
            f"sort={column}{more}&after={Cursor(middle, (key,), record)}" for more in ("", "&stage=retired")
        ]
    words = [
        "pump", "ventilator", "philips", "philips monitor", "infusion", "F01-1500", "F00-1", "00-09-FB-00-10-20", "10.0.44", "zzzqqq", "icu", "alaris",
        "S-3B", "defibrillator zoll", "1655",
    ]  # fmt: skip
    searches = [f"q={word.replace(' ', '+')}" for word in words] + [
        f"q=pump&unit={unit.pk}",
        "q=philips&stage=retired",
    ]
    return {
        "list": [f"/equipment/?{query}" for query in lists],
        "search": [f"/equipment/?{query}" for query in searches],
    }


def _past() -> list[str]:
    days = ("2026-08-20", "2026-09-20", "2026-10-20", "2026-11-05", "2026-11-19")
    return [f"/equipment/?as_of={day}{more}" for day in days for more in ("", "&sort=name")]


def _client() -> tuple[Any, str]:
    """A client signed in as an HTM manager, and its session. `Any`: Django's test client."""
    from django.test import Client

    from pilothouse.core.keeping import writing
    from pilothouse.core.models import Account, Membership, Person

    person = Person.objects.filter(key="bench").first()
    if person is None:
        with writing(by=None, at=END, verb="make_person") as w:
            person = w.save(Person(key="bench", name="Bench"))
            w.save(Membership(person=person, role="htm_manager"))
    if not Account.objects.filter(person=person).exists():
        Account.objects.create_user("bench", password=None, person=person)
    client = Client()
    client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
    return client, client.cookies["sessionid"].value


class _gunicorn:
    """Gunicorn with one worker on loopback, for as long as the block lasts."""

    def __enter__(self) -> str:
        command = [
            str(Path(sys.executable).with_name("gunicorn")),
            "-b",
            f"127.0.0.1:{PORT}",
            "-w",
            "1",
            "pilothouse.config.wsgi",
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        server = f"http://127.0.0.1:{PORT}"
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{server}/static/pilothouse/frame.js").close()
                return server
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("gunicorn did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


if __name__ == "__main__":
    main(int(sys.argv[1]))
