"""What to do first: every count that someone can act on, as a task, in the order in which acting helps most.

Pure. The order: what is known to be exploited and surely here; what is critical and surely here; what may be here
and is exploited; high; then medium and low; "may be" always behind "is" of the same severity. Within a step the
higher base score, then more devices. Tasks on the lists themselves are ranked apart, since they have no severity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pilothouse.core.words import SEVERITIES, are, count, counted, listed, percent
from pilothouse.equipment.fields import BY_NAME
from pilothouse.home.report.facts import AdvisoryFacts, FileFacts
from pilothouse.home.report.figures import UNSAID, ColumnQuality, Figures, Holder, OneSided, Question

IDENTITY_FIELDS = ("serial", "maker", "model", "mac", "tag")
"""A disagreement on one of these may mean that one entry stands for two devices."""

WORTH_MENDING = 0.15
"""A column that linking or exposure needs is worth a task when this share of its cells says nothing."""

NEEDED_FIELDS = ("serial", "maker", "model", "firmware", "unit", "mac")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. do: what, in words; why: what speaks for it; amount: how many devices, pairs or cells.

    holders: who has to decide, on how many; keeper: else the list whose keeper acts. subject: what a task on the
    lists is about. place: the grid that shows the rows; where: the filter that finds them.
    """

    kind: Literal["exposure", "list"]
    do: str
    why: str
    amount: int
    severity: str = "none"
    kev: bool = False
    holders: tuple[Holder, ...] = ()
    keeper: str = ""
    subject: str = ""
    place: str = ""
    where: tuple[tuple[str, str], ...] = ()


def urgency(question: Question) -> tuple[int, int, float, int, str]:
    """Smaller is sooner."""
    surely, step = question.affected > 0, SEVERITIES.index(question.severity)
    if surely and question.kev:
        tier = 0
    elif surely and step == 0:
        tier = 1
    elif question.kev_any:
        tier = 2
    else:
        tier = 3 + 2 * step + (not surely)
    amount = question.affected or question.possible
    return tier, 0 if surely else 1, -(question.cvss or 0.0), -amount, question.advisory


def exposure_tasks(questions: tuple[Question, ...]) -> tuple[Task, ...]:
    """One task per advisory, soonest first."""
    return tuple(_decide(q) if q.affected else _read_versions(q) for q in sorted(questions, key=urgency))


def _product(question: Question) -> str:
    """The most frequent product. Its other spellings and other products are not told apart here, so not counted."""
    return f"{question.product} and others" if question.others else question.product


def _hole(question: Question) -> str:
    if question.vulnerabilities == 1:
        return (
            f"{question.worst} in {question.advisory}"
            if question.worst != question.advisory
            else question.advisory
        )
    return f"{question.vulnerabilities} vulnerabilities in {question.advisory}, worst {question.worst}"


def _decide(question: Question) -> Task:
    more = f", {count(question.possible)} more may be" if question.possible else ""
    return Task(
        kind="exposure",
        do=f"Decide on {_product(question)}: {count(question.affected)} {are(question.affected)} affected{more}",
        why=_hole(question),
        amount=question.affected + question.possible,
        severity=question.severity,
        kev=question.kev,
        holders=question.holders,
        place="exposed",
        where=(("advisory", question.advisory),),
    )


def _read_versions(question: Question) -> Task:
    return Task(
        kind="exposure",
        do=f"Find out the version of {_product(question)}: {count(question.possible)} may be affected",
        why=_hole(question),
        amount=question.possible,
        severity=question.severity,
        kev=question.kev_any,
        holders=question.holders,
        place="exposed",
        where=(("advisory", question.advisory),),
    )


def list_tasks(
    figures: Figures, files: tuple[FileFacts, ...], advisories: AdvisoryFacts | None = None
) -> tuple[Task, ...]:
    """What makes every later answer better, the larger gain first."""
    tasks = [
        *_pairs(figures),
        *_identity(figures),
        *_candidates(advisories, figures),
        *_unlisted(figures),
        *_rejected(files),
        *_columns(figures),
    ]
    return tuple(tasks)


def _pairs(figures: Figures) -> Iterator[Task]:
    if figures.pairs_to_review:
        yield Task(
            kind="list",
            subject="Link",
            do=f"Say whether {counted(figures.pairs_to_review, 'pair')} of rows {are(figures.pairs_to_review)} one device each",
            why="What speaks for and against stands beside each pair",
            amount=figures.pairs_to_review,
            keeper=_keeper(figures, "HTM"),
            place="pairs",
        )


