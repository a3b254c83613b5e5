"""One file as a Source: its columns mapped, its values typed beside their raw text, its trouble listed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.imports.fields import Field
from pilothouse.imports.headers import Vocabulary
from pilothouse.imports.mapping import SAMPLE, Columns, guess, headless, kind_of, known_kind
from pilothouse.imports.sources import Rejected, Source
from pilothouse.kernel.columns import Refusal, typed, unguarded
from pilothouse.kernel.errors import BadUsage, UnreadableInput
from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.reading.table import Originals, Refused, Table
from pilothouse.kernel.text import squash

KEY_FIELDS: dict[str, tuple[str, ...]] = {"cmms": ("tag", "uid"), "security": ("uid", "tag", "mac", "ip"), "network": ("mac", "ip", "host", "uid", "tag"), "other": ("tag", "uid", "mac", "ip")}  # fmt: skip
"""By kind of source, the fields a row's own key is taken from: the first that has a value."""


def load(
    path: str,
    *,
    ordinal: int,
    fields: Sequence[Field],
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    only: Collection[str] | None = None,
    most: int | None = None,
    progress: Progress = SILENT,
) -> Source:
    """Read a file as typed: `FILE`, or `FILE#Sheet` of a workbook.

    ordinal: place on the command line from 0. kind, mapping (field to column), as_of: what the user says;
    else guessed. only: the fields that are needed; the others are mapped and told, but not held in memory,
    and what is wrong with their values is nobody's concern. most: how many records there may be. Raises
    UnreadableInput for a file without a table, without one known column or with more records, BadUsage for a
    mapping that names what is not there.
    """
    vocabulary = Vocabulary(fields)
    said = {squash(column) for column in (mapping or {}).values()} - {""}
    table = open_table(path, lambda cell: 1.0 if squash(cell) in said else vocabulary.best(cell))
    batches = iter(table.batches)
    first = next(batches, None)
    try:
        columns = guess(table.columns, _samples(first, len(table.columns)), vocabulary, mapping)
    except BadUsage as wrong:
        raise BadUsage(f"{path}: {wrong}") from None
    if value := headless(columns, fields):
        raise UnreadableInput(f"{path}: {value!r} stands where the name of a column should; put a header line above the records")  # fmt: skip
    if not columns.chosen:
        raise UnreadableInput(f"{path}: no column was recognised among {', '.join(table.columns)}; name them with --map '{path}:FIELD=COLUMN'")  # fmt: skip
    told_kind, why = (
        (known_kind(kind), "as said") if kind else kind_of(columns.chosen, table.columns, table.form)
    )
    walked = chain([first] if first is not None else [], batches)
    wanted = set(only or columns.chosen) | set(KEY_FIELDS[told_kind])
    held = [field for field in fields if field.name in wanted]
    body, texts = _texts(table, _counted(path, walked, most, progress), columns, held)
    source = Source(
        ordinal=ordinal,
        file=path,
        kind=told_kind,
        kind_why=why,
        table=body,
        mapping=columns.named(),
        as_of=as_of,
        columns=table.columns,
        guesses=columns.guesses,
        unmapped=columns.unmapped,
        others=columns.others,
        notes=list(table.notes),
        records=table.records,
    )
    refused = [*table.refused, *_unusable(source, _type(source, texts, fields), table.originals)]
    source.rejected = [_rejected(path, one) for one in sorted(refused, key=_place)]
    source.table = source.table.append_column("key", _keys(source)).select(_order(source))
    return source


def _samples(batch: pa.RecordBatch | None, width: int) -> list[list[str]]:
    """Some distinct filled values of each column, as the content is judged by."""
    if batch is None:
        return [[] for _ in range(width)]
    head = batch.slice(0, 4096)
    return [[v for v in pc.unique(head.column(i + 2))[: SAMPLE + 1].to_pylist() if v] for i in range(width)]


