"""The demo's chain of command is valid, knows every unit, and is worth looking at."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from pilothouse.demo.chain import write_chain
from pilothouse.demo.places import UNITS
from pilothouse.demo.world import write
from tests.demo.reading import table

AS_OF = date(2026, 11, 2)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("demo") / "chain"
    write_chain(folder, 7, AS_OF)
    return {path.stem: table(path) for path in folder.iterdir()}


def test_every_position_reports_up_to_the_one_helm(chain: dict[str, list[dict[str, str]]]) -> None:
    above = {line["position"]: line["reports_to"] for line in chain["positions"]}
    assert [line["position"] for line in chain["positions"] if line["helm"]] == ["HELM"]
    for position in above:
        steps = [position]
        while above[steps[-1]]:
            steps.append(above[steps[-1]])
            assert len(steps) <= len(above)
        assert steps[-1] == "HELM"


def test_the_helm_stands_above_htm_and_it(chain: dict[str, list[dict[str, str]]]) -> None:
    above = {line["position"]: line["reports_to"] for line in chain["positions"]}
    assert above["DIR-HTM"] == above["CIO"] == "HELM"


def test_every_unit_of_the_sources_is_known(chain: dict[str, list[dict[str, str]]], tmp_path: Path) -> None:
    assert [line["unit"] for line in chain["units"]] == [unit.key for unit in UNITS]
    write(tmp_path / "demo", devices=300)
    used = {line["unit"] for line in table(tmp_path / "demo" / "truth" / "devices.csv")}
    assert used <= {line["unit"] for line in chain["units"]}


def test_ids_are_unique_and_every_reference_is_known(chain: dict[str, list[dict[str, str]]]) -> None:
    people = [line["person"] for line in chain["people"]]
    positions = [line["position"] for line in chain["positions"]]
    assert len(set(people)) == len(people)
    assert len({line["name"] for line in chain["people"]}) == len(people)
    assert len(set(positions)) == len(positions)
    for name in ("appointments", "absences", "roster", "delegations"):
        for line in chain[name]:
            assert line["person"] in people
            assert line.get("position", "HELM") in positions
    assert {line["position"] for line in chain["mandates"]} <= set(positions)


def test_it_has_what_real_chains_have(chain: dict[str, list[dict[str, str]]]) -> None:
    held = {line["position"] for line in chain["appointments"] if line["kind"] == "holder"}
    assert {line["position"] for line in chain["positions"]} - held
    assert any(line["kind"] == "deputy" for line in chain["appointments"])
    assert any(line["limit"] for line in chain["mandates"])
    for name in ("absences", "roster", "delegations"):
        now = [
            line
            for line in chain[name]
            if datetime.fromisoformat(line["from"])
            <= datetime(2026, 11, 2, 12)
            < datetime.fromisoformat(line["to"])
        ]
        assert now, name


def test_the_house_finds_no_error_in_it(tmp_path: Path) -> None:
    from pilothouse.governance.sources import load_chain

    for seed in range(1, 6):
        write_chain(tmp_path / str(seed), seed, AS_OF)
        assert load_chain(str(tmp_path / str(seed)), None).valid()
