"""A demo is a function of its options: the same bytes each time, in a folder that nobody else uses."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.demo.dice import scattered
from pilothouse.demo.fleet import Fleet
from pilothouse.demo.identifiers import serial_text
from pilothouse.demo.world import UnwritableDemo, day, write
from pilothouse.demo.worlds import WORLDS
from pilothouse.kernel.errors import BadUsage
from tests.demo.reading import COLUMNS, records, table

AS_OF = date(2026, 11, 2)


def digests(folder: Path) -> dict[str, str]:
    """The hash of every file of a demo by its name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_options_give_the_same_bytes(tmp_path: Path, world: str) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, devices=60, world=world)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_several_processes_write_the_bytes_of_one(tmp_path: Path) -> None:
    write(tmp_path / "one", devices=6100, processes=1)
    write(tmp_path / "two", devices=6100, processes=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_another_fleet(tmp_path: Path) -> None:
    write(tmp_path / "one", devices=60, seed=1)
    write(tmp_path / "two", devices=60, seed=2)
    same = digests(tmp_path / "one").items() & digests(tmp_path / "two").items()
    assert not {
        name for name, _ in same if name.endswith(("cmms_export.csv", "network_scan.csv", "asimily.json"))
    }


@pytest.mark.parametrize("world", WORLDS)
def test_a_device_does_not_depend_on_how_many_there_are(world: str) -> None:
    habits = WORLDS[world].habits
    small, large = (Fleet(7, world, habits, count, AS_OF) for count in (100, 5000))
    assert [small.device(number) for number in range(100)] == [large.device(number) for number in range(100)]


@pytest.mark.parametrize("world", WORLDS)
def test_no_two_devices_of_a_maker_have_one_serial_and_none_share_a_tag(world: str) -> None:
    fleet = Fleet(7, world, WORLDS[world].habits, 20_000, AS_OF)
    devices = [fleet.device(number) for number in range(0, 20_000, 2)]
    assert len({(one.product.key, one.serial) for one in devices}) == len(devices)
    assert len({one.tag for one in devices}) == len(devices)


@pytest.mark.parametrize("world", WORLDS)
def test_every_file_reads_as_its_world_declares(tmp_path: Path, world: str) -> None:
    written = write(tmp_path / "demo", devices=120, world=world)
    for (name, rows), columns in zip(records(written.folder).items(), COLUMNS[world], strict=True):
        totals = 1 if "FINAL" in name else 0
        assert len(rows) == written.rows[name] + totals
        for column in columns.values():
            assert any(row.get(column) for row in rows), (name, column)


def test_rows_of_cmms_and_network_are_about_as_many(tmp_path: Path) -> None:
    rows = write(tmp_path / "demo", devices=3000).rows
    assert abs(rows["cmms_export.csv"] - rows["network_scan.csv"]) < 0.1 * rows["cmms_export.csv"]


def test_everywhere_puts_nearly_every_device_into_each_source(tmp_path: Path) -> None:
    write(tmp_path / "demo", devices=400, everywhere=True)
    files = {line["file"] for line in table(tmp_path / "demo" / "truth" / "members.csv")}
    assert files == {"cmms_export.csv", "network_scan.csv", "asimily.json"}
    pairs = table(tmp_path / "demo" / "truth" / "pairs.csv")
    assert (
        sum(
            line["left_file"] == "cmms_export.csv" and line["right_file"] == "network_scan.csv"
            for line in pairs
        )
        > 350
    )


def test_dates_count_back_from_as_of(tmp_path: Path) -> None:
    write(tmp_path / "demo", devices=50, world="clean", as_of=date(2024, 2, 29))
    cmms = records(tmp_path / "demo")["cmms.csv"]
    assert max(row["Last PM"] for row in cmms) <= "2024-02-29"
    assert max(row["Last PM"] for row in cmms) > "2023-12-01"
    assert json.loads((tmp_path / "demo" / "demo.json").read_text())["as_of"] == "2024-02-29"


def test_an_earlier_demo_is_replaced_and_other_files_in_it_stay(tmp_path: Path) -> None:
    write(tmp_path / "demo", devices=50, world="clean")
    (tmp_path / "demo" / "answers").mkdir()
    write(tmp_path / "demo", devices=50, world="lying")
    left = {path.name for path in (tmp_path / "demo").iterdir()}
    assert left == {
        "assets.csv",
        "inventory.jsonl",
        "claroty.csv",
        "advisories",
        "chain",
        "parts",
        "training",
        "plan",
        "truth",
        "demo.json",
        "answers",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"devices": 0}, "1 to 1,000,000"),
        ({"devices": 1_000_001}, "1 to 1,000,000"),
        ({"world": "flat"}, "clean, ordinary, awful, lying"),
    ],
)
def test_options_outside_their_range_are_refused(
    tmp_path: Path, options: dict[str, object], words: str
) -> None:
    with pytest.raises(BadUsage, match=words):
        write(tmp_path / "demo", **options)  # type: ignore[arg-type]  # wrong on purpose
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadUsage, match="no earlier demo"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_run_that_fails_leaves_the_earlier_demo_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "demo", devices=50)
    before = digests(tmp_path / "demo")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pilothouse.demo.world.write_chain", full)
    with pytest.raises(UnwritableDemo, match="No space left"):
        write(tmp_path / "demo", devices=60)
    with pytest.raises(UnwritableDemo):
        write(tmp_path / "new", devices=60)
    assert digests(tmp_path / "demo") == before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize("text", ["2026-13-01", "tomorrow", "0001-01-01", ""])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadUsage, match="--as-of takes a day"):
        day(text)


@given(st.sampled_from((10**3, 10**4, 2**12)), st.integers(0, 10**12))
def test_scattering_hits_every_number_once(size: int, shift: int) -> None:
    assert len({scattered(number, size, shift=shift) for number in range(size)}) == size


@given(st.lists(st.integers(0, 999_999), min_size=2, max_size=50, unique=True), st.integers(0, 10**9))
def test_serials_of_a_pattern_are_unique_however_short_it_is(numbers: list[int], shift: int) -> None:
    assert len({serial_text("AB-###", number, shift) for number in numbers}) == len(numbers)
