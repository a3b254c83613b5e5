"""Devices from matches: contradictions never meet in one device, every pair is told once."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.intake.clustering import LARGEST, Clusters, Edge, cluster
from pilothouse.intake.linking import lay_out
from pilothouse.intake.rules import Serial, contradict
from pilothouse.kernel.duck import engine

NODES = st.integers(0, 9)
EDGES = st.lists(
    st.tuples(NODES, NODES, st.integers(5, 15)).filter(lambda e: e[0] < e[1]),
    max_size=20,
    unique_by=lambda e: e[:2],
)
SERIALS = st.dictionaries(NODES, st.sampled_from([Serial("m", "1000"), Serial("m", "1001"), Serial("m", "2222"), Serial(None, "2222"), Serial("n", "5555")]))  # fmt: skip


def surest_first(edges: list[tuple[int, int, int]]) -> list[Edge]:
    return sorted((Edge(a, b, float(bits)) for a, b, bits in edges), key=lambda e: (-e.bits, e.left, e.right))


@given(EDGES, SERIALS)
def test_no_device_holds_contradicting_serials(
    edges: list[tuple[int, int, int]], serials: dict[int, Serial]
) -> None:
    found = cluster(surest_first(edges), serials)
    for a, b in combinations(found.device, 2):
        if found.device[a] == found.device[b] and a in serials and b in serials:
            assert not contradict(serials[a], serials[b])


@given(EDGES, SERIALS)
def test_each_edge_joins_or_is_cut(edges: list[tuple[int, int, int]], serials: dict[int, Serial]) -> None:
    found = cluster(surest_first(edges), serials)
    cut = {(c.edge.left, c.edge.right) for c in found.cuts}
    for a, b, _ in edges:
        assert (found.device[a] == found.device[b]) != ((a, b) in cut)


def closing(found: Clusters, edges: list[Edge]) -> list[tuple[int, int, int, float]]:
    """The pairs that only close a device: left, right, the node on the way, bits."""
    with engine(memory_mb=300, threads=1) as con:
        con.execute("CREATE TABLE matches (l BIGINT, r BIGINT)")
        if edges:
            con.executemany("INSERT INTO matches VALUES (?, ?)", [[e.left, e.right] for e in edges])
        lay_out(con, found)
        return con.execute("SELECT l, r, via, bits FROM vias ORDER BY ALL").fetchall()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDGES, SERIALS)
def test_pairs_without_an_edge_are_told_once_with_a_way(
    edges: list[tuple[int, int, int]], serials: dict[int, Serial]
) -> None:
    ordered = surest_first(edges)
    found = cluster(ordered, serials)
    expected = {
        (a, b) for a, b in combinations(sorted(found.device), 2) if found.device[a] == found.device[b]
    } - {(a, b) for a, b, _ in edges}
    vias = closing(found, ordered)
    assert [(left, right) for left, right, _, _ in vias] == sorted(expected)
    cut = {(c.edge.left, c.edge.right) for c in found.cuts}
    made = [e for e in ordered if (e.left, e.right) not in cut]
    for left, right, via, bits in vias:
        assert found.device[via] == found.device[left]
        assert via not in (left, right)
        assert bits == weakest_on_the_best_way(left, right, made)


def weakest_on_the_best_way(start: int, end: int, edges: list[Edge]) -> float:
    """Slow and obvious: the surest edges, one more each time, until they lead from start to end."""
    for count, edge in enumerate(edges, start=1):
        reached, grown = {start}, {start}
        while grown:
            grown = {
                n for e in edges[:count] for n in (e.left, e.right) if reached & {e.left, e.right}
            } - reached
            reached |= grown
        if end in reached:
            return edge.bits
    raise AssertionError("no way")


def test_the_surer_of_two_contradicting_joins_stands() -> None:
    serials = {0: Serial("m", "1111"), 2: Serial("m", "9999")}
    found = cluster([Edge(1, 2, 12.0), Edge(0, 1, 7.0)], serials)
    assert found.device[1] == found.device[2] != found.device[0]
    assert [(c.edge.left, c.edge.right, c.reason) for c in found.cuts] == [
        (0, 1, "serials 1111 and 9999 of one maker contradict each other")
    ]


@pytest.mark.parametrize("rows", [201, 400])
def test_every_pair_of_a_large_device_is_told(rows: int) -> None:
    chain = [Edge(i, i + 1, 9.0) for i in range(rows - 1)]
    found = cluster(chain, {})
    assert (found.largest, found.cuts) == (rows, [])
    vias = closing(found, chain)
    assert (
        len({(left, right) for left, right, _, _ in vias}) == len(vias) == rows * (rows - 1) // 2 - (rows - 1)
    )


def test_a_match_that_would_make_a_device_of_too_many_rows_is_cut_and_told() -> None:
    chain = [Edge(i, i + 1, 20 - i) for i in range(9)]
    found = cluster(chain, {}, largest=4)
    assert found.largest == 4
    assert found.too_large == len(found.cuts) == 2
    assert {cut.reason for cut in found.cuts} == {"more than 4 rows would be one device"}
    assert LARGEST >= 1000
