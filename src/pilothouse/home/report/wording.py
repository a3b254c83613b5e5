"""The opening sentence, the thread and the navigation: the page's numbers in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.core.drawing import Stop
from pilothouse.core.page import Part, Place, Tab
from pilothouse.core.words import are, count, counted
from pilothouse.home.report.facts import ReportFacts
from pilothouse.home.report.figures import Figures


def opening(figures: Figures, facts: ReportFacts) -> tuple[Part, ...]:
    """The sentence that holds the page's numbers, in at most 40 words."""
    lists = counted(len(facts.files), "list")
    if not figures.devices:
        return (Part(f"No device was found in {lists}."),)
    parts = [
        Part(counted(figures.devices, "device"), "equipment"),
        Part(f" {'stands' if figures.devices == 1 else 'stand'} on {lists}"),
    ]
    if len(facts.files) > 1:
        parts += [Part(", "), Part(f"{count(figures.shared)} on more than one", "overlap")]
    return (*parts, Part(". "), *_exposure_said(figures, facts), *_pairs_said(figures))


def _exposure_said(figures: Figures, facts: ReportFacts) -> Iterator[Part]:
    if not figures.searched_exposures:
        return
    affected = f"{count(figures.affected)} {are(figures.affected)} affected"
    yield Part(affected, "equipment", (("answer", "affected"),))
    yield Part(" by a published advisory")
    if figures.kev_devices:
        exploited = (("kev", "known exploited"), ("answer", "affected"))
        yield Part(", ")
        yield Part(f"{count(figures.kev_devices)} by one known to be exploited", "exposed", exploited)
    elif figures.affected and facts.advisories is not None and facts.advisories.known_exploited is not None:
        yield Part(", none by one known to be exploited")
    yield Part("; ")
    yield Part(f"{count(figures.possible)} more", "equipment", (("answer", "possible"),))
    yield Part(" may be. ")


def _pairs_said(figures: Figures) -> Iterator[Part]:
    if figures.pairs_to_review:
        yield Part(counted(figures.pairs_to_review, "pair"), "pairs")
        yield Part(f" {'waits' if figures.pairs_to_review == 1 else 'wait'} for a yes or no.")


def thread(figures: Figures, facts: ReportFacts) -> tuple[Stop, ...]:
    """The sentence of the house for this report; a stage that does not exist yet says so."""
    found = figures.affected + figures.possible
    named = figures.searched_exposures and facts.has_chain
    owners = len([o for o in figures.owners if o.owner])
    if not figures.searched_exposures:
        finding = Stop("Findings", "no advisories given", "todo")
    else:
        finding = Stop(
            "Findings",
            f"{counted(found, 'device')} exposed",
            "done" if named else "now",
            "exposed" if found else "",
        )
    if named:
        owner = Stop(
            "Owner",
            counted(owners, "person", "people") if found else "none needed",
            "now",
            "owners" if owners else "",
        )
    else:
        owner = Stop(
            "Owner",
            "chain has errors"
            if facts.chain_invalid
            else "no chain of command given"
            if figures.searched_exposures
            else "none yet",
            "todo",
        )
    return (
        Stop(
            "Sources", f"{counted(len(facts.files), 'list')}, {counted(figures.rows, 'row')}", "done", "lists"
        ),
        Stop(
            "Register",
            counted(figures.devices, "device"),
            "done" if figures.searched_exposures else "now",
            "equipment" if figures.devices else "",
        ),
        finding,
        owner,
        Stop("Decision", "none yet", "todo"),
        Stop("Work", "none yet", "todo"),
        Stop("Evidence", "this report", "todo", "made"),
    )


def places(figures: Figures, *, quality: bool, owners: bool) -> tuple[Place, ...]:
    """The parts of the report, each with what waits there. quality, owners: whether these parts are drawn."""
    if not figures.devices:
        under = (Place("quality", "Quality of columns"),) if quality else ()
        return (Place("lists", "Sources", under=under), Place("made", "Evidence"))
    return (
        Place("first", "What to do first"),
        Place(
            "lists",
            "Sources",
            under=(
                Place("overlap", "Overlap"),
                *((Place("quality", "Quality of columns"),) if quality else ()),
            ),
        ),
        Place(
            "equipment",
            "Register",
            under=(
                Place("conflicts", "Conflicts", _waiting(figures.conflict_devices)),
                Place("pairs", "Link review", _waiting(figures.pairs_to_review)),
            ),
        ),
        Place("exposed", "Findings", _waiting(figures.affected)),
        *((Place("owners", "Owners"),) if owners else ()),
        Place("made", "Evidence"),
    )


def _waiting(number: int) -> str:
    return count(number) if number else ""


TABS = (
    Tab("first", "First", "helm"),
    Tab("lists", "Lists", "doc"),
    Tab("equipment", "Equipment", "list"),
    Tab("exposed", "Exposed", "warn"),
)
"""What a thumb reaches on a phone."""
