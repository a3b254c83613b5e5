"""People at once on PostgreSQL, and the list while an import runs.

Twenty people, each a connection of its own to four workers of `pilothouse serve` on loopback: seven of ten turns read (list, search, a
device, the helm's page, their work), three write (a value of a device, a comment on a finding), with half to one and a half seconds
between two turns, as fast as anybody clicks. The load generator is a process of its own on the same machine; its share of the
processor is told. The register holds PILOTHOUSE_BENCH_DEVICES (100000) devices and a fifth as many open findings.

Then one person asks for the list again and again, alone and while `pilothouse import` brings a list of 20,000 rows.
PILOTHOUSE_BENCH_POSTGRES names the server; its database pilothouse_bench_together is made anew. PILOTHOUSE_BENCH_SECONDS (30): how long.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.imports import POSTGRES, _psql
from benchmarks.register import _p50_p95, _percentiles

PEOPLE = 20
WORKERS = 4
PORT = 8117
SECONDS = float(os.environ.get("PILOTHOUSE_BENCH_SECONDS", "30"))
DEVICES = int(os.environ.get("PILOTHOUSE_BENCH_DEVICES", "100000").split(",")[0])
DATABASE = "pilothouse_bench_together"
END = datetime(2026, 11, 20, tzinfo=UTC)
READS = ("/equipment/?sort=name", "/equipment/?q=pump", "/equipment/?stage=in_use&sort=serial", "/", "/my-work/", "/findings/", "/search/?q=monitor")  # fmt: skip

Told = list[tuple[str, str, str]]


def bench() -> Told:
    """Both, on PostgreSQL; nothing where no server is."""
    try:
        _psql(f"DROP DATABASE IF EXISTS {DATABASE}")
        _psql(f"CREATE DATABASE {DATABASE}")
    except OSError:
        return [("20 people at once", "no PostgreSQL here", "p95 under 200 ms")]
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as folder:
        environment = {**os.environ, "PILOTHOUSE_HOME": folder, "DJANGO_SETTINGS_MODULE": "pilothouse.config.settings", "DATABASE_URL": f"{POSTGRES}/{DATABASE}"}  # fmt: skip
        done = subprocess.run([sys.executable, "-m", "benchmarks.together"], env=environment, check=True, stdout=subprocess.PIPE)  # fmt: skip
    _psql(f"DROP DATABASE IF EXISTS {DATABASE}")
    return [tuple(row) for row in json.loads(done.stdout)]


def main() -> None:
    """Fill, serve, measure, and print the figures as JSON."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, connections

    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    people = _filled()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    told = _pages(people[0])
    connections.close_all()
    with _Server():
        told += _at_once(people)
        told += _while_importing(people[0])
    json.dump(told, sys.stdout)


Who = tuple[str, str]
"""A session and a token."""


def _filled() -> list[Who]:
    """Devices, findings, and the people: a helm, managers and technicians who may write."""
    from django.test import Client

    from benchmarks.fleet_rows import fill
    from pilothouse.core.keeping import writing
    from pilothouse.core.models import Account, Facility, Membership, Person
    from pilothouse.core.permissions import TABLE, house_viewer, viewer_of
    from pilothouse.core.tokens import make_token
    from pilothouse.governance.command import actions as command
    from pilothouse.governance.findings import Found, open_findings

    fill(DEVICES, END)
    now = datetime.now(UTC)
    people = []
    for number in range(PEOPLE):
        with writing(by=None, at=END, verb="make_person") as w:
            person = w.save(Person(key=f"p{number}", name=f"Person {number}"))
            w.save(Membership(person=person, role="helm" if number == 0 else "htm_manager"))
        people.append(person)
        Account.objects.create_user(person.key, password=None, person=person)
    boss = people[0]
    command.found_chain(by=house_viewer(boss), at=END, key="helm", title="The helm", person=boss.pk)
    facilities = list(Facility.objects.values_list("pk", flat=True))
    due = now + timedelta(days=7)
    for start in range(0, DEVICES // 5, 2_000):
        found = [
            Found("exposure", f"k{n}", f"Pump {n} runs a version that is affected", f"equipment:{n + 1}", "recall", facilities[n % len(facilities)], None, ("critical", "high", "medium")[n % 3], due, {"why": "bench"})
            for n in range(start, min(start + 2_000, DEVICES // 5))
        ]  # fmt: skip
        open_findings(boss, found, END)
    told = []
    for person in people:
        client = Client()
        client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
        _, plain = make_token(by=viewer_of(person, now), at=now, name="bench", scopes=tuple(TABLE))
        told.append((client.cookies["sessionid"].value, plain))
    return told


def _pages(who: Who) -> Told:
    """The helm's page and my work with so many findings, through Django's test client."""
    from django.test import Client

    client = Client()
    client.cookies["sessionid"] = who[0]
    bar = "p50 under 30 ms, p95 under 60"
    return [
        (f"{what}, {DEVICES // 5:,} findings", _percentiles(lambda path: client.get(path).content, [path] * 9), bar)
        for what, path in (("the helm's page", "/"), ("my work", "/my-work/"))
    ]  # fmt: skip


class _Server:
    """`pilothouse serve` with its workers, for as long as the block lasts."""

    def __enter__(self) -> None:
        command = [sys.executable, "-m", "pilothouse", "serve", "--port", str(PORT), "--workers", str(WORKERS), "--no-worker"]  # fmt: skip
        environment = {**os.environ, "PILOTHOUSE_API_RATE": "0"}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        for _ in range(900):
            try:
                http.client.HTTPConnection("127.0.0.1", PORT, timeout=5).request("GET", "/health/live")
                return
            except OSError:
                time.sleep(0.1)
        self.process.terminate()
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)


class _Person:
    """One connection that is kept. `Any`: what http.client gives."""

    def __init__(self, who: Who) -> None:
        self.session, self.token = who
        self.line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, float, Any]:
        """Status, milliseconds, the answer's headers."""
        own = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} if path.startswith("/api/") else {"Cookie": f"sessionid={self.session}"}  # fmt: skip
        begun = time.perf_counter()
        self.line.request(method, path, None if body is None else json.dumps(body), {**own, **headers})
        answer = self.line.getresponse()
        answer.read()
        return answer.status, (time.perf_counter() - begun) * 1_000, answer.headers


