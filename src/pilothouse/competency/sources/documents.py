"""Statements of xAPI and Open Badges 3.0 as evidence: files and folders of them, told by what stands in them.

Source: docs/domains/competency.md, "Statements and badges".
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pilothouse.competency.sources.badges import COMPACT, badge
from pilothouse.competency.sources.evidence import COLUMNS, File
from pilothouse.competency.sources.statements import Refused, Said, last_word, statement
from pilothouse.imports.sources import Rejected
from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.json_document import Broken, elements_of
from pilothouse.kernel.reading.opening import divided
from pilothouse.kernel.reading.table import shortened

LARGEST = 64 << 20
"""Bytes of one badge; statements may be of any number."""
_PNG = b"\x89PNG\r\n\x1a\n"
_MARKS = re.compile(rb'"(?:verb|actor|statements|credentialSubject|@context|issuer)"\s*:')
_BAKED = re.compile(r"<!\[CDATA\[(.*?)\]\]>|verify=\"([^\"]+)\"", re.DOTALL)


def is_document(path: str) -> bool:
    """Whether a file or folder holds statements or badges, and no list."""
    if Path(path).is_dir():
        return True
    file, sheet = divided(path)
    if sheet:
        return False
    head = plain.read_head(file)
    if head.startswith(_PNG):
        return True
    text = head.lstrip()
    if b"openbadges" in head and b"<svg" in head:
        return True
    if text[:1] in (b"{", b"["):
        return bool(_MARKS.search(head))
    return bool(COMPACT.fullmatch(head[:100_000].decode("latin-1")))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means here: a skill with its level (None: as the document says), or a person."""

    means: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Meanings:
    """By name as it stands in documents: skills and persons; and the persons that are known anyway."""

    skills: Mapping[str, Meaning]
    persons: Mapping[str, Meaning]
    known: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Documents:
    """What was read: the files of evidence, what was refused, how many other files were passed over."""

    files: list[File]
    rejected: list[Rejected]
    passed_over: int


def documents(path: str, meanings: Meanings) -> Documents:
    """Every statement and badge of a file or folder. Raises UnreadableInput for a file that cannot be read at all."""
    files: list[File] = []
    rejected: list[Rejected] = []
    other = 0
    for one in _files(path):
        if one != path and not _worth_a_look(one):
            other += 1
            continue
        file, refused = _read(one, meanings)
        files.append(file)
        rejected += refused
    return Documents(files, rejected, other)


def _files(path: str) -> list[str]:
    folder = Path(path)
    if not folder.is_dir():
        return [path]
    found = sorted(str(one) for one in folder.rglob("*") if one.is_file())
    if not found:
        raise UnreadableInput(f"{path}: there is no file in this folder")
    return found


def _worth_a_look(path: str) -> bool:
    """Whether a file of a folder may hold statements or badges; pictures without a badge and texts do not."""
    head = plain.read_head(path)
    return head.lstrip()[:1] in (b"{", b"[") or (is_document(path) and not head.startswith(_PNG)) or (head.startswith(_PNG) and b"openbadge" in Path(path).read_bytes()[:LARGEST])  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """One document: its place in the file, the line it begins on, and its text."""

    row: int
    line: int
    value: Any  # whatever stands in a JSON document
    signed: bool = False

    @property
    def raw(self) -> str:
        return shortened(json.dumps(self.value, ensure_ascii=False))


def _read(path: str, meanings: Meanings) -> tuple[File, list[Rejected]]:
    rows: list[dict[str, object]] = []
    rejected: list[Rejected] = []
    raws: dict[int, str] = {}
    voided: set[str] = set()
    found: list[_Found] = []
    try:
        found = list(_documents(path))
    except (Broken, Refused) as broken:
        problem = broken.problem
        line = broken.line if isinstance(broken, Broken) else 1
        rejected.append(
            Rejected(path, 1, line, "", "", problem, "an xAPI statement or an Open Badge 3.0", "")
        )
    for one in found:
        target = _voids(one.value)
        if target:
            voided.add(target)
    for one in found:
        try:
            rows.append(_row(one, _said(one, voided), meanings))
            raws[one.row] = one.raw
        except Refused as refused:
            shown = refused.value if isinstance(refused.value, str) else "" if refused.value is None else json.dumps(refused.value, ensure_ascii=False, default=str)  # fmt: skip
            rejected.append(Rejected(path, one.row, one.line, refused.column, shown[:1000], refused.problem, refused.expected, one.raw))  # fmt: skip
    table = pa.table([pa.array([row[name] for row in rows], COLUMNS.field(name).type) for name in COLUMNS.names], schema=COLUMNS)  # fmt: skip
    return File(path, table, {}, lambda places: {row: raws.get(row, "") for row in places}), rejected


