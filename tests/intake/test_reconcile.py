"""Reconcile on small lists: what must link, what must never, and what a person is told."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.equipment.claims import Claim, winner
from pilothouse.equipment.fields import FIELDS
from pilothouse.imports import contracts
from pilothouse.intake.staging import usual_maker
from tests.intake.lists import Row, devices, linked, reconciled, rows_of, source

PUMP = {"maker": "Baxter", "model": "Spectrum IQ"}
MONITOR = {"maker": "Philips", "model": "IntelliVue MX800"}


def test_spellings_of_one_serial_link_lists() -> None:
    cmms = source(0, "cmms", [{"tag": "A1001", "serial": "S/N: DE-4711O55", **MONITOR}])
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01", "serial": "de4711055"}])
    with reconciled(cmms, network) as (con, found):
        assert linked(con) == {("cmms", 1, "network", 1)}
        assert found.matched == {"cmms.csv": 1, "network.csv": 1}
        assert found.devices == 1


@pytest.mark.parametrize(
    "text", ["N/A", "0000", "UNKNOWN", "NONE", "TBD", "12345", "1111111", "Spectrum IQ", "1.23457E+11"]
)
def test_placeholders_never_link(text: str) -> None:
    cmms = source(0, "cmms", [{"tag": f"A100{i}", "serial": text, **PUMP} for i in range(5)])
    network = source(
        1, "network", [{"mac": f"00:09:fb:00:00:0{i}", "serial": text, **PUMP} for i in range(5)]
    )
    with reconciled(cmms, network) as (con, _):
        assert linked(con) == set()
        assert linked(con, "review") == set()


def test_scientific_notation_never_links_and_says_why() -> None:
    cmms = source(0, "cmms", [{"serial": "1.23457E+11", **PUMP}, {"serial": "1.23457E+11", **PUMP}])
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01", "serial": "123457000000"}])
    with reconciled(cmms, network) as (con, _):
        assert linked(con) | linked(con, "review") == set()
        ((reason,), *_) = rows_of(con, "SELECT reason FROM unmatched WHERE file = 'cmms.csv' ORDER BY row")
        assert "lost its digits in a spreadsheet" in reason


def test_a_docks_mac_on_twenty_carts_joins_none_of_them() -> None:
    dock = "00:09:fb:aa:bb:cc"
    carts = [
        {"tag": f"A{2000 + i}", "serial": f"CART{7130 + 37 * i}", "mac": dock, **PUMP} for i in range(20)
    ]
    seen = [{"mac": dock, "serial": f"CART{7130 + 37 * i}", **PUMP} for i in range(20)]
    with reconciled(source(0, "cmms", carts), source(1, "network", seen)) as (con, found):
        assert linked(con) == {("cmms", i, "network", i) for i in range(1, 21)}
        assert found.devices == 20
        assert found.reviews == 0


def test_a_device_entered_twice_is_one_device() -> None:
    cmms = source(
        0,
        "cmms",
        [
            {"tag": "A1001", "serial": "DE4711055", **MONITOR},
            {"tag": "A1777", "serial": "DE4711055", **MONITOR},
        ],
    )
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01", "serial": "DE4711055", **MONITOR}])
    with reconciled(cmms, network) as (con, _):
        assert devices(con) == {frozenset({("cmms", 1), ("cmms", 2), ("network", 1)})}
        assert linked(con) == {("cmms", 1, "cmms", 2), ("cmms", 1, "network", 1), ("cmms", 2, "network", 1)}


def test_five_serials_in_a_cell_are_five_devices_of_one_row() -> None:
    numbers = [f"US00{3000 + 111 * i}" for i in range(5)]
    cmms = source(0, "cmms", [{"tag": "A1001", "serial": numbers, **MONITOR}])
    network = source(
        1, "network", [{"mac": f"00:09:fb:00:00:0{i}", "serial": number} for i, number in enumerate(numbers)]
    )
    with reconciled(cmms, network) as (con, found):
        assert found.devices == 5
        assert devices(con) == {frozenset({("cmms", 1), ("network", i)}) for i in range(1, 6)}
        assert set(rows_of(con, "SELECT serial FROM register")) == {(n,) for n in numbers}


def test_blanks_part_a_cell_only_if_another_list_knows_a_part() -> None:
    cmms = source(
        0, "cmms", [{"serial": "US0036270 US0082145", **MONITOR}, {"serial": "T5B85544 9954DX77", **MONITOR}]
    )
    network = source(
        1,
        "network",
        [
            {"mac": "00:09:fb:00:00:01", "serial": "US0082145"},
            {"mac": "00:09:fb:00:00:02", "serial": "T5B855449954DX77"},
        ],
    )
    with reconciled(cmms, network) as (con, found):
        assert linked(con) == {("cmms", 1, "network", 1), ("cmms", 2, "network", 2)}
        assert found.devices == 3


def test_one_slip_in_the_only_identifier_is_shown_to_a_person_at_least() -> None:
    cmms = source(0, "cmms", [{"tag": "A1001", "serial": "DE47110553", **MONITOR}])
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01", "serial": "DE47110535", **MONITOR}])
    with reconciled(cmms, network) as (con, _):
        assert linked(con) | linked(con, "review") == {("cmms", 1, "network", 1)}
        ((evidence,),) = rows_of(con, "SELECT evidence FROM links")
        assert "serials one slip apart: DE47110553 / DE47110535" in evidence


def test_contradicting_serials_are_reviewed_never_merged() -> None:
    cmms = source(
        0, "cmms", [{"tag": "A1001", "serial": "DE47110553", "mac": "00:09:fb:00:00:01", **MONITOR}]
    )
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01", "serial": "DE99880066", **MONITOR}])
    with reconciled(cmms, network) as (con, found):
        assert linked(con) == set()
        assert linked(con, "review") == {("cmms", 1, "network", 1)}
        assert found.devices == 2
        ((evidence,),) = rows_of(con, "SELECT evidence FROM links")
        assert "serials differ: DE47110553 / DE99880066" in evidence
        assert rows_of(con, "SELECT reason FROM unmatched") == [
            ("in review with network.csv:1",),
            ("in review with cmms.csv:1",),
        ]


def test_a_pair_that_only_closes_a_device_names_the_row_between() -> None:
    cmms = source(0, "cmms", [{"tag": "A1001", "serial": "DE47110553", **MONITOR}])
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01"}])
    security = source(
        2, "security", [{"uid": "u-0000-91", "mac": "00:09:fb:00:00:01", "serial": "DE47110553", **MONITOR}]
    )
    with reconciled(cmms, network, security) as (con, found):
        assert found.devices == 1
        assert rows_of(
            con, "SELECT evidence FROM links WHERE left_file = 'cmms.csv' AND right_file = 'network.csv'"
        ) == [("via security.csv:1",)]


def test_short_running_serials_of_two_makers_stay_apart() -> None:
    cmms = source(
        0,
        "cmms",
        [{"tag": f"A{1000 + i}", "serial": f"{1040 + i}", **(PUMP if i % 2 else MONITOR)} for i in range(8)],
    )
    network = source(
        1,
        "network",
        [
            {"mac": f"00:09:fb:00:00:0{i}", "serial": f"{1040 + i}", **(MONITOR if i % 2 else PUMP)}
            for i in range(8)
        ],
    )
    with reconciled(cmms, network) as (con, _):
        assert linked(con) == set()


LISTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "tag": st.sampled_from(["A1001", "A1002", "A1003", "7", "N/A"]),
            "serial": st.sampled_from(
                ["DE47110553", "DE47110535", "DE99880066", "77120", "77121", "12345", "1.2E+09", "TBD"]
            ),
            "mac": st.sampled_from(["00:09:fb:00:00:01", "00:09:fb:00:00:02", "00:00:00:00:00:00"]),
            "maker": st.sampled_from(["Philips", "Phillips", "Baxter"]),
            "model": st.sampled_from(["MX800", "IntelliVue MX800", "Spectrum"]),
            "host": st.sampled_from(["mon-a1001", "icu7"]),
            "unit": st.sampled_from(["ICU", "icu", "ER"]),
            "seen": st.sampled_from(["2026-01-01", "2026-02-01"]),
        },
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LISTS, LISTS, st.randoms(use_true_random=False))
def test_any_lists_keep_the_contracts(left: list[Row], right: list[Row], chance: random.Random) -> None:
    with reconciled(source(0, "cmms", left), source(1, "network", right)) as (con, _):
        pairs = rows_of(con, "SELECT left_file, left_row, right_file, right_row FROM links")
        first_told = rows_of(con, "SELECT device, field, value, won FROM claims ORDER BY ALL")
        groups, matches = devices(con), linked(con)
        check_winners(con, first_told)
    assert len(pairs) == len(set(pairs))
    assert pairs == sorted(pairs, key=lambda p: (p[0] != "cmms.csv", p[1], p[2] != "cmms.csv", p[3]))
    order = {"cmms": 0, "network": 1}
    closed = {
        (*a, *b)
        for group in groups
        for a, b in combinations(sorted(group, key=lambda m: (order[m[0]], m[1])), 2)
    }
    assert matches == closed
    assert sum(map(len, groups)) == len(left) + len(right)
    shuffled = chance.sample(range(len(left)), len(left))
    with reconciled(source(0, "cmms", [left[i] for i in shuffled]), source(1, "network", right)) as (con, _):
        again = {
            frozenset((k, shuffled[r - 1] + 1 if k == "cmms" else r) for k, r in group)
            for group in devices(con)
        }
    assert _contents(again, left, right) == _contents(groups, left, right)


def _contents(groups: set[frozenset[tuple[str, int]]], left: list[Row], right: list[Row]) -> list[list[str]]:
    """Devices by what their rows say: equal rows may change places."""
    said = {"cmms": left, "network": right}
    return sorted(
        sorted(f"{kind}{sorted(said[kind][row - 1].items())}" for kind, row in group) for group in groups
    )


def check_winners(con: object, told: list[tuple[str, ...]]) -> None:
    """The winners by SQL are the winners by the pure rule."""
    prefer = {field.name: field.prefer for field in FIELDS}
    sql = """SELECT d.device, w.field, c.same_as, r.ordinal, r.row, r.kind, c.seen, c.is_real, c.last_resort, c.won
             FROM settled c JOIN devices d ON d.place = c.device JOIN whose_word w ON w.place = c.field JOIN rows r USING (rid)"""
    claims: dict[tuple[str, str], list[tuple[Claim, bool]]] = {}
    for device, field, value, ordinal, row, kind, seen, real, last, won in rows_of(con, sql):  # type: ignore[arg-type]
        claim = Claim(value, ordinal, row, kind, seen, real and not last, last)
        claims.setdefault((device, field), []).append((claim, won))
    assert len(told) == sum(map(len, claims.values()))
    for (_, field), found in claims.items():
        best = winner([claim for claim, _ in found], prefer[field])
        assert [claim for claim, won in found if won] == ([] if best is None else [best])


def test_the_winner_is_whose_word_counts_first_and_conflicts_are_not_spellings() -> None:
    cmms = source(
        0,
        "cmms",
        [
            {
                "tag": "A1001",
                "serial": "DE47110553",
                "unit": "ICU",
                "mac": "00:09:fb:00:00:01",
                "firmware": "B.05",
                "maker": "PHILIPS HEALTHCARE",
                "model": "MX-800",
            }
        ],
    )
    security = source(
        1,
        "security",
        [
            {
                "uid": "u1",
                "serial": "DE47110553",
                "unit": "Emergency",
                "mac": "0009.fb00.0001",
                "firmware": "B.06.18",
                "maker": "Philips",
                "model": "IntelliVue MX800",
            }
        ],
        as_of="2026-10-01",
    )
    with reconciled(cmms, security) as (con, _):
        ((unit, firmware),) = rows_of(con, "SELECT unit, firmware FROM register")
        assert (unit, firmware) == ("ICU", "B.06.18")
        assert rows_of(con, "SELECT field, \"values\", winner FROM conflicts ORDER BY field") == [
            ("firmware", "B.06.18 (security.csv:1); B.05 (cmms.csv:1)", "B.06.18"),
            ("unit", "ICU (cmms.csv:1); Emergency (security.csv:1)", "ICU"),
        ]  # fmt: skip
        assert ("the CMMS is asked first for: unit",) in rows_of(
            con, "SELECT rule FROM claims WHERE field = 'unit'"
        )
        assert rows_of(con, "SELECT DISTINCT seen FROM claims WHERE file = 'security.csv'") == [
            ("2026-10-01",)
        ]


def test_a_placeholder_is_told_but_never_wins() -> None:
    cmms = source(0, "cmms", [{"tag": "A1001", "serial": "DE47110553", "firmware": "unknown", "unit": "N/A"}])
    with reconciled(cmms) as (con, _):
        assert rows_of(con, "SELECT firmware, unit FROM register") == [(None, None)]
        assert rows_of(con, "SELECT field, won, rule FROM claims WHERE field IN ('firmware', 'unit') ORDER BY field") == [("firmware", "no", "a placeholder says nothing"), ("unit", "no", "a placeholder says nothing")]  # fmt: skip


def test_device_ids_do_not_depend_on_where_a_row_stands() -> None:
    rows: list[Row] = [{"tag": f"A{1000 + i}", "serial": f"DE4711{i}5{i}3"} for i in range(6)]
    with reconciled(source(0, "cmms", rows)) as (con, _):
        ids = dict(rows_of(con, "SELECT tag, device FROM register"))
    with reconciled(source(0, "cmms", rows[::-1])) as (con, _):
        assert dict(rows_of(con, "SELECT tag, device FROM register")) == ids


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"unit": "ICU"}, "no identifier"),
        ({"serial": "N/A"}, "placeholder serial N/A; no identifier"),
        ({"serial": "DE47110553"}, "serial DE47110553 seen in no other list"),
    ],
)
def test_an_unmatched_row_says_why(row: Row, reason: str) -> None:
    with reconciled(source(0, "cmms", [row]), source(1, "network", [{"mac": "00:09:fb:00:00:01"}])) as (
        con,
        _,
    ):
        assert ("cmms.csv", 1, reason) in rows_of(con, "SELECT file, row, reason FROM unmatched")


def test_the_tables_have_the_columns_of_the_contracts() -> None:
    with reconciled(source(0, "cmms", [{"tag": "A1001"}])) as (con, _):
        for layout in (
            contracts.LINKS,
            contracts.MEMBERS,
            contracts.CLAIMS,
            contracts.CONFLICTS,
            contracts.UNMATCHED,
            contracts.register_layout(tuple(f.name for f in FIELDS)),
        ):
            table = layout.name.removesuffix(".csv")
            assert tuple(c for (c, *_) in rows_of(con, f"DESCRIBE {table}")) == layout.columns
        assert [c for (c, *_) in rows_of(con, "DESCRIBE quality")] == [
            "file",
            "field",
            "column",
            "rows",
            "filled",
            "unreadable",
            "placeholder",
            "distinct_values",
        ]


def test_quality_counts_what_is_filled_and_what_identifies_nothing() -> None:
    rows: list[Row] = [
        {"tag": "A1001", "serial": "N/A"},
        {"tag": "A1002", "serial": "DE47110553"},
        {"tag": "A1003"},
    ]
    with reconciled(source(0, "cmms", rows)) as (con, _):
        assert rows_of(con, "SELECT filled, unreadable, placeholder FROM quality WHERE field = 'serial'") == [
            (2, 0, 1)
        ]


def test_a_key_on_a_thousand_rows_does_not_blow_up() -> None:
    rows: list[Row] = [
        {"tag": f"A{10000 + 7 * i}", "host": "scanner", "mac": "00:09:fb:aa:bb:cc"} for i in range(1000)
    ]
    with reconciled(source(0, "cmms", rows)) as (con, _):
        ((candidates,),) = rows_of(con, "SELECT count(*) FROM pairs")
        assert candidates < 3000


def test_a_serial_filled_down_over_three_devices_identifies_none() -> None:
    filled: list[Row] = [{"tag": f"A100{i}", "serial": "DE47110553", **MONITOR} for i in range(3)]
    network = source(1, "network", [{"mac": "00:09:fb:00:00:01", "serial": "DE47110553", **MONITOR}])
    with reconciled(source(0, "cmms", filled), network) as (con, _):
        assert linked(con) == set()


def test_a_rare_misspelt_maker_counts_as_the_usual_one() -> None:
    known = {"philips": "philips", "fresenius kabi": "fresenius kabi", "masimo": "masimo"}
    met = {"philips": 50, "fresenius kabi": 30, "masimo": 5}
    assert usual_maker("phillips", 1, known, met) == "philips"
    assert usual_maker("frseenius", 1, known, met) == "fresenius kabi"
    assert usual_maker("philips monitoring", 1, known, met) == "philips"
    assert usual_maker("massimo", 1, known, met) is None  # met too rarely to be sure
    assert usual_maker("baxter", 1, known, met) is None


def test_lists_without_rows_or_identifiers_are_reconciled_all_the_same() -> None:
    empty = source(0, "cmms", [{"tag": "A1001", "serial": "DE47110553"}])
    empty.table = empty.table.slice(0, 0)
    words = source(1, "network", [{"unit": "ICU"}, {"unit": "ER"}])
    with reconciled(empty, words) as (con, found):
        assert found.devices == 2
        assert found.matched == {"cmms.csv": 0, "network.csv": 0}
        assert {reason for (reason,) in rows_of(con, "SELECT reason FROM unmatched")} == {"no identifier"}


def test_two_names_of_a_maker_are_learned_from_the_serials_they_share() -> None:
    left = [{"serial": f"KX{4711 * n}", "maker": "Norvik", "model": "Aria 7", "tag": f"A{1000 + n}"} for n in range(1, 5)]  # fmt: skip
    right = [{"serial": f"KX{4711 * n}", "maker": "Fjordmed", "model": "Aria 7"} for n in range(1, 5)]
    slip_left = {"serial": "KX990011", "maker": "Norvik", "model": "Aria 7", "tag": "A2000"}
    slip_right = {"serial": "KX990017", "maker": "Fjordmed", "model": "Aria 7"}
    with reconciled(source(0, "cmms", [*left, slip_left]), source(1, "security", [*right, slip_right])) as (
        con,
        _,
    ):
        assert linked(con) >= {("cmms", n, "security", n) for n in range(1, 5)}
        assert ("cmms", 5, "security", 5) in linked(con) | linked(con, "review")


def test_the_maker_of_a_network_card_speaks_against_nothing() -> None:
    cmms = source(0, "cmms", [{"tag": "A4711", "maker": "Norvik", "model": "Aria 7", "serial": "KX990011", "mac": "0011aabbcc01"}])  # fmt: skip
    scan = source(1, "network", [{"mac": "0011aabbcc01", "maker": "Silex Technology", "ip": "10.0.0.7"}])
    with reconciled(cmms, scan) as (con, _):
        assert linked(con) == {("cmms", 1, "network", 1)}


def test_neighbouring_serials_of_other_models_hide_no_slip() -> None:
    others = [{"serial": f"1487{n}", "maker": "Norvik", "model": f"Model {n}", "tag": f"B100{n}"} for n in range(1, 10) if n != 6]  # fmt: skip
    with reconciled(
        source(
            0, "cmms", [{"serial": "14876", "maker": "Norvik", "model": "Aria 7", "tag": "A4711"}, *others]
        ),
        source(1, "security", [{"serial": "14576", "maker": "Norvik", "model": "Aria 7"}]),
    ) as (con, _):
        assert ("cmms", 1, "security", 1) in linked(con) | linked(con, "review")
