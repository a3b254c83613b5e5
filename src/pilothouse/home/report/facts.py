"""What the report must be told beside the tables: the files, the advisories, the people, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath

from pilothouse.imports.sources import Source

_KIND_WORDS = {"cmms": "CMMS", "network": "Network", "security": "Security", "other": "Other"}
_SIDES = {"cmms": "HTM", "network": "IT", "security": "IT", "other": "Other lists"}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One list. records: every record of the file; rejected: records or values of it that could not be taken.

    mapping: field to column. unmapped: columns no field was found for. notes: what the reader had to say.
    """

    file: str
    kind: str
    records: int
    rejected: int = 0
    as_of: datetime | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Source) -> FileFacts:
        """The facts of a list that was just read."""
        return cls(
            file=source.file,
            kind=source.kind,
            records=source.records,
            rejected=len(source.rejected),
            as_of=source.as_of,
            mapping=dict(source.mapping),
            unmapped=tuple(source.unmapped),
            notes=tuple(source.notes),
        )

    @property
    def base(self) -> str:
        """The file's name without its folders; the sheet stays."""
        return PurePath(self.file.replace("\\", "/")).name


@dataclass(frozen=True, slots=True)
class AdvisoryFacts:
    """What was searched for exposures. replaced: older revisions of an advisory; passed_over: what is no advisory.

    newest: day of the newest advisory, if one is dated.
    """

    advisories: int
    vulnerabilities: int = 0
    replaced: int = 0
    passed_over: int = 0
    known_exploited: int | None = None
    epss_scores: int | None = None
    newest: date | None = None
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything a report says that is not in its tables.

    made_at: the moment it was made, with a zone. house: the health system's name, if known.
    advisories: None when none were given. people, positions: from the chain of command, id to name or title;
    empty when no chain was given. helm: id of the position at the top.
    chain_invalid: a chain was given, but has errors and cannot answer. topic, asked_at: what the chain was asked about, and
    for which moment. command: as typed. versions: of
    Pilothouse and what it stands on.
    """

    files: tuple[FileFacts, ...]
    made_at: datetime
    house: str = ""
    advisories: AdvisoryFacts | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)
    helm: str = ""
    chain_invalid: bool = False
    topic: str = ""
    asked_at: datetime | None = None
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def has_chain(self) -> bool:
        """Whether owners can be named at all."""
        return bool(self.people or self.positions)

    @property
    def as_of(self) -> datetime | None:
        """The newest day any of the lists stands for."""
        return max((f.as_of for f in self.files if f.as_of), default=None)


@dataclass(frozen=True, slots=True)
class ListFace:
    """A list as the pictures call it: `CMMS`, or `CMMS 2` where several are of one kind; and whose side it is."""

    ordinal: int
    file: str
    base: str
    kind: str
    short: str
    side: str


def list_faces(files: tuple[FileFacts, ...]) -> tuple[ListFace, ...]:
    """Short names and sides of all lists, in their order.

    HTM keeps the CMMS, IT the network and security lists. When all lists are of one side, each is its own.
    """
    kinds = [f.kind for f in files]
    one_side = len({_SIDES[k] for k in kinds}) < 2
    faces = []
    for ordinal, f in enumerate(files):
        word = _KIND_WORDS[f.kind]
        short = word if kinds.count(f.kind) == 1 else f"{word} {kinds[: ordinal + 1].count(f.kind)}"
        faces.append(ListFace(ordinal, f.file, f.base, f.kind, short, short if one_side else _SIDES[f.kind]))
    return tuple(faces)
