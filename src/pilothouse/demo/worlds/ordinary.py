"""The ordinary world: what a hospital's lists look like when nobody tends them and nobody means harm."""

from __future__ import annotations

from datetime import date

from pilothouse.demo import pen
from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import Device
from pilothouse.demo.gear import Gear
from pilothouse.demo.habits import Habits
from pilothouse.demo.rows import UNSTATED, Mark, Row
from pilothouse.demo.sheets import Delimited, JsonArray
from pilothouse.demo.showing import Shares, Shown, in_cmms, in_security, on_network
from pilothouse.demo.worlds.source import Source, World

_CMMS = Shares(serial=0.94, mac=0.86, tag=0.97)
_NETWORK = Shares(serial=0.6, mac=0.985, tag=0.0)
_SECURITY = Shares(serial=0.76, mac=0.97, tag=0.45)

_ACCESSORIES = (" (w/ NIBP)", " [roll stand]", " (incl. charger)", " w/ pole clamp", " [refurb]")
_NOUNS = {
    "infusion pump": "PUMP, INFUSION",
    "patient monitor": "MONITOR, PHYSIOLOGIC",
    "ventilator": "VENTILATOR, ICU",
}
_PLACES = {"ICU": "Intensive Care", "ED": "Emerg. Dept", "OR": "Surgery", "RAD": "Radiology", "LAB": "Lab"}


def maker_text(device: Device, dice: Dice) -> str:
    """A name under which a maker, or a maker it bought, is on file; now and then misspelt."""
    maker = device.product.maker
    kind = dice.below(100)
    if kind < 40:
        return maker.name
    if kind < 50:
        return maker.legal
    return dice.pick((*maker.spellings, *maker.misspellings))


def model_text(device: Device, dice: Dice) -> str:
    """The model in another case or punctuation, with a revision or an accessory in brackets."""
    model = device.product.model
    kind = dice.below(100)
    if kind < 55:
        return model
    if kind < 70:
        return model.upper()
    if kind < 78:
        return model.replace("-", " ").replace(",", "")
    if kind < 88:
        return f"{model}{dice.pick(_ACCESSORIES)}"
    if kind < 94:
        return f"{model} Rev {dice.pick('ABCD')}"
    return model.replace(" ", "-")


def version_text(device: Device, dice: Dice, share: float) -> str:
    """The version, or nothing, or something that says nothing."""
    if dice.chance(share):
        return device.version
    return dice.pick(("", "", "", "unknown", "N/A", "?"))


def stated(device: Device, version: str) -> str:
    """The version the truth reckons with: none if what stands there is no version."""
    return version if version == device.version else ""


def _serial_cell(shown: Shown, dice: Dice) -> tuple[str, Mark]:
    if shown.serial_mark is Mark.SLIP:
        return shown.serial, Mark.SLIP
    if not shown.serial:
        return (dice.pick(pen.PLACEHOLDERS) if dice.chance(0.5) else ""), Mark.GONE
    text = pen.spelt_serial(dice, shown.serial)
    if dice.chance(0.004):
        text = f"{text}{dice.pick((' / ', ', '))}{pen.free_serial(dice)}"
    return text, Mark.TRUE


def _day(day: date, dice: Dice) -> str:
    """US dates, some of them the numbers a spreadsheet keeps."""
    return pen.excel_day(day) if dice.chance(0.2) else pen.us_day(day)


def _unit(device: Device, dice: Dice) -> str:
    unit = device.unit
    kind = dice.below(100)
    if kind < 60:
        return unit.name
    if kind < 80:
        return unit.key
    return _PLACES.get(unit.code, unit.name.upper())


