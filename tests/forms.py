"""The forms and links of a page, as a browser would find them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit


@dataclass
class Form:
    """A form. fields: name, type and the value it has."""

    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def same(self) -> tuple[str, str, tuple[str, ...]]:
        """By which forms of the same kind are told: numbers in the address left out."""
        return (
            self.method,
            re.sub(r"\d+", "#", urlsplit(self.action).path),
            tuple(sorted({name for name, _, _ in self.fields})),
        )


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.asked: set[str] = set()
        self._open: Form | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.path, told.get("action", "") or self.path)
            self._open = Form(action, told.get("method", "get").upper())
            self.forms.append(self._open)
        for name in ("hx-post", "hx-get", "hx-delete", "hx-put"):
            if name in told and tag != "form":
                self.forms.append(Form(urljoin(self.path, told[name]), name[3:].upper()))
        if tag == "a" and urlsplit(urljoin(self.path, told.get("href", ""))).path == urlsplit(self.path).path:
            self.asked.update(name for name, _ in parse_qsl(urlsplit(told["href"]).query, True))
        if self._open is not None and told.get("name"):
            if tag == "select":
                self._select = told["name"]
                self._open.fields.append((told["name"], "select", ""))
            elif tag == "textarea":
                self._area = told["name"]
                self._open.fields.append((told["name"], "textarea", ""))
            elif tag in ("input", "button"):
                self._open.fields.append((told["name"], told.get("type", tag), told.get("value", "")))
        if (
            tag == "option"
            and self._select
            and self._open
            and ("selected" in told or not self._open.fields[-1][2])
        ):
            self._open.fields[-1] = (self._select, "select", told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._open is not None and self._open.fields:
            name, kind, value = self._open.fields[-1]
            self._open.fields[-1] = (name, kind, value + data)


def read(path: str, markup: str) -> tuple[list[Form], set[str]]:
    """A page's forms, and the names that its links to itself ask with."""
    reader = _Reader(path)
    reader.feed(markup)
    return reader.forms, reader.asked
