"""Devices from matches: contradictions never meet in one device, every pair is told once."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.intake.clustering import CLOSED_UP_TO, Edge, cluster
from pilothouse.intake.rules import Serial, contradict

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


@given(EDGES, SERIALS)
def test_pairs_without_an_edge_are_told_once_with_a_way(
    edges: list[tuple[int, int, int]], serials: dict[int, Serial]
) -> None:
    found = cluster(surest_first(edges), serials)
    direct = {(a, b) for a, b, _ in edges}
    expected = {
        (a, b) for a, b in combinations(sorted(found.device), 2) if found.device[a] == found.device[b]
    } - direct
    assert [(v.left, v.right) for v in found.vias] == list({(v.left, v.right): v for v in found.vias})
    assert {(v.left, v.right) for v in found.vias} == expected
    assert all(
        found.device[v.via] == found.device[v.left] and v.via not in (v.left, v.right) for v in found.vias
    )


def test_the_surer_of_two_contradicting_joins_stands() -> None:
    serials = {0: Serial("m", "1111"), 2: Serial("m", "9999")}
    found = cluster([Edge(1, 2, 12.0), Edge(0, 1, 7.0)], serials)
    assert found.device[1] == found.device[2] != found.device[0]
    assert [(c.edge.left, c.edge.right, c.one.key, c.other.key) for c in found.cuts] == [
        (0, 1, "1111", "9999")
    ]


def test_a_giant_device_does_not_list_all_its_pairs() -> None:
    chain = [Edge(i, i + 1, 9.0) for i in range(CLOSED_UP_TO + 50)]
    found = cluster(chain, {})
    assert found.largest == CLOSED_UP_TO + 51
    assert found.vias == []
