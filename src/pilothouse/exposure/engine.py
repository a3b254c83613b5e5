"""Which devices the advisories touch: a relation of devices in, relations of exposures and candidates out.

Names are resolved once per distinct naming, versions once per distinct firmware and version text; the rest is
joined by the engine. Source: docs/domains/exposure.md.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa

from pilothouse.equipment.makers import MakerNames, Name
from pilothouse.exposure.advisories import Advisory, Catalogue
from pilothouse.exposure.resembling import Candidate
from pilothouse.exposure.resolver import Device, Match, Resolver
from pilothouse.exposure.version_text import MODELS, VersionSet, read_versions
from pilothouse.kernel.memory import collector_paused
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.versions import is_known_version, scheme, version_key

_ANSWERS = pa.schema([("naming", pa.int64()), ("answer", pa.int64())])
_MATCHES = pa.schema([("answer", pa.int64()), ("leaf", pa.int64()), ("held", pa.string()), ("why", pa.string()), ("by_model", pa.bool_()), ("part", pa.bool_()), ("versions", pa.int64())])  # fmt: skip
_RESEMBLING = pa.schema([("naming", pa.int64()), ("seen", pa.string()), ("candidate", pa.string()), ("advisory", pa.string()), ("score", pa.float64()), ("why", pa.string())])  # fmt: skip
_FIRMWARES = pa.schema([("firmware_id", pa.int64()), ("firmware", pa.string()), ("known", pa.bool_()), ("key", pa.string()), ("scheme", pa.string())])  # fmt: skip
_SETS = pa.schema([("versions", pa.int64()), ("everything", pa.bool_()), ("condition", pa.string()), ("unclear", pa.string()), ("named", pa.string())])  # fmt: skip
_INTERVALS = pa.schema([("versions", pa.int64()), ("of_part", pa.bool_()), ("low", pa.string()), ("high", pa.string()), ("low_open", pa.bool_()), ("high_open", pa.bool_()), ("scheme", pa.string()), ("words", pa.string()), ("low_text", pa.string()), ("high_text", pa.string()), ("alone", pa.bool_())])  # fmt: skip
_STANDINGS = pa.schema([("leaf", pa.int64()), ("line", pa.int64()), ("standing", pa.string())])
_VULNERABILITIES = pa.schema([("line", pa.int64()), ("advisory", pa.string()), ("vulnerability", pa.string()), ("source", pa.string()), ("kev", pa.string()), ("epss", pa.string()), ("cvss", pa.string())])  # fmt: skip

Rows = list[
    tuple[Any, ...]
]  # Any: rows of several types on their way into Arrow columns of a declared schema


@dataclass(frozen=True, slots=True)
class Exposed:
    """What came of it: numbers of devices by their worst answer, of lines, and of devices with a name to confirm.

    devices: all. affected, possible, clear: devices whose worst line is that; the rest no advisory names.
    """

    devices: int
    affected: int
    possible: int
    clear: int
    lines: int
    to_confirm: int


def expose(con: duckdb.DuckDBPyConnection, devices: str, catalogue: Catalogue, names: Sequence[Name], progress: Progress = SILENT) -> Exposed:  # fmt: skip
    """Leave the tables `exposures` and `candidates` in `con` (columns of imports.contracts, row BIGINT, score DOUBLE).

    Its working tables are called `exposing_...` and are gone at the end.

    devices: name of a table or view in `con` with row, device_id, maker, model, name, firmware, os, host; null or
    empty is unknown. names: confirmed names, the later winning (equipment.makers.load_names).
    """
    con.execute(_sql("profiles").format(devices=devices))
    with collector_paused():
        progress.step("Sorting the products by maker")
        resolver = Resolver.of(catalogue.advisories, MakerNames.of(names), names)
        for (maker,) in con.execute("SELECT DISTINCT maker FROM exposing_namings").fetchall():
            resolver.prepare(maker)
        progress.step("Resolving names")
        met = _resolve(con, resolver)
        progress.step("Matching versions")
        _load_versions(con, met.versions)
        _load_catalogue(con, catalogue, met.leaves)
    con.execute(_sql("verdicts"))
    con.execute(_sql("exposures"))
    exposed = _counted(con)
    _clear(con)
    return exposed


def _clear(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the working tables, which are large and nobody else's."""
    for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'exposing_')").fetchall():  # fmt: skip
        con.execute(f"DROP TABLE {name}")


def _sql(name: str) -> str:
    return files("pilothouse.exposure").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


@dataclass(slots=True)
class _Met:
    """What any device met. versions: each text with its number; leaves: positions in the catalogue."""

    versions: dict[str, int] = field(default_factory=dict)
    leaves: set[int] = field(default_factory=set)

    def row(self, answer: int, match: Match) -> tuple[Any, ...]:
        """The match as a row of `matches`, remembered."""
        self.leaves.add(match.leaf)
        number = self.versions.setdefault(match.versions, len(self.versions))
        return answer, match.leaf, match.held, match.why, match.by_model, match.part, number


