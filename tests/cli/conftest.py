"""One small demo and one whole run on it, which the tests of the contracts share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.running import Ended, pilothouse

DEVICES = 200


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo folder, its three lists in the order cmms, network, security, and its other parts."""

    folder: Path
    lists: tuple[Path, ...]
    advisories: Path
    chain: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """A run of `reconcile` on the whole demo: how it ended and the folder it wrote."""

    ended: Ended
    out: Path
    demo: Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("contract") / "demo"
    assert pilothouse("demo", folder, "--devices", DEVICES, "--seed", 11).code == 0
    told = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    lists = tuple(folder / name for name in told["files"].values())
    return Demo(folder, lists, folder / told["advisories"], folder / told["chain"])


@pytest.fixture(scope="session")
def answer(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    out = tmp_path_factory.mktemp("contract") / "answer"
    ended = pilothouse(
        "reconcile", *demo.lists, "--out", out, "--advisories", demo.advisories, "--chain", demo.chain,
        "--at", "2026-11-02T12:00", "--as-of", f"{demo.lists[0]}=2026-11-01",
    )  # fmt: skip
    return Answer(ended, out, demo)
