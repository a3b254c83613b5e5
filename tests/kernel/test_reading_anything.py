"""Whatever the bytes: a table, or a refusal in words; never another error, never a loss without a word."""

from __future__ import annotations

import gzip
import json
import random
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pilothouse.kernel.errors import UnreadableInput
from tests.kernel.reading_files import whole
from tests.kernel.test_reading_nmap import HOST, START

CSV = 'Asset No,Serial,Model\r\n1,"A\nB",x\r\n2,C,Dräger\r\nTotal,,\r\n'
JSON = '{"page": 1, "devices": [{"serial": "A", "os": {"name": "x"}}, {"serial": "B", "macs": ["a", "b"]}]}'
JSON_LINES = '{"serial": "A"}\n{"serial": "B", "ip": ["1", "2"]}\n'
NMAP = f"{START}{HOST}</nmaprun>"


def _try(folder: Path, content: bytes) -> None:
    try:
        read = whole(folder, content)
    except UnreadableInput:
        return
    assert read.records == len(read.rows) + len(read.refused)
    assert sorted([*read.rows, *(r.row or 0 for r in read.refused)]) == list(range(1, read.records + 1))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=200) | st.text(max_size=80).map(lambda t: t.encode("utf-16")))
@example(b"[")
@example(b"{}")
@example(b'{"a"')
@example(b"<?xml")
@example(b"PK\x03\x04")
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@example(b"\x1f\x8b")
def test_any_bytes_are_a_table_or_refused(tmp_path: Path, content: bytes) -> None:
    _try(tmp_path, content)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([CSV, JSON, JSON_LINES, NMAP]), st.sampled_from(["utf-8", "cp1252", "utf-16"]), st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3)
)  # fmt: skip
def test_a_good_file_with_a_wound_is_read_or_refused_with_every_record_counted(
    tmp_path: Path, text: str, encoding: str, place: int, wound: bytes, missing: int
) -> None:
    content = text.encode(encoding)
    place %= len(content)
    _try(tmp_path, content[:place] + wound + content[place + missing :])


@pytest.mark.parametrize("seed", range(30))
def test_a_workbook_with_a_wound_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    book = openpyxl.Workbook()
    for row in (["Asset No", "Serial"], ["1", "A"], ["2", "B"]):
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    content = bytearray(stream.getvalue())
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 4)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    _try(tmp_path, bytes(content[: dice.choice([len(content), dice.randrange(4, len(content))])]))


def test_a_workbook_with_a_wound_in_its_xml_is_read_or_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Asset No", "Serial"])
    stream = BytesIO()
    book.save(stream)
    for wound in (
        b"",
        b"<",
        b"<worksheet><sheetData><row r='99999999999'><c r='A1'/></row></sheetData></worksheet>",
    ):
        packed = BytesIO()
        with zipfile.ZipFile(stream) as old, zipfile.ZipFile(packed, "w") as new:
            for name in old.namelist():
                new.writestr(name, wound if "sheet1" in name else old.read(name))
        _try(tmp_path, packed.getvalue())


@pytest.mark.parametrize("form", ["csv", "json", "json lines", "nmap"])
def test_an_archive_that_breaks_off_far_behind_its_beginning_is_named(tmp_path: Path, form: str) -> None:
    macs = [f"{random.Random(i).getrandbits(48):012x}" for i in range(10_000)]
    content = {
        "csv": "MAC\n" + "\n".join(macs),
        "json": json.dumps([{"mac": mac} for mac in macs]),
        "json lines": "\n".join(json.dumps({"mac": mac}) for mac in macs),
        "nmap": "<nmaprun>" + "".join(f'<host><address addr="{mac}"/></host>' for mac in macs) + "</nmaprun>",
    }[form]
    packed = gzip.compress(content.encode())
    with pytest.raises(UnreadableInput, match="gzip archive is damaged or cut off"):
        whole(tmp_path, packed[: len(packed) * 9 // 10])
