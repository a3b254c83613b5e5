"""Devices against advisories: three values with their reason, one line per device, vulnerability and advisory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from pilothouse.equipment.makers import Name, load_names
from pilothouse.exposure.advisories import Advisory, Catalogue, Leaf, Standing, Vulnerability
from pilothouse.exposure.engine import expose
from pilothouse.exposure.sources import load_advisories
from pilothouse.imports.contracts import CANDIDATES, EXPOSE
from pilothouse.kernel.duck import engine

Line = dict[str, str]


def advisory(*leaves: tuple[str, str, Standing], vendor: str = "Acme", tracking_id: str = "A-1") -> Advisory:
    """Leaves (product, version, standing) of one vendor, all of one vulnerability."""
    listed = tuple(
        Leaf(f"P{n}", vendor, "", product, version) for n, (product, version, _) in enumerate(leaves)
    )
    standings = tuple((f"P{n}", standing) for n, (_, _, standing) in enumerate(leaves))
    vulnerability = Vulnerability("CVE-2024-0001", "9.8", standings)
    return Advisory(tracking_id, "Acme products", "CISA", datetime(2024, 1, 1, tzinfo=UTC), "1", listed, (vulnerability,))  # fmt: skip


def lines(devices: Iterable[Line], *advisories: Advisory, names: tuple[Name, ...] = (), table: str = "exposures", catalogue: Catalogue | None = None) -> list[dict[str, object]]:  # fmt: skip
    """The lines that these devices get, in the contract's order."""
    listed = list(devices)
    columns = {column: [device.get(column) for device in listed] for column in ("maker", "model", "name", "firmware", "os", "host")}  # fmt: skip
    relation = pa.table({"row": pa.array(range(1, len(listed) + 1), pa.int64()), "device_id": [f"D{n}" for n in range(len(listed))], **{k: pa.array(v, pa.string()) for k, v in columns.items()}})  # fmt: skip
    with engine() as con:
        con.register("devices", relation)
        expose(con, "devices", catalogue or Catalogue(advisories), [*load_names(), *names])
        layout = EXPOSE if table == "exposures" else CANDIDATES
        order = '"row", advisory, vulnerability' if table == "exposures" else '"row", score DESC, candidate'
        found = con.execute(f"SELECT {', '.join(layout.columns).replace('row', chr(34) + 'row' + chr(34))} FROM {table} ORDER BY {order}").fetchall()  # fmt: skip
    return [dict(zip(layout.columns, line, strict=True)) for line in found]


def status(
    firmware: str | None, *leaves: tuple[str, str, Standing], model: str = "Nimbus 300"
) -> tuple[str, str]:
    """Status and reason of one device of Acme; `none` without a line."""
    found = lines([{"maker": "Acme Inc.", "model": model, "firmware": firmware or ""}], advisory(*leaves))
    return (str(found[0]["status"]), str(found[0]["reason"])) if found else ("none", "")


@pytest.mark.parametrize(
    ("version", "firmware", "expected", "reason"),
    [
        ("vers:all/*", "", "affected", "All versions are named"),
        ("<= 9.33", "9.12", "affected", "The advisory names versions up to 9.33; this is 9.12"),
        ("<= 20D32", "22D24", "not_affected", "The advisory names only versions up to 20D32; this is 22D24"),
        ("< 8.2.2", "8.2.2", "not_affected", "The advisory names only versions before 8.2.2; this is 8.2.2"),
        (">= 2.0", "1.9", "not_affected", "The advisory names only versions from 2.0 on; this is 1.9"),
        ("vers:all/<V3.2.17", "", "possible", "The version is not known; the advisory names versions before V3.2.17"),
        ("9.7 | 9.9", "9.8", "not_affected", "The advisory names only versions 9.7 and 9.9; this is 9.8"),
        ("BT03", "3.1", "possible", "The advisory names version BT03; this is 3.1, counted in another way"),
        ("< august 28", "1.0", "possible", "The advisory names \u201c< august 28\u201d, which cannot be set against 1.0"),
        ("<= 3.0", "see label", "possible", "The version \u201csee label\u201d cannot be read; the advisory names versions up to 3.0"),
        ("<= 11.2 on Windows 8.1", "11.1", "possible", "The advisory names versions up to 11.2 under a condition that is not known here: on Windows 8.1; this is 11.1"),
    ],
)  # fmt: skip
def test_each_value_comes_with_its_reason_in_words(
    version: str, firmware: str, expected: str, reason: str
) -> None:
    assert status(firmware, ("Nimbus 300", version, "affected")) == (expected, reason)


def test_of_several_leaves_affected_beats_possible_beats_not_affected() -> None:
    inside: tuple[str, str, Standing] = ("Nimbus 300", "<= 2.0", "affected")
    unclear: tuple[str, str, Standing] = ("Nimbus 300", "< may 2018", "affected")
    outside: tuple[str, str, Standing] = ("Nimbus 300", "<= 1.0", "affected")
    assert status("1.5", outside, unclear, inside)[0] == "affected"
    assert status("1.5", outside, unclear)[0] == "possible"
    assert status("1.5", outside)[0] == "not_affected"


@pytest.mark.parametrize(
    ("standing", "firmware", "expected"),
    [
        ("fixed", "3.0", "not_affected"),
        ("not_affected", "3.0", "not_affected"),
        ("fixed", "", "possible"),
        ("fixed", "2.0", "possible"),
        ("investigated", "3.0", "possible"),
        ("first", "3.0", "affected"),
    ],
)
def test_a_standing_speaks_only_for_what_it_names(standing: Standing, firmware: str, expected: str) -> None:
    assert status(firmware, ("Nimbus 300", "3.0", standing))[0] == expected


