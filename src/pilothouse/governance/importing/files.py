"""One file that holds a chain of command or a list of people: a workbook, an archive of the CSV files, or people as one CSV.

What arrives may be anything; an archive is opened only as far as the names of the files, and none is taken that unpacks to more
than `MOST_BYTES`.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from pilothouse.governance.sources import LoadedChain, load_chain
from pilothouse.governance.sources.cells import rows_of
from pilothouse.governance.sources.layout import LAYOUTS
from pilothouse.governance.sources.tables import read_tables
from pilothouse.governance.words import Issue, Rows
from pilothouse.kernel.errors import UnreadableInput

MOST_BYTES = 1 << 30
_KNOWN = {f"{layout.kind}.csv" for layout in LAYOUTS}


class InvalidFiles(UnreadableInput):
    """The chain of command in these files is invalid; nothing was brought in."""


def packed(folder: Path) -> io.BytesIO:
    """The files of a chain's folder as one archive, for a door that takes one file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(folder.iterdir()):
            if file.name.casefold() in _KNOWN:
                out.write(file, file.name)
    archive.seek(0)
    return archive


def read_chain(path: Path, tz: str | None = None) -> LoadedChain:
    """The chain in a workbook or an archive of CSV files. Raises UnreadableInput for anything else."""
    with _as_named(path) as named:
        return load_chain(named, tz)


def read_people(path: Path, shown_in: ZoneInfo) -> tuple[Rows, tuple[Issue, ...]]:
    """The people of a CSV file, of a workbook's sheet `people`, or of a whole chain; and what is wrong with them."""
    with _as_named(path, "people.csv") as named:
        tables = read_tables(named)
        wrong = [e for e in tables.errors if e.file.partition("#")[2] == "people" or e.file.casefold() == "people.csv"]  # fmt: skip
        tables.errors = wrong
        rows = rows_of(tables, shown_in)
        seen: dict[str, int] = {}
        for person in rows.people:
            if (first := seen.setdefault(person.id, person.row)) != person.row:
                text = f"the id {person.id} stands in row {first} already; an id names one person"
                tables.errors.append(Issue("error", "id_twice", rows.file("people"), person.row, text))
        return rows, tuple(tables.errors)


@contextmanager
def _as_named(path: Path, plain: str = "") -> Iterator[Path]:
    """A folder with the archive's files, or the workbook, or with `plain` a folder with the file under that name."""
    with TemporaryDirectory(prefix="pilothouse-chain-") as kept:
        folder = Path(kept)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if "[Content_Types].xml" not in archive.namelist():
                    _unpack(archive, folder, path)
                    yield folder
                    return
            yield path
        elif plain:
            shutil.copyfile(path, folder / plain)
            yield folder
        else:
            yield path


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path) -> None:
    left = MOST_BYTES
    for member in archive.infolist():
        name = PurePosixPath(member.filename).name
        if member.is_dir() or name.casefold() not in _KNOWN or (folder / name).exists():
            continue
        try:
            with archive.open(member) as source, (folder / name).open("wb") as out:
                while piece := source.read(1 << 20):
                    left -= len(piece)
                    if left < 0:
                        raise UnreadableInput(f"{path}: unpacks to more than {MOST_BYTES >> 30} GB")
                    out.write(piece)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            raise UnreadableInput(f"{path}: the archive is damaged ({error})") from None
