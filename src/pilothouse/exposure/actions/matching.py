"""The register against the advisories: what changed since the last time is judged, and only differences are written. ADR 0021."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa
from django.db import connection, transaction

from pilothouse.core.keeping import Row, among, long_writing, writing
from pilothouse.core.models import Person, Revision
from pilothouse.equipment.models import Equipment, EquipmentPast, Stage
from pilothouse.exposure import catalogue
from pilothouse.exposure.actions.candidates import remember_candidates
from pilothouse.exposure.engine import expose
from pilothouse.exposure.models import (
    Advisory,
    AdvisoryPast,
    Exposure,
    Matched,
    NameDecision,
    NameDecisionPast,
    Profile,
)
from pilothouse.exposure.relations import load, put, upsert
from pilothouse.kernel.duck import DEFAULT_MEMORY_MB, engine

AT_ONCE: Final = 4_000
"""Profiles written in one transaction: about a second of work, so that others get their turn."""
_TEXTS: Final = ("maker", "model", "name", "os", "firmware")
_DEVICES: Final = pa.schema([("id", pa.int64()), ("facility_id", pa.int64()), ("unit_id", pa.int64()), *((name, pa.string()) for name in _TEXTS)])  # fmt: skip
_PROFILES: Final = pa.schema([("key", pa.string()), ("profile_id", pa.int64())])
_STANDING: Final = pa.schema([("id", pa.int64()), ("profile_id", pa.int64()), ("advisory_id", pa.int64()), ("status", pa.string()), ("reason", pa.string()), ("lines", pa.string())])  # fmt: skip
_LINKS: Final = pa.schema([("equipment_id", pa.int64()), ("profile_id", pa.int64()), ("facility_id", pa.int64()), ("unit_id", pa.int64()), ("worst", pa.int64()), ("affected", pa.int64()), ("possible", pa.int64())])  # fmt: skip
_ADVISORIES: Final = pa.schema([("tracking", pa.string()), ("advisory_id", pa.int64()), ("told", pa.int64())])
_LINK: Final = tuple(_LINKS.names)
_KEY: Final = f"sha256(concat_ws(chr(31), {', '.join(_TEXTS)}))"


class Tells(Protocol):
    """What a running job is told by (core.jobs.Step); the command line shows the same."""

    def tell(self, done: int, total: int = 0, says: str = "") -> None:
        """How far it is. May raise to stop the work."""


@dataclass(slots=True)
class Outcome:
    """What a matching did, in numbers. written: exposures that are new, other or gone; touched: devices whose answer changed."""

    devices: int = 0
    judged: int = 0
    written: int = 0
    touched: int = 0
    advisories: set[int] = field(default_factory=set)
    whole: bool = False
    problem: str = ""

    def sentence(self) -> str:
        """In words, for the job's page and the command line."""
        if not (self.written or self.touched):
            return self.problem or "Nothing has changed"
        said = f"{self.devices:,} devices looked at, {self.judged:,} kinds of them judged, {self.written:,} answers written"
        return f"{said}. {self.problem}" if self.problem else said

    def counts(self) -> dict[str, int]:
        """For a job's result."""
        return {"devices": self.devices, "judged": self.judged, "written": self.written, "touched": self.touched}  # fmt: skip


def match_devices(*, by: Person | None, at: datetime, devices: Sequence[int] | None = None, whole: bool = False, step: Tells | None = None) -> Outcome:  # fmt: skip
    """Judge what changed since the last matching: devices, advisories, decisions on names, the rules themselves.

    devices: look at these alone, whatever else waits. whole: judge everything anew. A matching that was broken off goes on by
    running again: what it wrote stands, and the rest is still different.
    """
    head = Revision.objects.order_by("-id").values_list("id", flat=True).first() or 0
    last = Matched.objects.filter(pk=1).first() or Matched(pk=1)
    whole = whole or _everything_changed(last)
    changed = devices if devices is not None else None if whole else _changed_since(last.revision)
    if changed is not None and not changed:
        if devices is None and last.revision < head:
            Matched.objects.filter(pk=1).update(revision=head)
        return Outcome()
    with long_writing(), engine(_memory_mb(changed)) as con:
        matching = _Matching(con, by, at, None if whole and devices is None else changed, step)
        outcome = matching.run()
        if devices is None:
            last.revision, last.rules = head, catalogue.rules()
        last.at = at
        matching.settle(last)
    return outcome


