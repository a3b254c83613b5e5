"""The labelled cases of exposure agree with themselves and speak of advisories that exist."""

from __future__ import annotations

import csv
import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
COLUMNS = [
    "case",
    "advisory",
    "vulnerability",
    "maker",
    "model",
    "name",
    "firmware",
    "expected",
    "shape",
    "reason",
]
EXPECTED = {"affected", "possible", "not_affected", "none"}
RELATIONS = {"<", "=", ">", "?"}
PLACEHOLDERS = {"", "-", "?", "n/a", "na", "unknown", "tbd", "none", "unk"}
SHAPES = {
    "all",
    "all_in_product_version",
    "all_in_words",
    "all_lt",
    "all_range",
    "and_prior",
    "build",
    "by_vulnerability",
    "date_bound",
    "empty",
    "fixed_leaf",
    "format",
    "garbled",
    "ge",
    "golden",
    "hardware",
    "image_name",
    "le",
    "letter",
    "letter_suffix",
    "list",
    "literal",
    "look_alike",
    "lt",
    "maker_acquired",
    "maker_blank",
    "maker_joint",
    "maker_mojibake",
    "maker_spelling",
    "model_accessory",
    "model_case",
    "model_list",
    "model_number",
    "model_repeats_maker",
    "not_affected_leaf",
    "os_condition",
    "other_maker",
    "other_member",
    "placeholder",
    "prose_date",
    "quoted_version",
    "range",
    "range_joined",
    "recommended_leaf",
    "same_maker_other_family",
    "service_pack",
    "wildcard",
}


def read(name: str) -> tuple[list[str], list[dict[str, str]]]:
    """The header and the rows of one table of cases."""
    with (CASES / name).open(encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text)
        rows = list(reader)
        return list(reader.fieldnames or []), rows


@pytest.fixture(scope="module")
def cases() -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in sorted(CASES.glob("exposure_cases*.csv")):
        header, rows = read(path.name)
        assert header == COLUMNS
        found += rows
    return found


@pytest.fixture(scope="module")
def vulnerabilities(public_data: Path) -> dict[str, set[str]]:
    """Every advisory of the public archive with its vulnerabilities."""
    found: dict[str, set[str]] = {}
    archive = public_data / "csaf" / "cisa-csaf-2025-02-27.tar.xz"
    with tarfile.open(archive) as members:
        for member in members:
            if not member.name.endswith(".json"):
                continue
            content = members.extractfile(member)
            document = json.load(content) if content else None
            if not isinstance(document, dict) or "document" not in document:
                continue
            found[document["document"]["tracking"]["id"]] = {
                vulnerability["cve"]
                for vulnerability in document.get("vulnerabilities", [])
                if "cve" in vulnerability
            }
    return found


def test_each_case_is_complete_and_has_its_own_name(cases: list[dict[str, str]]) -> None:
    assert len({case["case"] for case in cases}) == len(cases)
    for case in cases:
        assert case["expected"] in EXPECTED, case
        assert None not in case.values(), case
        assert None not in case, case
        for column in ("case", "advisory", "maker", "model", "shape", "reason"):
            assert case[column].strip(), case


def test_no_device_is_judged_twice_for_one_vulnerability(cases: list[dict[str, str]]) -> None:
    asked = Counter(tuple(case[column] for column in COLUMNS[1:7]) for case in cases)
    assert not [question for question, times in asked.items() if times > 1]


def test_cases_are_many_and_spread_over_advisories_and_shapes(
    cases: list[dict[str, str]],
) -> None:
    answers = Counter(case["expected"] for case in cases)
    assert len(cases) >= 300
    assert min(answers.values()) >= 50
    assert len({case["advisory"] for case in cases}) >= 90
    assert {case["shape"] for case in cases} >= SHAPES


def test_a_version_nobody_knows_is_never_not_affected_unless_the_row_says_so(
    cases: list[dict[str, str]],
) -> None:
    for case in cases:
        if case["firmware"].strip().lower() in PLACEHOLDERS and case["expected"] == "not_affected":
            assert case["shape"] == "not_affected_leaf", case


def test_a_quotation_of_an_advisory_is_short(cases: list[dict[str, str]]) -> None:
    for case in cases:
        for quotation in case["reason"].split('"')[1::2]:
            assert len(quotation.split()) <= 12, case


def test_each_advisory_and_vulnerability_of_a_case_exists(
    cases: list[dict[str, str]], vulnerabilities: dict[str, set[str]]
) -> None:
    for case in cases:
        assert case["advisory"] in vulnerabilities, case
        if case["vulnerability"]:
            assert case["vulnerability"] in vulnerabilities[case["advisory"]], case


def test_each_pair_of_versions_has_one_relation_and_a_source() -> None:
    header, rows = read("version_order.csv")
    assert header == ["left", "right", "relation", "source"]
    assert len(rows) >= 150
    assert {row["relation"] for row in rows} == RELATIONS
    relations: dict[tuple[str, str], str] = {}
    mirrored = {"<": ">", ">": "<", "=": "=", "?": "?"}
    for row in rows:
        assert all(row.values()), row
        assert (row["left"], row["right"]) not in relations, row
        opposite = relations.get((row["right"], row["left"]), mirrored[row["relation"]])
        assert opposite == mirrored[row["relation"]], row
        relations[row["left"], row["right"]] = row["relation"]
