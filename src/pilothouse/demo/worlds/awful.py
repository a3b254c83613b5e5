"""The awful world: two header lines, mixed encodings, ragged rows, totals, five serials in a cell, few tags, many typos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from pilothouse.demo import pen
from pilothouse.demo.dice import Dice
from pilothouse.demo.facts import Product
from pilothouse.demo.fleet import Device
from pilothouse.demo.gear import Gear
from pilothouse.demo.habits import Habits
from pilothouse.demo.rows import UNSTATED, Mark, Row
from pilothouse.demo.sheets import Delimited
from pilothouse.demo.showing import Shares, Shown, in_cmms, in_security, on_network
from pilothouse.demo.worlds.source import Source, World

_CMMS = Shares(serial=0.84, mac=0.68, tag=0.12)
_NETWORK = Shares(serial=0.55, mac=0.95, tag=0.0)
_SECURITY = Shares(serial=0.6, mac=0.93, tag=0.0)

_GLUE = (" / ", "\n", ", ", "; ", " ")
_NOTES = ("", "", "", "", "moved 3rd floor?", "see Bob", "loaner", "ask Carol", "batt. replaced")


def maker_text(device: Device, dice: Dice) -> str:
    """Any spelling of the maker, often with a typo; sometimes nothing."""
    maker = device.product.maker
    kind = dice.below(100)
    if kind < 6:
        return ""
    text = maker.name if kind < 40 else dice.pick(maker.spellings)
    return pen.typo(dice, text) if dice.chance(0.12) else text


def model_text(device: Device, dice: Dice) -> tuple[str, bool]:
    """The model in words, and whether an advisory's words are still in them."""
    model = device.product.model
    kind = dice.below(100)
    if kind < 45:
        return model, True
    if kind < 60:
        return model.lower(), True
    if kind < 72:
        return pen.typo(dice, model), False
    if kind < 80:
        return model.split(" ")[0], False
    return (f"{model}  {dice.pick(('(old)', '#2', '[bio]', '*'))}", True) if kind < 94 else ("", False)


def _serial_cell(device: Device, shown: Shown, dice: Dice) -> tuple[str, Mark]:
    if shown.serial_mark is Mark.SLIP:
        return shown.serial, Mark.SLIP
    if device.copied_serial:
        return device.copied_serial, Mark.GONE
    if dice.chance(0.02):
        return _catalogue_number(device.product), Mark.GONE
    if not shown.serial:
        return (dice.pick(pen.PLACEHOLDERS) if dice.chance(0.6) else ""), Mark.GONE
    if shown.serial.isdigit() and len(shown.serial) > 8 and dice.chance(0.15):
        return pen.scientific(shown.serial), Mark.GONE
    text = pen.spelt_serial(dice, shown.serial)
    if dice.chance(0.02):
        text = f"{text}{dice.pick(_GLUE)}{pen.free_serial(dice)}"
    return text, Mark.TRUE


def _catalogue_number(product: Product) -> str:
    """What stands on the box of every device of a product, and is taken for its serial."""
    return f"REF {10_000 + len(product.key) * 71 + product.price % 9973}"


def _where(device: Device, dice: Dice) -> str:
    unit = device.unit
    return dice.pick((unit.code, unit.name, f"{unit.facility.short.title()} {unit.code}", pen.typo(dice, unit.name), "", f"{unit.code} rm {device.room[-3:]}"))  # fmt: skip


def _day(day: date, dice: Dice) -> str:
    forms: tuple[Callable[[date], str], ...] = (pen.german_day, pen.us_day, pen.excel_day, str)
    return dice.pick(forms)(day)


def _ragged(cells: list[str], dice: Dice) -> list[str]:
    """Empty cells at the end left out; now and then one too many."""
    while len(cells) > 6 and not cells[-1]:
        cells.pop()
    return [*cells, ""] if dice.chance(0.01) else cells


def cmms_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the workshop's spreadsheet."""
    shown = in_cmms(device, dice, _CMMS, nth)
    serial, mark = _serial_cell(device, shown, dice)
    return _line(device, shown, serial, mark, dice)


def cmms_set(devices: Sequence[Device], dice: Dice) -> Row:
    """One line for five devices that were bought together: all their serials in one cell."""
    glue = dice.pick(_GLUE)
    shown = Shown("", (), devices[0].tag if dice.chance(0.2) else "", Mark.GONE, Mark.GONE, Mark.GONE)
    return _line(devices[0], shown, glue.join(device.serial for device in devices), Mark.TRUE, dice)