def test_a_known_version_outside_the_affected_ones_is_not_reopened_by_a_fixed_leaf() -> None:
    assert (
        status("4.0", ("Nimbus 300", "< 3.0", "affected"), ("Nimbus 300", "3.0", "fixed"))[0]
        == "not_affected"
    )


def test_products_that_no_advisory_names_give_no_line() -> None:
    assert status("1.0", ("Cumulus 9", "vers:all/*", "affected"))[0] == "none"
    assert (
        lines([{"maker": "", "model": "", "firmware": "1.0"}], advisory(("Nimbus 300", "*", "affected")))
        == []
    )


def test_a_hardware_term_that_is_not_known_is_possible_and_another_model_is_not_affected() -> None:
    leaf: tuple[str, str, Standing] = ("Nimbus", "6.x model 35700BAX", "affected")
    sibling: tuple[str, str, Standing] = ("Nimbus", "8.x model 35700BAX2", "affected")
    assert status("6.1", leaf, model="Nimbus 35700BAX")[0] == "affected"
    assert status("6.1", leaf, model="Nimbus")[0] == "possible"
    assert status("6.1", leaf, sibling, model="Nimbus 35700BAX2")[0] == "not_affected"


def test_a_leaf_for_one_vulnerability_alone_says_nothing_of_others() -> None:
    assert status("3.0", ("Nimbus 300", ">= 2.8 (only affected by CVE-2019-10943)", "affected"))[0] == "none"


def test_kev_epss_and_score_stand_on_the_line() -> None:
    catalogue = Catalogue((advisory(("Nimbus 300", "*", "affected")),), frozenset({"CVE-2024-0001"}), {"CVE-2024-0001": "0.120"})  # fmt: skip
    found = lines([{"maker": "Acme", "model": "Nimbus 300"}], catalogue=catalogue)
    assert [(line["kev"], line["epss"], line["cvss"], line["source"]) for line in found] == [("yes", "0.120", "9.8", "CISA")]  # fmt: skip


def test_a_name_that_merely_resembles_is_a_candidate_until_a_person_confirms_it() -> None:
    device = {"maker": "Acme", "model": "Nimbsu 300"}
    known = advisory(("Nimbus 300", "*", "affected"))
    assert lines([device], known) == []
    (candidate,) = lines([device], known, table="candidates")
    assert (candidate["candidate"], candidate["advisory"]) == ("Nimbus 300", "A-1")
    confirmed = Name("product", "Nimbsu 300", "Nimbus 300", "same", "Ana", "2026-11-01")
    assert [line["status"] for line in lines([device], known, names=(confirmed,))] == ["affected"]


def test_ones_own_decision_that_names_differ_vetoes_an_exposure() -> None:
    apart = Name("product", "Nimbus 300 LS", "Nimbus 300", "different", "Ana", "2026-11-01")
    device = {"maker": "Acme", "model": "Nimbus 300 LS"}
    known = advisory(("Nimbus 300", "*", "affected"))
    assert len(lines([device], known)) == 1
    assert lines([device], known, names=(apart,)) == []


def test_lines_are_sorted_and_one_per_device_vulnerability_and_advisory() -> None:
    many = [advisory(("Nimbus 300", "1.0", "affected"), ("Nimbus 300", "<= 2.0", "affected"), tracking_id=f"A-{n}") for n in (2, 1)]  # fmt: skip
    found = lines([{"maker": "Acme", "model": "Nimbus 300", "firmware": "1.0"}] * 2, *many)
    assert [(line["row"], line["advisory"]) for line in found] == [
        (1, "A-1"),
        (1, "A-2"),
        (2, "A-1"),
        (2, "A-2"),
    ]


@pytest.mark.parametrize(
    ("model", "name", "firmware", "expected"),
    [
        ("Spectrum IQ 35700BAX3", "Infusion pump", "9.02.01", "affected"),
        ("35700BAX2", "Sigma Spectrum", "8.00.01", "affected"),
        ("Sigma Spectrum LVP", "Infusion pump", "8.00.01", "possible"),
        ("Sigma Spectrum LVP", "Wireless Battery Module", "22D24", "affected"),
        ("Sigma Spectrum LVP", "Wireless Battery Module", "22D20", "not_affected"),
        ("Spectrum IQ LVP", "Wireless Battery Module", "22D19", "affected"),
        ("Novum IQ LVP", "Infusion pump", "9.1", "none"),
    ],
)
def test_the_golden_case_of_the_battery_module(public_data: Path, model: str, name: str, firmware: str, expected: str) -> None:  # fmt: skip
    catalogue = load_advisories(public_data / "csaf" / "cisa-icsma-2024-10-24.tar.xz")
    found = lines(
        [{"maker": "Baxter", "model": model, "name": name, "firmware": firmware}], catalogue=catalogue
    )
    told = [line["status"] for line in found if (line["vulnerability"], line["advisory"]) == ("CVE-2022-26390", "ICSMA-22-251-01")]  # fmt: skip
    assert told == ([expected] if expected != "none" else [])


def test_tables_of_others_in_the_same_connection_are_left_alone() -> None:
    with engine() as con:
        con.execute("CREATE TEMP TABLE verdicts AS SELECT 1 AS kept")
        con.execute("CREATE TABLE devices (\"row\" BIGINT, device_id VARCHAR, maker VARCHAR, model VARCHAR, \"name\" VARCHAR, firmware VARCHAR, os VARCHAR, host VARCHAR)")  # fmt: skip
        before = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        expose(con, "devices", Catalogue((advisory(("Nimbus", "*", "affected")),)), load_names())
        after = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert con.execute("FROM verdicts").fetchall() == [(1,)]
    assert after - before == {"exposures", "candidates"}
