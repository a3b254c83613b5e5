"""The fields of the room's lists, with the headers they are met under. Source: docs/domains/masterplan.md, "Lists"."""

from __future__ import annotations

from pilothouse.imports.fields import Field

CRITERION = "points "
"""A column of OPTIONS whose header begins so holds one criterion's part of the benefit."""


def _field(name: str, label: str, *aliases: str) -> Field:
    return Field(name, "text", "agreement", label, (name, *aliases))


OPTIONS = (
    _field("item", "Item", "device", "device id", "asset tag", "group"),
    _field("option", "Option", "choice", "measure", "alternative"),
    _field("year", "Year", "planned year", "budget year"),
    _field("benefit", "Benefit", "risk removed", "score", "value", "points"),
    _field("must", "Must", "mandatory", "must have"),
    _field("bundle", "Bundle", "package", "lot"),
    _field("requires", "Requires", "needs", "prerequisite", "depends on"),
    _field("committed", "Committed", "fixed", "decided"),
)
USES = (
    _field("item", "Item", "device", "device id", "asset tag", "group"),
    _field("option", "Option", "choice", "measure", "alternative"),
    _field("limit", "Limit", "budget", "resource"),
    _field("amount", "Amount", "use", "cost", "quantity"),
)
LIMITS = (
    _field("limit", "Limit", "budget", "resource"),
    _field("max", "Max", "maximum", "available", "capacity"),
    _field("year", "Year", "budget year"),
    _field("kind", "Kind", "unit", "type"),
)
