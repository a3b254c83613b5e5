"""Where one can go: the seven words of the house's sentence with their rooms, and the tabs at the foot of a phone.

An entry is shown when its page exists and the viewer may see it somewhere; a word without entries is not shown.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse

from pilothouse.core import ports
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation. page: name of its address; permission: empty for everyone; key: after `g`."""

    page: str
    text: str
    permission: str
    icon: str = "list"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A word of the sentence. own: the page the word itself leads to."""

    text: str
    own: Entry | None
    rooms: tuple[Entry, ...] = ()


HELM: Final = Entry("helm", "The helm", "see_findings", "helm", "h")
MY_WORK: Final = Entry("my_work", "My work", "see_findings", "check", "w")
EQUIPMENT: Final = Entry("equipment_list", "Equipment", "see_equipment", "list", "e")
FINDINGS: Final = Entry("finding_list", "Findings", "see_findings", "warn", "f")
WHO: Final = Entry("who_decides", "Who decides", "see_chain", "person", "d")

SENTENCE: Final = (
    Stage("The helm", HELM, (MY_WORK,)),
    Stage(
        "Sources",
        Entry("source_list", "Sources", "see_sources", "flow", "s"),
        (Entry("review", "Link review", "review_links", "link", "r"),),
    ),
    Stage(
        "Register",
        None,
        (
            EQUIPMENT,
            Entry("model_list", "Models", "see_equipment", "doc", "m"),
            Entry("maker_list", "Makers", "see_equipment", "doc"),
            Entry("place_list", "Units and places", "see_equipment", "place"),
            Entry("room_list", "Rooms and bays", "see_equipment", "place"),
        ),
    ),
    Stage(
        "Findings",
        FINDINGS,
        (
            Entry("advisory_list", "Advisories", "see_advisories", "warn", "a"),
            Entry("name_list", "Names to confirm", "confirm_names", "check"),
        ),
    ),
    Stage(
        "Owners",
        None,
        (
            Entry("chain_page", "Chain of command", "see_chain", "helm", "c"),
            WHO,
            Entry("person_list", "People", "see_people", "person", "p"),
        ),
    ),
    Stage("Decisions", Entry("decision_list", "Decisions", "see_findings", "seal")),
    Stage("Work", None),
    Stage("Evidence", None, (Entry("audit_log", "Audit log", "see_audit", "seal", "l"),)),
)
HOUSE: Final = Stage(
    "House",
    None,
    (
        Entry("job_list", "Jobs", "see_jobs", "clock", "j"),
        Entry("settings_page", "Settings", "manage_settings", "wrench"),
    ),
)
"""What keeps the house running; below the sentence and no part of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is drawn. here: the page one is on; waiting: how many things wait there, 0 for no number."""

    url: str
    text: str
    icon: str
    key: str
    waiting: int = 0
    here: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the sentence as it is drawn."""

    text: str
    own: Link | None
    rooms: tuple[Link, ...]
    last: bool = False


@functools.cache
def address(page: str) -> str | None:
    """The address of a page without arguments; None while its room does not exist."""
    try:
        return reverse(page)
    except NoReverseMatch:
        return None


def _visible(entry: Entry | None, viewer: Viewer) -> str | None:
    """The entry's address when the viewer may go there."""
    if entry is None or (entry.permission and not viewer.may_somewhere(entry.permission)):
        return None
    return address(entry.page)


def entries() -> Sequence[Entry]:
    """Every entry in the order of the sentence."""
    return [
        entry for stage in (*SENTENCE, HOUSE) for entry in ((stage.own,) if stage.own else ()) + stage.rooms
    ]


def places(viewer: Viewer) -> list[Link]:
    """Every page the viewer may go to: the commands of the palette."""
    return [
        Link(url, entry.text, entry.icon, entry.key)
        for entry in entries()
        if (url := _visible(entry, viewer))
    ]


def waiting(viewer: Viewer) -> Mapping[str, int]:
    """What all rooms say is waiting."""
    return {page: number for counter in ports.counters for page, number in counter.waiting(viewer).items()}


def sentence(viewer: Viewer, path: str) -> list[Word]:
    """The navigation for a viewer who is at a path."""
    numbers = waiting(viewer)
    seen = {entry.page: url for entry in entries() if (url := _visible(entry, viewer))}
    here = _here(seen, path)

    def link(entry: Entry | None) -> Link | None:
        if entry is None or entry.page not in seen:
            return None
        return Link(
            seen[entry.page],
            entry.text,
            entry.icon,
            entry.key,
            numbers.get(entry.page, 0),
            entry.page == here,
        )

    words = [
        Word(stage.text, link(stage.own), tuple(filter(None, map(link, stage.rooms))), stage is HOUSE)
        for stage in (*SENTENCE, HOUSE)
    ]
    return [word for word in words if word.own or word.rooms]


def _here(seen: Mapping[str, str], path: str) -> str:
    """The page whose address is the longest beginning of the path; the front page is only itself."""
    fits = [
        (len(url), page) for page, url in seen.items() if path == url or (url != "/" and path.startswith(url))
    ]
    return max(fits, default=(0, ""))[1]


def tabs(viewer: Viewer, path: str) -> list[Link]:
    """At most four tabs for a phone: who works on a ward asks first who decides."""
    ward = all(held.role == Role.NURSE_MANAGER for held in viewer.held)
    order = (WHO, MY_WORK, EQUIPMENT, FINDINGS) if ward else (HELM, MY_WORK, EQUIPMENT, FINDINGS, WHO)
    seen = {entry.page: url for entry in order if (url := _visible(entry, viewer))}
    here = _here(seen, path)
    shown = [entry for entry in order if entry.page in seen][:4]
    return [
        Link(
            seen[entry.page],
            entry.text.removeprefix("The ").capitalize(),
            entry.icon,
            "",
            0,
            entry.page == here,
        )
        for entry in shown
    ]
