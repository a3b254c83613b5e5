"""The cover of a folder of answers: what each report says in its first sentence, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

from pilothouse.core import words
from pilothouse.core.page import Part, Place, Shell, drawn
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.writing import one_file

TEMPLATES = Path(__file__).parent / "templates"
REPORT = "report.html"
COVER = "index.html"
_MOST_OF_A_HEAD = 64_000  # characters; the head of our pages stands before their style
_TAIL = " | Pilothouse"


@dataclass(frozen=True, slots=True)
class Bound:
    """A report on the cover. path: from the cover, as a link; title with the house; said: its opening sentence."""

    path: str
    title: str
    said: str
    as_of: str


def bind(folder: Path, made_at: datetime) -> tuple[Path, tuple[Bound, ...]]:
    """Write index.html in `folder`, over its own report and those of the folders in it, in the order of their names.

    Raises UnreadableInput when there is none.
    """
    found = [path for path in (folder / REPORT, *sorted(folder.glob(f"*/{REPORT}"))) if path.is_file()]
    bound = tuple(one for path in found if (one := _bound(path, folder)))
    if not bound:
        raise UnreadableInput(
            f"{folder}: no report to bind here; expected {REPORT} in this folder or in a folder of it, as "
            "reconcile, suppliers score, coverage and plan write it"
        )
    cover = folder / COVER
    with one_file(str(cover)) as (outputs, name):
        outputs.text(name, _page(bound, made_at))
    return cover, bound


def _page(bound: tuple[Bound, ...], made_at: datetime) -> str:
    made = words.moment(made_at)
    shell = Shell(
        title="Where everything stands",
        dated=f"Made {made}",
        foot=f"Pilothouse. Where everything stands. Made {made}.",
        opening=(Part(f"{words.counted(len(bound), 'report')}, each with its first sentence."),),
        places=tuple(Place(f"report-{at}", one.title) for at, one in enumerate(bound, 1)),
    )
    return drawn(shell, TEMPLATES, "cover/page.html", {"bound": bound})


def _bound(path: Path, folder: Path) -> Bound | None:
    """One report, or None for a page that is not ours."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        head = _Head()
        head.feed(stream.read(_MOST_OF_A_HEAD))
    if head.meta.get("generator") != "Pilothouse":
        return None
    return Bound(
        path=quote(path.relative_to(folder).as_posix()),
        title=head.title.removesuffix(_TAIL).strip(),
        said=head.meta.get("description", ""),
        as_of=head.meta.get("as-of", ""),
    )


class _Head(HTMLParser):
    """The title and the named meta elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "meta" and told.get("name"):
            self.meta.setdefault(str(told["name"]), told.get("content") or "")
        self._in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
