"""The clean world: consistent headers, a tag and a serial nearly everywhere, few differences of spelling."""

from __future__ import annotations

import json
from datetime import timedelta

from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import Device
from pilothouse.demo.gear import Gear
from pilothouse.demo.habits import Habits
from pilothouse.demo.rows import UNSTATED, Mark, Row
from pilothouse.demo.sheets import Delimited, Workbook
from pilothouse.demo.showing import Shares, in_cmms, in_security, on_network
from pilothouse.demo.worlds.source import Source, World

_CMMS = Shares(serial=0.985, mac=0.94, tag=0.998)
_NETWORK = Shares(serial=0.72, mac=0.995, tag=0.15)
_SECURITY = Shares(serial=0.86, mac=0.99, tag=0.9)

_TECHNICIANS = ("M. Alvarez", "T. Okafor", "J. Lindqvist", "S. Rao", "D. Whitaker", "K. Nguyen")


def _maker(device: Device, dice: Dice) -> str:
    """The maker's usual name, now and then its legal one."""
    maker = device.product.maker
    return maker.legal if dice.chance(0.06) else maker.name


def host(device: Device) -> str:
    """`NGH-ICU-PATIENTMONIT-0412345`: hospital, unit, what it is, tag."""
    noun = device.product.noun.replace(" ", "").upper()[:8]
    return f"{device.unit.key}-{noun}-{device.host_tag}"


def cmms_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the CMMS export."""
    shown = in_cmms(device, dice, _CMMS, nth)
    product, unit = device.product, device.unit
    version = device.version if dice.chance(0.8) else ""
    status = "Retired" if device.standing.retired else dice.pick(("In Service", "In Service", "In Service", "In Repair", "Spare"))  # fmt: skip
    cells = (
        f"BME-{shown.tag}" if shown.tag else "", product.noun.capitalize(), _maker(device, dice), product.model,
        shown.serial, unit.facility.name, unit.name, device.room, "; ".join(shown.macs), version, status,
        dice.pick(_TECHNICIANS), str(device.installed - timedelta(days=dice.between(5, 90))), str(device.installed),
        f"{device.price}.00", str(device.installed + timedelta(days=730)), str(device.last_pm),
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, shown.tag_mark, version)


def network_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the network inventory, which recognises most models."""
    shown = on_network(device, dice, _NETWORK, nth)
    known = dice.chance(0.85)
    version = device.version if known and dice.chance(0.4) else ""
    cells = (
        shown.macs[0].lower() if shown.macs else "", device.ip, host(device).lower(),
        device.product.maker.name if known else "", device.product.model if known else "", shown.serial,
        f"BME-{shown.tag}" if shown.tag else "", device.product.os, version, str(device.unit.vlan), f"{device.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, shown.tag_mark, version if known else UNSTATED)


def network_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same inventory."""
    cells = (
        gear.mac.lower(), gear.ip, gear.host.lower(), gear.maker, gear.model, gear.serial if dice.chance(0.5) else "",
        "", gear.os, "", "20", f"{gear.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, Mark.TRUE if cells[5] else Mark.GONE, Mark.TRUE)


def security_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the security tool's workbook; its lists are JSON arrays."""
    shown = in_security(device, dice, _SECURITY)
    version = device.version if dice.chance(0.75) else ""
    cells = (
        f"xd-{dice.below(16**8):08x}", f"BME-{shown.tag}" if shown.tag else "", json.dumps(shown.macs), json.dumps([device.ip]),
        shown.serial, device.product.maker.name, device.product.model, device.product.noun.title(), device.product.os, version,
        json.dumps([str(device.unit.vlan)]), f"{device.seen}T{dice.below(24):02d}:00:00Z", "False", str(dice.between(5, 95)),
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, shown.tag_mark, version)


def security_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT that the security tool watches as well."""
    cells = (
        f"xd-{dice.below(16**8):08x}", "", json.dumps([gear.mac]), json.dumps([gear.ip]), "", gear.maker, gear.model, gear.kind,
        gear.os, "", '["20"]', f"{gear.seen}T{dice.below(24):02d}:00:00Z", "False", str(dice.between(1, 60)),
    )  # fmt: skip
    return Row(cells, mac=Mark.TRUE)


WORLD = World(
    "clean",
    Habits(entered_twice=0.002, scanned_twice=0.005, reported_twice=0.002, slips=0.024, two_cards=0.02),
    cmms=Source(
        Delimited("cmms.csv", (("Asset Tag", "Description", "Manufacturer", "Model", "Serial Number", "Facility", "Department", "Room", "MAC Address", "Software Version", "Status", "Owner", "Purchase Date", "Installation Date", "Purchase Price", "Warranty Expiration Date", "Last PM"),)),
        cmms_row,
    ),
    network=Source(
        Delimited("network.csv", (("mac_address", "ip_address", "hostname", "manufacturer", "model", "serial_number", "asset_tag", "os", "firmware_version", "vlan", "last_seen"),), line_end="\n"),
        network_row, network_gear,
    ),
    security=Source(
        Workbook("xdome.xlsx", ("device_uid", "device_asset_id", "device_mac_list", "device_ip_list", "device_serial_number", "device_manufacturer", "device_model", "device_type_family", "device_os_name", "device_software_or_firmware_version", "device_vlan_list", "device_last_seen_list", "device_retired", "device_risk_score")),
        security_row, security_gear,
    ),
)  # fmt: skip
