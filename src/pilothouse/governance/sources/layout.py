"""The files of a chain of command and their columns.

Source: docs/domains/governance.md, "As files".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileLayout:
    """One file: whether it must be there, and the columns it must and may have. Others are ignored."""

    kind: str
    required: bool
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()


LAYOUTS = (
    FileLayout("units", True, ("unit", "facility"), ("name", "facility_name", "from", "to")),
    FileLayout("positions", True, ("position", "title", "scope_kind", "scope", "reports_to", "helm"), ("from", "to")),
    FileLayout("people", True, ("person", "name", "email", "phone"), ("tested_on", "test_ok")),
    FileLayout("appointments", True, ("person", "position", "kind", "order", "from", "to")),
    FileLayout("mandates", True, ("topic", "scope_kind", "scope", "position"), ("limit", "currency", "from", "to")),
    FileLayout("absences", False, ("person", "from", "to")),
    FileLayout("roster", False, ("position", "person", "from", "to")),
    FileLayout("delegations", False, ("position", "topic", "person", "from", "to")),
    FileLayout("settings", False, ("key", "value")),
)  # fmt: skip