def _at_once(people: list[Who]) -> Told:
    from django.db import connections

    from pilothouse.equipment.models import Equipment
    from pilothouse.governance.models import Finding

    devices = list(Equipment.objects.filter(stage="in_use").values_list("pk", flat=True)[:5_000])
    findings = list(Finding.objects.values_list("pk", flat=True)[:5_000])
    connections.close_all()
    reads: list[float] = []
    writes: list[float] = []
    wrong: list[str] = []
    end = time.perf_counter() + SECONDS

    def live(number: int, who: Who) -> None:
        rng, one = random.Random(number), _Person(who)
        time.sleep(rng.uniform(0, 1))
        while time.perf_counter() < end:
            turn = rng.random()
            if turn < 0.7:
                path = rng.choice((*READS, *[f"/equipment/{rng.choice(devices)}/"] * 3))
                status, took, _ = one.ask("GET", path)
                reads.append(took)
            elif turn < 0.85:
                path = f"/api/v1/equipment/{rng.choice(devices)}"
                status, took, headers = one.ask("GET", path)
                reads.append(took)
                status, took, _ = one.ask("PATCH", path, {"values": {"room": f"R{rng.randrange(900)}"}}, **{"If-Match": headers["ETag"]})  # fmt: skip
                writes.append(took)
            else:
                path = f"/api/v1/findings/{rng.choice(findings)}/comments"
                status, took, _ = one.ask("POST", path, {"text": "seen on the ward"})
                writes.append(took)
            if status >= 400:
                wrong.append(f"{status} {path}")
            time.sleep(rng.uniform(0.5, 1.5))

    used, begun = time.process_time(), time.perf_counter()
    threads = [threading.Thread(target=live, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    share = (time.process_time() - used) / took
    label, bar = f"{PEOPLE} people, {WORKERS} workers", "p95 under 200 ms, no error"
    every = sorted(reads + writes)
    counted = f"{len(every) / took:.0f} calls a second, the load's own share {share:.0%} of a core"
    return [
        (f"{label}: all", "p50 {:.0f}, p95 {:.0f} ms".format(*_p50_p95(every)) + f", {len(wrong)} errors {wrong[:3] or ''}".rstrip(), bar),
        (f"{label}: reading", "p50 {:.0f}, p95 {:.0f} ms".format(*_p50_p95(reads)) + f", {counted}", bar),
        (f"{label}: writing", "p50 {:.0f}, p95 {:.0f} ms".format(*_p50_p95(writes)) + f", {len(writes)} of them", bar),
    ]  # fmt: skip


def _while_importing(who: Who) -> Told:
    def asked(until: Any) -> list[float]:
        one, times = _Person(who), list[float]()
        while not until(times):
            times += [one.ask("GET", path)[1] for path in READS[:3]]
            time.sleep(0.05)
        return times

    alone = asked(lambda times: len(times) >= 90)
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as folder:
        pilothouse = [sys.executable, "-m", "pilothouse"]
        subprocess.run([*pilothouse, "demo", f"{folder}/demo", "--devices", "20000"], check=True, stderr=subprocess.DEVNULL)  # fmt: skip
        file = Path(folder) / "demo" / "cmms_export.csv"
        running = subprocess.Popen([*pilothouse, "import", "bench", str(file)], stdout=sys.stderr)
        during = asked(lambda _: running.poll() is not None)
    ends = "p50 {:.0f}, p95 {:.0f} ms"
    return [
        ("the list, alone", ends.format(*_p50_p95(alone)), ""),
        (f"the list while 20,000 rows are imported, {len(during)} calls, import ended with {running.returncode}", ends.format(*_p50_p95(during)), "at most twice that"),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
