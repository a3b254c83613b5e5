"""Advisories, KEV and EPSS in files, folders and archives: what is read, passed over, refused and named."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pilothouse.exposure.sources import Bounds, load_advisories
from pilothouse.exposure.sources.archives import climbs_out
from pilothouse.exposure.sources.csaf import highest_score
from pilothouse.kernel.errors import UnreadableInput


def csaf(tracking_id: str = "ICSMA-1", version: str = "1", date: str = "2024-01-01T00:00:00Z", product: str = "Pump", vendor: str = "Acme") -> dict[str, Any]:  # fmt: skip
    """A small advisory: one product in all its versions, one vulnerability."""
    leaf = {
        "category": "product_version",
        "name": "vers:all/*",
        "product": {"name": product, "product_id": "P1"},
    }
    named = {"category": "product_name", "name": product, "branches": [leaf]}
    return {
        "document": {"csaf_version": "2.0", "title": f"{vendor} {product}", "publisher": {"name": "CISA"}, "tracking": {"id": tracking_id, "version": version, "current_release_date": date}},
        "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": [named]}]},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "product_status": {"known_affected": ["P1"]}, "scores": [{"products": ["P1"], "cvss_v3": {"version": "3.1", "baseScore": 9.8}}]}],
    }  # fmt: skip


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def tarred(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_every_kind_of_packing_gives_the_same_advisories(tmp_path: Path) -> None:
    one, two, three = (encoded(csaf(f"ICSMA-{n}")) for n in (1, 2, 3))
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "plain.json").write_bytes(one)
    (tmp_path / "two.json.gz").write_bytes(gzip.compress(two))
    (tmp_path / "rest.tar.xz").write_bytes(lzma.compress(tarred({"a/three.json": three, "a/inner.zip": zipped({"four.json": encoded(csaf("ICSMA-4"))})})))  # fmt: skip
    catalogue = load_advisories(tmp_path)
    assert [advisory.id for advisory in catalogue.advisories] == ["ICSMA-1", "ICSMA-2", "ICSMA-3", "ICSMA-4"]
    assert not catalogue.damaged


def test_a_product_of_the_tree_that_no_vulnerability_judges_counts_as_affected_beside_one_that_is(tmp_path: Path) -> None:  # fmt: skip
    document = csaf()
    forgotten = {"category": "product_name", "name": "Monitor", "branches": [{"category": "product_version", "name": "*", "product": {"name": "Monitor", "product_id": "P2"}}]}  # fmt: skip
    document["product_tree"]["branches"][0]["branches"].append(forgotten)
    (tmp_path / "a.json").write_bytes(encoded(document))
    (advisory,) = load_advisories(tmp_path).advisories
    assert advisory.vulnerabilities[0].standings == (("P1", "affected"), ("P2", "affected"))


def test_of_two_revisions_the_later_date_then_version_wins_and_the_other_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(
        encoded(csaf(version="2", date="2024-01-01T12:00:00Z", product="Middle"))
    )
    (tmp_path / "b.json").write_bytes(
        encoded(csaf(version="10", date="2024-01-01T13:00:00+01:00", product="Newest"))
    )
    (tmp_path / "c.json").write_bytes(
        encoded(csaf(version="99", date="2023-12-31T23:00:00Z", product="Oldest"))
    )
    catalogue = load_advisories(tmp_path)
    assert [leaf.product for advisory in catalogue.advisories for leaf in advisory.leaves] == ["Newest"]
    assert catalogue.superseded == 2


def test_an_advisory_with_half_a_character_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(encoded(csaf("GOOD")))
    (tmp_path / "emoji.json").write_bytes(encoded(csaf("EMOJI", product="Pump \U0001f600")))
    (tmp_path / "half.json").write_bytes(encoded(csaf("BAD\ud800")))
    catalogue = load_advisories(tmp_path)
    assert [advisory.id for advisory in catalogue.advisories] == ["EMOJI", "GOOD"]
    assert [Path(damaged.file).name for damaged in catalogue.damaged] == ["half.json"]


def test_an_advisory_without_a_required_part_says_which(tmp_path: Path) -> None:
    broken = csaf("BROKEN")
    del broken["document"]["tracking"]["version"]
    del broken["product_tree"]["branches"][0]["name"]
    (tmp_path / "good.json").write_bytes(encoded(csaf("GOOD")))
    (tmp_path / "broken.json").write_bytes(encoded(broken))
    (damaged,) = load_advisories(tmp_path).damaged
    assert "a required 'name' is missing" in damaged.problem


def test_an_advisory_cut_in_half_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    whole = encoded(csaf())
    (tmp_path / "whole.json").write_bytes(whole)
    (tmp_path / "half.json").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "no-id.json").write_bytes(encoded({"document": {"csaf_version": "2.0", "tracking": {}}}))
    catalogue = load_advisories(tmp_path)
    assert len(catalogue.advisories) == 1
    assert sorted(Path(d.file).name for d in catalogue.damaged) == ["half.json", "no-id.json"]


def test_what_is_no_advisory_is_passed_over_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(encoded(csaf()))
    (tmp_path / "sbom.json").write_bytes(encoded({"bomFormat": "CycloneDX"}))
    (tmp_path / "feed.jsonl").write_bytes(b'{"id": "CVE-1"}\n{"id": "CVE-2"}\n')
    (tmp_path / "readme.txt").write_bytes(b"advisories of 2024")
    (tmp_path / "nothing").write_bytes(b"")
    catalogue = load_advisories(tmp_path)
    assert (catalogue.passed_over, catalogue.damaged) == (4, ())


def test_a_member_that_climbs_out_is_refused_by_name_and_never_written(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    evil = encoded(csaf("EVIL"))
    (inside / "x.tar").write_bytes(tarred({"../../evil.json": evil, "good.json": encoded(csaf("GOOD"))}))
    (inside / "y.zip").write_bytes(zipped({"..\\evil.json": evil, "/etc/evil.json": evil}))
    catalogue = load_advisories(inside)
    assert [advisory.id for advisory in catalogue.advisories] == ["GOOD"]
    assert len(catalogue.damaged) == 3
    assert all("climbs out" in damaged.problem for damaged in catalogue.damaged)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["x.tar", "y.zip"]


@pytest.mark.parametrize(("member", "out"), [("a/b.json", False), ("a/../../b", True), ("/b", True), ("C:\\b", True), ("a..b/c", False)])  # fmt: skip
def test_paths_that_climb_out_are_seen_in_both_ways_of_writing(member: str, out: bool) -> None:
    assert climbs_out(member) is out


def test_a_bomb_is_given_up_within_its_bounds_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"0" * 5_000_000))
    (tmp_path / "bomb.zip").write_bytes(zipped({"big.json": b" " * 5_000_000}))
    nested = encoded(csaf("DEEP"))
    for _ in range(6):
        nested = zipped({"deeper.zip": nested})
    (tmp_path / "nested.zip").write_bytes(nested)
    (tmp_path / "good.json").write_bytes(encoded(csaf("GOOD")))
    catalogue = load_advisories(tmp_path, bounds=Bounds(one_bytes=1_000_000))
    assert [advisory.id for advisory in catalogue.advisories] == ["GOOD"]
    assert sorted(Path(d.file).name for d in catalogue.damaged) == ["bomb.gz", "bomb.zip", "nested.zip"]


@pytest.mark.parametrize("content", [None, b"just a text"])
def test_a_folder_without_one_advisory_is_refused_with_what_would_be_right(tmp_path: Path, content: bytes | None) -> None:  # fmt: skip
    if content is not None:
        (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(UnreadableInput, match=r"no advisory.*CSAF"):
        load_advisories(tmp_path)


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="nowhere"):
        load_advisories(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "epss",
    [
        b"CVE-2024-0001;0.123450000;0.9\nCVE-2024-0002;0.1;0.2\n",
        b"#model_version:v2023.03.01,score_date:2024-09-22T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.123450000,0.9\n",
    ],
)
def test_both_shapes_of_epss_are_recognised_and_only_named_cves_kept(tmp_path: Path, epss: bytes) -> None:
    (tmp_path / "a.json").write_bytes(encoded(csaf()))
    (tmp_path / "scores.gz").write_bytes(gzip.compress(epss))
    assert load_advisories(tmp_path).epss == {"CVE-2024-0001": "0.123450000"}


@pytest.mark.parametrize(
    "kev",
    [
        encoded(
            {
                "catalogVersion": "2024",
                "vulnerabilities": [{"cveID": "CVE-2024-0001", "dateAdded": "2024-02-01"}],
            }
        ),
        b'\xef\xbb\xbf"cveID","vendorProject","dateAdded"\n"CVE-2024-0001","Acme, Inc.","2024-02-01"\n',
    ],
)
def test_both_shapes_of_kev_are_recognised_and_an_option_wins(tmp_path: Path, kev: bytes) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.json").write_bytes(encoded(csaf()))
    (folder / "kev").write_bytes(kev)
    assert load_advisories(folder).exploited == {"CVE-2024-0001"}
    other = tmp_path / "other.csv"
    other.write_text("cveID,dateAdded\nCVE-1999-0001,2020-01-01\n", encoding="utf-8")
    assert load_advisories(folder, kev=other).exploited == {"CVE-1999-0001"}


def test_an_option_that_is_not_what_it_should_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(encoded(csaf()))
    with pytest.raises(UnreadableInput, match="no KEV"):
        load_advisories(path, kev=path)
    with pytest.raises(UnreadableInput, match="no EPSS"):
        load_advisories(path, epss=path)


def test_the_score_is_the_highest_of_the_newest_version() -> None:
    scores = [{"cvss_v2": {"version": "2.0", "baseScore": 10.0}}, {"cvss_v3": {"version": "3.0", "baseScore": 9.9}}, {"cvss_v3": {"version": "3.1", "baseScore": 7}}, {"cvss_v3": {"version": "3.1", "baseScore": 8.1}}]  # fmt: skip
    assert highest_score({"scores": scores}) == "8.1"
    assert highest_score({}) == ""


def test_every_cisa_advisory_is_read(public_data: Path) -> None:
    catalogue = load_advisories(public_data / "csaf")
    assert len(catalogue.advisories) == 2227
    assert catalogue.superseded == 141
    assert not catalogue.damaged
    assert sum(len(advisory.leaves) for advisory in catalogue.advisories) > 15_000


def test_real_kev_and_epss_files_are_recognised_by_content(public_data: Path) -> None:
    kev = public_data / "kev" / "known_exploited_vulnerabilities-2025-08-25.csv"
    epss = public_data / "epss" / "epss-2024-09-22.csv.gz"
    catalogue = load_advisories(public_data / "csaf" / "cisa-icsma-2024-10-24.tar.xz", kev=kev, epss=epss)
    assert len(catalogue.exploited) == 1404
    assert len(catalogue.epss) > 250
