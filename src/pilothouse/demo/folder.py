"""The folder of a demo: made beside what is there, put in its place at the end, never on top of other people's files."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pilothouse.demo.worlds import WORLDS
from pilothouse.kernel.errors import BadUsage

MARK = "demo.json"
"""The file by which a folder is known as an earlier demo, which may be replaced."""
_FRESH = ".demo-"
"""How the folder in which a demo is made begins; one left behind by a killed run is in nobody's way."""


def refuse_foreign(folder: Path) -> None:
    """Raise BadUsage for a folder in which a demo would stand among other files."""
    if folder.exists() and not folder.is_dir():
        raise BadUsage(f"{folder} is a file; name a folder for the demo.")
    if not folder.is_dir() or (folder / MARK).exists():
        return
    if any(not path.name.startswith(_FRESH) for path in folder.iterdir()):
        raise BadUsage(f"{folder} holds other files and no earlier demo; name an empty or a new folder.")


@contextmanager
def inside(folder: Path) -> Iterator[Path]:
    """A fresh folder inside the wanted one (which may be a mount point), gone at the end whatever happens."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=folder))
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


def move_in(fresh: Path, folder: Path) -> None:
    """Put what was made in place of an earlier demo's parts; its mark comes last, other people's files stay."""
    former = fresh / "former"
    former.mkdir()
    names = sorted(path.name for path in fresh.iterdir() if path != former and path.name != MARK)
    for name in {*names, *_earlier_files(folder)}:
        if (folder / name).exists():
            (folder / name).replace(former / name)
    for name in (*names, MARK):
        (fresh / name).replace(folder / name)


def _earlier_files(folder: Path) -> set[str]:
    """The source files of the demo that is there: another world's have other names."""
    try:
        card = json.loads((folder / MARK).read_text(encoding="utf-8"))
        named = set(card["files"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
    return named & {source.sheet.name for world in WORLDS.values() for source in world.sources()}
