"""Cut the two typefaces of the house down to what a Latin page needs.

    python tools/fonts.py OUT_DIR

Takes IBM Plex Sans Variable (axes weight and width) and IBM Plex Mono 400 and 500 from the installed
wheels fontpkg-ibm-plex-sans and fontpkg-ibm-plex-mono, and leaves in OUT_DIR plex-sans.woff2,
plex-mono-400.woff2, plex-mono-500.woff2 and their licence, LICENSE-OFL.txt. Each file is written whole or
not at all. The pages work without them: they fall back to Inter or the system's face.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Basic Latin and Latin-1, Latin Extended-A, the spacing accents, general punctuation, currency signs,
# arrows and the mathematical signs that the pages write.
_LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x218, 0x21C),
    0x2C6, 0x2C7, 0x2D8, 0x2D9, 0x2DA, 0x2DB, 0x2DC, 0x2DD,
    *range(0x2010, 0x2016), *range(0x2018, 0x201F), 0x2020, 0x2022, 0x2026, 0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A,
    0x20AC, 0x2116, 0x2122, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265,
]  # fmt: skip

# What a machine gave us is compared letter by letter, so Mono keeps neither ligatures nor alternates.
_SANS_FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]
_MONO_FEATURES = ["ccmp", "locl", "zero"]


def package_folder(package: str) -> Path:
    """Where an installed font wheel keeps its files. Exits with a hint when it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{package.replace('_', '-')} is not installed; `make setup` installs it")
    return Path(next(iter(spec.submodule_search_locations)))


def cut(font: TTFont, features: list[str]) -> TTFont:
    """Keep the Latin glyphs, the named features and no hints (screens of today ignore them)."""
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.notdef_outline = True
    options.drop_tables += ["DSIG", "meta"]
    subsetter = subset.Subsetter(options=options)
    subsetter.populate(unicodes=_LATIN)
    subsetter.subset(font)
    return font


def write_whole(folder: Path, name: str, content: bytes) -> None:
    """Write beside the target, then move into place."""
    handle, beside = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(beside).chmod(0o644)
        Path(beside).replace(folder / name)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def woff2(font: TTFont) -> bytes:
    """The font as compressed bytes for the web."""
    font.flavor = "woff2"
    with tempfile.TemporaryFile() as out:
        font.save(out, reorderTables=False)
        out.seek(0)
        return out.read()


def plex_sans(folder: Path) -> bytes:
    """Sans with both axes, as the tokens declare them: weight 400 to 700, width 85 to 100."""
    font = TTFont(folder / "files" / "IBMPlexSans[wdth,wght].ttf")
    font = cut(font, _SANS_FEATURES)
    return woff2(instancer.instantiateVariableFont(font, {"wght": (400, 400, 700), "wdth": (85, 100, 100)}))


def plex_mono(folder: Path, style: str) -> bytes:
    """One upright style of Mono."""
    return woff2(cut(TTFont(folder / "files" / f"IBMPlexMono-{style}.ttf"), _MONO_FEATURES))


def main(out_dir: str) -> None:
    """Cut all three and lay their licence beside them."""
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    sans, mono = package_folder("fontpkg_ibm_plex_sans"), package_folder("fontpkg_ibm_plex_mono")
    write_whole(out, "LICENSE-OFL.txt", (sans / "LICENSE").read_bytes())
    write_whole(out, "plex-mono-400.woff2", plex_mono(mono, "Regular"))
    write_whole(out, "plex-mono-500.woff2", plex_mono(mono, "Medium"))
    write_whole(out, "plex-sans.woff2", plex_sans(sans))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python tools/fonts.py OUT_DIR")
    main(sys.argv[1])
