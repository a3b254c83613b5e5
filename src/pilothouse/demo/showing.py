"""Which identifiers a row of a source shows of its device, and in what state."""

from __future__ import annotations

from dataclasses import dataclass

from pilothouse.demo import pen
from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import Device
from pilothouse.demo.rows import Mark


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares (0 to 1) of a source's rows that show the serial, the MAC and the asset tag."""

    serial: float
    mac: float
    tag: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What a row shows: plain values (empty if not shown) and what they are worth."""

    serial: str
    macs: tuple[str, ...]
    tag: str
    serial_mark: Mark
    mac_mark: Mark
    tag_mark: Mark


def in_cmms(device: Device, dice: Dice, shares: Shares, nth: int = 0) -> Shown:
    """What the CMMS row holds. A device with a slip has that identifier wrong, and no other but its tag.

    nth: 0 for the first row, 1 for a second entry, which carries a tag of its own.
    """
    kind = device.standing.slip
    if kind:
        return _slipped(device, dice, kind)
    serial = device.serial if dice.chance(shares.serial) else ""
    address, mac_mark = _cmms_address(device, dice, shares.mac)
    tag = device.tag if dice.chance(shares.tag) else ""
    if nth and tag:
        tag = device.second_tag
    return Shown(
        serial, address, tag, Mark.TRUE if serial else Mark.GONE, mac_mark,
        Mark.TRUE if tag == device.tag else Mark.GONE,
    )  # fmt: skip


def _slipped(device: Device, dice: Dice, kind: str) -> Shown:
    serial = pen.slip(dice, device.serial) if kind == "serial" else ""
    macs = (pen.mac_slip(dice, device.macs[0]),) if kind == "mac" else ()
    tag = pen.slip(dice, device.tag) if kind == "tag" else device.tag
    return Shown(
        serial, macs, tag, Mark.SLIP if serial else Mark.GONE, Mark.SLIP if macs else Mark.GONE,
        Mark.SLIP if kind == "tag" else Mark.TRUE,
    )  # fmt: skip


def _cmms_address(device: Device, dice: Dice, share: float) -> tuple[tuple[str, ...], Mark]:
    """The wired address as entered at commissioning: stale if the card has moved since."""
    if not dice.chance(share) or not device.macs:
        return (), Mark.GONE
    if device.stale_mac:
        return (device.stale_mac,), Mark.GONE
    return device.macs[:1], Mark.TRUE


def on_network(device: Device, dice: Dice, shares: Shares, nth: int = 0) -> Shown:
    """What the scan saw of one of the device's addresses: the wired one first, then the wireless one."""
    kind = device.standing.slip
    mac = device.docked or device.macs[nth % len(device.macs)]
    show_mac = dice.chance(shares.mac) or bool(kind)
    show_serial = kind == "serial" or dice.chance(shares.serial)
    show_tag = kind == "tag" or (not kind and dice.chance(shares.tag))
    return Shown(
        device.serial if show_serial else "", (mac,) if show_mac else (), device.tag if show_tag else "",
        Mark.TRUE if show_serial else Mark.GONE, Mark.TRUE if show_mac and not device.docked else Mark.GONE,
        Mark.TRUE if show_tag else Mark.GONE,
    )  # fmt: skip


def in_security(device: Device, dice: Dice, shares: Shares) -> Shown:
    """What the security tool knows: all addresses it saw, the serial it heard, the tag it was told."""
    seen = on_network(device, dice, shares)
    macs = device.macs if seen.macs and not device.docked else seen.macs
    return Shown(seen.serial, macs, seen.tag, seen.serial_mark, seen.mac_mark, seen.tag_mark)
