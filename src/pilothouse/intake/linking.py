"""Which rows are one device: pairs worth comparing, their probability, and the devices they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

import duckdb
import pyarrow as pa

from pilothouse.equipment.model_names import is_similar_model
from pilothouse.intake.clustering import Clusters, Edge, cluster
from pilothouse.intake.estimation import FIELDS, Estimates, estimate
from pilothouse.intake.queries import statements
from pilothouse.intake.rules import Serial, decide, read_pattern, words
from pilothouse.intake.scoring import Weighed, weigh
from pilothouse.kernel.progress import SILENT, Progress

MOST_SHARING: Final = 30
"""A key that more nodes than this share is followed from neighbour to neighbour: never all with all."""
MOST_VARIANTS: Final = 12
"""Where more keys of a maker than this are equal but for one character, numbers run on, and a slip is not told from chance."""
MOST_NEAR: Final = 12
"""A key with more neighbours than this one slip away has none that is worth a look."""
RIVAL_BITS: Final = (-9.0, -3.0)
"""Bounds for what a better counterpart in the same file counts against a pair."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What linking found out, beside its tables `decided` and `node_device`."""

    estimates: Estimates
    patterns: Sequence[Weighed]
    clusters: Clusters


def link(con: duckdb.DuckDBPyConnection, progress: Progress = SILENT) -> Linked:
    """From the tables of `intake.staging` to `decided` (pairs of nodes, each with its decision) and `node_device`."""
    progress.step("Finding rows that may be one device")
    _find_pairs(con)
    progress.step("Learning from the lists what each agreement says")
    estimates = estimate(con)
    patterns = _weigh_pairs(con, estimates)
    progress.step("Making devices")
    clusters = _make_devices(con)
    return Linked(estimates, patterns, clusters)


def _find_pairs(con: duckdb.DuckDBPyConnection) -> None:
    sql = statements("pairs")
    con.execute(sql["key_groups"])
    con.execute(sql["sharing"], {"most": MOST_SHARING})
    con.execute(sql["carrying"], {"most": MOST_SHARING})
    con.execute(sql["known_keys"])
    con.execute(sql["spelling_variants"])
    con.execute(sql["slips"], {"most": MOST_VARIANTS})
    con.execute(sql["slipped"], {"near": MOST_NEAR})
    _similar_models(con, sql["model_pairs"])
    con.execute(sql["pairs"])


def _similar_models(con: duckdb.DuckDBPyConnection, wanted: str) -> None:
    """The table similar_models(model, other) of those that stand in pairs, each two compared once."""
    found = [pair for pair in con.execute(wanted).fetchall() if is_similar_model(*pair)]
    table = pa.table(
        {
            "model": pa.array([a for a, _ in found], pa.string()),
            "other": pa.array([b for _, b in found], pa.string()),
        }
    )
    con.register("similar_now", table)
    con.execute("CREATE OR REPLACE TABLE similar_models AS SELECT * FROM similar_now")
    con.unregister("similar_now")


def _weigh_pairs(con: duckdb.DuckDBPyConnection, estimates: Estimates) -> list[Weighed]:
    """Leave `scored`: each pair with its bits, after rivals, and its evidence as a template."""
    sql = statements("scoring")
    con.execute(sql["signed"])
    counted = con.execute(sql["patterns"]).fetchall()
    signatures = [signature for signature, _ in counted]
    weighed = weigh([read_pattern(s, FIELDS) for s in signatures], [n for _, n in counted], estimates)
    con.register("weights_now", _weights(signatures, weighed))
    con.execute("CREATE OR REPLACE TABLE pattern_weights AS SELECT * FROM weights_now")
    con.unregister("weights_now")
    con.execute(sql["weighed"])
    # fetchall, here and in `estimation`: a result not fetched to its end keeps the connection busy.
    ((twice,),) = con.execute(sql["entered_twice"]).fetchall()
    share = max(float(twice or 0.0), 1e-3)
    con.execute(sql["scored"], {"rival_bits": min(max(log2(share), RIVAL_BITS[0]), RIVAL_BITS[1])})
    return weighed


