"""The fields of the room's lists, with the headers they are met under. Source: docs/domains/parts.md, "Lists"."""

from __future__ import annotations

from pilothouse.imports.fields import Field, FieldKind


def _field(name: str, kind: FieldKind, label: str, *aliases: str) -> Field:
    return Field(name, kind, "agreement", label, (name.replace("_", " "), *aliases))


_SUPPLIER = _field("supplier", "text", "Supplier", "supplier name", "vendor", "vendor name", "lieferant", "proveedor", "fournisseur")  # fmt: skip
_CATEGORY = _field(
    "category", "text", "Category", "part category", "item category", "part group", "commodity"
)
_CONDITION = _field("condition", "text", "Condition", "part condition", "item condition")
_PRICE = _field("price", "money", "Price", "unit price", "unit cost", "cost")

EVENTS = (
    _field("receipt", "identifier", "Receipt", "receipt number", "receipt id", "goods receipt", "goods receipt number", "grn"),
    _SUPPLIER,
    _field("part", "identifier", "Part", "part number", "item number", "catalog number", "sku"),
    _CATEGORY,
    _CONDITION,
    _PRICE,
    _field("ordered", "date", "Ordered", "order date", "ordered on", "date ordered"),
    _field("promised", "date", "Promised", "promise date", "promised date", "confirmed date", "due date"),
    _field("received", "date", "Received", "received date", "receipt date", "received on", "date received"),
    _field("installed", "date", "Installed", "installation date", "installed on", "date installed"),
    _field("outcome", "text", "Outcome", "test outcome", "result"),
    _field("outcome_on", "date", "Outcome on", "outcome date", "failed on", "failure date", "date outcome"),
    _field("device", "identifier", "Device", "device id", "asset tag"),
    _field("support_calls", "money", "Support calls", "calls"),
    _field("support_hours", "money", "Support hours", "hours"),
    _field("support_solved", "text", "Support solved", "solved"),
    _field("cancelled", "date", "Cancelled", "canceled", "cancelled on", "canceled on", "cancellation date"),
)  # fmt: skip

OFFERS = (
    _field("offer", "identifier", "Offer", "offer number", "offer id", "quote", "quote number"),
    _SUPPLIER,
    _CATEGORY,
    _CONDITION,
    _PRICE,
    _field("freight", "money", "Freight", "shipping", "shipping cost", "delivery cost"),
    _field("lead_days", "money", "Lead days", "lead time", "lead time days", "delivery days"),
    _field("credit", "money", "Credit", "credit share", "refund share"),
)

DEMAND = (
    _field("part", "identifier", "Part", "part number", "item number"),
    _field("place", "text", "Place", "site", "facility", "location", "base"),
    _field("demand_per_year", "money", "Demand per year", "yearly demand", "annual demand", "demand"),
    _field("resupply_days", "money", "Resupply days", "resupply time", "transport days"),
    _field("downtime_per_day", "money", "Downtime per day", "downtime cost per day", "downtime cost"),
    _field("stock", "money", "Stock", "stock today", "on hand", "quantity"),
    _PRICE,
)

DEPOT = (
    _field("part", "identifier", "Part", "part number", "item number"),
    _PRICE,
    _field("lead_days", "money", "Lead days", "lead time", "lead time days", "supplier lead days"),
    _field("stock", "money", "Stock", "stock today", "on hand", "quantity"),
)

COUNTS = (
    _SUPPLIER,
    _CATEGORY,
    _CONDITION,
    _field("quarter", "text", "Quarter"),
    _field("rate", "text", "Rate"),
    _field("n", "money", "Items"),
    _field("x", "money", "Hits"),
)
