"""The demo's advisories are CSAF documents, and what the truth says of them follows from their words."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest

from pilothouse.demo.advisories import (
    AFFECTED,
    NOT_AFFECTED,
    POSSIBLE,
    advisories,
    verdicts,
    write_advisories,
)
from pilothouse.demo.facts import products
from pilothouse.demo.world import write
from tests.demo.reading import COLUMNS, records, table


def test_every_leaf_names_a_product_and_versions_of_the_table() -> None:
    known = {product.key: product for product in products()}
    for advisory in advisories():
        assert advisory.title
        assert advisory.vulnerabilities, advisory.key
        for leaf in advisory.leaves:
            assert set(leaf.affected) <= {"*", *known[leaf.product].versions}
            assert ("*" in leaf.affected) == (leaf.range == "vers:all/*")


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def test_plain_numeric_bounds_mean_what_the_table_says() -> None:
    for advisory in advisories():
        for leaf in advisory.leaves:
            bound = re.fullmatch(r"(<=?)\s*(\d+(?:\.\d+)*)", leaf.range)
            if bound:
                versions = next(product.versions for product in products() if product.key == leaf.product)
                limit = numbers(bound[2])
                below = [
                    v for v in versions if numbers(v) < limit or (bound[1] == "<=" and numbers(v) == limit)
                ]
                assert sorted(leaf.affected) == sorted(below), leaf


def test_an_unknown_version_is_possible_unless_every_version_is_affected() -> None:
    assert {status for _, _, status in verdicts("alaris-8015", "")} == {POSSIBLE}
    assert {status for _, _, status in verdicts("delta", "")} == {AFFECTED}
    assert {status for _, _, status in verdicts("alaris-8015", "12.3.0")} == {NOT_AFFECTED}
    assert verdicts("servou", "") == ()


def test_documents_have_the_shape_of_csaf(tmp_path: Path) -> None:
    write_advisories(tmp_path, date(2026, 11, 2))
    documents = [json.loads(path.read_text()) for path in tmp_path.glob("2*/*.json")]
    assert {document["document"]["tracking"]["id"] for document in documents} == {
        one.key for one in advisories()
    }
    for document in documents:
        leaves = [
            leaf
            for vendor in document["product_tree"]["branches"]
            for name in vendor["branches"]
            for leaf in name["branches"]
        ]
        ids = {leaf["product"]["product_id"] for leaf in leaves}
        assert len(ids) == len(leaves)
        for flaw in document["vulnerabilities"]:
            named = {one for some in flaw["product_status"].values() for one in some}
            assert named == ids
            assert re.fullmatch(r"CVE-\d{4}-\d{4,}", flaw["cve"])


def test_the_superseded_revision_is_older_than_the_present_one(tmp_path: Path) -> None:
    write_advisories(tmp_path, date(2026, 11, 2))
    (earlier,) = (json.loads(path.read_text()) for path in (tmp_path / "earlier-revisions").iterdir())
    key = earlier["document"]["tracking"]["id"]
    present = json.loads(next(tmp_path.glob(f"2*/{key.lower()}.json")).read_text())
    release = "current_release_date"
    assert earlier["document"]["tracking"][release] < present["document"]["tracking"][release]


def test_kev_and_epss_are_in_the_form_of_their_publishers(tmp_path: Path) -> None:
    write_advisories(tmp_path, date(2026, 11, 2))
    kev = json.loads((tmp_path / "kev.json").read_text())
    assert kev["count"] == len(kev["vulnerabilities"]) == 3
    first, *rest = (tmp_path / "epss.csv").read_text().splitlines()
    assert first.startswith("#model_version:")
    assert all(0 <= float(row["epss"]) <= float(row["percentile"]) <= 1 for row in csv.DictReader(rest))


@pytest.mark.parametrize("world", COLUMNS)
def test_exposures_belong_to_rows_and_name_advisories(tmp_path: Path, world: str) -> None:
    write(tmp_path / "demo", devices=200, world=world)
    rows = {name: len(of) for name, of in records(tmp_path / "demo").items()}
    exposures = table(tmp_path / "demo" / "truth" / "exposures.csv")
    assert {line["status"] for line in exposures} == {AFFECTED, POSSIBLE, NOT_AFFECTED}
    keys = {one.key for one in advisories()}
    for line in exposures:
        assert 1 <= int(line["row"]) <= rows[line["file"]]
        assert line["advisory"] in keys


def test_the_house_never_contradicts_the_truth_of_a_clean_world(tmp_path: Path) -> None:
    """Two ways to the same answer: the generator's table of versions, and names, versions and CSAF as the house reads them."""
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.equipment.makers import load_names
    from pilothouse.exposure.engine import expose
    from pilothouse.exposure.sources import load_advisories
    from pilothouse.imports.loading import load
    from pilothouse.kernel.duck import engine

    folder = write(tmp_path / "demo", devices=300, world="clean").folder
    truth = {
        (int(line["row"]), line["vulnerability"], line["advisory"]): line["status"]
        for line in table(folder / "truth" / "exposures.csv")
        if line["file"] == "cmms.csv"
    }
    source = load(str(folder / "cmms.csv"), ordinal=0, fields=FIELDS)
    with engine() as con:
        con.register("loaded", source.table)
        con.execute(
            "CREATE VIEW devices AS SELECT row, key AS device_id, maker, model, name, firmware, NULL::VARCHAR AS os, NULL::VARCHAR AS host FROM loaded"
        )
        expose(con, "devices", load_advisories(folder / "advisories"), load_names(None))
        lines = con.execute("SELECT row, vulnerability, advisory, status FROM exposures").fetchall()
    assert {(row, flaw, advisory): status for row, flaw, advisory, status in lines} == truth
