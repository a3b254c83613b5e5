"""The composed run on files: read, reconcile, expose, name the owners, then write everything or nothing.

The order is that of the house: sources, register, findings, owner. Source: docs/contracts.md, "reconcile".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path

import duckdb

from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.makers import MakerNames, load_names
from pilothouse.exposure.advisories import Catalogue
from pilothouse.exposure.engine import Exposed, expose
from pilothouse.exposure.sources import load_advisories
from pilothouse.governance.chain import Chain
from pilothouse.governance.sources import LoadedChain
from pilothouse.governance.words import no_rows
from pilothouse.home.owners import Owned, name_owners
from pilothouse.home.report.facts import AdvisoryFacts, FileFacts, ReportFacts
from pilothouse.home.report.page import report
from pilothouse.imports import contracts
from pilothouse.imports.contracts import Layout
from pilothouse.imports.loading import load
from pilothouse.imports.rejections import write_rejected
from pilothouse.imports.sources import Source
from pilothouse.intake.engine import Reconciled, reconcile
from pilothouse.kernel.duck import engine
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.reading.opening import divided
from pilothouse.kernel.writing import Outputs, refuse_to_overwrite

CANDIDATES = Layout("exposures.candidates.csv", ("device", *contracts.CANDIDATES.columns[1:]))
"""Names to confirm: as `expose` writes them, of the register's devices instead of a file's rows."""

MOST_RECORDS = 4_000_000
"""Of all lists together. A million devices in three lists fit into 10 GB; a log of ten million lines does not, and no
one is served by a machine that dies of it."""

_REGISTER = contracts.register_layout(tuple(f.name for f in FIELDS))


OUTPUT_FILES = (*(layout.name for layout in (contracts.LINKS, contracts.MEMBERS, _REGISTER, contracts.CLAIMS, contracts.CONFLICTS, contracts.UNMATCHED, contracts.REJECTED, contracts.EXPOSE, CANDIDATES)), "report.html")  # fmt: skip
"""Every name that a run may write, or take away, in its folder."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked for: a chain of command, a topic, and the moment (with a zone)."""

    chain: LoadedChain
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked for. files: paths as typed, in order; kinds, mappings and as_of are by file.

    made_at: when the run is made, with a zone. command: as typed, for the report. raw: cells as they are.
    """

    files: tuple[str, ...]
    out: Path
    made_at: datetime
    kinds: Mapping[str, str] = field(default_factory=dict)
    mappings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    as_of: Mapping[str, datetime] = field(default_factory=dict)
    advisories: Path | None = None
    kev: Path | None = None
    epss: Path | None = None
    names: Path | None = None
    question: Question | None = None
    raw: bool = False
    command: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How many affected or possibly affected devices wait for one person in one position."""

    name: str
    title: str
    devices: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. exposed, catalogue: None without advisories; owned: None without a chain.

    exploited: devices affected, or perhaps, by a vulnerability that is known to be exploited; None where no
    catalogue of those was given. loads: who has how much to do, most first. rejected: rows and values that could not be taken.
    """

    sources: tuple[Source, ...]
    reconciled: Reconciled
    catalogue: Catalogue | None
    exposed: Exposed | None
    owned: Owned | None
    exploited: int | None
    loads: tuple[Load, ...]
    chain_valid: bool
    rejected: int

    @property
    def exit_code(self) -> int:
        """1 if something of the input was rejected, damaged or could not answer, else 0."""
        damaged = self.catalogue is not None and bool(self.catalogue.damaged)
        return int(bool(self.rejected) or damaged or not self.chain_valid)


def run(order: Order, progress: Progress = SILENT) -> Outcome:
    """Do the whole run and write its files into `order.out`; nothing is written if anything fails.

    Raises PilothouseError for unreadable input, bad usage and an output folder that cannot be written.
    """
    _refuse_to_overwrite(order)
    sources = _read(order, progress)
    names = load_names(order.names)
    with engine() as con:
        catalogue = exposed = owned = None
        reconciled = reconcile(con, sources, names=MakerNames.of(names), progress=progress)
        if order.question is not None:
            progress.step("Naming the owners")
            owned = _owned(con, order.question)
        if order.advisories is not None:
            catalogue = load_advisories(order.advisories, kev=order.kev, epss=order.epss, progress=progress)
            _number_devices(con)
            exposed = expose(con, "numbered_devices", catalogue, names, progress=progress)
            _key_by_device(con, with_chain=order.question is not None)
        chain = order.question.chain.chain if order.question is not None else None
        exploited = _exploited(con) if catalogue is not None and catalogue.exploited else None
        loads = _loads(con, chain) if chain is not None and exposed is not None else ()
        facts = _facts(order, sources, catalogue, exposed)
        rejected = _write(con, order, sources, facts, progress)
    chain_valid = order.question is None or chain is not None
    return Outcome(sources, reconciled, catalogue, exposed, owned, exploited, loads, chain_valid, rejected)


def _refuse_to_overwrite(order: Order) -> None:
    lists = [divided(file)[0] for file in order.files]
    others = [path for path in (order.advisories, order.kev, order.epss, order.names) if path is not None]
    refuse_to_overwrite([*lists, *others], [order.out / name for name in OUTPUT_FILES])


def _owned(con: duckdb.DuckDBPyConnection, question: Question) -> Owned:
    chain = question.chain
    rows = chain.rows or no_rows(chain.zone)
    return name_owners(con, rows, chain.chain, question.topic, question.at)


def _read(order: Order, progress: Progress) -> tuple[Source, ...]:
    """Every list in the order of the command line; raises UnreadableInput beyond MOST_RECORDS in all."""
    sources: list[Source] = []
    for number, file in enumerate(order.files):
        progress.step(f"Reading {file}")
        source = load(
            file,
            ordinal=number,
            fields=FIELDS,
            kind=order.kinds.get(file),
            mapping=order.mappings.get(file),
            as_of=order.as_of.get(file),
            most=MOST_RECORDS - sum(source.records for source in sources),
            progress=progress,
        )
        sources.append(source)
    return tuple(sources)


def _number_devices(con: duckdb.DuckDBPyConnection) -> None:
    """The register as the relation that `expose` takes: `row` is the device's place in the register, `device_id`
    what its sources call it (tag, else uid, address or serial)."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE numbered_devices AS
        SELECT row_number() OVER (ORDER BY device) AS "row", device,
               coalesce(nullif(tag, ''), nullif(uid, ''), nullif(mac, ''), nullif(ip, ''), nullif(serial, ''), '') AS device_id,
               coalesce(facility, '') AS facility, coalesce(unit, '') AS unit,
               maker, model, "name", firmware, os, host
        FROM register
    """)


def _key_by_device(con: duckdb.DuckDBPyConnection, *, with_chain: bool) -> None:
    """Exposures and candidates by device instead of row, with place and owner when there is a chain."""
    owner = ", coalesce(o.place, '') AS place, coalesce(o.owner, '') AS owner, coalesce(o.position, '') AS position"
    owners = "LEFT JOIN owners o USING (facility, unit)"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE exposures_by_device AS
        SELECT d.device, e.* EXCLUDE ("row") {owner if with_chain else ""}
        FROM exposures e JOIN numbered_devices d USING ("row") {owners if with_chain else ""}
    """)
    con.execute("DROP TABLE exposures")
    con.execute("ALTER TABLE exposures_by_device RENAME TO exposures")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE device_candidates AS
        SELECT d.device, c.* EXCLUDE ("row") FROM candidates c JOIN numbered_devices d USING ("row")
    """)


def _exploited(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("SELECT count(DISTINCT device) FROM exposures WHERE kev = 'yes' AND status <> 'not_affected'").fetchall()  # fmt: skip
    return int(row[0][0])


def _loads(con: duckdb.DuckDBPyConnection, chain: Chain) -> tuple[Load, ...]:
    counts = con.execute("""
        SELECT owner, position, count(DISTINCT device) AS devices FROM exposures
        WHERE status <> 'not_affected' GROUP BY ALL ORDER BY devices DESC, owner, position
    """).fetchall()
    return tuple(
        Load(chain.people[owner].name or owner, chain.positions[position].title or position, devices)
        for owner, position, devices in counts
    )


def _write(con: duckdb.DuckDBPyConnection, order: Order, sources: tuple[Source, ...], facts: ReportFacts, progress: Progress) -> int:  # fmt: skip
    """Every file of the contract, the engines' tables in the order they left them; the number of rejected values."""
    progress.step("Writing the files")
    tables: list[tuple[Layout, str]] = [
        (contracts.LINKS, "FROM links"),
        (contracts.MEMBERS, "FROM members"),
        (_REGISTER, "FROM register"),
        (contracts.CLAIMS, "FROM claims"),
        (contracts.CONFLICTS, "FROM conflicts"),
        (contracts.UNMATCHED, "FROM unmatched"),
    ]
    optional = [(contracts.exposures_layout(with_chain=order.question is not None), "FROM exposures ORDER BY device, advisory, vulnerability"), (CANDIDATES, "FROM device_candidates ORDER BY ALL")]  # fmt: skip
    with Outputs(order.out, raw=order.raw) as outputs:
        for layout, sql in tables + (optional if order.advisories is not None else []):
            outputs.table(layout.name, con.sql(sql), layout.columns)
        if order.advisories is None:
            for layout, _ in optional:
                outputs.absent(layout.name)
        rejected = write_rejected(outputs, (r for source in sources for r in source.rejected))
        progress.step("Writing the report")
        outputs.text("report.html", report(con, facts))
    return rejected