def _identity(figures: Figures) -> Iterator[Task]:
    found = [c for c in figures.conflicts if c.field in IDENTITY_FIELDS]
    if found:
        worst = max(found, key=lambda c: c.devices)
        yield Task(
            kind="list",
            subject="Conflict",
            do=f"Settle what {counted(worst.devices, 'device')} {are(worst.devices)}: the lists disagree on {in_text(worst.field)}",
            why="Also in conflict: "
            + listed([f"{in_text(c.field)} of {count(c.devices)}" for c in found if c is not worst])
            if len(found) > 1
            else "A wrong identity makes every later answer wrong",
            amount=worst.devices,
            keeper=_keeper(figures, "HTM"),
            place="conflicts",
            where=(("field", label(worst.field)),),
        )


def _unlisted(figures: Figures) -> Iterator[Task]:
    if "HTM" not in figures.sides or "IT" not in figures.sides:
        return
    it = figures.sides.index("IT")
    unlisted = figures.alone_by_side[it]
    if unlisted:
        groups = sorted(figures.one_sided_by_maker, key=lambda g: -g.counts[it])
        yield Task(
            kind="list",
            subject="Not listed",
            do=f"Say which of {counted(unlisted, 'device')} belong in the CMMS: only IT knows them",
            why=_makers(groups, it, unlisted),
            amount=unlisted,
            keeper=_keeper(figures, "HTM"),
            place="equipment",
            where=(("side", "IT only"),),
        )


def _makers(groups: list[OneSided], side: int, devices: int) -> str:
    """The most frequent makers among devices that one side alone knows, and how many have none."""
    named = [g for g in groups if g.counts[side] and g.group != UNSAID]
    told = listed([f"{count(g.counts[side])} {g.group}" for g in named[:3]])
    unsaid = devices - sum(g.counts[side] for g in named)
    if not named:
        return "Their maker is unknown"
    return f"{told}; the maker of {count(unsaid)} is unknown" if unsaid else f"Most by maker: {told}"


def _candidates(facts: AdvisoryFacts | None, figures: Figures) -> Iterator[Task]:
    if facts is not None and facts.candidates:
        yield Task(
            kind="list",
            subject="Name",
            do=f"Say what {counted(facts.candidates, 'device')} {are(facts.candidates)}: the name only resembles a product of an advisory",
            why="exposures.candidates.csv holds each name and the product it resembles",
            amount=facts.candidates,
            keeper=_keeper(figures, "IT"),
        )


def _rejected(files: tuple[FileFacts, ...]) -> Iterator[Task]:
    for f in files:
        if f.rejected:
            yield Task(
                kind="list",
                subject="Not read",
                do=f"Mend {counted(f.rejected, 'value')} of {f.base} that could not be read",
                why="rejected.csv names row, column, value and what would be right",
                amount=f.rejected,
                keeper=f.base,
            )


def _columns(figures: Figures) -> Iterator[Task]:
    bases = {each.face.file: each.face.base for each in figures.lists}
    wanted = [
        c
        for c in figures.quality
        if c.field in NEEDED_FIELDS and c.rows and silent(c) / c.rows >= WORTH_MENDING
    ]
    for c in sorted(wanted, key=lambda c: (-silent(c) / c.rows, NEEDED_FIELDS.index(c.field or "")))[:3]:
        yield Task(
            kind="list",
            subject="Column",
            do=f"Fill {c.column} of {bases.get(c.file, c.file)}: {percent(silent(c), c.rows)} of its rows say nothing",
            why=_silence(c),
            amount=silent(c),
            keeper=bases.get(c.file, c.file),
        )


def silent(column: ColumnQuality) -> int:
    """Rows in which a column says nothing that can be used."""
    return column.rows - column.useful


def _silence(column: ColumnQuality) -> str:
    parts = [
        (column.rows - column.filled, f"of {count(column.rows)} empty"),
        (column.placeholder, "placeholder" if column.placeholder == 1 else "placeholders"),
        (column.unreadable, "not readable"),
    ]
    return ", ".join(f"{count(n)} {word}" for n, word in parts if n > 0)


def _keeper(figures: Figures, side: str) -> str:
    """The list that the side keeps; the first list of all when that side keeps none."""
    of_side = [each.face.base for each in figures.lists if each.face.side == side]
    return (of_side or [each.face.base for each in figures.lists] or [""])[0]


def label(field: str) -> str:
    """A field as the pages call it."""
    return BY_NAME[field].label if field in BY_NAME else field


def in_text(field: str) -> str:
    """The same within a sentence; abbreviations keep their capitals."""
    name = label(field)
    return name if name[:2].isupper() else name[0].lower() + name[1:]
