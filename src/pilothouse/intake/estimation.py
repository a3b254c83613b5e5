"""How much each kind of agreement says, learned from the lists themselves with Splink.

Splink estimates, for each comparison and level, m (how often it is met among rows of one device) by expectation
maximisation and u (among rows of different devices) by random sampling. What it cannot see in a sample, such as
how often an identifier is shared by chance, `intake.scoring` counts in full. Why Splink's numbers and not its
predictions: docs/adr/0003-linking.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import duckdb

FIELDS: Final = ("serial", "mac", "tag", "uid", "host", "product", "ip", "unit", "firmware")
"""What is compared, in the order in which evidence is told."""

USUAL: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = {
    "serial": {"same": (0.9, 1e-5), "slip": (0.03, 2e-4), "other": (0.07, 1.0)},
    "mac": {"same": (0.9, 1e-5), "slip": (0.02, 1e-3), "other": (0.08, 1.0)},
    "tag": {"same": (0.95, 1e-5), "slip": (0.02, 4e-4), "other": (0.03, 1.0)},
    "uid": {"same": (0.95, 1e-5), "other": (0.05, 1.0)},
    "host": {"same": (0.7, 1e-4), "carried": (0.2, 1e-4), "numbered": (0.02, 1e-3), "foreign": (0.05, 0.3), "other": (0.1, 0.7)},
    "product": {"same model": (0.75, 0.02), "similar model": (0.12, 0.01), "same maker": (0.06, 0.04), "other model": (0.04, 0.08), "other product": (0.01, 0.1), "other maker": (0.02, 0.8)},
    "ip": {"same": (0.7, 1e-4), "other": (0.3, 1.0)},
    "unit": {"same": (0.6, 0.1), "other": (0.4, 0.9)},
    "firmware": {"same": (0.6, 0.2), "other": (0.4, 0.8)},
}  # fmt: skip
"""(m, u) by field and level, used for what the lists at hand are too small or too one-sided to teach."""

_SPLINK: Final = {
    "serial": (("same", "serial_l = serial_r"), ("slip", "damerau_levenshtein(serial_l, serial_r) <= 1")),
    "mac": (("same", "mac_l = mac_r"),),
    "tag": (("same", "tag_l = tag_r"), ("slip", "damerau_levenshtein(tag_l, tag_r) <= 1")),
    "host": (("same", "host_l = host_r"),),
    "product": (
        ("other maker", "maker_l <> maker_r"),
        ("same model", "model_l = model_r"),
        ("similar model", "contains(model_l, model_r) OR contains(model_r, model_l)"),
        ("other model", "maker_l = maker_r AND model_l <> model_r"),
        ("same maker", "maker_l = maker_r"),
    ),
    "ip": (("same", "ip_l = ip_r"),),
}
_MISSING: Final = {"product": "(maker_l IS NULL OR maker_r IS NULL) AND (model_l IS NULL OR model_r IS NULL)"}
_REST: Final = {"product": "other product"}
_BLOCKS: Final = ("serial", "mac", "tag")
_ENOUGH_PAIRS: Final = 200
_SAMPLED_PAIRS: Final = 3e5
_TRAINING_PAIRS: Final = 1e5


@dataclass(frozen=True, slots=True)
class Estimates:
    """(m, u) for each field and level, and of which fields Splink learned them here."""

    levels: Mapping[str, Mapping[str, tuple[float, float]]]
    learned: tuple[str, ...] = ()


def estimate(con: duckdb.DuckDBPyConnection) -> Estimates:
    """Learn from the tables `nodes` and `keys`; usual values stand where too few pairs teach a field."""
    blocks = [b for b in _BLOCKS if _pairs_of(con, b) >= _ENOUGH_PAIRS]
    if not blocks:
        return Estimates(USUAL)
    learned = _train(con, blocks)
    levels = {field: {**usual, **learned.get(field, {})} for field, usual in USUAL.items()}
    return Estimates(levels, tuple(learned))


def _pairs_of(con: duckdb.DuckDBPyConnection, kind: str) -> int:
    """How many keys of a kind stand in more than one file."""
    sql = "SELECT count(*) FROM (SELECT value FROM keys WHERE kind = ? GROUP BY value HAVING count(DISTINCT ordinal) > 1)"
    ((pairs,),) = con.execute(sql, [kind]).fetchall()
    return int(pairs)


def _train(con: duckdb.DuckDBPyConnection, blocks: list[str]) -> dict[str, dict[str, tuple[float, float]]]:
    """Splink's own steps: u from random pairs, m from pairs that agree on one identifier, each in turn."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # a second's import

    api = DuckDBAPI(con)
    ordinals = [o for (o,) in con.execute("SELECT DISTINCT ordinal FROM nodes ORDER BY 1").fetchall()]
    frames = []
    for ordinal in ordinals:
        con.execute(f"CREATE OR REPLACE TABLE training_{ordinal} AS {_TRAINING_ROWS}", [ordinal])
        frames.append(api.register(f"training_{ordinal}", table_name=f"list_{ordinal}"))
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="nid",
        comparisons=[_comparison(field) for field in _SPLINK],
        blocking_rules_to_generate_predictions=[block_on(b) for b in blocks],
        retain_matching_columns=False,
    )
    linker = Linker(frames, settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(
        max_pairs=_SAMPLED_PAIRS, seed=1, min_count_per_level=None, num_chunks=1
    )
    for block in blocks:
        # Trap in Splink 5.0: where no pair of a level is a match, m underflows to 0 and the session ends in a
        # ValueError. What the other sessions taught still stands.
        with suppress(ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(block), max_pairs=_TRAINING_PAIRS
            )
    for ordinal in ordinals:
        con.execute(f"DROP TABLE training_{ordinal}")
    return _numbers(linker.misc.save_model_to_json())


# Numbered by what the rows say, so that Splink's samples do not depend on the order of rows in a file.
_TRAINING_ROWS = """
SELECT row_number() OVER (ORDER BY n.mark, n.part) AS nid, n.serial, n.tag, n.host, n.maker, n.model, n.ips[1] AS ip, m.mac
FROM nodes n LEFT JOIN (SELECT nid, min(value) AS mac FROM keys WHERE kind = 'mac' GROUP BY nid) m USING (nid)
WHERE n.ordinal = ? ORDER BY n.mark, n.part
"""


def _comparison(field: str) -> dict[str, object]:
    """One field's comparison in Splink's own terms, with our names as its levels' labels."""
    missing = _MISSING.get(field, f"{field}_l IS NULL OR {field}_r IS NULL")
    levels: list[dict[str, object]] = [
        {"sql_condition": missing, "label_for_charts": "unknown", "is_null_level": True}
    ]
    levels += [{"sql_condition": sql, "label_for_charts": label} for label, sql in _SPLINK[field]]
    levels.append({"sql_condition": "ELSE", "label_for_charts": _REST.get(field, "other")})
    return {"output_column_name": field, "comparison_levels": levels}


def _numbers(model: dict[str, object]) -> dict[str, dict[str, tuple[float, float]]]:
    """m and u by field and level; a level that Splink could not teach is left to the usual values."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    comparisons = model["comparisons"]
    assert isinstance(comparisons, list)
    for comparison in comparisons:
        for level in comparison["comparison_levels"]:
            m, u = level.get("m_probability"), level.get("u_probability")
            if isinstance(m, float) and isinstance(u, float) and m > 0:
                found.setdefault(comparison["output_column_name"], {})[level["label_for_charts"]] = (m, u)
    return found
