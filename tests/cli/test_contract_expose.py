"""docs/contracts.md, `expose` and `demo`: one line for each device, vulnerability and advisory; the same bytes each time."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import DEVICES, Answer, Demo
from tests.cli.running import Ended, header, pilothouse, table, written

COLUMNS = "row,device_id,vulnerability,advisory,status,source,reason,kev,epss,cvss"
LIST = """Asset Tag,Manufacturer,Model,Serial Number,SW Rev
40101,Acme,Nimbus 300,AB123401,
40102,Acme,Stratus 20,AB123402,2.1

40103,Acme,Stratus 20,AB123403,2.3
40104,Acme,Stratus 20,AB123404,
bad,row,with,far,too,many,cells
40106,Other,Thing 5,AB123406,1.0
=40107,Acme,Nimbus 300,AB123407,7
"""


def _kev(cve: str) -> str:
    """A catalogue of known exploited vulnerabilities with this one in it."""
    return json.dumps({"catalogVersion": "2026.01.01", "dateReleased": "2026-01-01T00:00:00Z", "count": 1, "vulnerabilities": [{"cveID": cve, "vendorProject": "Acme", "product": "Stratus", "dateAdded": "2026-01-01"}]})  # fmt: skip


def _advisory(id_: str, product: str, version: str, cve: str | None, *, released: str = "2026-01-01", title: str = "") -> dict[str, Any]:  # fmt: skip
    leaf = {"category": "product_version_range", "name": version, "product": {"name": f"{product} {version}", "product_id": "P1"}}  # fmt: skip
    vulnerability = {"product_status": {"known_affected": ["P1"]}, "scores": [{"products": ["P1"], "cvss_v3": {"version": "3.1", "baseScore": 7.5}}], **({"cve": cve} if cve else {"ids": [{"system_name": "Acme", "text": "ACME-7"}]})}  # fmt: skip
    return {
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": title or id_, "publisher": {"category": "vendor", "name": "Acme PSIRT", "namespace": "https://acme.example"}, "tracking": {"id": id_, "version": "1", "status": "final", "initial_release_date": f"{released}T00:00:00Z", "current_release_date": f"{released}T00:00:00Z", "revision_history": []}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Acme", "branches": [{"category": "product_name", "name": product, "branches": [leaf]}]}]},
        "vulnerabilities": [vulnerability],
    }  # fmt: skip


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """Three advisories, one of them packed and in two revisions, with a KEV and an EPSS file beside them."""
    folder = tmp_path_factory.mktemp("exposed")
    feeds = folder / "advisories"
    (feeds / "deep" / "er").mkdir(parents=True)
    written(feeds / "deep" / "er", "all.json", json.dumps(_advisory("A-2", "Nimbus 300", "vers:all/*", "CVE-2026-0001")))  # fmt: skip
    with zipfile.ZipFile(feeds / "packed.zip", "w") as archive:
        archive.writestr("old.json", json.dumps(_advisory("A-1", "Stratus 20", "<9.9", "CVE-2026-0002", released="2026-01-01")))  # fmt: skip
        archive.writestr("new.json", json.dumps(_advisory("A-1", "Stratus 20", "<2.2", "CVE-2026-0002", released="2026-02-01")))  # fmt: skip
        archive.writestr("readme.txt", "nothing for us")
    written(feeds, "own-id.json", json.dumps(_advisory("A-3", "Nimbus 300", "<5", None)))
    written(feeds, "kev.json", _kev("CVE-2026-0001"))
    written(feeds, "epss.csv", "cve,epss,percentile\nCVE-2026-0002,0.12345,0.9\n")
    kev = written(folder, "kev.json", _kev("CVE-2026-0002"))
    ended = pilothouse("expose", written(folder, "list.csv", LIST), "--advisories", feeds, "--kev", kev, "--out", folder / "out.csv")  # fmt: skip
    return ended, folder / "out.csv"


def test_the_lines_are_those_of_the_products_that_are_named_in_their_order(exposed: tuple[Ended, Path]) -> None:  # fmt: skip
    _, out = exposed
    assert header(out) == COLUMNS
    found = [(row["row"], row["advisory"], row["vulnerability"], row["status"]) for row in table(out)]
    assert found == [
        ("1", "A-2", "CVE-2026-0001", "affected"), ("1", "A-3", "ACME-7", "possible"), ("2", "A-1", "CVE-2026-0002", "affected"),
        ("3", "A-1", "CVE-2026-0002", "not_affected"), ("4", "A-1", "CVE-2026-0002", "possible"),
        ("7", "A-2", "CVE-2026-0001", "affected"), ("7", "A-3", "ACME-7", "not_affected"),
    ]  # fmt: skip


def test_each_line_says_who_says_so_why_and_how_bad(exposed: tuple[Ended, Path]) -> None:
    rows = {(row["row"], row["advisory"]): row for row in table(exposed[1])}
    one = rows["2", "A-1"]
    assert (one["device_id"], one["source"], one["cvss"]) == ("40102", "Acme PSIRT", "7.5")
    assert all(row["reason"] for row in rows.values())
    assert rows["7", "A-2"]["device_id"] == "'=40107"


def test_the_option_beats_the_folders_kev_and_epss_is_as_given(exposed: tuple[Ended, Path]) -> None:
    rows = {(row["row"], row["advisory"]): row for row in table(exposed[1])}
    assert (rows["2", "A-1"]["kev"], rows["2", "A-1"]["epss"]) == ("yes", "0.12345")
    assert (rows["1", "A-2"]["kev"], rows["1", "A-2"]["epss"]) == ("", "")


def test_rejected_rows_older_revisions_and_other_files_are_counted(exposed: tuple[Ended, Path]) -> None:
    ended, out = exposed
    assert (ended.code, ended.out) == (1, "")
    assert [(row["row"], row["line"]) for row in table(out.with_name("out.rejected.csv"))] == [("5", "7")]
    assert "3 advisories read, 1 older revision left out, 1 other file passed over" in ended.err


def test_the_kind_and_the_guess_are_told(exposed: tuple[Ended, Path]) -> None:
    assert "list.csv: CMMS" in exposed[0].err
    assert any(line.split()[:3] == ["firmware", "SW", "Rev"] for line in exposed[0].err.splitlines())


def test_standard_output_takes_the_answer_and_raw_leaves_cells_as_they_are(exposed: tuple[Ended, Path]) -> None:  # fmt: skip
    folder = exposed[1].parent
    ended = pilothouse("expose", folder / "list.csv", "--advisories", folder / "advisories", "--out", "-", "--raw")  # fmt: skip
    lines = ended.out.splitlines()
    assert (ended.code, lines[0], len(lines)) == (1, COLUMNS, 8)
    assert any(line.startswith("7,=40107,") for line in lines)
    assert "row 5, line 7: 7 cells under 5 headers" in ended.err


def test_names_said_to_be_different_expose_nothing(exposed: tuple[Ended, Path]) -> None:
    folder = exposed[1].parent
    names = written(folder, "names.csv", "kind,seen,means,decision,by,on\nproduct,Stratus 20,Stratus 20,different,Ana,2026-11-01\n")  # fmt: skip
    ended = pilothouse("expose", folder / "list.csv", "--advisories", folder / "advisories", "--names", names, "--out", folder / "other.csv")  # fmt: skip
    assert (ended.code, {row["advisory"] for row in table(folder / "other.csv")}) == (1, {"A-2", "A-3"})


def test_expose_never_writes_over_its_list(tmp_path: Path) -> None:
    path = written(tmp_path, "list.csv", LIST)
    feeds = written(tmp_path, "a.json", json.dumps(_advisory("A-2", "Nimbus 300", "vers:all/*", "CVE-2026-0001")))  # fmt: skip
    ended = pilothouse("expose", path, "--advisories", feeds, "--out", path)
    assert (ended.code, path.read_text(encoding="utf-8")) == (2, LIST)


def test_reconcile_and_expose_agree_on_a_device_that_one_list_holds(answer: Answer, demo: Demo, tmp_path: Path) -> None:  # fmt: skip
    assert pilothouse("expose", demo.lists[0], "--advisories", demo.advisories, "--out", tmp_path / "x.csv").code in (0, 1)  # fmt: skip
    rows_of: dict[str, list[tuple[str, str]]] = {}
    for member in table(answer.out / "members.csv"):
        rows_of.setdefault(member["device"], []).append((member["file"], member["row"]))
    alone = {rows[0][1]: device for device, rows in rows_of.items() if len(rows) == 1 and rows[0][0] == str(demo.lists[0])}  # fmt: skip
    verdict = ("advisory", "vulnerability", "status", "kev", "epss", "cvss")
    of_rows = {(alone[e["row"]], *(e[c] for c in verdict)) for e in table(tmp_path / "x.csv") if e["row"] in alone}  # fmt: skip
    of_devices = {(e["device"], *(e[c] for c in verdict)) for e in table(answer.out / "exposures.csv") if e["device"] in alone.values()}  # fmt: skip
    assert of_rows == of_devices
    assert of_rows


# --- The demo ---------------------------------------------------------------------------------------------


def test_the_demo_is_the_same_bytes_each_time_and_another_seed_another_fleet(demo: Demo, tmp_path: Path) -> None:  # fmt: skip
    for name, seed in (("same", 11), ("other", 12)):
        assert pilothouse("demo", tmp_path / name, "--devices", DEVICES, "--seed", seed).code == 0
    files = sorted(path.relative_to(demo.folder) for path in demo.folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path / "same") for path in (tmp_path / "same").rglob("*") if path.is_file())  # fmt: skip
    assert all((demo.folder / file).read_bytes() == (tmp_path / "same" / file).read_bytes() for file in files)
    lists = [path.relative_to(demo.folder) for path in demo.lists]
    assert all((demo.folder / file).read_bytes() != (tmp_path / "other" / file).read_bytes() for file in lists)  # fmt: skip


def test_the_demo_holds_its_truth_and_its_own_date(demo: Demo) -> None:
    assert json.loads((demo.folder / "demo.json").read_text(encoding="utf-8"))["as_of"] == "2026-11-02"
    headers = {path.name: header(path) for path in (demo.folder / "truth").iterdir()}
    assert headers["members.csv"] == "device,file,row"
    assert headers["pairs.csv"] == "left_file,left_row,right_file,right_row,common"
    assert headers["exposures.csv"] == "file,row,vulnerability,advisory,status"
    assert "devices.csv" in headers


def test_the_demos_chain_is_valid_and_answers(demo: Demo) -> None:
    checked = pilothouse("chain", "check", demo.chain, "--at", "2026-11-02", "--json")
    assert checked.code in (0, 1)
    assert "error" not in {issue["level"] for issue in json.loads(checked.out)}
