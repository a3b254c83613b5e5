"""Real public files, as they were published."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest

from pilothouse.equipment.fields import FIELDS
from pilothouse.imports.loading import load
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.reading.table import Table


def _read(path: Path) -> tuple[Table, list[dict[str, object]]]:
    table = open_table(str(path))
    return table, [row for batch in table.batches for row in batch.to_pylist()]


@pytest.fixture(scope="module")
def scans(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """nmap's XML samples by file name."""
    folder = tmp_path_factory.mktemp("scans")
    with tarfile.open(public_data / "network" / "libnmap-xml-samples.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return {path.name: path for path in folder.rglob("*.xml")}


def test_every_real_scan_is_read_or_refused_with_its_reason(scans: dict[str, Path]) -> None:
    refused = {}
    for name, path in scans.items():
        try:
            table, rows = _read(path)
            assert table.records == len(rows) + len(table.refused) > 0, name
        except UnreadableInput as error:
            refused[name] = str(error)
    assert set(refused) == {"defused_et_included.xml", "defused_et_local_includer.xml"}
    assert "entities" in refused["defused_et_local_includer.xml"]


def test_a_real_scan_becomes_a_source_of_the_network(scans: dict[str, Path]) -> None:
    source = load(str(scans["os_scan6.xml"]), ordinal=0, fields=FIELDS)
    assert (source.kind, source.records, source.table.num_rows) == ("network", 256, 3)
    first = source.table.slice(0, 1).to_pylist()[0]
    assert (first["key"], first["ip"], first["os"]) == (
        "6c:2e:85:19:af:00",
        ["192.168.1.1"],
        "Linux 2.6.13 (embedded)",
    )
    assert first["seen"].year == 2014


def test_a_real_scan_cut_in_half_keeps_its_first_hosts(scans: dict[str, Path], tmp_path: Path) -> None:
    content = scans["fullscan.xml"].read_bytes()
    (tmp_path / "half.xml").write_bytes(content[: len(content) // 2])
    table, rows = _read(tmp_path / "half.xml")
    assert table.refused[-1].problem.startswith("the XML is broken or cut off")
    assert len(rows) + len(table.refused) == table.records


@pytest.mark.parametrize(
    ("name", "records", "end"),
    [
        ("foiclass-2023-08-03", 6825, b"\r\n"),
        ("foiclass-2020-10-06", 6617, b"\r\n"),
        ("foiclass-2016-09-29", 6162, b"\n"),
    ],
)
def test_the_product_classification_is_read_from_pipes_and_windows_1252(
    public_data: Path, tmp_path: Path, name: str, records: int, end: bytes
) -> None:
    packed = public_data / "fda" / f"{name}.txt.gz"
    content = gzip.decompress(packed.read_bytes())
    assert end in content
    table, rows = _read(packed)
    assert (table.columns[:2], table.records, len(rows)) == (
        ("REVIEW_PANEL", "MEDICALSPECIALTY"),
        records,
        records,
    )
    plain_table, plain_rows = _read_unpacked(tmp_path, content)
    assert (plain_table.records, plain_rows) == (records, rows)
    assert any("Windows-1252" in note for note in table.notes)


def _read_unpacked(folder: Path, content: bytes) -> tuple[Table, list[dict[str, object]]]:
    (folder / "foiclass.txt").write_bytes(content)
    return _read(folder / "foiclass.txt")


def test_kev_reads_alike_as_csv_and_as_json(public_data: Path) -> None:
    from_csv, csv_rows = _read(public_data / "kev" / "known_exploited_vulnerabilities-2025-08-25.csv")
    from_json, json_rows = _read(public_data / "kev" / "known_exploited_vulnerabilities-2025-08-25.json")
    assert from_csv.records == from_json.records == 1404
    assert sorted(str(row["0"]) for row in csv_rows) == sorted(str(row["0"]) for row in json_rows)


def test_epss_without_a_header_is_read_with_semicolons(public_data: Path) -> None:
    table = open_table(str(public_data / "epss" / "epss-2024-09-22.csv.gz"))
    assert sum(batch.num_rows for batch in table.batches) == 260_009
    assert (len(table.columns), table.refused) == (3, [])


def test_device_enforcement_reports_are_read_without_a_loss(public_data: Path) -> None:
    table, rows = _read(public_data / "fda" / "openfda-device-enforcement-ny-sample.csv")
    assert (table.records, len(rows)) == (34, 34)


def test_adverse_events_with_line_breaks_in_their_cells_are_read_without_a_loss(public_data: Path) -> None:
    table, rows = _read(public_data / "fda" / "maude-bone-cement-cran-mds.csv")
    assert (table.records, len(rows)) == (535, 535)


def test_the_register_of_network_cards_is_read_without_a_loss(public_data: Path) -> None:
    table, rows = _read(public_data / "network" / "ieee-oui.csv.gz")
    assert (table.columns, len(rows), table.refused) == (("Registry", "Assignment", "Organization Name", "Organization Address"), 32_530, [])  # fmt: skip


def test_a_part_of_the_gudid_is_no_scan(public_data: Path, tmp_path: Path) -> None:
    (tmp_path / "gudid.xml").write_text(
        "<?xml version='1.0'?>\n<gudid xmlns='http://www.fda.gov/cdrh/gudid'/>"
    )
    with pytest.raises(UnreadableInput, match="nmaprun"):
        _read(tmp_path / "gudid.xml")
    with pytest.raises(UnreadableInput, match="zip archive and no workbook"):
        _read(public_data / "fda" / "gudid-full-release-sample-2016.xml.zip")
