"""nmap's XML (`-oX`): each `<host>` is a record.

Nothing is expanded: a document that declares entities is refused before it is read on.
Source: https://nmap.org/book/output-formats-xml-output.html and nmap.dtd.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.etree.ElementTree import ParseError

import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.table import BATCH_ROWS, Refused, Table, batch_of

COLUMNS = (
    "mac",
    "mac vendor",
    "ip",
    "hostname",
    "os",
    "os accuracy",
    "services",
    "open ports",
    "host state",
    "last seen",
)


@dataclass(slots=True)
class _Host:
    """One host as it is being read."""

    line: int
    mac: str = ""
    vendor: str = ""
    ips: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    os: str = ""
    accuracy: int = -1
    services: dict[str, None] = field(default_factory=dict)
    ports: list[str] = field(default_factory=list)
    port: str = ""
    state: str = ""
    seen: str = ""

    def text(self) -> str:
        """The host in words, as a refused one is shown."""
        return " ".join(filter(None, self.cells()))

    def cells(self) -> list[str]:
        """The cells in the order of COLUMNS."""
        accuracy = str(self.accuracy) if self.accuracy >= 0 else ""
        name = self.names[0] if self.names else ""
        return [self.mac, self.vendor, _listed(self.ips), name, self.os, accuracy, "; ".join(self.services), " ".join(self.ports), self.state, self.seen]  # fmt: skip


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else json.dumps(items) if items else ""


class _Scan:
    """The target of the parser: collects hosts as their elements pass by and keeps no tree."""

    def __init__(self) -> None:
        self.parser: DefusedXMLParser | None = None
        self.host: _Host | None = None
        self.done: list[_Host] = []
        self.root = ""
        self.started = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.root:
            self.root, self.started = tag, attributes.get("start", "")
        if tag == "host":
            line = self.parser.parser.CurrentLineNumber if self.parser else 0
            self.host = _Host(
                line, seen=attributes.get("endtime") or attributes.get("starttime") or self.started
            )
        elif self.host is not None:
            _take(self.host, tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "host" and self.host is not None:
            self.done.append(self.host)
            self.host = None

    def data(self, text: str) -> None:
        return None

    def close(self) -> None:
        return None


def _take(host: _Host, tag: str, attributes: dict[str, str]) -> None:
    """What one element inside a host says of it."""
    if tag == "address":
        _take_address(host, attributes)
    elif tag == "hostname":
        host.names.append(attributes.get("name", ""))
    elif tag == "status":
        host.state = attributes.get("state", "")
    elif tag == "port":
        host.port = f"{attributes.get('portid', '')}/{attributes.get('protocol', '')}"
    elif tag == "state" and attributes.get("state") == "open":
        host.ports.append(host.port)
    elif tag == "service":
        said = " ".join(filter(None, (attributes.get("product"), attributes.get("version"))))
        if said:
            host.services[said] = None
    elif tag == "osmatch":
        accuracy = int(attributes.get("accuracy", "0") or 0)
        if accuracy > host.accuracy:
            host.os, host.accuracy = attributes.get("name", ""), accuracy


def _take_address(host: _Host, attributes: dict[str, str]) -> None:
    if attributes.get("addrtype") == "mac":
        host.mac, host.vendor = attributes.get("addr", ""), attributes.get("vendor", "")
    elif address := attributes.get("addr"):
        host.ips.append(address)


def read_nmap(path: str) -> Table:
    """The hosts of a scan, as they are read; a host that was down is refused, for no device was seen.

    A scan that was cut off keeps the hosts before the cut. Raises UnreadableInput for XML that is no scan,
    or that declares entities.
    """
    hosts = _hosts(path)
    first = next(hosts, None)  # trouble at the very beginning is told now, not when the table is read
    table = Table("nmap", COLUMNS, iter(()), lambda wanted: _originals(_hosts(path), wanted))
    table.batches = _batches(table, first, hosts)
    return table


def _originals(hosts: Iterator[_Host | Refused], wanted: Mapping[int, int]) -> dict[int, str]:
    numbered = enumerate(islice(hosts, max(wanted, default=0)), start=1)
    return {row: host.text() for row, host in numbered if row in wanted and isinstance(host, _Host)}


def _hosts(path: str) -> Iterator[_Host | Refused]:
    scan = _Scan()
    parser = scan.parser = DefusedXMLParser(target=scan)
    try:
        with plain.open_bytes(path) as stream:
            while piece := plain.read_block(stream, 65536, path):
                parser.feed(piece)
                if scan.root and scan.root != "nmaprun":
                    raise UnreadableInput(
                        f"{path}: the XML is <{scan.root}>; expected nmap's <nmaprun> (nmap -oX)"
                    )
                yield from scan.done
                scan.done.clear()
            parser.close()
        yield from scan.done
    except DefusedXmlException as error:
        raise UnreadableInput(f"{path}: line {parser.parser.CurrentLineNumber}: the XML declares or refers to entities ({type(error).__name__}), which no scan needs; nothing of it was expanded") from None  # fmt: skip
    except ParseError as error:
        yield from scan.done
        yield _cut(scan, *error.position)


def _cut(scan: _Scan, line: int, column: int) -> Refused:
    """Where the XML stops being XML, as a refused record."""
    unfinished = "" if scan.host is None else " ".join(filter(None, (scan.host.mac, *scan.host.ips)))
    begun = scan.host.line if scan.host else line
    problem = f"the XML is broken or cut off at line {line}, column {column + 1}; what follows was not read"
    return Refused(None, begun, "", "", problem, "a whole scan that ends with </nmaprun>", unfinished)


def _batches(
    table: Table, first: _Host | Refused | None, rest: Iterator[_Host | Refused]
) -> Iterator[pa.RecordBatch]:
    rows: list[int] = []
    lines: list[int] = []
    taken: list[list[str]] = []
    item = first
    while item is not None:
        table.records += 1
        if isinstance(item, Refused):
            table.refused.append(
                Refused(table.records, item.line, "", "", item.problem, item.expected, item.raw)
            )
        elif item.state == "down":
            table.refused.append(Refused(table.records, item.line, "host state", "down", "the host was down: no device was seen", "a host that answered", item.text()))  # fmt: skip
        else:
            rows.append(table.records)
            lines.append(item.line)
            taken.append(item.cells())
        if len(rows) >= BATCH_ROWS:
            yield batch_of(rows, lines, taken, len(COLUMNS))
            rows, lines, taken = [], [], []
        item = next(rest, None)
    if rows:
        yield batch_of(rows, lines, taken, len(COLUMNS))