def _resolve(con: duckdb.DuckDBPyConnection, resolver: Resolver) -> _Met:
    """Leave `answers_of(naming, answer)`, `matches` by answer and `resembling` by naming in `con`, each `exposing_...`.

    Namings that come to the same share one answer.
    """
    numbers: dict[int, int] = {}
    answers: Rows = []
    matches: Rows = []
    resembling: Rows = []
    met = _Met()
    for naming, maker, model, name, os in con.execute(
        'SELECT naming, maker, model, "name", os FROM exposing_namings'
    ).fetchall():
        resolved = resolver.resolve(Device(maker, model, name, os))
        resembling.extend(
            _candidate_row(naming, maker, model, name, candidate) for candidate in resolved.candidates
        )
        if not resolved.matches:
            continue
        if id(resolved) not in numbers:
            numbers[id(resolved)] = len(numbers)
            matches.extend(met.row(numbers[id(resolved)], match) for match in resolved.matches)
        answers.append((naming, numbers[id(resolved)]))
    _put(con, "answers_of", _ANSWERS, answers)
    _put(con, "matches", _MATCHES, matches)
    _put(con, "resembling", _RESEMBLING, resembling)
    return met


def _candidate_row(naming: int, maker: str, model: str, name: str, candidate: Candidate) -> tuple[Any, ...]:
    seen = " ".join(part for part in (maker, model, name) if part)
    return naming, seen, candidate.product, candidate.advisory, candidate.score, candidate.why


def _load_versions(con: duckdb.DuckDBPyConnection, texts: Mapping[str, int]) -> None:
    """The version texts that any device meets as intervals of keys, and every firmware as a key."""
    sets: Rows = []
    intervals: Rows = []
    for text, number in texts.items():
        versions = read_versions(text)
        sets.append(
            (
                number,
                versions.everything,
                versions.condition,
                "; ".join(versions.unclear),
                _in_words(versions),
            )
        )
        for of_part, group in ((False, versions.intervals), (True, versions.module)):
            intervals.extend((number, of_part, i.low, i.high, i.low_open, i.high_open, i.scheme, i.words, i.low_text, i.high_text, i.low_text == i.high_text) for i in group)  # fmt: skip
    _put(con, "version_sets", _SETS, sets)
    _put(con, "intervals", _INTERVALS, intervals)
    firmwares = con.execute("SELECT firmware_id, firmware FROM exposing_firmwares").fetchall()
    _put(con, "firmware_keys", _FIRMWARES, [_firmware_row(number, text) for number, text in firmwares])


def _firmware_row(number: int, text: str) -> tuple[Any, ...]:
    if not is_known_version(text):
        return number, text.strip(), False, "", ""
    return number, text, True, version_key(text), scheme(text)


def _in_words(versions: VersionSet) -> str:
    """What the set names, as a person says it: `versions up to 9.33`, `versions 9.7 and 9.8`, `model 3120`."""
    if versions.everything:
        return "all versions"
    alone = [interval for interval in versions.intervals if interval.low_text == interval.high_text]
    if not versions.unclear and alone and len(alone) == len(versions.intervals):
        kind = "model" if alone[0].scheme == MODELS else "version"
        return f"{kind}{'s' if len(alone) > 1 else ''} {_listed([interval.low_text for interval in alone])}"
    parts = [interval.words for interval in versions.intervals] + [
        f"\u201c{text}\u201d" for text in versions.unclear
    ]
    return _listed(parts) or f"\u201c{versions.text}\u201d"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _load_catalogue(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, met: Container[int]) -> None:
    """Standings and vulnerabilities of the leaves that were met; a vulnerability of an advisory is one line."""
    lines: dict[tuple[str, str], tuple[Any, ...]] = {}
    standings: Rows = []
    following = 0
    for advisory in catalogue.advisories:
        first, following = following, following + len(advisory.leaves)
        places = {leaf.product_id: place for place, leaf in enumerate(advisory.leaves, first) if place in met}
        for vulnerability in advisory.vulnerabilities if places else ():
            key = (advisory.id, vulnerability.id)
            line, cvss = (lines[key][0], lines[key][-1]) if key in lines else (len(lines), "")
            kev = "yes" if vulnerability.id in catalogue.exploited else ""
            epss = catalogue.epss.get(vulnerability.id, "")
            lines[key] = (
                line,
                *key,
                advisory.publisher,
                kev,
                epss,
                max(cvss, vulnerability.cvss, key=_as_score),
            )
            standings.extend(
                (places[product], line, standing)
                for product, standing in vulnerability.standings
                if product in places and _speaks_of(places[product] - first, advisory, vulnerability.id)
            )
    _put(con, "standings", _STANDINGS, standings)
    _put(con, "vulnerabilities", _VULNERABILITIES, list(lines.values()))


def _as_score(cvss: str) -> float:
    return float(cvss or 0)


def _speaks_of(place: int, advisory: Advisory, vulnerability: str) -> bool:
    """Whether a leaf is named for this vulnerability: its version text may name it for some alone."""
    alone = read_versions(advisory.leaves[place].version).cves
    return not alone or vulnerability in alone


def _put(con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Rows) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    table = pa.table(
        [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)], schema=schema
    )
    con.register("incoming", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE exposing_{name} AS FROM incoming")  # names of this module
    con.unregister("incoming")


def _counted(con: duckdb.DuckDBPyConnection) -> Exposed:
    counts = con.execute("""
        WITH worst AS (
            SELECT "row", max(CASE status WHEN 'affected' THEN 3 WHEN 'possible' THEN 2 ELSE 1 END) AS worst, count(*) AS lines
            FROM exposures GROUP BY "row"
        )
        SELECT (SELECT count(*) FROM exposing_profiled), count(*) FILTER (worst = 3), count(*) FILTER (worst = 2),
               count(*) FILTER (worst = 1), coalesce(sum(lines), 0)::BIGINT,
               (SELECT count(DISTINCT "row") FROM candidates)
        FROM worst
    """).fetchall()
    return Exposed(*counts[0])