def _line(device: Device, shown: Shown, serial: str, mark: Mark, dice: Dice) -> Row:
    maker = maker_text(device, dice)
    model, clear = model_text(device, dice)
    version = device.version if dice.chance(0.35) else dice.pick(("", "", "?", "latest", "see screen"))
    mac = pen.mac_notation(dice, shown.macs[0]) if shown.macs else ""
    cells = [
        model, device.product.noun if dice.chance(0.7) else "", maker, serial, f"CE{shown.tag}" if shown.tag else "",
        _where(device, dice), mac, version,
        _day(device.installed, dice) if dice.chance(0.7) else "",
        pen.decimal_comma(device.price) if dice.chance(0.4) else "", "scrapped" if device.standing.retired else dice.pick(_NOTES),
        dice.pick(("", "", "", "checked", "PM overdue")),
    ]  # fmt: skip
    named = clear and bool(maker) and maker in (device.product.maker.name, *device.product.maker.spellings)
    told = version if version == device.version else ""
    return Row(_ragged(cells, dice), mark, shown.mac_mark, shown.tag_mark, told if named else UNSTATED)


def host(device: Device, dice: Dice) -> str:
    """Whatever somebody typed, or nothing."""
    kind = dice.below(100)
    if kind < 40:
        return ""
    if kind < 60:
        return f"{device.product.noun.split(' ')[0]}{dice.between(1, 99)}"
    if kind < 80:
        return (
            f"{device.unit.code.lower()}_{device.product.model.split(' ')[0].lower()}_{dice.between(1, 30)}"
        )
    return f"android-{dice.below(16**6):06x}" if kind < 85 else f"HOST{device.ip.replace('.', '')}"


def network_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of a UTF-16 dump of the address tables."""
    shown = on_network(device, dice, _NETWORK, nth)
    cells = (
        pen.mac_notation(dice, shown.macs[0]) if shown.macs else "", device.ip if dice.chance(0.85) else "", host(device, dice),
        device.product.os if dice.chance(0.4) else "", shown.serial.lower() if dice.chance(0.2) else shown.serial,
        f"{device.unit.facility.short[:4]}-{device.unit.vlan}", pen.german_day(device.seen),
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark)


def network_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same dump."""
    cells = (
        pen.mac_notation(dice, gear.mac), gear.ip, gear.host if dice.chance(0.7) else "", gear.os, "",
        f"{gear.unit.facility.short[:4]}-20", pen.german_day(gear.seen),
    )  # fmt: skip
    return Row(cells, mac=Mark.TRUE)


def security_row(device: Device, dice: Dice, nth: int) -> Row:
    """One line of the security tool's export, to which the site added a column of serials."""
    shown = in_security(device, dice, _SECURITY)
    known = dice.chance(0.7)
    maker, model = device.product.maker.name, device.product.model
    cells = (
        str(dice.below(10**7)), host(device, dice), "Medical", device.product.noun.title() if known else "Medical Device",
        maker if known else "", model if known else "", ", ".join(shown.macs), device.ip, device.product.os,
        f"{device.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00+00:00", dice.pick(("Low", "Medium", "High")),
        device.unit.facility.name, dice.pick(("", "", "biomed", "no-agent")), f"sw-{device.unit.code.lower()}-{dice.between(1, 4)}", shown.serial,
    )  # fmt: skip
    return Row(cells, shown.serial_mark, shown.mac_mark, Mark.GONE, "" if known else UNSTATED)


def security_gear(gear: Gear, dice: Dice) -> Row:
    """Office IT in the same export."""
    cells = (
        str(dice.below(10**7)), gear.host, "Computers", gear.kind, gear.maker, gear.model, gear.mac, gear.ip, gear.os,
        f"{gear.seen}T{dice.below(24):02d}:{dice.below(60):02d}:00+00:00", "Low", gear.unit.facility.name, "", "", "",
    )  # fmt: skip
    return Row(cells, mac=Mark.TRUE)


_BANNER = ("Equipment", "", "", "Identification", "", "Location", "Network", "", "Purchase", "", "", "")
_HEADERS = (
    "Mdl",
    "What is it",
    "Make",
    "Ser.No.",
    "Tag #",
    "Where",
    "Hardware addr",
    "SW",
    "In service since",
    "Cost",
    "Remarks",
    "Remarks",
)

WORLD = World(
    "awful",
    Habits(entered_twice=0.015, scanned_twice=0.02, reported_twice=0.01, slips=0.026, sets=0.03, retired=0.06, two_cards=0.05, filled_down=0.01),
    cmms=Source(
        Delimited("Equipment list FINAL (2).csv", (_BANNER, _HEADERS), delimiter=";", encoding="cp1252", pasted=True, totals=("TOTAL", "", "", "", "", "", "", "", "", "see finance", "", "")),
        cmms_row, set=cmms_set,
    ),
    network=Source(
        Delimited("switch dump.txt", (("Address (MAC)", "Addr IP", "Name/Host", "OS guess", "S/N", "Port group", "Seen"),), delimiter="\t", encoding="utf-16-le", mark=b"\xff\xfe"),
        network_row, network_gear,
    ),
    security=Source(
        Delimited("armis.csv", (("id", "name", "category", "type", "manufacturer", "model", "macAddress", "ipaddress", "operatingSystem", "lastSeen", "riskLevel", "site", "tags", "accessSwitch", "serialNumber"),)),
        security_row, security_gear,
    ),
)  # fmt: skip