def _memory_mb(changed: Sequence[int] | None) -> int:
    """For DuckDB, which spills beyond: 150 MB for 100,000 devices, 600 for a million."""
    devices = Equipment.objects.count() if changed is None else len(changed)
    return min(100 + devices // 2_000, DEFAULT_MEMORY_MB)


def _everything_changed(last: Matched) -> bool:
    """Whether what every device is judged by is another than the last time."""
    if last.rules != catalogue.rules():
        return True
    return any(
        model.objects.filter(**{f"{column}__gt": last.revision}).exists()
        for model, column in (
            (Advisory, "since"),
            (AdvisoryPast, "until"),
            (NameDecision, "since"),
            (NameDecisionPast, "until"),
        )
    )


def _changed_since(revision: int) -> list[int]:
    """Devices that were written or removed since a revision."""
    now = Equipment.objects.filter(since__gt=revision).values_list("id", flat=True)
    gone = EquipmentPast.objects.filter(until__gt=revision).values_list("record", flat=True)
    return sorted(set(now) | set(gone))


@dataclass(slots=True)
class _Matching:
    """One run. only: the devices that changed; None for everything."""

    con: duckdb.DuckDBPyConnection
    by: Person | None
    at: datetime
    only: Sequence[int] | None
    step: Tells | None
    outcome: Outcome = field(default_factory=Outcome)

    def run(self) -> Outcome:
        self.outcome.whole = self.only is None
        self._tell("Reading the register")
        self._read_devices()
        self._read_profiles()
        self._judge()
        self._compare()
        self._write()
        return self.outcome

    def settle(self, matched: Matched) -> None:
        """What lists count from follows: links, tallies, candidates, and how far the matching has come. One transaction."""
        self._tell("Counting devices")
        with transaction.atomic():
            if connection.vendor == "sqlite":  # takes the write lock before reading what it compares with
                Matched.objects.filter(pk=1).update(id=1)
            touched = self._link()
            self._tally(touched)
            remember_candidates(self.con, whole=self.outcome.whole)
            matched.devices = self._one("SELECT count(*) FROM exposure_link", database=True)
            matched.counts = self.outcome.counts()
            if self.step is not None:
                self.step.tell(1, 1, "Writing")
            matched.save()

    # what there is

    def _read_devices(self) -> None:
        sql = f"SELECT id, COALESCE(facility_id, 0), COALESCE(unit_id, 0), {', '.join(_TEXTS)} FROM equipment_equipment WHERE stage <> %s"
        parameters: list[Any] = [str(Stage.RETIRED)]
        if self.only is not None:
            condition, ids = among(self.only)
            sql, parameters = f"{sql} AND id {condition}", [*parameters, ids]
        load(self.con, "read_devices", _DEVICES, sql, parameters)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE devices AS SELECT *, {_KEY} AS key FROM read_devices; DROP TABLE read_devices")  # fmt: skip
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE bearing AS SELECT key, {', '.join(f'any_value({name}) AS {name}' for name in _TEXTS)} FROM devices GROUP BY key")  # fmt: skip
        self.outcome.devices = self._one("SELECT count(*) FROM devices")

    def _read_profiles(self) -> None:
        """Profiles that stand (all, or those that are borne here), and those that nobody bears any more (when all are looked at)."""
        if self.only is None:
            load(self.con, "profiles", _PROFILES, "SELECT key, id FROM exposure_profile")
            unborne = "SELECT profile_id FROM profiles WHERE key NOT IN (SELECT key FROM bearing)"
        else:
            keys = [key for (key,) in self.con.execute("SELECT key FROM bearing").fetchall()]
            put(self.con, "profiles", _PROFILES, list(Profile.objects.filter(key__in=keys).values_list("key", "id")) if len(keys) < 500 else _by_key(keys))  # fmt: skip
            unborne = "SELECT profile_id FROM profiles WHERE false"
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE unborne AS {unborne}")

    # judging

    def _judge(self) -> None:
        """The engine's answers for every profile, or for those that are new."""
        new = "" if self.only is None else "WHERE key NOT IN (SELECT key FROM profiles)"
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS SELECT row_number() OVER (ORDER BY key) AS \"row\", * FROM bearing {new}")  # fmt: skip
        self.outcome.judged = self._one("SELECT count(*) FROM judged")
        put(self.con, "advisory_ids", _ADVISORIES, catalogue.advisory_ids())
        if self.outcome.judged:
            self._tell("Reading the advisories")
            told = catalogue.catalogue()
            self._tell(f"Judging {self.outcome.judged:,} kinds of devices by {len(told.advisories):,} advisories")  # fmt: skip
            self.con.execute("CREATE OR REPLACE TEMP VIEW asked AS SELECT *, '' AS device_id, '' AS host FROM judged")  # fmt: skip
            expose(self.con, "asked", told, catalogue.names())
        else:
            self.con.execute("CREATE OR REPLACE TABLE exposures (\"row\" BIGINT, advisory VARCHAR, vulnerability VARCHAR, status VARCHAR, reason VARCHAR)")  # fmt: skip
            self.con.execute("CREATE OR REPLACE TABLE candidates (\"row\" BIGINT, seen VARCHAR, candidate VARCHAR, advisory VARCHAR, score DOUBLE, why VARCHAR)")  # fmt: skip
        self.con.execute(_sql("answers"))
        self.con.execute("DROP TABLE exposures")

    def _compare(self) -> None:
        everything = "SELECT id, profile_id, advisory_id, status, reason, lines FROM exposure_exposure"
        if self.only is None:
            load(self.con, "standing", _STANDING, everything)
        else:
            put(self.con, "standing", _STANDING, [])
        self.con.execute(_sql("differences"))

    # writing

    def _write(self) -> None:
        total = self._one("SELECT count(*) FROM to_write")
        for start in range(0, total, AT_ONCE):
            with writing(by=self.by, at=self.at, verb="match_devices") as w:
                if self.step is not None:
                    self.step.tell(start, total, "Writing what changed")
                self._write_chunk(w, start)

    def _write_chunk(self, w: Any, start: int) -> None:  # Any: keeping.Writing
        part = f"WHERE n >= {start} AND n < {start + AT_ONCE}"
        gone = self._rows(f"SELECT profile_id FROM to_write JOIN unborne USING (profile_id) {part}")
        new = self._rows(f"SELECT key, {', '.join(f'b.{name}' for name in _TEXTS)} FROM to_write t JOIN bearing b USING (key) {part} AND t.profile_id IS NULL ORDER BY n")  # fmt: skip
        if new:
            ids = list(w.new_ids(Profile, len(new)))
            w.insert(Profile, list(zip(ids, new, strict=True)))
            put(self.con, "fresh", _PROFILES, [(row[0], number) for number, row in zip(ids, new, strict=True)])  # fmt: skip
            self.con.execute("INSERT INTO profiles FROM fresh")
        changes = self._rows(f"SELECT c.kind, c.id, p.profile_id, c.advisory_id, c.status, c.reason, c.lines FROM to_write t JOIN changes c USING (key) JOIN profiles p USING (key) {part} ORDER BY n, c.advisory_id")  # fmt: skip
        self._write_exposures(w, changes)
        if gone:
            w.remove(Profile, [number for (number,) in gone])

    def _write_exposures(self, w: Any, changes: list[Row]) -> None:  # Any: keeping.Writing
        new = [row[2:] for row in changes if row[0] == "new"]
        other = [(row[1], row[2:]) for row in changes if row[0] == "other"]
        gone = [row[1] for row in changes if row[0] == "gone"]
        if new:
            w.insert(Exposure, list(zip(w.new_ids(Exposure, len(new)), new, strict=True)))
        if other:
            w.overwrite(Exposure, other)
        if gone:
            self.outcome.advisories.update(Exposure.objects.filter(pk__in=gone[:500]).values_list("advisory_id", flat=True))  # fmt: skip
            w.remove(Exposure, gone)
        self.outcome.written += len(changes)
        self.outcome.advisories.update(row[3] for row in changes if row[3] is not None)

    # what lists count from

    def _link(self) -> set[int]:
        """Each live device's profile, place and worst answer. Returns the profiles whose devices changed, before and after."""
        counts = (
            "SELECT profile_id, max(CASE status WHEN 'affected' THEN 3 WHEN 'possible' THEN 2 ELSE 1 END) AS worst,"
            " sum(CASE status WHEN 'affected' THEN 1 ELSE 0 END) AS affected, sum(CASE status WHEN 'possible' THEN 1 ELSE 0 END) AS possible"
            " FROM exposure_exposure"
        )
        standing = pa.schema([(name, pa.int64()) for name in ("profile_id", "worst", "affected", "possible")])
        links = f"SELECT {', '.join(_LINK)} FROM exposure_link"
        if self.only is None:
            load(self.con, "told", standing, f"{counts} GROUP BY profile_id")
            load(self.con, "links", _LINKS, links)
        else:
            profiles, ids = among(number for (number,) in self._rows("SELECT profile_id FROM profiles"))
            load(self.con, "told", standing, f"{counts} WHERE profile_id {profiles} GROUP BY profile_id", [ids])  # fmt: skip
            devices, ids = among(self.only)
            load(self.con, "links", _LINKS, f"{links} WHERE equipment_id {devices}", [ids])
        self.con.execute("""
            CREATE OR REPLACE TEMP TABLE wanted AS
            SELECT d.id AS equipment_id, p.profile_id, d.facility_id, d.unit_id, coalesce(t.worst, 0)::BIGINT AS worst,
                   coalesce(t.affected, 0)::BIGINT AS affected, coalesce(t.possible, 0)::BIGINT AS possible
            FROM devices d JOIN profiles p USING (key) LEFT JOIN told t USING (profile_id)
        """)
        other = self._rows("FROM wanted EXCEPT FROM links")
        gone = self._rows("SELECT equipment_id FROM links WHERE equipment_id NOT IN (SELECT equipment_id FROM wanted)")  # fmt: skip
        upsert("exposure_link", ("equipment_id",), _LINK, other)
        if gone:
            condition, ids = among(number for (number,) in gone)
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM exposure_link WHERE equipment_id {condition}", [ids])
        self.outcome.touched = len(other) + len(gone)
        return {
            number
            for (number,) in self._rows(
                "SELECT profile_id FROM (FROM wanted EXCEPT FROM links)"
                " UNION SELECT profile_id FROM (FROM links EXCEPT FROM wanted)"
            )
        }

    def _tally(self, profiles: set[int]) -> None:
        """How many devices at each place an advisory touches, anew for the advisories whose count may be another."""
        if not (profiles or self.outcome.advisories):
            return
        where, parameters = "", []
        if self.only is not None:
            condition, ids = among(profiles)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT DISTINCT advisory_id FROM exposure_exposure WHERE profile_id {condition}", [ids])  # fmt: skip
                self.outcome.advisories.update(number for (number,) in cursor.fetchall())
            where, parameter = among(sorted(self.outcome.advisories))
            where, parameters = f"WHERE {{}}advisory_id {where}", [parameter]
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM exposure_tally {where.format('')}", parameters)
            cursor.execute(
                "INSERT INTO exposure_tally (advisory_id, facility_id, unit_id, affected, possible, clear)"
                " SELECT e.advisory_id, l.facility_id, l.unit_id, sum(CASE e.status WHEN 'affected' THEN 1 ELSE 0 END),"
                " sum(CASE e.status WHEN 'possible' THEN 1 ELSE 0 END), sum(CASE e.status WHEN 'not_affected' THEN 1 ELSE 0 END)"
                f" FROM exposure_exposure e JOIN exposure_link l ON l.profile_id = e.profile_id {where.format('e.')}"
                " GROUP BY e.advisory_id, l.facility_id, l.unit_id",
                parameters,
            )

    def _rows(self, sql: str) -> list[Row]:
        return self.con.execute(sql).fetchall()

    def _one(self, sql: str, *, database: bool = False) -> int:
        if database:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return int(cursor.fetchone()[0])
        return int(self._rows(sql)[0][0])

    def _tell(self, says: str) -> None:
        if self.step is not None:
            self.step.tell(0, 0, says)


def _by_key(keys: Sequence[str]) -> list[tuple[str, int]]:
    """Profiles by key, where there are too many keys for one list of parameters."""
    condition, parameter = among(keys)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, id FROM exposure_profile WHERE key {condition}", [parameter])
        return [(key, number) for key, number in cursor.fetchall()]


def _sql(name: str) -> str:
    return files("pilothouse.exposure").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