def _weights(signatures: Sequence[str], weighed: Sequence[Weighed]) -> pa.Table:
    return pa.table(
        {
            "signature": pa.array(signatures, pa.string()),
            "bits": pa.array([w.total for w in weighed], pa.float64()),
            "bits_without_serial": pa.array([w.total - w.fields["serial"] for w in weighed], pa.float64()),
            "words": pa.array([words(w.pattern, w.first, w.fields) for w in weighed], pa.string()),
        }
    )


def _make_devices(con: duckdb.DuckDBPyConnection) -> Clusters:
    """Leave `decided` and `node_device(nid, device_node)`; return the devices, what was cut and what only closes."""
    sql = statements("deciding")
    _decide_patterns(con)
    con.execute(sql["decided"])
    con.execute(sql["matches"])
    edges = [Edge(*row) for row in con.execute(sql["edges"]).fetchall()]
    clusters = cluster(edges, _serials(con, sql["edge_serials"]))
    cuts = clusters.cuts
    _register(con, "cuts", {"l": [c.edge.left for c in cuts], "r": [c.edge.right for c in cuts]}, {"reason": [c.reason for c in cuts]})  # fmt: skip
    lay_out(con, clusters)
    return clusters


def lay_out(con: duckdb.DuckDBPyConnection, clusters: Clusters) -> None:
    """Leave `node_device(nid, device_node)` and `vias(l, r, via, bits)`, the pairs that only close a device."""
    joins = clusters.joins
    _register(con, "node_device", {"nid": list(clusters.device), "device_node": list(clusters.device.values())})  # fmt: skip
    _register(con, "node_places", {"nid": clusters.order, "place": range(len(clusters.order))})
    numbers = {name: [getattr(join, name) for join in joins] for name in ("left", "right", "left_start", "left_nodes", "right_start", "right_nodes")}  # fmt: skip
    _register(con, "joins", numbers, bits=[join.bits for join in joins])
    con.execute(statements("deciding")["vias"])


def _decide_patterns(con: duckdb.DuckDBPyConnection) -> None:
    """The table verdicts(probability_at, ...): `rules.decide` asked once for each distinct case."""
    con.execute(statements("deciding")["asked"])
    cases = con.execute(statements("deciding")["cases"]).fetchall()
    verdicts = [decide(p, contradicts=c, without_serials=w, own=o, doubted=d) for p, c, w, o, d in cases]
    columns = [*zip(*cases, strict=True)] if cases else [()] * 5
    table = pa.table([pa.array(c, f.type) for c, f in zip([*columns, verdicts], _VERDICTS, strict=True)], schema=_VERDICTS)  # fmt: skip
    con.register("verdicts_now", table)
    con.execute("CREATE OR REPLACE TABLE verdicts AS SELECT * FROM verdicts_now")
    con.unregister("verdicts_now")


_VERDICTS: Final = pa.schema([("probability", pa.float64()), ("contradicts", pa.bool_()), ("without_serials", pa.float64()), ("own", pa.bool_()), ("doubted", pa.bool_()), ("decision", pa.string())])  # fmt: skip


def _serials(con: duckdb.DuckDBPyConnection, sql: str) -> dict[int, Serial]:
    """The serials of the nodes in edges; equal ones are one object, which makes comparing sets of them cheap."""
    known: dict[tuple[str | None, str], Serial] = {}
    return {
        nid: known.setdefault((maker, key), Serial(maker, key))
        for nid, maker, key in con.execute(sql).fetchall()
    }


def _register(
    con: duckdb.DuckDBPyConnection,
    name: str,
    numbers: Mapping[str, Sequence[int]],
    texts: Mapping[str, Sequence[str]] | None = None,
    bits: Sequence[float] | None = None,
) -> None:
    columns = {column: pa.array(values, pa.int64()) for column, values in numbers.items()}
    columns |= {column: pa.array(values, pa.string()) for column, values in (texts or {}).items()}
    if bits is not None:
        columns["bits"] = pa.array(bits, pa.float64())
    con.register("table_now", pa.table(columns))
    con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM table_now")
    con.unregister("table_now")