def cmms_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of a semicolon export in Windows-1252 with decimal commas."""
    shown = in_cmms(device, dice, _CMMS, nth)
    serial, serial_mark = _serial_cell(shown, dice)
    version = version_text(device, dice, 0.55)
    tag = shown.tag.lstrip("0") if dice.chance(0.7) else shown.tag
    mac = pen.mac_notation(dice, shown.macs[0]) if shown.macs else ""
    maker = maker_text(device, dice)
    named = maker not in device.product.maker.misspellings
    noun = _NOUNS.get(device.product.noun, device.product.noun.upper())
    cells = (
        tag, noun, maker, model_text(device, dice), serial, device.unit.facility.name, _unit(device, dice),
        device.room, mac, version, "RETIRED" if device.standing.retired else "ACTIVE", _day(device.installed, dice),
        pen.decimal_comma(device.price), _day(device.last_pm, dice),
    )  # fmt: skip
    return Row(
        cells, serial_mark, shown.mac_mark, shown.tag_mark, stated(device, version) if named else UNSTATED
    )


def host(device: Device, dice: Dice) -> str:
    """`ICU-INFU-12345`, a maker's default, or nothing."""
    kind = dice.below(100)
    if kind < 55:
        return f"{device.unit.code}-{device.product.noun[:4].upper()}-{device.host_tag[-5:]}"
    if kind < 75:
        return f"{device.product.maker.key[:4]}{device.serial.replace(' ', '')[-6:]}.nch.local"
    return ""


def network_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the scan: who made the network card, what the host answers."""
    shown = on_network(device, dice, _NETWORK, nth)
    cells = (
        device.ip, pen.mac_notation(dice, shown.macs[0]) if shown.macs else "", host(device, dice),
        device.product.maker.name.upper() if dice.chance(0.5) else dice.pick(("Silex Technology", "Lantronix", "Laird Connectivity", "")),
        device.product.noun.title() if dice.chance(0.5) else "Medical Device", device.product.os, shown.serial,
        device.unit.facility.short, f"{device.seen} {dice.below(24):02d}:{dice.below(60):02d}",
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark)


def network_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same scan."""
    serial = gear.serial if dice.chance(0.3) else ""
    cells = (
        gear.ip, pen.mac_notation(dice, gear.mac), gear.host, gear.maker, gear.kind, gear.os, serial,
        gear.unit.facility.short, f"{gear.seen} {dice.below(24):02d}:{dice.below(60):02d}",
    )  # fmt: skip
    return Row(cells, Mark.TRUE if serial else Mark.GONE, Mark.TRUE)


def security_row(device: Device, dice: Dice, nth: int) -> Row:
    """One object of the security tool's export."""
    shown = in_security(device, dice, _SECURITY)
    version = version_text(device, dice, 0.6)
    known = dice.chance(0.9)
    cells = (
        str(400_000 + dice.below(10**9)), list(shown.macs), [device.ip], shown.tag,
        device.product.maker.name if known else "", device.product.model if known else "", device.product.os, version if known else "",
        device.product.noun.title(), shown.serial, device.unit.name if dice.chance(0.5) else "", device.unit.facility.name,
        host(device, dice), f"{device.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(
        cells,
        shown.serial_mark,
        shown.mac_mark,
        shown.tag_mark,
        stated(device, version) if known else UNSTATED,
    )


def security_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same export."""
    cells = (
        str(400_000 + dice.below(10**9)), [gear.mac], [gear.ip], "", gear.maker, gear.model, gear.os, "", gear.kind, "",
        "", gear.unit.facility.name, gear.host, f"{gear.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00Z",
    )  # fmt: skip
    return Row(cells, mac=Mark.TRUE)


WORLD = World(
    "ordinary",
    Habits(entered_twice=0.008, scanned_twice=0.01, reported_twice=0.006, slips=0.024),
    cmms=Source(
        Delimited("cmms_export.csv", (("Control No.", "Equipment Category", "Mfr", "Model/Cat No", "Serial #", "Facility", "Dept.", "Room", "MAC Addr", "SW Rev", "Status", "In Service Date", "Acquisition Cost", "Last PM"),), delimiter=";", encoding="cp1252"),
        cmms_row,
    ),
    network=Source(
        Delimited("network_scan.csv", (("IP Address", "MAC Address", "Host Name", "NIC Vendor", "Device Type", "Operating System", "Serial No.", "Site", "Last Seen"),), mark=b"\xef\xbb\xbf"),
        network_row, network_gear,
    ),
    security=Source(
        JsonArray("asimily.json", ("deviceID", "macAddr", "v4IpAddrs", "assetTag", "manufacturer", "deviceModel", "os", "softwareVersion", "deviceType", "serialNumber", "department", "facility", "hostName", "lastSeen")),
        security_row, security_gear,
    ),
)  # fmt: skip