def _said(one: _Found, voided: Collection[str]) -> Said:
    """The document as evidence. Raises Refused."""
    value = one.value
    if not isinstance(value, dict):
        raise Refused("", value, "this is no object", "an xAPI statement or an Open Badge 3.0")
    if "credentialSubject" in value or "@context" in value or "issuer" in value:
        return badge(value, signed=one.signed)
    if not {"actor", "verb", "object"} & value.keys():
        raise Refused("", "", "neither a statement nor a badge", "an xAPI statement or an Open Badge 3.0")
    if value.get("id") in voided:
        raise Refused(
            "id", value["id"], "a later statement says that this one is void", "a statement that stands"
        )
    if _voids(value):
        raise Refused("verb.id", last_word(str(value["verb"]["id"])), "it only says that another statement is void", "a statement of something done")  # fmt: skip
    return statement(value)


def _voids(value: Any) -> str:
    """The id of the statement that this one makes void, or nothing."""
    if not isinstance(value, dict) or not isinstance(value.get("verb"), dict) or not isinstance(value.get("object"), dict):  # fmt: skip
        return ""
    is_void = last_word(str(value["verb"].get("id", ""))) == "voided" and value["object"].get("objectType") == "StatementRef"  # fmt: skip
    return str(value["object"].get("id", "")) if is_void else ""


def _row(one: _Found, said: Said, meanings: Meanings) -> dict[str, object]:
    """The evidence of a document, its names brought to ours."""
    skill = meanings.skills.get(said.thing) or meanings.skills.get(last_word(said.thing)) or Meaning(last_word(said.thing))  # fmt: skip
    return {
        "row": one.row, "line": one.line, "person": _person(said.names, meanings), "skill": skill.means,
        "level": skill.level or said.level or 1, "kind": said.kind, "got": said.got, "expires": said.expires,
        "assessor": _person(said.assessor, meanings) if said.assessor else None, "withdrawn": None,
    }  # fmt: skip


def _person(names: Collection[str], meanings: Meanings) -> str:
    """Ours for a person's names in a document: what a meaning says, else one that is known, else the first."""
    for name in names:
        if name in meanings.persons:
            return meanings.persons[name].means
    return next((name for name in names if name in meanings.known), next(iter(names)))


def _documents(path: str) -> Iterator[_Found]:
    """Every document of one file. Raises Broken for what is no JSON."""
    head = plain.read_head(path)
    if head.startswith(_PNG):
        yield _baked(_in_png(Path(path).read_bytes()))
    elif b"<svg" in head:
        match = _BAKED.search(Path(path).read_text(encoding="utf-8", errors="replace"))
        yield _baked((match[1] or match[2]) if match else "")
    elif head.lstrip()[:1] not in (b"{", b"["):
        yield _baked(Path(path).read_text(encoding="utf-8", errors="replace"))
    else:
        yield from _of_json(path)


def _of_json(path: str) -> Iterator[_Found]:
    """One object, an array, `statements`, or one object a line."""
    size = Path(path).stat().st_size
    text = Path(path).read_text(encoding="utf-8-sig", errors="replace") if size <= LARGEST else ""
    try:
        value = json.loads(text)
    except RecursionError:
        raise Broken(1, "objects lie in objects too deep to read", "") from None
    except ValueError:
        value = None
    if isinstance(value, dict) and not isinstance(value.get("statements"), list):
        yield _Found(1, 1, value)
        return
    if value is None and (lines := [line for line in text.splitlines() if line.strip()]) and len(lines) > 1 and _is_object(lines[0]):  # fmt: skip
        yield from _of_lines(text)
        return
    row = 0
    for element in elements_of(path):
        if element.path in ("", "statements"):
            row += 1
            yield _Found(row, element.line, element.value)


def _of_lines(text: str) -> Iterator[_Found]:
    row = 0
    for line, one in enumerate(text.splitlines(), 1):
        if one.strip():
            row += 1
            try:
                yield _Found(row, line, json.loads(one))
            except ValueError:
                yield _Found(row, line, one)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _baked(text: str) -> _Found:
    """A badge out of a picture or a web token. Raises Broken."""
    text = text.strip()
    if not text:
        raise Broken(1, "no badge is in this picture", "")
    if not COMPACT.fullmatch(text):
        try:
            return _Found(1, 1, json.loads(text))
        except ValueError:
            raise Broken(1, "what is in this picture is no JSON", "") from None
    try:
        body = text.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        raise Broken(1, "this web token cannot be read", "") from None
    inner = claims.get("vc") if isinstance(claims, dict) and isinstance(claims.get("vc"), dict) else claims
    return _Found(1, 1, inner, signed=True)


def _in_png(content: bytes) -> str:
    """The text chunk `openbadgecredential` of a PNG (Open Badges 3.0, "Baking"), or nothing."""
    at = len(_PNG)
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        chunk = content[at + 8 : at + 8 + length]
        if kind == b"iTXt" and chunk.startswith(b"openbadgecredential\0"):
            rest = chunk[len(b"openbadgecredential\0") :]
            packed, text = rest[0], rest[2:].split(b"\0", 2)[2]
            return (zlib.decompressobj().decompress(text, LARGEST) if packed else text).decode(
                "utf-8", "replace"
            )
        at += 12 + length
    return ""
