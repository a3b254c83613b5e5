"""Findings: what somebody must decide on, each with exactly one owner. The verbs other rooms call; reads are in `reads`."""

from pilothouse.governance.findings.opening import Found, Opened, close_missing, open_findings
from pilothouse.governance.findings.owners import NobodyAtTheHelm, catch_up, reown, wake

__all__ = [
    "Found",
    "NobodyAtTheHelm",
    "Opened",
    "catch_up",
    "close_missing",
    "open_findings",
    "reown",
    "wake",
]
