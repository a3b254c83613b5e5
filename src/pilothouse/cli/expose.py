"""`pilothouse expose`: which devices of one list the public advisories touch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import duckdb

    from pilothouse.exposure.advisories import Catalogue
    from pilothouse.exposure.engine import Exposed
    from pilothouse.imports.sources import Source

HELP = """Say which devices of a list the public advisories touch: affected, possible or not, each with its reason.

FILE is any list of devices: CSV, XLSX (FILE#Sheet), JSON, nmap XML. DIR holds CSAF advisories in files,
folders and archives; KEV and EPSS files in it are recognised.

Example: pilothouse expose cmms.xlsx --advisories advisories --out exposures.csv
"""
_SHOWN = 5  # damaged files named on the terminal; the rest are counted


def register(app: typer.Typer) -> None:
    """Add the command `expose`."""
    app.command("expose", help=HELP)(_expose)


def _expose(
    file: str = typer.Argument(..., metavar="FILE", help="The list of devices."),
    advisories: Path = typer.Option(..., "--advisories", metavar="DIR", help="Security advisories (CSAF), in files, folders or archives."),
    out: str = typer.Option(..., "--out", metavar="FILE.csv", help="The answer; - for standard output."),
    kev: Path | None = typer.Option(None, "--kev", metavar="FILE", help="The catalogue of known exploited vulnerabilities."),
    epss: Path | None = typer.Option(None, "--epss", metavar="FILE", help="The EPSS scores."),
    names: Path | None = typer.Option(None, "--names", metavar="FILE", help="Your confirmed makers' and products' names."),
    maps: list[str] = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help="Corrects the guess of a column."),
    kinds: list[str] = typer.Option([], "--kind", metavar="FILE=KIND", help="What the list is: cmms, network, security, other."),
    raw: bool = typer.Option(False, "--raw", help="Write cells as they are, without the guard against formulas."),
) -> None:  # fmt: skip
    from pilothouse.cli.progress import shown
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.equipment.makers import load_names
    from pilothouse.exposure.engine import expose
    from pilothouse.exposure.sources import load_advisories
    from pilothouse.imports import options
    from pilothouse.imports.loading import load
    from pilothouse.kernel.duck import engine

    kind = options.kinds(kinds, [file]).get(file)
    mapping = options.mappings(maps, [file], FIELDS)[file]
    confirmed = load_names(names)
    with shown() as progress, engine() as con:
        catalogue = load_advisories(advisories, kev=kev, epss=epss, progress=progress)
        progress.step(f"Reading {file}")
        source = load(file, ordinal=0, fields=FIELDS, kind=kind, mapping=mapping, progress=progress)
        con.register("listed_devices", _devices(source))
        exposed = expose(con, "listed_devices", catalogue, confirmed, progress=progress)
        progress.step("Writing the answer")
        _write(con, source, out, raw)
    _tell(source, catalogue, exposed, out)
    raise typer.Exit(1 if source.rejected or catalogue.damaged else 0)


def _devices(source: Source):  # type: ignore[no-untyped-def]  # a pyarrow.Table, imported only when it runs
    """The list as the relation that `expose` takes; a device's id is the row's own key."""
    import pyarrow as pa

    table, nothing = source.table, pa.nulls(source.table.num_rows, pa.string())
    columns = {name: table[name] if name in table.column_names else nothing for name in ("maker", "model", "name", "firmware", "os", "host")}  # fmt: skip
    return pa.table({"row": table["row"], "device_id": table["key"], **columns})


def _write(con: duckdb.DuckDBPyConnection, source: Source, out: str, raw: bool) -> None:
    """The answer with what stands beside it, all together; standard output takes only the answer."""
    from pilothouse.imports.contracts import CANDIDATES, EXPOSE
    from pilothouse.imports.rejections import beside, write_rejected
    from pilothouse.kernel.writing import one_file, write_table_to

    answer = con.sql('FROM exposures ORDER BY "row", advisory, vulnerability')
    if out == "-":
        write_table_to(out, answer, EXPOSE.columns, raw=raw)
        return
    with one_file(out, raw=raw) as (outputs, name):
        outputs.table(name, answer, EXPOSE.columns)
        candidates = beside(name).replace(".rejected.csv", ".candidates.csv")
        resembling = con.sql('FROM candidates ORDER BY "row", score DESC, candidate, advisory')
        if con.sql("SELECT 1 FROM candidates LIMIT 1").fetchall():
            outputs.table(candidates, resembling, CANDIDATES.columns)
        else:
            outputs.absent(candidates)
        write_rejected(outputs, source.rejected, beside(name))


def _tell(source: Source, catalogue: Catalogue, exposed: Exposed, out: str) -> None:
    """What was guessed, read and found, in plain words on standard error."""
    columns = ", ".join(f"{field} = {column}" for field, column in source.mapping.items())
    typer.echo(f"{source.file}: {columns}" + (f"; not used: {', '.join(source.unmapped)}" if source.unmapped else ""), err=True)  # fmt: skip
    for note in source.notes:
        typer.echo(f"{source.file}: {note}", err=True)
    read = f"{_count(len(catalogue.advisories), 'advisory', 'advisories')} read"
    read += f", {catalogue.superseded:,} older revisions left out" if catalogue.superseded else ""
    read += f", {_count(catalogue.passed_over, 'other file', 'other files')} passed over" if catalogue.passed_over else ""  # fmt: skip
    typer.echo(f"{read}.", err=True)
    for damaged in catalogue.damaged[:_SHOWN]:
        typer.echo(f"Not read: {damaged.file}: {damaged.problem}.", err=True)
    if len(catalogue.damaged) > _SHOWN:
        typer.echo(f"Not read: {len(catalogue.damaged) - _SHOWN:,} more files.", err=True)
    typer.echo(f"{_count(exposed.devices, 'device', 'devices')}: {exposed.affected:,} affected, {exposed.possible:,} possibly affected, {exposed.clear:,} named and not affected; no advisory names the others.", err=True)  # fmt: skip
    if exposed.to_confirm:
        typer.echo(f"{_count(exposed.to_confirm, 'device bears', 'devices bear')} a name that only resembles a product: see the candidates beside the answer, and confirm with --names.", err=True)  # fmt: skip
    if source.rejected:
        typer.echo(f"{_count(len(source.rejected), 'value or row', 'values or rows')} could not be taken: see the rejected rows beside the answer.", err=True)  # fmt: skip
    if out != "-":
        typer.echo(f"Written: {out} ({_count(exposed.lines, 'line', 'lines')})", err=True)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
