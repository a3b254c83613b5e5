"""A chain of command from its files: a folder of CSV files or one XLSX workbook."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pilothouse.governance.chain import Chain
from pilothouse.governance.check import errors as errors_between
from pilothouse.governance.sources.cells import rows_of
from pilothouse.governance.sources.tables import Tables, read_tables
from pilothouse.governance.words import InvalidChain, Issue, Rows
from pilothouse.kernel.times import UnknownZone, zone

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class LoadedChain:
    """What became of a chain's files: the chain, or (`chain` is None) the errors that make it invalid.

    Errors and notes name file and row. `zone` is the one its times were read in and are shown in. `rows` is
    what could be read, of an invalid chain too; None where a file or a column is missing.
    """

    chain: Chain | None
    errors: tuple[Issue, ...]
    notes: tuple[Issue, ...]
    zone: ZoneInfo
    rows: Rows | None = None

    def valid(self) -> Chain:
        """The chain; raises InvalidChain, which lists every error."""
        if self.chain is None:
            raise InvalidChain(self.errors)
        return self.chain


def load_chain(path: str | Path, tz: str | None = None) -> LoadedChain:
    """Read and check the chain of command at `path`.

    tz: the IANA name of the zone for times without an offset; else `tz` of the settings, else UTC.
    Raises UnreadableInput if there is no folder or workbook, UnknownZone for a bad `tz`. Everything else
    that is wrong is in the errors.
    """
    named = None if tz is None else zone(tz)
    with _no_collection():
        tables = read_tables(Path(path))
        settled = _settled_zone(tables)
        shown_in = named or settled
        if any(error.row is None for error in tables.errors):  # without a file or column the rest is noise
            return LoadedChain(None, tuple(tables.errors), tuple(tables.notes), shown_in)
        rows = rows_of(tables, shown_in)
        found = _ordered([*tables.errors, *errors_between(rows)], rows)
        _note_currencies(tables, rows)
        chain = None if found else Chain(rows)
    return LoadedChain(chain, tuple(found), tuple(tables.notes), shown_in, rows)


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for garbage while hundreds of thousands of rows are made, all of which stay.

    Freezing and unfreezing at the end makes them old without visiting them, so that the next small
    collection does not walk through all of them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()
        if was_enabled:
            gc.enable()


def _settled_zone(tables: Tables) -> ZoneInfo:
    """The zone that the settings name, else UTC; a name that is none is an error of that row."""
    table = tables.by_kind.get("settings")
    if table is None or not {"key", "value"} <= table.column.keys():
        return zone(DEFAULT_ZONE)
    key, value = table.places("key", "value")
    first: dict[str, int] = {}
    named = DEFAULT_ZONE
    for row, cells in table.records:
        if first.setdefault(cells[key], row) != row:
            text = f"the key {cells[key]} stands in row {first[cells[key]]} already"
            tables.errors.append(Issue("error", "id_twice", table.file, row, text))
        elif cells[key] == "tz" and cells[value]:
            named = cells[value]
    try:
        return zone(named)
    except UnknownZone as error:
        tables.errors.append(Issue("error", "zone", table.file, first["tz"], str(error)))
        return zone(DEFAULT_ZONE)


def _ordered(found: list[Issue], rows: Rows) -> list[Issue]:
    """By file, in the order in which the files are described, then by row."""
    place = {file: index for index, file in enumerate(rows.files.values())}
    return sorted(found, key=lambda issue: (place.get(issue.file, len(place)), issue.row or 0))


def _note_currencies(tables: Tables, rows: Rows) -> None:
    named = sorted(
        {mandate.currency for mandate in rows.mandates if mandate.currency and mandate.limit is not None}
    )
    if len(named) > 1:
        text = f"limits are given in {' and '.join(named)}; an amount is compared with them as a bare number"
        tables.notes.append(Issue("note", "currencies", rows.file("mandates"), None, text))
