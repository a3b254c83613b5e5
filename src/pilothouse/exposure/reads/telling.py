"""What an advisory's document says, brought to what a page shows. Texts of strangers: bounded here, escaped by the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from pilothouse.exposure.sources.csaf import read_csaf

Json = Any  # a CSAF document; its shape was checked when it was taken

MOST_PRODUCTS: Final = 200
_LONGEST: Final = 6_000
_SUMMARIES: Final = ("summary", "description", "details")
_FIXES: Final = ("vendor_fix", "mitigation", "workaround", "no_fix_planned", "none_available", "fix_planned", "optional_patch")  # fmt: skip
_FIX_WORDS: Final = {"vendor_fix": "The maker's fix", "mitigation": "Until then", "workaround": "Way around", "no_fix_planned": "No fix is planned", "none_available": "There is no fix yet", "fix_planned": "A fix is planned", "optional_patch": "Optional patch"}  # fmt: skip
_STANDING_WORDS: Final = {"affected": "affected", "first": "affected from here on", "last": "affected up to here", "investigated": "under investigation", "fixed": "fixed", "not_affected": "not affected"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the advisory names it. says: its standing in words, with how many vulnerabilities say so where they differ."""

    maker: str
    name: str
    versions: str
    says: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What the advisory tells to do. kind: in words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """An address outside that the advisory names; only https and http."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """The readable parts of a document. about: by vulnerability its summary; more: products beyond those shown."""

    summary: Sequence[str]
    about: dict[str, str]
    products: Sequence[Product]
    more: int
    fixes: Sequence[Fix]
    references: Sequence[Reference]
    revisions: Sequence[tuple[str, str]]


def read_document(document: Json) -> Said:
    """The parts of a document that a page shows."""
    about = document["document"]
    vulnerabilities = document.get("vulnerabilities", [])
    products = list(_products(document))
    return Said(
        summary=list(_notes(about.get("notes"), _SUMMARIES))[:3],
        about={
            _text(one.get("cve", "")): next(_notes(one.get("notes"), _SUMMARIES), "")
            for one in vulnerabilities
        },
        products=products[:MOST_PRODUCTS],
        more=max(0, len(products) - MOST_PRODUCTS),
        fixes=list(_fixes(vulnerabilities))[:12],
        references=list(_references(about.get("references")))[:8],
        revisions=list(_revisions(about.get("tracking", {}).get("revision_history")))[:12],
    )


def _text(value: Json) -> str:
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""


def _listed(value: Json) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _notes(notes: Json, kinds: Sequence[str]) -> Iterator[str]:
    for note in _listed(notes):
        if note.get("category") in kinds and (text := _text(note.get("text"))):
            yield text


def _products(document: Json) -> Iterator[Product]:
    told = read_csaf(document)
    says: dict[str, dict[str, int]] = {}
    for one in told.vulnerabilities:
        for product, standing in one.standings:
            words = says.setdefault(product, {})
            words[_STANDING_WORDS[standing]] = words.get(_STANDING_WORDS[standing], 0) + 1
    for leaf in told.leaves:
        standings = says.get(leaf.product_id, {})
        if len(standings) == 1:
            said = next(iter(standings))
        else:
            said = ", ".join(f"{word} by {number}" for word, number in standings.items()) or "not judged"
        versions = "all versions" if leaf.version in ("vers:all/*", "*") else leaf.version
        yield Product(leaf.vendor, " ".join(filter(None, (leaf.family, leaf.product))), versions, said)


def _fixes(vulnerabilities: Json) -> Iterator[Fix]:
    """Each remedy once, the maker's fix first."""
    found: dict[str, str] = {}
    for one in _listed(vulnerabilities):
        for remedy in _listed(one.get("remediations")):
            kind, text = _text(remedy.get("category")), _text(remedy.get("details"))
            if kind in _FIXES and text:
                found.setdefault(text, kind)
    for text, kind in sorted(found.items(), key=lambda pair: _FIXES.index(pair[1])):
        yield Fix(_FIX_WORDS[kind], text)


def _references(references: Json) -> Iterator[Reference]:
    seen: set[str] = set()
    for one in _listed(references):
        url = _text(one.get("url"))
        parts = urlsplit(url) if url.isprintable() else None
        if parts and parts.scheme in ("https", "http") and parts.netloc and url not in seen:
            seen.add(url)
            yield Reference(_text(one.get("summary"))[:120] or parts.netloc, url)


def _revisions(history: Json) -> Iterator[tuple[str, str]]:
    for one in reversed(_listed(history)):
        number, when = _text(one.get("number")), _text(one.get("date"))[:10]
        yield f"{when}, revision {number}", _text(one.get("summary"))[:200]
