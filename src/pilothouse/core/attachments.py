"""Files at a subject (`equipment:12`): taken within limits, stored by their content's hash, given out only as downloads.

Who may see or add is asked of the room whose subject it is (`ports.Subjects`). A removed one leaves its record; its bytes go when
no other attachment has the same.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from pilothouse.core import ports
from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.keeping import writing
from pilothouse.core.models import Attachment
from pilothouse.core.permissions import NotAllowed, Viewer

LARGEST: Final = 25 << 20
"""Bytes of one file."""
MOST: Final = 200
"""Files at one subject."""
TAKEN: Final[Mapping[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "xlsx": (b"PK\x03\x04",),
    "docx": (b"PK\x03\x04",),
    "zip": (b"PK\x03\x04",),
    "csv": (),
    "txt": (),
    "json": (),
}
"""From a name's ending to what such a file begins with; nothing for text, which must be UTF-8 without zero bytes."""


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.MEDIA_ROOT) / "attachments"


def parts(subject: str) -> tuple[str, int]:
    """`equipment:12` as kind and number; raises NotFound."""
    kind, _, number = subject.partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound("There is nothing of that name")
    return kind, int(number)


def room_of(subject: str) -> tuple[ports.Subjects, int]:
    """Who answers for a subject; raises NotFound."""
    kind, number = parts(subject)
    for room in ports.subjects:
        if room.kind == kind:
            return room, number
    raise NotFound("There is nothing of that name")


def may_see(viewer: Viewer, subject: str) -> bool:
    """Whether the viewer may know of a subject."""
    try:
        room, number = room_of(subject)
    except NotFound:
        return False
    return room.may_see(viewer, number)


def attachments_of(viewer: Viewer, subject: str) -> Sequence[Attachment]:
    """The files at a subject, newest first, removed ones too; none when the viewer may not see it. One query."""
    if not may_see(viewer, subject):
        return []
    return list(Attachment.objects.filter(subject=subject).select_related("by").order_by("-id")[: MOST * 2])


def attachment(viewer: Viewer, number: int) -> Attachment:
    """A file with its record; raises NotFound for what is hidden, removed or unknown."""
    found = Attachment.objects.filter(pk=number, removed_at=None).first()
    if found is None or not may_see(viewer, str(found.subject)):
        raise NotFound("There is no such file")
    return found


def attach(subject: str, *, by: Viewer, at: datetime, name: str, content: Any) -> Attachment:
    """Store a file at a subject. content: something with `chunks()`, as Django's uploads have. Raises NotFound, NotAllowed, Invalid."""
    room, number = room_of(subject)
    if not room.may_see(by, number):
        raise NotFound("There is nothing of that name")
    if not room.may_change(by, number):
        raise NotAllowed("You may add nothing here")
    name = _clean(name)
    path, digest, size = _stored(name, content)
    with writing(by=by.person, at=at, verb="attach_file", subject=subject, note=f"sha256 {digest}"):
        if Attachment.objects.filter(subject=subject, removed_at=None).count() >= MOST:
            raise Invalid(f"{MOST} files are the most here; remove one first")
        return Attachment.objects.create(
            subject=subject, name=name, path=path, size=size, sha256=digest, by=by.person, at=at
        )


def remove(number: int, *, by: Viewer, at: datetime) -> Attachment:
    """Take a file away; who had put it there, what it was called and its hash stay. Raises NotFound, NotAllowed."""
    one = attachment(by, number)
    room, record = room_of(str(one.subject))
    if not room.may_change(by, record):
        raise NotAllowed("You may take nothing away here")
    with writing(
        by=by.person, at=at, verb="remove_file", subject=str(one.subject), note=f"sha256 {one.sha256}"
    ):
        one.removed_at = at
        one.save(update_fields=["removed_at"])
        still_named = Attachment.objects.filter(path=one.path, removed_at=None).exists()
    if not still_named:
        file_of(one).unlink(missing_ok=True)
    return one


def file_of(one: Attachment) -> Path:
    """Where its bytes lie."""
    return Path(settings.MEDIA_ROOT) / str(one.path)


def _clean(name: str) -> str:
    """The bare name, without folders and letters that cannot be shown; raises Invalid for an ending that is not taken."""
    bare = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip(". ")
    ending = bare.rpartition(".")[2].lower()
    if "." not in bare or ending not in TAKEN:
        raise Invalid(
            f"A file of this kind is not taken. Right are {', '.join(sorted(TAKEN))}.",
            {"file": "Choose a file of another kind."},
        )
    stem = bare[: -len(ending) - 1]
    return f"{stem[: 250 - len(ending)]}.{ending}"


def _stored(name: str, content: Any) -> tuple[str, str, int]:
    """Write the bytes to their place; (path below the files' folder, SHA-256, size). `Any`: see attach."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size, first = hashlib.sha256(), 0, b""
    handle, kept = tempfile.mkstemp(dir=folder(), prefix="upload-")
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in content.chunks():
                size += len(chunk)
                if size > LARGEST:
                    raise Invalid(
                        f"The file is larger than {LARGEST >> 20} MB", {"file": "Choose a smaller file."}
                    )
                first = first or chunk[:4096]
                digest.update(chunk)
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        _need_kind(name, first)
        sha = digest.hexdigest()
        place = folder() / sha[:2] / sha
        place.parent.mkdir(mode=0o700, exist_ok=True)
        Path(kept).replace(place)
    finally:
        Path(kept).unlink(missing_ok=True)
    return place.relative_to(settings.MEDIA_ROOT).as_posix(), sha, size


def _need_kind(name: str, first: bytes) -> None:
    """Raise Invalid unless the bytes are what the name says."""
    begins = TAKEN[name.rpartition(".")[2]]
    if not first:
        raise Invalid("The file is empty", {"file": "Choose a file with something in it."})
    if begins and not first.startswith(begins):
        raise Invalid("The file is not what its name says", {"file": "Save it anew in the right form."})
    if not begins and b"\0" in first:
        raise Invalid("The file is no text", {"file": "Save it as text in UTF-8."})
