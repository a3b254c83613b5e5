"""docs/contracts.md, `reconcile --chain`: the place of each exposed device and the one person who answers there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Ended, pilothouse, table, written
from tests.governance.hospital import FILES, with_changed, with_lines, write

ADVISORY = {
    "document": {
        "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Monitors", "publisher": {"category": "vendor", "name": "Maker", "namespace": "https://maker.example"},
        "tracking": {"id": "T-1", "status": "final", "version": "1", "current_release_date": "2026-01-01T00:00:00Z", "initial_release_date": "2026-01-01T00:00:00Z", "revision_history": []},
    },
    "product_tree": {"branches": [{"category": "vendor", "name": "Philips", "branches": [{"category": "product_name", "name": "IntelliVue MX450", "branches": [
        {"category": "product_version_range", "name": "vers:all/*", "product": {"name": "all", "product_id": "P1"}}]}]}]},
    "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["P1"]}}],
}  # fmt: skip
UNITS = [
    "unit,facility,name,facility_name",
    "ICU,MERCY,Intensive care,Mercy Hospital", "M-LAB,MERCY,Laboratory,Mercy Hospital",
    "NICU,HOPE,Newborn intensive care,Hope Hospital", "H-LAB,HOPE,Laboratory,Hope Hospital",
]  # fmt: skip
WHERE = {
    "40001": ("Mercy Hospital", "ICU", "unit:ICU"),
    "40002": ("mercy", "INTENSIVE  CARE", "unit:ICU"),
    "40003": ("Hope Hospital", "Laboratory", "unit:H-LAB"),
    "40004": ("", "Newborn intensive care", "unit:NICU"),
    "40005": ("", "Laboratory", "system"),
    "40006": ("HOPE", "Basement", "facility:HOPE"),
    "40007": ("HOPE", "ICU", "facility:HOPE"),
    "40008": ("Elsewhere", "Basement", "system"),
    "40009": ("", "", "system"),
}
"""Asset tag: facility and unit as a list writes them, and the place they mean."""


def _run(folder: Path, chain: Path, *options: object) -> tuple[Ended, Path]:
    (folder / "advisories").mkdir()
    written(folder / "advisories", "t-1.json", json.dumps(ADVISORY))
    lines = [f"{tag},Philips,IntelliVue MX450,{facility},{unit}" for tag, (facility, unit, _) in WHERE.items()]  # fmt: skip
    cmms = written(folder, "cmms.csv", "\n".join(["Asset Tag,Manufacturer,Model,Facility,Department", *lines, ""]))  # fmt: skip
    ended = pilothouse("reconcile", cmms, "--out", folder / "out", "--advisories", folder / "advisories", "--chain", chain, *options)  # fmt: skip
    return ended, folder / "out"


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, dict[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("placed")
    chain = write(folder / "chain", with_lines(units=UNITS))
    ended, out = _run(folder, chain, "--topic", "repair", "--at", "2026-11-02T12:00")
    tags = {row["device"]: row["tag"] for row in table(out / "register.csv")}
    return ended, {tags[row["device"]]: row for row in table(out / "exposures.csv")}


@pytest.mark.parametrize("tag", WHERE)
def test_a_device_stands_where_its_facility_and_unit_say(
    placed: tuple[Ended, dict[str, dict[str, str]]], tag: str
) -> None:
    assert placed[1][tag]["place"] == WHERE[tag][2]


def test_an_ambiguous_name_is_told(placed: tuple[Ended, dict[str, dict[str, str]]]) -> None:
    ended, _ = placed
    assert ended.code == 0
    assert "ambiguous: 'Laboratory' names H-LAB, M-LAB" in ended.err


@pytest.mark.parametrize(("tag", "owner", "position"), [("40001", "ana", "CN-ICU"), ("40009", "dee", "HTM"), ("40006", "dee", "HTM")])  # fmt: skip
def test_owner_and_position_are_the_ids_that_who_gives_for_the_place(
    placed: tuple[Ended, dict[str, dict[str, str]]], tag: str, owner: str, position: str
) -> None:
    assert (placed[1][tag]["owner"], placed[1][tag]["position"]) == (owner, position)


def test_an_invalid_chain_leaves_owner_and_position_empty_says_so_and_ends_with_1(tmp_path: Path) -> None:
    chain = write(tmp_path / "chain", with_changed("positions", 4, "BIOMED,,facility,MERCY,CN-ICU,"))
    ended, out = _run(tmp_path, chain, "--at", "2026-11-02T12:00")
    exposures = table(out / "exposures.csv")
    assert (ended.code, "chain of command is invalid" in ended.err) == (1, True)
    assert {(row["owner"], row["position"]) for row in exposures} == {("", "")}
    assert {row["status"] for row in exposures} == {"affected"}


def test_a_question_before_the_first_helm_holder_ends_with_2_and_writes_nothing(tmp_path: Path) -> None:
    chain = write(tmp_path / "chain", with_changed("appointments", 1, "chief,COO,holder,,2026-11-03,"))
    ended, out = _run(tmp_path, chain, "--at", "2026-11-02")
    assert (ended.code, out.exists()) == (2, False)
    assert "nobody held the helm" in ended.err


@pytest.mark.parametrize(("option", "value", "words"), [("--topic", "Repair", "is no topic"), ("--at", "2.11.2026", "which is no time")])  # fmt: skip
def test_a_topic_or_moment_outside_its_form_ends_with_2(tmp_path: Path, option: str, value: str, words: str) -> None:  # fmt: skip
    ended, out = _run(tmp_path, write(tmp_path / "chain", FILES), option, value)
    assert (ended.code, out.exists(), words in ended.err) == (2, False, True)


def test_without_advisories_a_chain_is_read_and_there_are_no_exposures(tmp_path: Path) -> None:
    cmms = written(tmp_path, "cmms.csv", "Asset Tag,Serial Number,Department\n40231,DE48213377,ICU\n")
    ended = pilothouse("reconcile", cmms, "--out", tmp_path / "out", "--chain", write(tmp_path / "chain", FILES))  # fmt: skip
    assert (ended.code, (tmp_path / "out" / "exposures.csv").exists()) == (0, False)


def test_an_option_that_does_nothing_here_is_told(tmp_path: Path) -> None:
    cmms = written(tmp_path, "cmms.csv", "Asset Tag,Serial Number\n40231,DE48213377\n")
    ended = pilothouse("reconcile", cmms, "--out", tmp_path / "out", "--at", "2026-11-02", "--kev", "kev.json")  # fmt: skip
    assert ended.code == 0
    assert "--at has no effect without --chain" in ended.err
    assert "--kev has no effect without --advisories" in ended.err
