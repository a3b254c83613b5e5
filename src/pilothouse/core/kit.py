"""The component kit's one door: templates, style sheet, icons and scripts, without a server.

The report on plain files and, later, the pages of the house render the same partials
(`templates/kit/*.html`) through `environment()`: a plain `django.template.Engine` that needs no settings.
ADR: docs/adr/0002-report-and-pages-share-one-kit.md.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

HOME = Path(__file__).parent
TEMPLATES = HOME / "templates"
FONTS = HOME / "fonts"
LOOK = HOME / "look"

_FONT_URL = re.compile(r',\s*url\("fonts/([a-z0-9-]+\.woff2)"\) format\("woff2"\)')
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_INDENT = re.compile(r"\n\s*")


def environment(*folders: Path) -> Engine:
    """A template engine that finds the kit's partials and those of the named folders; escapes everything."""
    return Engine(dirs=[*folders, TEMPLATES], builtins=["pilothouse.core.marks"], autoescape=True)


def render(engine: Engine, template: str, context: Mapping[str, Any]) -> SafeString:
    """One template as markup.

    `Any`: a template takes whatever its page hands over. Localisation stays off, as it would ask for
    Django's settings; numbers go through the kit's own filters.
    """
    page = engine.get_template(template).render(Context(dict(context), use_l10n=False, use_tz=False))
    return mark_safe(page)  # noqa: S308 - rendered with autoescape on


def stylesheet(fonts: Path = FONTS) -> str:
    """Tokens and kit as one sheet, with the fonts inside; a font that was never cut leaves its fallback."""
    sheet = "\n".join((LOOK / name).read_text("utf-8") for name in ("tokens.css", "kit.css"))
    sheet = _CSS_INDENT.sub("\n", _CSS_COMMENT.sub("", sheet)).strip()

    def inline(match: re.Match[str]) -> str:
        font = fonts / match.group(1)
        if not font.is_file():
            return ""
        return (
            f', url("data:font/woff2;base64,{base64.b64encode(font.read_bytes()).decode()}") format("woff2")'
        )

    return _FONT_URL.sub(inline, sheet)


def page_foot(text: str) -> str:
    """Style that prints the text and the page's number at the foot of each sheet.

    Browsers without page margin boxes (CSS Paged Media, section 5) print neither.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ").replace("\n", " ")
    face = "font: 8pt var(--sans, sans-serif); color: #415050; vertical-align: top; padding-block-start: 3mm;"
    return f'@page {{ @bottom-left {{ content: "{quoted}"; width: 85%; text-align: left; {face} }} @bottom-right {{ content: counter(page) " of " counter(pages); {face} }} }}'


@functools.cache
def icons() -> SafeString:
    """The sprite every page carries once; marks refer to it by `<use href="#…">`."""
    return mark_safe((LOOK / "icons.svg").read_text("utf-8"))  # noqa: S308 - our own file


SCRIPTS = ("packed", "cells", "claims", "sheet", "grid", "page")
"""The scripts of a page with big tables, in the order in which they need each other."""


def script(names: tuple[str, ...] = SCRIPTS) -> str:
    """Our own scripts, joined in this order."""
    return "\n".join((LOOK / f"{name}.js").read_text("utf-8") for name in names)
