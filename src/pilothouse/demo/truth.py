"""What is true of the written rows: which device each belongs to, which pairs belong together and by what."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pilothouse.demo.fleet import Device
from pilothouse.demo.gear import Gear
from pilothouse.demo.rows import Mark, Row

CMMS, NETWORK, SECURITY = range(3)
"""The sources in the order of the truth files, and of a world's `sources()`."""
IDENTIFIER, SLIP, NONE = "identifier", "slip", "none"

MEMBERS = "device,file,row\r\n"
PAIRS = "left_file,left_row,right_file,right_row,common\r\n"
DEVICES = "device,kind,maker,model,serial,macs,tag,firmware,facility,unit,room\r\n"
EXPOSURES = "file,row,vulnerability,advisory,status\r\n"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of a device with the file (CMMS, NETWORK or SECURITY) and the number it was written under."""

    file: int
    number: int
    row: Row
    cards: int
    """Which of the device's network cards the row can show: 1 the wired one, 2 the wireless one, 3 both."""


def common(left: Placed, right: Placed) -> str:
    """What two rows of one device have in common: an identifier, one with a slip of the pen, or none.

    An identifier counts only if it stands truly in both rows, at most spelt differently.
    """
    a, b = left.row, right.row
    both = {(a.serial, b.serial), (a.tag, b.tag)}
    if left.cards & right.cards:
        both.add((a.mac, b.mac))
    if (Mark.TRUE, Mark.TRUE) in both:
        return IDENTIFIER
    if (Mark.SLIP, Mark.TRUE) in both or (Mark.TRUE, Mark.SLIP) in both:
        return SLIP
    return NONE


def pairs(placed: list[Placed]) -> Iterator[tuple[Placed, Placed, str]]:
    """Every pair of rows of one device from different files, the earlier file on the left."""
    ordered = sorted(placed, key=lambda one: (one.file, one.number))
    for position, left in enumerate(ordered):
        for right in ordered[position + 1 :]:
            if left.file != right.file:
                yield left, right, common(left, right)


def device_lines(devices: Iterable[Device], gear: Iterable[Gear]) -> str:
    """The lines of devices.csv: every medical device and every piece of office IT as it truly is."""
    out = io.StringIO()
    writer = csv.writer(out)
    for device in devices:
        product, unit = device.product, device.unit
        writer.writerow((device.key, "medical", product.maker.name, product.model, device.serial, " ".join(device.macs), device.tag, device.version, unit.facility.key, unit.key, device.room))  # fmt: skip
    for piece in gear:
        writer.writerow((piece.key, "office", piece.maker, piece.model, piece.serial, piece.mac, "", "", piece.unit.facility.key, piece.unit.key, ""))  # fmt: skip
    return out.getvalue()
