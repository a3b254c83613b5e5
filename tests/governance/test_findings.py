"""What is worth a look in a valid chain, and just not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.governance.check import findings, meeting_point
from pilothouse.governance.words import BeforeTheFirstHelm
from tests.governance.hospital import AT, FILES, at, chain_of, places, with_changed, with_lines, with_more

Files = dict[str, list[str]]

ROSTER = "position,person,from,to"
DELEGATIONS = "position,topic,person,from,to"


def reached(ana: str) -> Files:
    """The hospital with the columns of reachability tests; `ana` are hers."""
    others = [f"{line},2026-11-01,yes" for line in FILES["people"][2:]]
    return with_lines(
        people=[f"{FILES['people'][0]},tested_on,test_ok", f"{FILES['people'][1]},{ana}", *others]
    )


CASES: list[tuple[str, Files, str, list[tuple[str, int | None]]]] = [
    ("no holder", with_lines(appointments=[line for line in FILES["appointments"] if not line.startswith("ben,BIOMED")]), "no_holder", [("positions.csv", 4)]),
    ("no holder any more", with_changed("appointments", 6, "ben,BIOMED,holder,,,2026-11-02"), "no_holder", [("positions.csv", 4)]),
    ("no deputy for what it answers", with_lines(appointments=[line for line in FILES["appointments"] if "ben,CN-ICU" not in line]), "no_deputy", [("positions.csv", 5)]),
    ("unreachable", with_changed("people", 1, "ana,Ana Alvarez,,"), "unreachable", [("people.csv", 1)]),
    ("unreachable deputy", with_changed("people", 5, "eve,Eve Evans,,"), "unreachable", [("people.csv", 5)]),
    ("last test failed", reached("2026-11-01,no"), "unreachable", [("people.csv", 1)]),
    ("last test without success", reached("2026-11-01,"), "unreachable", [("people.csv", 1)]),
    ("failed on an unknown day", reached(",no"), "unreachable", [("people.csv", 1)]),
    ("tested too long ago", reached("2026-08-04T11:59:59,yes"), "unreachable", [("people.csv", 1)]),
    ("four positions", with_more(appointments=["eve,CN-ICU,deputy,2,,", "eve,CISO,deputy,2,,"]), "many_positions", [("people.csv", 5)]),
    ("scope too small for the system", with_more(mandates=["parts,system,,BIOMED,,"]), "scope_too_small", [("mandates.csv", 6)]),
    ("scope of another unit", with_more(mandates=["parts,unit,ED,CN-ICU,,"]), "scope_too_small", [("mandates.csv", 6)]),
    ("scope of another facility", with_more(mandates=["parts,unit,NICU,BIOMED,,"]), "scope_too_small", [("mandates.csv", 6)]),
    ("holder ends", with_changed("appointments", 8, "ana,CN-ICU,holder,,,2026-12-02T12:00"), "appointment_ends", [("appointments.csv", 8)]),
    ("only deputy ends", with_changed("appointments", 9, "ben,CN-ICU,deputy,1,,2026-11-02T12:01"), "appointment_ends", [("appointments.csv", 9)]),
    ("holder ends before the next begins", with_lines(appointments=[*FILES["appointments"][:8], "ana,CN-ICU,holder,,,2026-11-20", "fay,CN-ICU,holder,,2026-11-21,", FILES["appointments"][9]]), "appointment_ends", [("appointments.csv", 8)]),
    ("delegation ends", with_lines(delegations=[DELEGATIONS, "HTM,recall,fay,,2026-11-10", "HTM,parts,fay,,"]), "delegation_ends", [("delegations.csv", 1)]),
    ("roster ends", with_lines(roster=[ROSTER, "HTM,fay,2026-11-08,2026-11-09T12:00", "HTM,eve,2026-11-01,2026-11-02"]), "roster_ends", [("roster.csv", 1)]),
    ("roster has ended", with_lines(roster=[ROSTER, "HTM,fay,2026-10-01,2026-10-02", "CISO,dee,,"]), "roster_ends", [("roster.csv", 1)]),
    ("a unit for the helm only", with_lines(mandates=[*FILES["mandates"][:1], "maintenance,facility,MERCY,BIOMED,,"]), "helm_only", [("units.csv", 3)]),
    ("a unit whose topics climb to the helm", with_lines(mandates=[*FILES["mandates"][:1], "maintenance,facility,MERCY,BIOMED,,", "3d_printing,facility,HOPE,CN-ICU,,"], absences=["person,from,to", "ana,,", "ben,,", "eve,,", "dee,,"]), "helm_only", [("units.csv", 1), ("units.csv", 2), ("units.csv", 3)]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "code", "where"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_each_weakness_is_a_finding_with_its_file_and_row(
    tmp_path: Path, files: Files, code: str, where: list[tuple[str, int | None]]
) -> None:
    found = findings(chain_of(tmp_path, files), at())
    assert places(found, code) == where
    assert {issue.level for issue in found} == {"finding"}


CALM: list[tuple[str, Files, str]] = [
    ("no deputy where nothing is answered for", FILES, "no_deputy"),
    ("someone without a position and without a way to be reached", with_more(people=["zoe,Zoe,,"]), "unreachable"),
    ("tested exactly 90 days ago", reached("2026-08-04T12:00,yes"), "unreachable"),
    ("never tested", reached(","), "unreachable"),
    ("a failed test that is yet to come", reached("2026-11-03,no"), "unreachable"),
    ("three positions", with_more(appointments=["eve,CN-ICU,deputy,2,,", "eve,HTM,deputy,2,,"]), "many_positions"),
    ("a fourth position in the past", with_more(appointments=["eve,CN-ICU,deputy,2,,", "eve,CISO,deputy,2,,2026-11-02"]), "many_positions"),
    ("a facility's position for its unit", with_more(mandates=["parts,unit,ED,BIOMED,,"]), "scope_too_small"),
    ("holder ends in more than 30 days", with_changed("appointments", 8, "ana,CN-ICU,holder,,,2026-12-02T12:01"), "appointment_ends"),
    ("another holder follows at once", with_lines(appointments=[*FILES["appointments"][:8], "ana,CN-ICU,holder,,,2026-11-20", "fay,CN-ICU,holder,,2026-11-20,", FILES["appointments"][9]]), "appointment_ends"),
    ("another deputy stays", with_lines(appointments=[*FILES["appointments"], "fay,CN-ICU,deputy,2,,2026-11-20"]), "appointment_ends"),
    ("the delegation is renewed", with_lines(delegations=[DELEGATIONS, "HTM,recall,fay,,2026-11-10", "HTM,recall,fay,2026-11-10,"]), "delegation_ends"),
    ("roster ends in more than 7 days", with_lines(roster=[ROSTER, "HTM,fay,2026-11-08,2026-11-09T12:01"]), "roster_ends"),
    ("roster without end", with_lines(roster=[ROSTER, "HTM,fay,,", "HTM,eve,2026-11-01,2026-11-03"]), "roster_ends"),
    ("one added topic does not end at the helm", with_lines(mandates=[*FILES["mandates"][:1], "3d_printing,system,,HTM,,"]), "helm_only"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "code"), [pytest.param(*case[1:], id=case[0]) for case in CALM])
def test_what_is_just_good_enough_is_no_finding(tmp_path: Path, files: Files, code: str) -> None:
    assert places(findings(chain_of(tmp_path, files), at()), code) == []


def test_a_chain_in_order_has_no_findings(tmp_path: Path) -> None:
    assert findings(chain_of(tmp_path, FILES), at()) == []


def test_findings_are_judged_at_the_moment_asked_for(tmp_path: Path) -> None:
    chain = chain_of(tmp_path, with_changed("appointments", 8, "ana,CN-ICU,holder,,,2027-01-01"))
    assert findings(chain, at(AT)) == []
    assert places(findings(chain, at("2026-12-10")), "appointment_ends") == [("appointments.csv", 8)]
    assert places(findings(chain, at("2027-01-01")), "no_holder") == [("positions.csv", 5)]


def test_before_the_first_helm_holder_nothing_can_be_judged(tmp_path: Path) -> None:
    chain = chain_of(tmp_path, with_changed("appointments", 1, "chief,COO,holder,,2026-01-01,"))
    with pytest.raises(BeforeTheFirstHelm):
        findings(chain, at("2025-12-31"))


def test_where_htm_and_it_meet_is_said_and_is_no_finding(tmp_path: Path) -> None:
    meeting = meeting_point(chain_of(tmp_path, FILES), at())
    assert meeting is not None
    assert (meeting.level, meeting.code, meeting.file, meeting.row) == (
        "note",
        "htm_and_it_meet",
        "positions.csv",
        1,
    )
    assert meeting.text == "HTM (HTM) and IT (CISO) meet at COO (Chief operating officer)"


def test_if_it_reports_to_htm_they_meet_there(tmp_path: Path) -> None:
    files = with_changed("positions", 3, "CISO,Information security officer,system,,HTM,")
    meeting = meeting_point(chain_of(tmp_path, files), at())
    assert meeting is not None
    assert meeting.row == 2


def test_without_the_systems_mandates_no_meeting_is_said(tmp_path: Path) -> None:
    mandates = [FILES["mandates"][0], "maintenance,facility,MERCY,BIOMED,,", *FILES["mandates"][2:]]
    assert meeting_point(chain_of(tmp_path, with_lines(mandates=mandates)), at()) is None
