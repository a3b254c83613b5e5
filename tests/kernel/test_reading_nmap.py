"""nmap scans: a host a record, and XML that wants to be clever is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.kernel.errors import UnreadableInput
from tests.kernel.reading_files import whole

HOST = """<host starttime="1761900000" endtime="1761900300"><status state="up"/>
<address addr="10.1.2.3" addrtype="ipv4"/><address addr="fe80::1" addrtype="ipv6"/>
<address addr="00:09:FB:01:02:03" addrtype="mac" vendor="Philips Patient Monitoring"/>
<hostnames><hostname name="mon-1" type="PTR"/></hostnames>
<ports><port protocol="tcp" portid="80"><state state="open"/><service name="http" product="nginx" version="1.2"/></port>
<port protocol="tcp" portid="23"><state state="closed"/></port></ports>
<os><osmatch name="Linux 2.6" accuracy="90"/><osmatch name="VxWorks" accuracy="96"/></os></host>
"""
DOWN = '<host><status state="down"/><address addr="10.1.2.4" addrtype="ipv4"/></host>\n'
START = '<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" start="1761899999">\n'


def test_a_host_is_a_record_with_all_its_addresses(tmp_path: Path) -> None:
    read = whole(tmp_path, f"{START}{HOST}</nmaprun>")
    assert dict(zip(read.columns, read.cells[0], strict=True)) == {
        "mac": "00:09:FB:01:02:03", "mac vendor": "Philips Patient Monitoring", "ip": '["10.1.2.3", "fe80::1"]', "hostname": "mon-1",
        "os": "VxWorks", "os accuracy": "96", "services": "nginx 1.2", "open ports": "80/tcp", "host state": "up", "last seen": "1761900300",
    }  # fmt: skip
    assert (read.form, read.lines) == ("nmap", [4])


def test_a_host_that_was_down_is_refused_and_counted(tmp_path: Path) -> None:
    read = whole(tmp_path, f"{START}{DOWN}{HOST}</nmaprun>")
    assert (read.rows, [(r.row, r.value) for r in read.refused]) == ([2], [(1, "down")])


def test_a_scan_that_was_cut_off_keeps_the_hosts_before(tmp_path: Path) -> None:
    read = whole(tmp_path, f"{START}{HOST}{HOST[:200]}")
    assert read.rows == [1]
    (refused,) = read.refused
    assert (refused.row, "cut off" in refused.problem, refused.raw) == (2, True, "10.1.2.3 fe80::1")


def test_an_entity_that_grows_without_end_is_never_expanded(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY l0 "lol">{entities}]><nmaprun>&l9;</nmaprun>'
    with pytest.raises(UnreadableInput, match="entities"):
        whole(tmp_path, bomb)


def test_an_entity_that_reaches_for_another_file_is_refused(tmp_path: Path) -> None:
    document = '<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/hostname">]><nmaprun>&x;</nmaprun>'
    with pytest.raises(UnreadableInput, match="entities"):
        whole(tmp_path, document)


def test_xml_that_is_no_scan_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="<gudid>; expected nmap's <nmaprun>"):
        whole(tmp_path, "<?xml version='1.0'?><gudid><device/></gudid>")


def test_a_scan_without_a_host_is_a_table_of_no_records(tmp_path: Path) -> None:
    assert whole(tmp_path, f"{START}</nmaprun>").records == 0
