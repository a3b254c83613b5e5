"""The server decides which claim counts as the engine on files does: same winners, same rules."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from benchmarks.worlds import sources_of

from pilothouse.demo.world import write
from pilothouse.equipment.claims import Forms, Said, decide
from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.makers import MakerNames
from pilothouse.intake.engine import reconcile
from pilothouse.kernel.duck import engine


def told_of(con: duckdb.DuckDBPyConnection) -> dict[int, list[Said]]:
    """The claims of each device as the engine met them."""
    docs: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    asides: dict[tuple[int, int], set[str]] = defaultdict(set)
    for device, field, rid, value in con.execute(
        "SELECT c.device, w.field, c.rid, c.value FROM claimed c JOIN whose_word w ON w.place = c.field"
    ).fetchall():
        docs[device, rid][field] = value
    for device, rid, kind in con.execute(
        "SELECT DISTINCT m.place, s.rid, s.kind FROM set_aside s JOIN member_rows m USING (rid)"
    ).fetchall():
        asides[device, rid].add(kind)
    rows = {
        rid: rest
        for rid, *rest in con.execute(
            "SELECT rid, kind, ordinal, row, strftime(seen, '%Y-%m-%dT%H:%M:%S') FROM rows"
        ).fetchall()
    }
    told: dict[int, list[Said]] = defaultdict(list)
    for (device, rid), doc in docs.items():
        kind, ordinal, row, seen = rows[rid]
        told[device].append(Said(rid, kind, ordinal, seen or "", doc, row, frozenset(asides[device, rid])))
    return told


@pytest.mark.parametrize("world", ["ordinary", "awful"])
def test_the_server_decides_as_the_engine_does(world: str, tmp_path: Path) -> None:
    write(tmp_path / world, devices=800, seed=7, world=world, processes=1)
    with engine(memory_mb=500) as con:
        reconcile(con, sources_of(tmp_path / world))
        usual = dict(
            con.execute("SELECT text, key FROM spelt WHERE field = 'maker' AND key <> ''").fetchall()
        )
        forms = Forms(MakerNames.load(), usual)
        expected = {
            (device, field, rid, value): (won, rule)
            for device, field, rid, value, won, rule in con.execute(
                "SELECT c.device, w.field, c.rid, c.value, c.won, c.rule FROM settled c JOIN whose_word w ON w.place = c.field"
            ).fetchall()
        }
        several = {
            text
            for (text,) in con.execute(
                "SELECT text FROM spelt WHERE field = 'model' GROUP BY text HAVING count(DISTINCT key) > 1"
            ).fetchall()
        }
        told = told_of(con)
    found: dict[tuple[Any, ...], tuple[bool, str]] = {}
    for device, claims in told.items():
        for field, decided in decide(claims, forms).items():
            if decided.claim is not None:
                found[device, field, decided.claim.id, decided.value] = (True, decided.rule)
            for lost in decided.losers:
                found[device, field, lost.claim.id, lost.value] = (False, lost.rule)
    # The engine reads a model's text once for all makers, the server for the record's own maker.
    read_two_ways = {
        (device, field) for device, field, _, value in expected if field == "model" and value in several
    }
    wrong = {
        key: (found.get(key), want)
        for key, want in expected.items()
        if found.get(key) != want and key[:2] not in read_two_ways
    }
    assert len(expected) > 10_000
    assert wrong == {}


def test_the_order_of_claims_changes_nothing() -> None:
    claims = [
        Said(
            1,
            "cmms",
            0,
            "2026-03-01",
            {"maker": "Baxter", "model": "Spectrum IQ", "firmware": "8.0", "room": "12"},
        ),
        Said(
            2,
            "network",
            1,
            "2026-10-01",
            {"maker": "Baxter Healthcare", "model": "Spectrum", "firmware": "9.0"},
        ),
        Said(3, "security", 2, "", {"maker": "Hospira", "firmware": "10", "room": "unknown"}),
    ]
    first = decide(claims)
    assert first["firmware"][:1] == ("9.0",)
    assert first["maker"].rule == "2 of 3 sources agree"
    assert first["room"].losers[0].rule == "a placeholder says nothing"
    for seed in range(5):
        assert decide(random.Random(seed).sample(claims, 3)) == first


def test_what_is_set_by_hand_wins_over_all() -> None:
    claims = [Said(n, kind, n, "2026-10-01", {"room": "12"}) for n, kind in enumerate(["cmms", "network"])]
    hand = Said(9, "hand", 9, "2020-01-01", {"room": "14"})
    decided = decide([*claims, hand])["room"]
    assert (decided.value, decided.claim, decided.rule) == ("14", hand, "set by hand")
    assert [(lost.claim.id, lost.agrees, lost.rule) for lost in decided.losers] == [(0, False, "set by hand"), (1, False, "set by hand")]  # fmt: skip
    assert decide([hand])["room"].rule == "set by hand"


def test_only_placeholders_decide_nothing() -> None:
    decided = decide(
        [Said(1, "cmms", 0, "", {"serial": "N/A"}), Said(2, "network", 1, "", {"serial": "0000"})]
    )
    assert decided["serial"][:3] == ("", None, "a placeholder says nothing")


def test_deciding_is_quick() -> None:
    doc = {f.name: f"{f.name} 17" for f in FIELDS}
    three = [
        Said(n, kind, n, f"2026-0{n + 1}-01", doc) for n, kind in enumerate(["cmms", "network", "security"])
    ]
    for claims, most_us in ((three[:1], 3), (three, 40)):
        decide(claims)
        start = time.process_time()
        for _ in range(300):
            decide(claims)
        per_field_us = (time.process_time() - start) / 300 / len(doc) * 1e6
        assert per_field_us < most_us
