"""The lying world: tidy files whose values look perfect and are false.

Short running serials that several makers share, host names and tags of a predecessor, network cards that
moved to another device, a device entered twice, a docking station's address on twenty carts.
"""

from __future__ import annotations

import json
from datetime import timedelta

from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import Device
from pilothouse.demo.gear import Gear
from pilothouse.demo.habits import Habits
from pilothouse.demo.rows import UNSTATED, Mark, Row
from pilothouse.demo.sheets import Delimited, JsonLines
from pilothouse.demo.showing import Shares, in_cmms, in_security, on_network
from pilothouse.demo.worlds.source import Source, World

_CMMS = Shares(serial=0.98, mac=0.82, tag=0.99)
_NETWORK = Shares(serial=0.72, mac=0.99, tag=0.0)
_SECURITY = Shares(serial=0.85, mac=0.985, tag=0.5)


def cmms_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of a tidy asset table."""
    shown = in_cmms(device, dice, _CMMS, nth)
    product, unit = device.product, device.unit
    maker = product.maker.name if dice.chance(0.85) else dice.pick(product.maker.spellings)
    version = device.version if dice.chance(0.7) else ""
    cells = (
        f"A{shown.tag}" if shown.tag else "", product.noun.title(), maker, product.model, shown.serial, unit.facility.name, unit.name,
        device.room, shown.macs[0] if shown.macs else "", version, "Retired" if device.standing.retired else "In use",
        str(device.installed), f"{device.price}", str(device.installed + timedelta(days=1095)), str(device.last_pm),
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, shown.tag_mark, version)


def host(device: Device) -> str:
    """`nuv-a0412345`: the tag that was on the device when somebody named it."""
    return f"{device.unit.facility.key.lower()}-a{device.host_tag}"


def network_row(device: Device, dice: Dice, nth: int) -> Row:
    """One object of the network inventory."""
    shown = on_network(device, dice, _NETWORK, nth)
    known = dice.chance(0.85)
    cells = (
        shown.macs[0] if shown.macs else "", device.ip, host(device), device.product.maker.name if known else "",
        device.product.model if known else "", shown.serial, device.product.os, f"{device.unit.facility.short}/{device.unit.vlan}",
        f"{device.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, Mark.GONE, "" if known else UNSTATED)


def network_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same inventory."""
    cells = (
        gear.mac, gear.ip, gear.host.lower(), gear.maker, gear.model, "", gear.os, f"{gear.unit.facility.short}/20",
        f"{gear.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, mac=Mark.TRUE)


def security_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the security tool's export with the columns it copied from the CMMS."""
    shown = in_security(device, dice, _SECURITY)
    version = device.version if dice.chance(0.75) else ""
    cells = (
        f"{dice.below(16**10):010x}", json.dumps(shown.macs), json.dumps([device.ip]), shown.serial, device.product.maker.name,
        device.product.model, device.product.noun.title(), device.product.os, version, host(device),
        f"A{shown.tag}" if shown.tag else "", device.unit.facility.name, f"{device.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, shown.tag_mark, version)


def security_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same export."""
    cells = (
        f"{dice.below(16**10):010x}", json.dumps([gear.mac]), json.dumps([gear.ip]), "", gear.maker, gear.model, gear.kind, gear.os, "",
        gear.host.lower(), "", gear.unit.facility.name, f"{gear.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, mac=Mark.TRUE)


WORLD = World(
    "lying",
    Habits(
        entered_twice=0.025, scanned_twice=0.01, reported_twice=0.01, slips=0.022, running_serials=True,
        moved_cards=0.02, docks=0.02, reused_tags=0.02, former_hosts=0.12,
    ),
    cmms=Source(
        Delimited("assets.csv", (("asset_tag", "short_description", "manufacturer", "model_name", "serial_number", "organization", "department", "location", "mac_address", "firmware", "install_status", "install_date", "cost", "warranty_expiration", "last_pm"),)),
        cmms_row,
    ),
    network=Source(
        JsonLines("inventory.jsonl", ("mac", "ip", "hostname", "vendor", "model", "serial", "os", "segment", "last_seen")),
        network_row, network_gear,
    ),
    security=Source(
        Delimited("claroty.csv", (("device_uid", "device_mac_list", "device_ip_list", "device_serial_number", "device_manufacturer", "device_model", "device_type_family", "device_os_name", "device_software_or_firmware_version", "device_name", "device_cmms_asset_tag", "device_site", "device_last_seen_list"),), line_end="\n"),
        security_row, security_gear,
    ),
)  # fmt: skip