def _counted(
    path: str, batches: Iterator[pa.RecordBatch], most: int | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """The batches, told to the listener; raises UnreadableInput as soon as there are more records than may be."""
    records = 0
    for batch in batches:
        records += batch.num_rows
        if most is not None and records > most:
            raise UnreadableInput(f"{path}: more than {most:,} records, too many for one run with the lists before it; a list holds each device once or twice, so this may be a log: keep the newest record of each device")  # fmt: skip
        yield batch
        progress.advance(batch.num_rows)


def _texts(
    table: Table, batches: Iterator[pa.RecordBatch], columns: Columns, fields: Sequence[Field]
) -> tuple[pa.Table, dict[str, pa.Array]]:
    """Row and line of every record, and the raw text of each of the fields; other columns are let go."""
    names = list(table.columns)
    by_name = {field.name: field for field in fields}
    places = {
        field: [names.index(column) for column in chosen]
        for field, chosen in columns.chosen.items()
        if field in by_name
    }
    wanted = ["row", "line", *dict.fromkeys(str(p) for found in places.values() for p in found)]
    schema = pa.schema([(n, pa.int64() if n in ("row", "line") else pa.string()) for n in wanted])
    kept = pa.Table.from_batches((batch.select(wanted) for batch in batches), schema)
    texts = {}
    for field, found in places.items():
        parts = [unguarded(_whole(kept.column(str(place)))) for place in found]
        texts[field] = parts[0] if len(parts) == 1 else _together(parts, by_name[field])
    return kept.select(["row", "line"]), texts


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """One array; beyond 2 GB of text its offsets need 64 bits, which no field of a list of devices reaches."""
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _together(parts: Sequence[pa.Array], field: Field) -> pa.Array:
    """Several columns as one text: a list joined by `; `, or a second text behind the first unless it holds it."""
    filled = [
        pc.if_else(pc.equal(pc.utf8_trim_whitespace(p), ""), pa.scalar(None, pa.string()), p) for p in parts
    ]
    if field.joins:
        return pc.fill_null(reduce(_listed, filled), "")
    pairs = zip(filled[0].to_pylist(), filled[1].to_pylist(), strict=True)
    return pa.array([_behind(first or "", second or "") for first, second in pairs], pa.string())


def _listed(one: pa.Array, other: pa.Array) -> pa.Array:
    """`a; b` where both are there, else the one that is, else null.

    Trap: `null_handling="skip"` of Arrow's join leaves out the rows in which every text is null.
    """
    return pc.coalesce(pc.binary_join_element_wise(one, other, "; "), one, other)


def _behind(first: str, second: str) -> str:
    """`Windows` and `10 1809` make `Windows 10 1809`; `Windows 10` and `10` stay `Windows 10`."""
    return first if second.lower() in first.lower() else f"{first} {second}".strip()


def _type(
    source: Source, texts: Mapping[str, pa.Array], fields: Sequence[Field]
) -> list[tuple[str, Refusal]]:
    """Append F and F_raw for every mapped field; the values that are unusable, with their field."""
    unusable: list[tuple[str, Refusal]] = []
    day_first = any(note.startswith("delimiter ;") for note in source.notes)
    for field in fields:
        if field.name not in texts:
            continue
        raw = texts[field.name]
        column = typed(raw, field.shape, day_first_hint=day_first)
        source.table = source.table.append_column(field.name, column.values).append_column(
            f"{field.name}_raw", raw
        )
        source.notes += [f"{source.mapping[field.name]}: {note}" for note in column.notes]
        unusable += [(field.name, one) for one in column.unusable]
    return unusable


def _unusable(
    source: Source, unusable: Sequence[tuple[str, Refusal]], originals: Originals
) -> Iterator[Refused]:
    """The values that could not be taken, each with the text of its whole record."""
    rows, lines = source.table.column("row"), source.table.column("line")
    positions = {position for _, (position, _, _) in unusable}
    places = {position: (rows[position].as_py(), lines[position].as_py()) for position in positions}
    raw = originals(dict(places.values())) if places else {}
    for field, (position, problem, expected) in unusable:
        row, line = places[position]
        value = source.table.column(f"{field}_raw")[position].as_py()
        yield Refused(row, line, source.mapping[field], value, f"{problem}; the record is kept without it", expected, raw.get(row, value))  # fmt: skip


def _place(refused: Refused) -> tuple[bool, int]:
    """By row; what has none comes last."""
    return refused.row is None, refused.row or 0


def _keys(source: Source) -> pa.Array:
    """The source's own key of each row: the first of the kind's key fields that has a value, else ""."""
    parts = []
    for name in KEY_FIELDS[source.kind]:
        if name in source.table.column_names:
            column = _whole(source.table.column(name))
            if pa.types.is_list(column.type):
                column = _first_items(column)
            parts.append(column)
    nothing = pa.scalar("", pa.string())
    return pc.coalesce(*parts, nothing) if parts else pa.array([""] * source.table.num_rows, pa.string())


def _first_items(lists: pa.ListArray) -> pa.Array:
    """The first item of each list, null for null and for an empty one."""
    filled = pc.greater(pc.list_value_length(lists), 0)
    return pc.list_element(pc.if_else(filled, lists, pa.scalar([None], lists.type)), 0)


def _order(source: Source) -> list[str]:
    held = [field for field in source.mapping if field in source.table.column_names]
    return ["row", "line", "key", *chain.from_iterable((f, f"{f}_raw") for f in held)]


def _rejected(file: str, refused: Refused) -> Rejected:
    return Rejected(file, refused.row, refused.line, refused.column, refused.value, refused.problem, refused.expected, refused.raw)  # fmt: skip
