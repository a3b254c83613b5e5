"""How fast `who` answers from the tables of a large chain, and how fast its files are brought in.

Bar: with 200 facilities, 20,000 positions, 50,000 people, 45,000 appointments and 200,000 shifts p95 of an answer under 10 ms, and
a number of queries that does not depend on the size. DATABASE_URL names an empty database; default SQLite in a folder of its own.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.who import FACILITIES, POSITIONS, SHIFTS, UNITS, write_chain
from pilothouse.governance.words import TOPICS

QUESTIONS = 2_000
MANY = 20_000


def bench() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, bar)."""
    with tempfile.TemporaryDirectory(prefix="pilothouse-") as kept:
        os.environ["PILOTHOUSE_HOME"] = kept
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.config.settings")
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        folder = Path(kept) / "chain"
        folder.mkdir()
        write_chain(folder)
        try:
            return _measured(folder, connection.vendor)
        finally:
            connection.close()


def _measured(folder: Path, vendor: str) -> list[tuple[str, str, str]]:
    from django.db import connection

    from pilothouse.governance import importing
    from pilothouse.governance.asking import ask_many
    from pilothouse.governance.sources import load_chain

    rows = load_chain(folder).valid().rows
    began = time.perf_counter()
    importing.apply(rows, by=None, at=datetime.now(UTC))
    bringing = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    assert importing.apply(rows, by=None, at=datetime.now(UTC)).moves == 0
    again = time.perf_counter() - began
    times, queries = _answers()
    quantiles = statistics.quantiles(times, n=100)
    began = time.perf_counter()
    ask_many(
        [(topic, None, unit) for unit in range(1, UNITS + 1) for topic in TOPICS][:MANY],
        datetime(2026, 10, 20, tzinfo=UTC),
    )
    many = time.perf_counter() - began
    size = f"{vendor}, {POSITIONS:,} positions, {SHIFTS:,} shifts"
    return [
        (f"who from tables ({size})", f"p50 {quantiles[49] * 1e3:.1f} ms, p95 {quantiles[94] * 1e3:.1f} ms, p99 {quantiles[98] * 1e3:.1f} ms", "p95 under 10 ms"),
        ("who from tables: queries, least and most", f"{min(queries)} and {max(queries)}", "constant: at most 7"),
        (f"who from tables: {MANY:,} questions at once", f"{many:.1f} s", "told"),
        ("chain files brought in, then again", f"{bringing:.1f} s, {again:.1f} s", "told"),
    ]  # fmt: skip


def _answers(seed: int = 2) -> tuple[list[float], list[int]]:
    """Seconds and queries of many random questions, a third of them with an amount."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from pilothouse.governance.asking import ask

    rng = random.Random(seed)
    times, queries = [], []
    for number in range(QUESTIONS):
        place: dict[str, int] = rng.choice(({"unit": rng.randint(1, UNITS)}, {"facility": rng.randint(1, FACILITIES)}, {}))  # fmt: skip
        at = datetime(2026, 10, 15, tzinfo=UTC) + timedelta(minutes=rng.randrange(30 * 24 * 60))
        amount = Decimal(rng.choice((100, 5_000, 100_000))) if rng.random() < 1 / 3 else None
        topic = rng.choice((*TOPICS, "robots"))
        began = time.perf_counter()
        ask(topic, facility=place.get("facility"), unit=place.get("unit"), at=at, amount=amount)
        times.append(time.perf_counter() - began)
        if number % 20 == 0:
            with CaptureQueriesContext(connection) as captured:
                ask(topic, facility=place.get("facility"), unit=place.get("unit"), at=at, amount=amount)
            queries.append(len(captured))
    return times, queries


if __name__ == "__main__":
    for row in bench():
        print(" | ".join(row))
