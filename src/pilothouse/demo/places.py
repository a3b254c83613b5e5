"""The demo health system: three hospitals, their units and rooms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Facility:
    """A hospital; `network` is the second number of its addresses (10.network.vlan.host)."""

    key: str
    name: str
    short: str
    network: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A ward or department of one hospital; `beds` weighs how many devices stand there."""

    key: str
    name: str
    code: str
    facility: Facility
    vlan: int
    beds: int


NORTH = Facility("NGH", "Northgate General Hospital", "NORTHGATE", 21)
LAKE = Facility("LSM", "Lakeside Medical Center", "LAKESIDE", 34)
CHILD = Facility("RCH", "Riverbend Children's Hospital", "RIVERBEND", 57)
FACILITIES = (NORTH, LAKE, CHILD)

_WARDS = {
    NORTH: (
        ("ICU", "Medical Intensive Care", 30), ("CCU", "Cardiac Care", 18), ("ED", "Emergency Department", 26),
        ("OR", "Operating Rooms", 28), ("PACU", "Post Anesthesia Care", 14), ("4W", "4 West Surgical", 24),
        ("5E", "5 East Oncology", 22), ("TEL", "Telemetry", 26), ("RAD", "Radiology", 16), ("LAB", "Clinical Laboratory", 12),
        ("DIAL", "Dialysis", 10), ("CATH", "Cath Lab", 8), ("PHARM", "Central Pharmacy", 8), ("SPD", "Sterile Processing", 6),
    ),
    LAKE: (
        ("ICU", "Critical Care", 22), ("ED", "Emergency Department", 20), ("OR", "Operating Rooms", 18),
        ("3N", "3 North Medicine", 24), ("3S", "3 South Orthopedics", 20), ("LD", "Labor and Delivery", 16),
        ("RAD", "Diagnostic Imaging", 12), ("LAB", "Laboratory", 8), ("ENDO", "Endoscopy", 8), ("REHAB", "Rehabilitation", 8),
    ),
    CHILD: (
        ("NICU", "Neonatal Intensive Care", 26), ("PICU", "Pediatric Intensive Care", 20), ("ED", "Pediatric Emergency", 14),
        ("OR", "Pediatric Surgery", 12), ("2B", "2 Blue Hematology", 14), ("RAD", "Pediatric Imaging", 8), ("CLIN", "Outpatient Clinics", 10),
    ),
}  # fmt: skip

UNITS: tuple[Unit, ...] = tuple(
    Unit(f"{facility.key}-{code}", name, code, facility, 100 + position * 4, beds)
    for facility, wards in _WARDS.items()
    for position, (code, name, beds) in enumerate(wards)
)
UNIT_WEIGHTS = tuple(accumulate(unit.beds for unit in UNITS))
"""Running totals of the beds: a device stands where the beds are."""
