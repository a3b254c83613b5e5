"""CSAF 2.0 security advisories, as CISA and makers publish them.

Source: OASIS CSAF 2.0, section 3.2; what CISA's files really hold is listed in docs/domains/exposure.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from pilothouse.exposure.advisories import Advisory, Leaf, Standing, Vulnerability
from pilothouse.kernel.errors import UnreadableInput

# Any: JSON documents of others, checked by reaching into them; a wrong shape ends as `DamagedAdvisory`.
Json = Any

_STANDINGS: Final[dict[str, Standing]] = {
    "known_affected": "affected",
    "first_affected": "first",
    "last_affected": "last",
    "under_investigation": "investigated",
    "fixed": "fixed",
    "first_fixed": "fixed",
    "known_not_affected": "not_affected",
}
"""`recommended` is missing on purpose: it says what to install, not what is affected."""

_TRACES = re.compile(rb'^\s*\{\s*"document"\s*:|"csaf_version"|"product_tree"')
_NEWEST_FIRST: Final = ("cvss_v4", "cvss_v3", "cvss_v2")


class DamagedAdvisory(UnreadableInput):
    """A CSAF document that breaks off or lacks what every advisory must have."""


def looks_like_csaf(content: bytes) -> bool:
    """Whether a text that is not whole JSON was meant to be a CSAF document."""
    return _TRACES.search(content) is not None


def is_csaf(document: Json) -> bool:
    """Whether a JSON document is a CSAF document of any profile."""
    about = document.get("document") if isinstance(document, dict) else None
    return isinstance(about, dict) and "csaf_version" in about


def read_csaf(document: Json) -> Advisory:
    """One advisory. Raises DamagedAdvisory when a required part is missing or of the wrong shape."""
    try:
        about = document["document"]
        tracking = about["tracking"]
        leaves = tuple(_leaves(document.get("product_tree", {})))
        vulnerabilities = [_vulnerability(v, n, tracking["id"]) for n, v in enumerate(document.get("vulnerabilities", []), 1)]  # fmt: skip
        return Advisory(
            id=_text(tracking["id"]),
            title=_text(about.get("title", "")),
            publisher=_text(about["publisher"]["name"]),
            released=_moment(tracking["current_release_date"]),
            version=_text(tracking.get("version", "")),
            leaves=leaves,
            vulnerabilities=_with_forgotten(leaves, vulnerabilities),
        )
    except KeyError as error:
        raise DamagedAdvisory(f"it is no whole CSAF advisory: a required {error} is missing") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise DamagedAdvisory(f"it is no whole CSAF advisory: a part has the wrong form ({error})") from error


def _leaves(tree: Json) -> Iterator[Leaf]:
    known: dict[str, Leaf] = {}
    for leaf in [*_branches(tree.get("branches", []), {}), *(_full_name(p) for p in tree.get("full_product_names", []))]:  # fmt: skip
        known[leaf.product_id] = leaf
    for relation in tree.get("relationships", []):
        leaf = _related(relation, known)
        known[leaf.product_id] = leaf
    yield from known.values()


def _branches(branches: Json, above: dict[str, str]) -> Iterator[Leaf]:
    for branch in branches:
        path = {**above, branch["category"]: _text(branch["name"])}
        if "product" in branch:
            yield _leaf(branch["product"], path)
        yield from _branches(branch.get("branches", []), path)


def _leaf(product: Json, path: dict[str, str]) -> Leaf:
    named = path.get("product_name", path.get("host_name", path.get("service_pack", "")))
    family = path.get("product_family", "")
    helper = product.get("product_identification_helper", {})
    return Leaf(
        product_id=_text(product["product_id"]),
        vendor=path.get("vendor", ""),
        family=family if named else "",
        product=named or family or _text(product.get("name", "")),
        version=path.get("product_version_range", path.get("product_version", "")),
        model_numbers=tuple(
            _text(number) for number in [*helper.get("model_numbers", []), *helper.get("skus", [])]
        ),
    )


def _full_name(product: Json) -> Leaf:
    return Leaf(_text(product["product_id"]), "", "", _text(product["name"]), "")


def _related(relation: Json, known: dict[str, Leaf]) -> Leaf:
    """A product in a relationship keeps its own name and version; what it is installed on is a condition."""
    inner = known[relation["product_reference"]]
    outer = known[relation["relates_to_product_reference"]]
    outer_name = " ".join(part for part in (outer.product, outer.version) if part)
    product_id = _text(relation["full_product_name"]["product_id"])
    return Leaf(
        product_id, inner.vendor, inner.family, inner.product, inner.version, inner.model_numbers, outer_name
    )


def _vulnerability(vulnerability: Json, number: int, advisory: str) -> Vulnerability:
    own = next((_text(name["text"]) for name in vulnerability.get("ids", [])), f"{advisory}#{number}")
    status = vulnerability.get("product_status", {})
    standings = [
        (_text(product), _STANDINGS[group]) for group in _STANDINGS for product in status.get(group, [])
    ]
    score, vector = _highest(vulnerability)
    return Vulnerability(
        _text(vulnerability.get("cve") or own), score, tuple(standings), vector, _weakness(vulnerability)
    )


def _weakness(vulnerability: Json) -> str:
    """The words of its CWE (of the first one in CSAF 2.1); nothing else hangs on them, so whatever else stands there is passed over."""
    told = [vulnerability.get("cwe"), *(vulnerability.get("cwes") or [])]
    names = [one.get("name") for one in told if isinstance(one, dict)]
    return next((name.strip() for name in names if isinstance(name, str)), "")


def _with_forgotten(leaves: Sequence[Leaf], vulnerabilities: Sequence[Vulnerability]) -> tuple[Vulnerability, ...]:  # fmt: skip
    """Products that the tree names and no vulnerability judges count as affected, beside others that are.

    In twelve of CISA's advisories only the first product of the tree was given its status; the text names them all.
    """
    standings = {standing for each in vulnerabilities for standing in each.standings}
    judged = {product for product, _ in standings}
    named = {(leaf.vendor, leaf.family, leaf.product) for leaf in leaves if leaf.product_id in judged}
    forgotten = tuple(
        (leaf.product_id, _STANDINGS["known_affected"])
        for leaf in leaves
        if leaf.product_id not in judged and (leaf.vendor, leaf.family, leaf.product) not in named
    )
    if not forgotten or {standing for _, standing in standings} != {"affected"}:
        return tuple(vulnerabilities)
    return tuple(replace(each, standings=each.standings + forgotten) for each in vulnerabilities)


def highest_score(vulnerability: Json) -> str:
    """The highest base score of the newest CVSS version present; empty when there is none."""
    return _highest(vulnerability)[0]


def _highest(vulnerability: Json) -> tuple[str, str]:
    """The score with its vector."""
    metrics = [metric.get("content", {}) for metric in vulnerability.get("metrics", [])]
    found: list[tuple[str, float, str]] = []
    for score in [*vulnerability.get("scores", []), *metrics]:
        for group in _NEWEST_FIRST:
            if group in score:
                one = score[group]
                found.append((str(one.get("version", group[-1])), float(one["baseScore"]), str(one.get("vectorString", ""))))  # fmt: skip
    if not found:
        return "", ""
    _, base, vector = max(found)
    return f"{base:.1f}", vector


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, found {json.dumps(value)[:40]}")
    return value.strip()
