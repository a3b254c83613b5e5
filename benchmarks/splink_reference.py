"""A bare Splink script on the comparisons of `reconcile`, as one would write it in an afternoon.

It is the yardstick of the linker: same rows, same columns, same machine, same run. Two lists of 100,000 rows,
linking only (no reading, no outputs), on two cores: see TIME.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.lists import two_lists

TIME = "measured 2026-11-24, before our linker existed: 3.2 s for 100,000 x 100,000 rows"
MATCH, REVIEW = 0.95, 0.2


@dataclass(frozen=True, slots=True)
class Linked:
    """Pairs (left row, right row, probability) and the seconds it took to find them."""

    pairs: list[tuple[str, str, float]]
    seconds: float


def _exact_or_slip(column: str) -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.DamerauLevenshteinLevel(column, 1),
            cll.ElseLevel(),
        ],
    )


def settings() -> SettingsCreator:
    """Exact identifiers with term frequencies, serials also with one slip, names by similarity."""
    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="row",
        comparisons=[
            _exact_or_slip("serial"),
            cl.ExactMatch("mac").configure(term_frequency_adjustments=True),
            cl.ExactMatch("tag").configure(term_frequency_adjustments=True),
            cl.ExactMatch("host").configure(term_frequency_adjustments=True),
            cl.ExactMatch("ip").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("maker", [0.9]),
            cl.JaroWinklerAtThresholds("model", [0.9]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("serial"),
            block_on("mac"),
            block_on("tag"),
            block_on("host"),
            block_on("substr(serial, 1, 6)", "model"),
            block_on("substr(serial, -6)", "model"),
        ],
        retain_matching_columns=False,
    )


def link(left: pa.Table, right: pa.Table) -> Linked:
    """The pairs at REVIEW or above; columns as in `benchmarks.lists.two_lists`, values already cleaned."""
    start = time.perf_counter()
    con = duckdb.connect(":memory:")
    api = DuckDBAPI(con)
    linker = Linker([api.register(left, table_name="cmms"), api.register(right, table_name="network")], settings(), log_level="ERROR")  # fmt: skip
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("serial", "model"), block_on("mac")], recall=0.8
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("serial"))
    training.estimate_parameters_using_expectation_maximisation(block_on("mac"))
    found = linker.inference.predict(threshold_match_probability=REVIEW)
    table = con.sql(f"SELECT row_l, row_r, match_probability FROM {found.physical_name}").to_arrow_table()
    pairs = list(zip(*(table.column(i).to_pylist() for i in range(3)), strict=True))
    con.close()
    return Linked(pairs, time.perf_counter() - start)


def main(rows: int = 100_000) -> None:
    """Print the time and, against the lists' own truth, precision and recall."""
    left, right = two_lists(rows)
    linked = link(left, right)
    print(
        f"splink reference: {rows:,} x {rows:,} rows in {linked.seconds:.1f} s, {len(linked.pairs):,} pairs"
    )
    truth = set(left.column("device").to_pylist()) & set(right.column("device").to_pylist())
    for name, at in (("match", MATCH), ("with review", REVIEW)):
        said = [(a, b) for a, b, p in linked.pairs if p >= at]
        print(
            f"  {name}: precision {_right(said) / max(1, len(said)):.4f}, recall {_right(said) / len(truth):.4f}"
        )


def _right(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(a == b for a, b in pairs)


if __name__ == "__main__":
    main()
