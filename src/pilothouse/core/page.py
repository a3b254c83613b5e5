"""The shell of a page that is one file: it asks nothing of anyone, prints, and is light or dark.

A page of a room is a template that extends `kit/page.html` and fills its block `main`. The shell brings the head,
the bar, the navigation, the opening sentence, the style with its fonts, the scripts and a content policy under
which nothing can be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString

from pilothouse.core import grid, kit
from pilothouse.core.drawing import Stop


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; with a link it is a number that leads to its rows. where: the filter that finds them."""

    text: str
    link: str = ""
    where: tuple[tuple[str, str], ...] = ()

    @property
    def where_json(self) -> str:
        """The filter as the page's script reads it."""
        return json.dumps(self.where, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the page in its navigation. number: as it is shown, empty for none; under: parts of this part."""

    link: str
    text: str
    number: str = ""
    under: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the page at the foot of a phone, with an icon of the sprite; at most five."""

    link: str
    text: str
    icon: str


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around a page. dated: "As of …" in words; opening: at most 40 words with the page's numbers.

    house: the health system's name, or empty; foot: what stands at the foot of each printed sheet.
    """

    title: str
    dated: str
    foot: str
    opening: tuple[Part, ...] = ()
    house: str = ""
    places: tuple[Place, ...] = ()
    tabs: tuple[Tab, ...] = ()
    thread: tuple[Stop, ...] = ()

    @property
    def said(self) -> str:
        """The opening sentence as plain text; it stands in the page's head, where a cover finds it."""
        return "".join(part.text for part in self.opening).strip()


def drawn(shell: Shell, folder: Path, template: str, context: Mapping[str, Any]) -> str:
    """The whole page as text.

    folder: the room's templates; template: its name there, which extends `kit/page.html`. `Any`: a template takes
    whatever its page hands over.
    """
    style, script = f"{kit.stylesheet()}\n{kit.page_foot(shell.foot)}", kit.script()
    around = {
        "shell": shell,
        "policy": content_policy(style, script),
        "style": style,
        "script": script,
        "icons": kit.icons(),
    }
    page = str(kit.render(kit.environment(folder), template, {**context, **around}))
    # A file name of the command line may hold bytes that are no text.
    return page.encode("utf-8", "replace").decode("utf-8")


def table(big: grid.Grid, title: str) -> SafeString:
    """A big table as markup: its first rows, and all of them packed for the page's script."""
    context = {"grid": big, "rows": grid.first_rows(big), "title": title, "packed": grid.pack(big)}
    return kit.render(kit.environment(), "kit/grid.html", context)


def content_policy(style: str, script: str) -> str:
    """The page may run its own script and style and load nothing at all."""
    return f"default-src 'none'; script-src '{_seal(script)}'; style-src '{_seal(style)}'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'"


def _seal(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
