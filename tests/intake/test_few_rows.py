"""Lists too short to learn from, and pairs whose serials contradict what else they share."""

from __future__ import annotations

import pytest

from tests.intake.lists import Row, linked, reconciled, rows_of, source

MONITOR = {"maker": "Philips", "model": "IntelliVue MX800"}


def test_a_mac_of_two_devices_by_their_serials_is_for_a_person() -> None:
    others = [({"tag": f"A{1000 + 7 * n}", "serial": f"KX{4711 * n:07d}", "mac": f"0011aabb{n:04x}", **MONITOR}) for n in range(1, 261)]  # fmt: skip
    cmms = {"tag": "B1", "serial": "DE47110553", "mac": "00:09:fb:00:00:01", **MONITOR}
    scan: Row = {
        "serial": "DE99880066",
        "mac": "00:09:fb:00:00:01",
        "host": "x-7",
        "tag": "B2002",
        "unit": "ER",
    }
    for count in (0, 260):
        known = others[:count]
        with reconciled(source(0, "cmms", [cmms, *known]), source(1, "network", [scan, *known])) as (con, _):
            assert linked(con, "review") == {("cmms", 1, "network", 1)}
            ((evidence,),) = rows_of(con, "SELECT evidence FROM links WHERE decision = 'review'")
            assert "split: contradicting serials" in evidence


@pytest.mark.parametrize("count", [9, 40, 89])
def test_few_rows_are_joined_by_a_mac_alone_whatever_addresses_and_names_say(count: int) -> None:
    cmms: list[Row] = [{"tag": f"A{1000 + 7 * n}", "serial": f"KX{4711 * n:07d}", "mac": f"0011aabb{n:04x}", "ip": f"10.9.0.{n}", "host": f"mon{n}", **MONITOR} for n in range(1, count + 1)]  # fmt: skip
    scan: list[Row] = [{"mac": f"0011aabb{n:04x}", "ip": f"10.0.0.{n}", "host": f"dhcp-{n}x"} for n in range(1, count + 1)]  # fmt: skip
    with reconciled(source(0, "cmms", cmms), source(1, "network", scan)) as (con, _):
        assert linked(con) == {("cmms", n, "network", n) for n in range(1, count + 1)}


@pytest.mark.parametrize("shared", ["ip", "host"])
def test_few_rows_are_not_joined_by_an_address_or_a_name_alone(shared: str) -> None:
    def value(n: int) -> str:
        return f"10.0.0.{n}" if shared == "ip" else f"icu-{n}x"

    cmms: list[Row] = [{"serial": f"KX{4711 * n:07d}", shared: value(n), **MONITOR} for n in range(1, 31)]
    scan: list[Row] = [{"mac": f"0011aabb{n:04x}", shared: value(n)} for n in range(1, 31)]
    with reconciled(source(0, "cmms", cmms), source(1, "network", scan)) as (con, found):
        assert linked(con) == set()
        assert found.reviews <= 30
