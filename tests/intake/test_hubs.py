"""An identifier that many devices of one list share joins none of them; one device seen often stays one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pilothouse.intake.hubs import ADDRESSES, CARDS, MOST_LOOKS
from tests.intake.lists import Row, devices, linked, reconciled, rows_of, source

MONITOR = {"maker": "Philips", "model": "IntelliVue MX800"}
SHARED = {
    "serial": "DE99001177", "mac": "00:09:fb:aa:bb:cc", "host": "scanner", "tag": "A4711", "uid": "3f2a9c1e-77aa",
}  # fmt: skip


def mac(number: int) -> str:
    return f"0009fb{number + 1:06x}"


TELLS_APART: dict[str, Callable[[int], Row]] = {
    "mac": lambda i: {"mac": mac(i)},
    "host": lambda i: {"host": f"mon-{7000 + 3 * i}"},
    "uid": lambda i: {"uid": f"77c1e9aa{i:06d}"},
    "tag": lambda i: {"tag": f"B{20000 + 7 * i}"},
    "serial": lambda i: {"serial": f"KX{4711000 + 7919 * i}"},
    "ip": lambda i: {"ip": f"10.1.{i // 250}.{i % 250}"},
}


@pytest.mark.parametrize("kind", ["network", "security", "cmms"])
@pytest.mark.parametrize("shared", SHARED)
def test_what_sixty_rows_of_a_list_share_joins_none_of_them(shared: str, kind: str) -> None:
    told_by = {"serial": "mac", "mac": "host", "host": "mac", "tag": "mac", "uid": "mac"}[shared]
    rows = [{shared: SHARED[shared], **TELLS_APART[told_by](i), **MONITOR} for i in range(60)]
    with reconciled(source(0, kind, rows)) as (con, found):
        assert found.devices == 60
        assert found.matches == found.reviews == 0
        assert all(
            "stands on 60 rows" in reason for (reason,) in rows_of(con, "SELECT reason FROM unmatched")
        )
        assert rows_of(con, f"SELECT count(*) FROM register WHERE {shared} IS NOT NULL") == [(60,)]
        assert rows_of(con, f"SELECT count(*) FROM claims WHERE field = '{shared}' AND won = 'yes'") == [
            (60,)
        ]
        (note,) = found.notes
        assert note.startswith(f"{kind}.csv: ")
        assert "stands on 60 rows" in note


@pytest.mark.parametrize("told_by", TELLS_APART)
def test_a_serial_on_a_thousand_rows_of_a_scan_is_no_ones(told_by: str) -> None:
    other = "serial" if told_by != "serial" else "mac"
    rows = [{other: SHARED[other], **TELLS_APART[told_by](i), **MONITOR} for i in range(1000)]
    with reconciled(source(0, "network", rows)) as (_, found):
        assert (found.devices, found.matches, found.reviews) == (1000, 0, 0)


def test_a_shared_serial_hides_no_other_evidence() -> None:
    cmms: list[Row] = [{**TELLS_APART["tag"](i), "serial": f"KX{4711000 + 7919 * i}", "mac": mac(i), **MONITOR} for i in range(40)]  # fmt: skip
    scan = [{"mac": mac(i), "serial": SHARED["serial"], **MONITOR} for i in range(40)]
    with reconciled(source(0, "cmms", cmms), source(1, "network", scan, as_of="2026-10-01")) as (con, _):
        assert linked(con) == {("cmms", i, "network", i) for i in range(1, 41)}
        assert rows_of(con, f"SELECT count(*) FROM register WHERE serial = '{SHARED['serial']}'") == [(0,)]
        assert rows_of(con, f"SELECT DISTINCT won, rule FROM claims WHERE value = '{SHARED['serial']}'") == [("no", "counts only where nothing better is said")]  # fmt: skip


def test_a_default_serial_and_a_default_host_name_do_not_support_each_other() -> None:
    scan = [{"mac": mac(i), "serial": SHARED["serial"], "host": "philips-monitor", **MONITOR} for i in range(50)]  # fmt: skip
    with reconciled(source(0, "network", scan)) as (_, found):
        assert (found.devices, found.matches, found.reviews) == (50, 0, 0)


def test_a_true_serial_keeps_its_weight_where_only_another_list_shares_it_out() -> None:
    cmms: list[Row] = [{"tag": "A1001", "serial": SHARED["serial"], **MONITOR}]
    tool: list[Row] = [{"uid": "77c1e9aa000001", "serial": SHARED["serial"], **MONITOR}]
    scan = [{"mac": mac(i), "serial": SHARED["serial"], **MONITOR} for i in range(20)]
    with reconciled(source(0, "cmms", cmms), source(1, "network", scan), source(2, "security", tool)) as (con, _):  # fmt: skip
        assert linked(con) == {("cmms", 1, "security", 1)}


@pytest.mark.parametrize(
    "rows",
    [
        [{"serial": "DE47110553", "mac": mac(1), "ip": f"10.0.0.{i}"} for i in range(1, 31)],
        [{"serial": "DE47110553", "mac": mac(1), "uid": f"77c1e9aa{i:06d}", "host": f"dhcp-{i}"} for i in range(30)],
        [{"serial": "DE47110553", "mac": mac(i)} for i in range(CARDS)],
        [{"serial": "DE47110553", "mac": [mac(1), mac(2), mac(3)], "ip": "10.0.0.1"}] * 5,
        [{"serial": "DE47110553", "ip": f"10.0.0.{i}"} for i in range(ADDRESSES)],
        [{"mac": mac(1), "ip": f"10.0.0.{i}"} for i in range(ADDRESSES)],
        [{"serial": "DE47110553"}] * 40,
    ],
)  # fmt: skip
def test_one_device_seen_often_or_with_several_cards_is_one(rows: list[Row]) -> None:
    scan = [{**row, **MONITOR} for row in rows]
    with reconciled(source(0, "network", scan)) as (con, found):
        assert found.devices == 1
        assert devices(con) == {frozenset(("network", i + 1) for i in range(len(rows)))}
        assert found.matches == len(rows) * (len(rows) - 1) // 2
        assert found.notes == ()


def test_a_serial_that_a_few_devices_seem_to_share_is_for_a_person() -> None:
    cmms: list[Row] = [{"tag": "A1001", "serial": "DE47110553", **MONITOR}]
    scan = [{"serial": "DE47110553", "mac": mac(i), **MONITOR} for i in range(CARDS + 2)]
    with reconciled(source(0, "cmms", cmms), source(1, "network", scan)) as (con, found):
        assert found.matches == 0
        assert {("cmms", 1, "network", i) for i in range(1, CARDS + 3)} <= linked(con, "review")
        assert all("several devices of one list share the serial" in e for (e,) in rows_of(con, "SELECT evidence FROM links"))  # fmt: skip


def test_review_of_what_some_share_does_not_grow_with_the_square_of_the_rows() -> None:
    scan: list[Row] = [{"serial": "DE47110553", "mac": mac(i % (CARDS + 2)), **MONITOR} for i in range(400)]
    with reconciled(source(0, "network", scan)) as (_, found):
        assert found.reviews < 3 * 400


def test_a_value_on_more_rows_than_looks_of_one_device_joins_nothing_and_says_so() -> None:
    rows: list[Row] = [{"serial": "DE47110553", **MONITOR}] * (MOST_LOOKS + 1)
    with reconciled(source(0, "network", rows)) as (_, found):
        assert found.devices == MOST_LOOKS + 1
        assert found.notes == (f"network.csv: serial DE47110553 stands on {MOST_LOOKS + 1} rows that cannot all be one device and joins none of them",)  # fmt: skip


def test_every_pair_of_a_device_seen_on_many_days_is_listed_and_the_user_is_told() -> None:
    rows: list[Row] = [{"serial": "DE47110553", "mac": mac(1), **MONITOR}] * 250
    with reconciled(source(0, "network", rows)) as (_, found):
        assert (found.devices, found.matches) == (1, 250 * 249 // 2)
        assert found.notes == ("the largest device has 250 rows, 31,125 pairs of links.csv",)


def test_a_serial_of_two_makers_is_asked_of_each_makers_rows() -> None:
    cmms: list[Row] = [
        {"tag": f"A{1000 + 7 * i}", "serial": "4711", "maker": maker, "model": "Aria 7"}
        for i, maker in enumerate(("Norvik", "Baxter", "Philips"))
    ]
    scan: list[Row] = [{"mac": mac(1), "serial": "4711", "maker": "Norvik", "model": "Aria 7"}]
    with reconciled(source(0, "cmms", cmms), source(1, "network", scan)) as (con, _):
        assert ("cmms", 1, "network", 1) in linked(con) | linked(con, "review")
