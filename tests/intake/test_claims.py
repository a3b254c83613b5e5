"""What a list says stands in the claims: only a placeholder says nothing, and only what says something wins."""

from __future__ import annotations

from tests.intake.lists import Row, linked, reconciled, rows_of, source

MONITOR = {"maker": "Philips", "model": "IntelliVue MX800"}
TYPED = [
    ("tag", "7"), ("tag", "12345"), ("tag", "1"), ("tag", "9999"), ("tag", "STAND"), ("tag", "資産七"),
    ("serial", "7"), ("serial", "12345"), ("serial", "1111"), ("serial", "REF 13652"), ("serial", "LABEL"), ("serial", "1.23457E+11"), ("serial", "ЖЯ"),
    ("uid", "17"), ("uid", "12345"), ("host", "localhost"), ("host", "10.1.2.3"), ("host", "pc"), ("mac", "00:00:5e:00:01:0a"),
    ("model", "モニター"), ("maker", "日本光電"), ("unit", "集中治療室"), ("room", "手術室 3"),
]  # fmt: skip
"""What identifies nothing, and is yet what somebody wrote."""
NOTHING = [("tag", "N/A"), ("tag", "Tag: none"), ("tag", "0000"), ("tag", "0"), ("serial", "UNKNOWN"), ("serial", "SN: N/A"), ("serial", "000000"), ("mac", "00:00:00:00:00:00"), ("host", "unknown"), ("uid", "null"), ("model", "N/A")]  # fmt: skip


def test_what_is_typed_is_never_lost_and_joins_nothing() -> None:
    rows: list[Row] = [{field: text} for field, text in TYPED]
    with reconciled(source(0, "cmms", rows), source(1, "network", rows)) as (con, found):
        assert found.devices == 2 * len(TYPED)
        assert linked(con) | linked(con, "review") == set()
        told = rows_of(
            con, "SELECT row, field, value, won, rule FROM claims WHERE file = 'cmms.csv' ORDER BY row"
        )
        assert told == [(n, *typed, "yes", "the only claim") for n, typed in enumerate(TYPED, start=1)]
        for field, text in TYPED:
            assert rows_of(con, f"SELECT count(*) FROM register WHERE {field} = '{text}'") == [(2,)]


def test_a_placeholder_is_a_claim_and_no_value() -> None:
    with reconciled(source(0, "cmms", [{field: text} for field, text in NOTHING])) as (con, _):
        told = rows_of(con, "SELECT row, field, value, won, rule FROM claims ORDER BY row")
        assert told == [(n, *typed, "no", "a placeholder says nothing") for n, typed in enumerate(NOTHING, start=1)]  # fmt: skip
        filled = " OR ".join(f"{field} IS NOT NULL" for field, _ in NOTHING)
        assert rows_of(con, f"SELECT count(*) FROM register WHERE {filled}") == [(0,)]


def test_what_could_be_anybodys_wins_only_where_nothing_better_is_said() -> None:
    mac = "00:09:fb:00:00:01"
    cmms = source(0, "cmms", [{"tag": "7", "serial": "1.23457E+11", "mac": mac}], as_of="2026-10-01")
    scan = source(1, "network", [{"mac": mac, "serial": "DE47110553"}], as_of="2026-01-01")
    with reconciled(cmms, scan) as (con, _):
        assert rows_of(con, "SELECT tag, serial FROM register") == [("7", "DE47110553")]
        assert ("1.23457E+11", "no", "counts only where nothing better is said") in rows_of(con, "SELECT value, won, rule FROM claims WHERE field = 'serial'")  # fmt: skip


def test_what_stands_beside_a_serial_in_its_cell_is_told() -> None:
    cmms = source(0, "cmms", [{"tag": "A1001", "serial": ["DE47110553", "N/A", "12345", "de-47110553"]}])
    with reconciled(cmms) as (con, _):
        assert rows_of(con, "SELECT value, won FROM claims WHERE field = 'serial' ORDER BY won DESC") == [("DE47110553", "yes"), ("N/A; 12345", "no")]  # fmt: skip
        assert rows_of(con, "SELECT serial FROM register") == [("DE47110553",)]


def test_rooms_that_differ_in_another_script_alone_are_a_conflict() -> None:
    rows: list[Row] = [{"serial": "DE47110553", "room": room, **MONITOR} for room in ("手術室 3", "病室 3")]
    with reconciled(source(0, "cmms", rows[:1]), source(1, "security", rows[1:])) as (con, _):
        assert rows_of(con, "SELECT field FROM conflicts") == [("room",)]