def _facts(order: Order, sources: tuple[Source, ...], catalogue: Catalogue | None, exposed: Exposed | None) -> ReportFacts:  # fmt: skip
    chain = order.question.chain.chain if order.question is not None else None
    return ReportFacts(
        files=tuple(FileFacts.of(source) for source in sources),
        made_at=order.made_at,
        advisories=None if catalogue is None or exposed is None else _advisory_facts(catalogue, exposed),
        people={} if chain is None else {p.id: p.name or p.id for p in chain.people.values()},
        positions={} if chain is None else {p.id: p.title or p.id for p in chain.positions.values()},
        helm="" if chain is None else chain.helm.id,
        chain_invalid=order.question is not None and chain is None,
        topic=order.question.topic if order.question is not None else "",
        asked_at=order.question.at if chain is not None and order.question is not None else None,
        command=order.command,
        versions={name: metadata.version(name) for name in ("pilothouse", "duckdb", "splink")},
    )


def _advisory_facts(catalogue: Catalogue, exposed: Exposed) -> AdvisoryFacts:
    return AdvisoryFacts(
        advisories=len(catalogue.advisories),
        vulnerabilities=len({v.id for advisory in catalogue.advisories for v in advisory.vulnerabilities}),
        replaced=catalogue.superseded,
        passed_over=catalogue.passed_over,
        known_exploited=len(catalogue.exploited) or None,
        epss_scores=len(catalogue.epss) or None,
        newest=max(advisory.released for advisory in catalogue.advisories).date(),
        candidates=exposed.to_confirm,
    )
