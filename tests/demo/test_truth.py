"""The truth agrees with what stands in the cells, by a second and slower way of looking."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pilothouse.demo.world import write
from tests.demo.reading import COLUMNS, Record, records, table
from tests.demo.spelling import hex_digits, is_one_slip, plain, spellings

WORLDS = tuple(COLUMNS)


@pytest.fixture(scope="module", params=WORLDS)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("demo") / request.param
    write(folder, devices=1000, seed=3, world=request.param, processes=1)
    return request.param, folder


def test_every_row_but_a_total_belongs_to_a_device(demo: tuple[str, Path]) -> None:
    world, folder = demo
    owned: dict[str, set[int]] = defaultdict(set)
    for line in table(folder / "truth" / "members.csv"):
        owned[line["file"]].add(int(line["row"]))
    for name, rows in records(folder).items():
        totals = 1 if world == "awful" and "FINAL" in name else 0
        assert owned[name] == set(range(1, len(rows) - totals + 1))


def test_pairs_are_exactly_the_rows_of_one_device_in_different_files(demo: tuple[str, Path]) -> None:
    _, folder = demo
    order = list(records(folder))
    rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in table(folder / "truth" / "members.csv"):
        rows[line["device"]].append((order.index(line["file"]), int(line["row"])))
    expected = {(left, right) for of in rows.values() for left in of for right in of if left[0] < right[0]}
    told = [
        (
            (order.index(line["left_file"]), int(line["left_row"])),
            (order.index(line["right_file"]), int(line["right_row"])),
        )
        for line in table(folder / "truth" / "pairs.csv")
    ]
    assert set(told) == expected
    assert len(told) == len(expected)


def test_what_a_pair_has_in_common_stands_in_its_cells(demo: tuple[str, Path]) -> None:
    world, folder = demo
    everything = records(folder)
    columns = dict(zip(everything, COLUMNS[world], strict=True))
    devices = {line["device"]: line for line in table(folder / "truth" / "devices.csv")}
    owner: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in table(folder / "truth" / "members.csv"):
        owner[line["file"], line["row"]].add(line["device"])
    seen: Counter[str] = Counter()
    for line in table(folder / "truth" / "pairs.csv"):
        left, right = (line["left_file"], line["left_row"]), (line["right_file"], line["right_row"])
        (device,) = owner[left] & owner[right]
        sides = [
            Side(devices[device], everything[name][int(row) - 1], columns[name])
            for name, row in (left, right)
        ]
        assert line["common"] == expected_common(*sides), (line, devices[device])
        seen[line["common"]] += 1
    assert seen["slip"] > 0
    assert seen["identifier"] > 0.75 * sum(seen.values())


class Side:
    """One row of a pair beside the device it belongs to."""

    def __init__(self, device: dict[str, str], record: Record, columns: dict[str, str]) -> None:
        self._device = device
        self._cells = {kind: record.get(column) for kind, column in columns.items()}

    def truly(self) -> set[str]:
        """The device's own identifiers that stand in the row."""
        device, found = self._device, set()
        if plain(device["serial"]) in spellings(self._cells.get("serial")):
            found.add("serial")
        if device["tag"] and plain(device["tag"]) in {
            one.lstrip("ABCEM0") for one in spellings(self._cells.get("tag"))
        }:
            found.add("tag")
        return found | (hex_digits(self._cells.get("mac")) & hex_digits(device["macs"]))

    def slipped(self) -> set[str]:
        """The device's own identifiers that stand in the row with one slip."""
        device, found = self._device, set()
        if any(is_one_slip(one, plain(device["serial"])) for one in spellings(self._cells.get("serial"))):
            found.add("serial")
        tags = {one.lstrip("ABCEM0") for one in spellings(self._cells.get("tag"))}
        if device["tag"] and any(is_one_slip(one, plain(device["tag"])) for one in tags):
            found.add("tag")
        wrong = hex_digits(self._cells.get("mac"))
        return found | {
            mac for mac in hex_digits(device["macs"]) if any(is_one_slip(mac, one) for one in wrong)
        }


def expected_common(left: Side, right: Side) -> str:
    if left.truly() & right.truly():
        return "identifier"
    if left.truly() & right.slipped() or left.slipped() & right.truly():
        return "slip"
    return "none"
