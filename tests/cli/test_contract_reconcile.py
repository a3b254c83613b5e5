"""docs/contracts.md, `reconcile`: its files, their columns and order, devices, links, winners."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Demo
from tests.cli.running import Ended, header, pilothouse, table, written

FIELDS = "tag,uid,maker,model,serial,name,mac,ip,host,os,firmware,facility,unit,room,owner,status,purchased,installed,warranty,price,last_pm,seen,criticality,phi"
HEADERS = {
    "links.csv": "left_file,left_row,left_key,right_file,right_row,right_key,probability,decision,evidence",
    "members.csv": "device,file,row",
    "register.csv": f"device,{FIELDS}",
    "claims.csv": "device,field,file,row,value,seen,won,rule",
    "conflicts.csv": "device,field,values,winner,rule",
    "unmatched.csv": "file,row,key,reason",
    "exposures.csv": "device,device_id,vulnerability,advisory,status,source,reason,kev,epss,cvss,place,owner,position",
}
Row = tuple[str, int]


def _left(link: dict[str, str]) -> Row:
    return link["left_file"], int(link["left_row"])


def _right(link: dict[str, str]) -> Row:
    return link["right_file"], int(link["right_row"])


def _devices(out: Path) -> dict[str, set[Row]]:
    found: defaultdict[str, set[Row]] = defaultdict(set)
    for row in table(out / "members.csv"):
        found[row["device"]].add((row["file"], int(row["row"])))
    return dict(found)


# --- The whole run on a demo ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HEADERS)
def test_every_file_has_the_columns_of_the_contract(answer: Answer, name: str) -> None:
    assert header(answer.out / name) == HEADERS[name]


def test_the_folder_holds_the_files_of_the_contract_and_no_litter(answer: Answer) -> None:
    names = {path.name for path in answer.out.iterdir()}
    assert names - {"rejected.csv", "exposures.candidates.csv"} == {*HEADERS, "report.html"}


def test_links_come_in_the_order_of_files_and_rows_each_pair_once(answer: Answer) -> None:
    place = {str(path): number for number, path in enumerate(answer.demo.lists)}
    links = table(answer.out / "links.csv")
    keys = [(place[a[0]], a[1], place[b[0]], b[1]) for a, b in ((_left(link), _right(link)) for link in links)]  # fmt: skip
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert all(key[:2] < key[2:] for key in keys)


def test_links_decide_match_or_review_with_a_probability_and_words(answer: Answer) -> None:
    links = table(answer.out / "links.csv")
    assert {link["decision"] for link in links} == {"match", "review"}
    assert all(0 <= float(link["probability"]) <= 1 for link in links)
    assert all(link["evidence"] for link in links)


def test_the_pairs_of_each_device_and_no_others_are_matches(answer: Answer) -> None:
    of_devices = {pair for rows in _devices(answer.out).values() for pair in combinations(sorted(rows), 2)}
    matches = {tuple(sorted((_left(link), _right(link)))) for link in table(answer.out / "links.csv") if link["decision"] == "match"}  # fmt: skip
    assert matches == of_devices


def test_every_row_that_was_taken_is_a_member(answer: Answer) -> None:
    rejected = {(row["file"], int(row["row"])) for row in table(answer.out / "rejected.csv") if not row["column"]} if (answer.out / "rejected.csv").exists() else set()  # fmt: skip
    members = {row for rows in _devices(answer.out).values() for row in rows}
    for path in answer.demo.lists:
        rows = {row for file, row in members | rejected if file == str(path)}
        assert rows == set(range(1, len(rows) + 1))


def test_unmatched_are_the_rows_that_no_other_list_joins(answer: Answer) -> None:
    joined = {row for link in table(answer.out / "links.csv") if link["decision"] == "match" and link["left_file"] != link["right_file"] for row in (_left(link), _right(link))}  # fmt: skip
    members = {row for rows in _devices(answer.out).values() for row in rows}
    unmatched = table(answer.out / "unmatched.csv")
    assert {(row["file"], int(row["row"])) for row in unmatched} == members - joined
    assert all(row["reason"] for row in unmatched)


def test_the_register_holds_each_device_once_with_the_values_that_won(answer: Answer) -> None:
    register = table(answer.out / "register.csv")
    assert sorted(row["device"] for row in register) == sorted(_devices(answer.out))
    won = {(claim["device"], claim["field"]): claim["value"] for claim in table(answer.out / "claims.csv") if claim["won"] == "yes"}  # fmt: skip
    filled = {(row["device"], field): row[field] for row in register for field in FIELDS.split(",") if row[field]}  # fmt: skip
    assert filled == won


def test_every_claim_names_its_rule_and_one_that_says_something_wins(answer: Answer) -> None:
    winners: defaultdict[tuple[str, str], int] = defaultdict(int)
    for claim in table(answer.out / "claims.csv"):
        assert claim["rule"]
        if claim["rule"] != "a placeholder says nothing":
            winners[claim["device"], claim["field"]] += {"yes": 1, "no": 0}[claim["won"]]
    assert set(winners.values()) == {1}


def test_conflicts_name_the_registers_value_as_winner(answer: Answer) -> None:
    register = {row["device"]: row for row in table(answer.out / "register.csv")}
    conflicts = table(answer.out / "conflicts.csv")
    assert conflicts
    assert all(register[c["device"]][c["field"]] == c["winner"] and c["rule"] for c in conflicts)


def test_exposures_are_sorted_by_device_advisory_and_vulnerability(answer: Answer) -> None:
    keys = [(e["device"], e["advisory"], e["vulnerability"]) for e in table(answer.out / "exposures.csv")]
    assert all(one < next_ for one, next_ in pairwise(keys))


def test_the_same_lists_give_the_same_bytes(answer: Answer, demo: Demo, tmp_path: Path) -> None:
    again = pilothouse("reconcile", *demo.lists, "--out", tmp_path, "--as-of", f"{demo.lists[0]}=2026-11-01")
    assert again.code == answer.ended.code
    for name in ("links.csv", "members.csv", "register.csv", "claims.csv", "conflicts.csv", "unmatched.csv"):
        assert (tmp_path / name).read_bytes() == (answer.out / name).read_bytes()
    assert not (tmp_path / "exposures.csv").exists()


# --- Small lists, each line of the contract by name -----------------------------------------------------------

CMMS = """Asset Tag,Manufacturer,Model,Serial Number,MAC Address,Facility,Department,Room,Status,Purchase Price,SW Rev
60101,Philips,IntelliVue MX450,DE48213377,001a22aa0001,Mercy,ICU,I-1,active,1200.50,B.00
60101,Philips,IntelliVue MX450,DE48213377,001a22aa0001,Mercy,ICU,I-9,spare,,
60104,Philips,IntelliVue MX450,DE48214401 / DE48216602,,Mercy,ED,E-2,active,,
60109,GE,Carescape B650,SQC11223344,,Mercy,NICU,N-1,active,,
60110,Philips,IntelliVue MX450,DE48217000,001a22aa0010,Mercy,ED,E-5,active,,
60111,Philips,IntelliVue MX450,DE48218000,001a22aa0011,Mercy,ED,E-6,active,,
"""
TOOL = [
    {"deviceID": "u-1", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48213377", "macAddr": "00:1a:22:aa:00:01", "hostName": "mon-1", "department": "ward 7", "softwareVersion": "B.01", "lastSeen": "2026-10-20"},
    {"deviceID": "u-4a", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48214401"},
    {"deviceID": "u-4b", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48216602"},
    {"deviceID": "u-9", "manufacturer": "GE", "deviceModel": "Carescape B650", "serialNumber": "SQC11223345"},
    {"deviceID": "u-10", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48217000", "macAddr": "00:1a:22:aa:00:10", "lastSeen": "2026-10-20"},
]  # fmt: skip
SCAN = """IP Address,MAC Address,Hostname,Firmware,Last Seen
10.1.0.1,00-1A-22-AA-00-01,mon-1,B.02,2026-10-30
10.1.0.10,00-1A-22-AA-00-10,mon-10,,2026-10-30
"""


def _ward(folder: Path, *options: object) -> tuple[Ended, Path]:
    """The three lists above reconciled in `folder`; the files are named by their paths there."""
    lists = [written(folder, "cmms.csv", CMMS), written(folder, "scan.csv", SCAN), written(folder, "tool.json", json.dumps(TOOL))]  # fmt: skip
    return pilothouse("reconcile", *lists, "--out", folder / "out", *options), folder / "out"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ward")
    ended, out = _ward(folder, "--as-of", f"{folder / 'cmms.csv'}=2026-09-01")
    assert (ended.code, ended.out) == (0, "")
    return out


def _rows(out: Path, *names: str) -> set[frozenset[str]]:
    """The devices as sets of `file:row`, those that hold one of the names."""
    devices = [frozenset(f"{Path(file).name}:{row}" for file, row in rows) for rows in _devices(out).values()]
    return {device for device in devices if device & set(names)}


def test_rows_of_one_device_within_a_file_are_linked_too(ward: Path) -> None:
    pairs = {(_left(link)[1], _right(link)[1]): link["decision"] for link in table(ward / "links.csv") if link["left_file"] == link["right_file"]}  # fmt: skip
    assert pairs == {(1, 2): "match"}


def test_a_row_with_two_serials_is_a_member_of_two_devices_with_one_line_each(ward: Path) -> None:
    assert _rows(ward, "cmms.csv:3") == {frozenset({"cmms.csv:3", "tool.json:2"}), frozenset({"cmms.csv:3", "tool.json:3"})}  # fmt: skip


def test_serials_one_slip_apart_are_for_a_person_to_look_at(ward: Path) -> None:
    (link,) = (link for link in table(ward / "links.csv") if link["left_key"] == "60109")
    assert (link["right_key"], link["decision"]) == ("u-9", "review")
    assert "SQC11223344" in link["evidence"]


def test_keys_are_the_sources_own(ward: Path) -> None:
    keys = {(Path(link[f"{side}_file"]).name, link[f"{side}_key"]) for link in table(ward / "links.csv") for side in ("left", "right")}  # fmt: skip
    assert {("cmms.csv", "60101"), ("tool.json", "u-1"), ("scan.csv", "00:1a:22:aa:00:01")} <= keys


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("unit", "ICU", "the CMMS is asked first"), ("room", "I-1", "the CMMS, and of its rows the first"), ("tag", "60101", "the CMMS"),
        ("firmware", "B.01", "network and security first, the newest of them in this device"), ("host", "mon-1", "network and security first"),
        ("price", "1200.5", "only one source says it"), ("serial", "DE48213377", "all agree"),
    ],
)  # fmt: skip
def test_each_field_has_its_winner(ward: Path, field: str, value: str, why: str) -> None:
    row = next(row for row in table(ward / "register.csv") if row["tag"] == "60101")
    expected = "B.02" if field == "firmware" and "scan.csv:1" in next(iter(_rows(ward, "cmms.csv:1"))) else value  # fmt: skip
    assert row[field] == expected, why


def test_a_claim_is_as_new_as_its_row_says_or_else_its_file(ward: Path) -> None:
    seen = {(Path(claim["file"]).name, claim["field"]): claim["seen"] for claim in table(ward / "claims.csv") if claim["row"] == "1"}  # fmt: skip
    assert (seen["cmms.csv", "serial"], seen["tool.json", "serial"]) == ("2026-09-01", "2026-10-20")


def test_what_two_sources_say_differently_is_a_conflict_with_their_places(ward: Path) -> None:
    (conflict,) = (c for c in table(ward / "conflicts.csv") if c["field"] == "room")
    assert (conflict["winner"], conflict["values"].count("cmms.csv:")) == ("I-1", 2)


def test_device_ids_stay_when_the_rows_change_their_order(ward: Path, tmp_path: Path) -> None:
    first, *records = CMMS.splitlines()
    shuffled = written(tmp_path, "cmms.csv", "\n".join([first, *reversed(records)]) + "\n")
    tool = written(tmp_path, "tool.json", json.dumps(TOOL[::-1]))
    scan = written(tmp_path, "scan.csv", SCAN)
    assert pilothouse("reconcile", shuffled, scan, tool, "--out", tmp_path / "out").code == 0

    def by_tag(out: Path) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in table(out / "register.csv"):
            found[row["tag"] or row["uid"] or row["mac"]].add(row["device"])
        return dict(found)

    assert by_tag(tmp_path / "out") == by_tag(ward)
    assert all(device[0] == "d" for devices in by_tag(ward).values() for device in devices)


def _filler(count: int) -> tuple[str, str, list[dict[str, str]]]:
    """Devices that all three lists know, so that the weights are those of lists that overlap."""
    cmms, scan, tool = "", "", []
    for i in range(count):
        mac, serial = f"001a22bb{i // 16:02x}{i * 13 % 256:02x}", f"DE47{(i * 7919 + 1234) % 1000000:06d}"
        cmms += f"7{i * 37 + 1000:04d},Philips,IntelliVue MX450,{serial},{mac}\n"
        scan += f"{mac},mon-{i},,Philips,IntelliVue MX450\n"
        tool.append({"deviceID": f"v-{i}", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": serial, "macAddr": mac})  # fmt: skip
    return cmms, scan, tool


@pytest.fixture(scope="module")
def knots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Three lists with a row that only closes a device and two serials that contradict each other."""
    folder = tmp_path_factory.mktemp("knots")
    cmms, scan, tool = _filler(60)
    cmms = f"Asset Tag,Manufacturer,Model,Serial Number,MAC Address\n60105,Philips,IntelliVue MX450,DE48217703,001a22aa0005\n60106,Philips,IntelliVue MX450,DE48218811,\n{cmms}"
    scan = f"MAC Address,Hostname,Serial Number,Manufacturer,Model\n00-1A-22-AA-00-05,mon-5,DE48990012,Philips,IntelliVue MX450\n00-1A-22-AA-00-06,mon-6,,Philips,IntelliVue MX450\n{scan}"
    tool = [
        {"deviceID": "u-5", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48217703", "macAddr": "001a22aa0005"},
        {"deviceID": "u-5x", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48990012", "macAddr": "001a22aa0005"},
        {"deviceID": "u-6", "manufacturer": "Philips", "deviceModel": "IntelliVue MX450", "serialNumber": "DE48218811", "macAddr": "001a22aa0006"},
        *tool,
    ]  # fmt: skip
    lists = [written(folder, "cmms.csv", cmms), written(folder, "scan.csv", scan), written(folder, "tool.json", json.dumps(tool))]  # fmt: skip
    assert pilothouse("reconcile", *lists, "--out", folder / "out").code == 0
    return folder, folder / "out"


def test_serials_that_contradict_each_other_are_never_one_device(knots: tuple[Path, Path]) -> None:
    _, out = knots
    for device in _rows(out, "cmms.csv:1"):
        assert not device & {"scan.csv:1", "tool.json:2"}
    spoken_of = [link for link in table(out / "links.csv") if {(Path(link["left_file"]).name, link["left_row"]), (Path(link["right_file"]).name, link["right_row"])} == {("tool.json", "1"), ("tool.json", "2")}]  # fmt: skip
    assert [link["decision"] for link in spoken_of] == ["review"]
    assert "contradicting serials" in spoken_of[0]["evidence"]


def test_a_pair_that_only_closes_a_device_says_by_which_row(knots: tuple[Path, Path]) -> None:
    folder, out = knots
    link = next(link for link in table(out / "links.csv") if link["left_key"] == "60106" and Path(link["right_file"]).name == "scan.csv")  # fmt: skip
    assert (link["right_row"], link["decision"]) == ("2", "match")
    assert link["evidence"] == f"via {folder / 'tool.json'}:3"
