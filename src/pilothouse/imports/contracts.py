"""The columns of every file that other people's tools rely on, in one place that writes and reads them.

Source: the contracts of the command line (docs/contracts.md). A column is added at the end, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of one output file: its name, its columns in order, and what it sorts by."""

    name: str
    columns: tuple[str, ...]


LINKS = Layout("links.csv", ("left_file", "left_row", "left_key", "right_file", "right_row", "right_key", "probability", "decision", "evidence"))  # fmt: skip
MEMBERS = Layout("members.csv", ("device", "file", "row"))
CLAIMS = Layout("claims.csv", ("device", "field", "file", "row", "value", "seen", "won", "rule"))
CONFLICTS = Layout("conflicts.csv", ("device", "field", "values", "winner", "rule"))
UNMATCHED = Layout("unmatched.csv", ("file", "row", "key", "reason"))
REJECTED = Layout("rejected.csv", ("file", "row", "line", "column", "value", "problem", "expected", "raw"))
EXPOSE = Layout("exposures.csv", ("row", "device_id", "vulnerability", "advisory", "status", "source", "reason", "kev", "epss", "cvss"))  # fmt: skip
CANDIDATES = Layout("candidates.csv", ("row", "seen", "candidate", "advisory", "score", "why"))
NAMES = Layout("names.csv", ("kind", "seen", "means", "decision", "by", "on"))
SCORECARDS = Layout("scorecards.csv", ("supplier", "category", "condition", "rate", "n", "x", "raw", "mean", "low", "high", "worse", "waiting", "alarm"))  # fmt: skip
CHOICE = Layout("choice.csv", ("offer", "rank", "expected", "low", "high", "price", "freight", "wait", "again", "p_doa", "p_early90", "n", "changes_if"))  # fmt: skip
SPARES = Layout("spares.csv", ("part", "place", "stock_today", "stock", "backorders_today", "backorders", "downtime_cost", "holding_cost"))  # fmt: skip
COUNTS = Layout("counts.csv", ("supplier", "category", "condition", "quarter", "rate", "n", "x"))
SIMILAR = Layout("similar.csv", ("supplier", "row", "resembles", "resembles_row", "why"))
COVERAGE = Layout("coverage.csv", ("unit", "shift", "skill", "level", "needed", "have", "short", "breaks_on", "single", "holders"))  # fmt: skip
PEOPLE = Layout("people.csv", ("person", "skill", "level", "held_until", "basis"))
TRAINING = Layout("training.csv", ("session", "person", "closes"))
PLAN = Layout("plan.csv", ("item", "option", "year", "chosen", "benefit", "price", "survives", "why"))
PLAN_LIMITS = Layout("limits.csv", ("limit", "year", "kind", "max", "used", "shadow_price"))
PLAN_SCENARIOS = Layout(
    "scenarios.csv", ("scenario", "item", "option", "year", "base", "chosen", "benefit", "survives")
)
CHAIN_FINDINGS = Layout("findings", ("level", "code", "file", "row", "text"))


def register_layout(fields: tuple[str, ...]) -> Layout:
    """register.csv: the device, then one column per field with the winning value."""
    return Layout("register.csv", ("device", *fields))


def scorecards_layout(*, with_pool: bool) -> Layout:
    """scorecards.csv; with `--pool` the counts of other hospitals stand behind."""
    return Layout(SCORECARDS.name, (*SCORECARDS.columns, "n_pool", "x_pool")) if with_pool else SCORECARDS


def exposures_layout(*, with_chain: bool) -> Layout:
    """exposures.csv of `reconcile`: expose's columns without `row`, keyed by our device, then the owner."""
    columns = ("device", *(c for c in EXPOSE.columns if c != "row"))
    return Layout("exposures.csv", (*columns, "place", "owner", "position") if with_chain else columns)


KINDS = ("cmms", "network", "security", "other")
