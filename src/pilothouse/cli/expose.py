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

\b
Example: pilothouse expose cmms.xlsx --advisories advisories --out exposures.csv
"""

DEVICE_FIELDS = ("maker", "model", "name", "firmware", "os", "host")
"""What an advisory can speak of."""


def register(app: typer.Typer) -> None:
    """Add the command `expose`."""
    app.command("expose", help=HELP, short_help="Say which devices of one list the public advisories touch.")(
        _expose
    )


def _expose(
    file: str = typer.Argument(..., metavar="FILE", help="The list of devices."),
    advisories: Path = typer.Option(..., "--advisories", metavar="DIR", help="Security advisories (CSAF), in files, folders or archives."),
    out: str = typer.Option(..., "--out", metavar="FILE.csv", help="The answer; - for standard output."),
    kev: Path | None = typer.Option(None, "--kev", metavar="FILE", help="The catalogue of known exploited vulnerabilities."),
    epss: Path | None = typer.Option(None, "--epss", metavar="FILE", help="The EPSS scores."),
    names: Path | None = typer.Option(None, "--names", metavar="FILE", help="Your confirmed makers' and products' names."),
    maps: list[str] = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help="Corrects the guess of a column: cmms.csv:model='Cat No'."),
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
    from pilothouse.kernel.reading.opening import divided

    kind = options.kinds(kinds, [file]).get(file)
    mapping = options.mappings(maps, [file], FIELDS)[file]
    _refuse_to_overwrite([divided(file)[0], advisories, kev, epss, names], out)
    confirmed = load_names(names)
    with shown() as progress, engine() as con:
        catalogue = load_advisories(advisories, kev=kev, epss=epss, progress=progress)
        progress.step(f"Reading {file}")
        source = load(
            file, ordinal=0, fields=FIELDS, kind=kind, mapping=mapping, only=DEVICE_FIELDS, progress=progress
        )
        con.register("listed_devices", _devices(source))
        exposed = expose(con, "listed_devices", catalogue, confirmed, progress=progress)
        progress.step("Writing the answer")
        _write(con, source, out, raw)
    _tell(source, catalogue, exposed, out)
    raise typer.Exit(1 if source.rejected or catalogue.damaged else 0)


def _refuse_to_overwrite(inputs: list[str | Path | None], out: str) -> None:
    from pilothouse.imports.rejections import beside
    from pilothouse.kernel.writing import refuse_to_overwrite

    if out != "-":
        written = [Path(out), Path(out).with_name(beside(out)), Path(out).with_name(_candidates(out))] if Path(out).name else []  # fmt: skip
        refuse_to_overwrite([path for path in inputs if path is not None], written)


def _candidates(out: str) -> str:
    """The name of the candidates beside an output file."""
    from pilothouse.imports.rejections import beside

    return beside(out).removesuffix(".rejected.csv") + ".candidates.csv"


def _devices(source: Source):  # type: ignore[no-untyped-def]  # a pyarrow.Table, imported only when it runs
    """The list as the relation that `expose` takes; a device's id is the row's own key."""
    import pyarrow as pa

    table, nothing = source.table, pa.nulls(source.table.num_rows, pa.string())
    columns = {name: table[name] if name in table.column_names else nothing for name in DEVICE_FIELDS}
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
        candidates = _candidates(name)
        resembling = con.sql('FROM candidates ORDER BY "row", score DESC, candidate, advisory')
        if con.sql("SELECT 1 FROM candidates LIMIT 1").fetchall():
            outputs.table(candidates, resembling, CANDIDATES.columns)
        else:
            outputs.absent(candidates)
        write_rejected(outputs, source.rejected, beside(name))


def _tell(source: Source, catalogue: Catalogue, exposed: Exposed, out: str) -> None:
    """What was guessed, read and found, in plain words on standard error."""
    from pilothouse.cli.told import first, say, tell_advisories, tell_guess
    from pilothouse.core.words import counted

    tell_guess(source)
    tell_advisories(catalogue)
    say(f"{counted(exposed.devices, 'device')}: {exposed.affected:,} affected, {exposed.possible:,} possibly affected, {exposed.clear:,} named and not affected; no advisory names the others.")  # fmt: skip
    beside = out != "-"
    if exposed.to_confirm:
        where = "see the candidates beside the answer, and confirm" if beside else "name a file with --out to see them, and confirm"  # fmt: skip
        say(f"{counted(exposed.to_confirm, 'device bears', 'devices bear')} a name that only resembles a product: {where} with --names.")  # fmt: skip
    if source.rejected:
        where = "see the rejected rows beside the answer." if beside else "name a file with --out to have them all:"  # fmt: skip
        say(f"{counted(len(source.rejected), 'value or row', 'values or rows')} could not be taken: {where}")
    if beside:
        say(f"Written: {out} ({counted(exposed.lines, 'line')})")
        return
    for line in first(f"row {r.row}, line {r.line}: {r.problem}; expected {r.expected}" for r in source.rejected):  # fmt: skip
        say(f"  {line}")
