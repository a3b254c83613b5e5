"""One Open Badge 3.0 as evidence, or the reason why it is none.

Its structure is checked, its signature is not: that needs the issuer's key from outside. Source: 1EdTech Open Badges
Specification 3.0; docs/domains/competency.md, "Statements and badges".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pilothouse.competency.sources.statements import Json, Refused, Said, day_of, iri

VOCABULARIES = ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1")
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/"
_OTHER_OPEN_BADGES = ("https://imsglobal.github.io/openbadges-specification/",)
METHODS = ("did:key:", "did:web:", "https:")
"""Where the key of a proof may stand."""


def badge(document: Json, *, signed: bool = False) -> Said:
    """A credential as evidence. signed: its proof stands around it (a JWT). Raises Refused."""
    _vocabulary(document.get("@context"))
    kinds = _texts(document.get("type"))
    if "VerifiableCredential" not in kinds or not {"OpenBadgeCredential", "AchievementCredential"} & set(
        kinds
    ):
        raise Refused("type", kinds, "this is no Open Badge", "VerifiableCredential and OpenBadgeCredential")
    iri(document.get("id"), "id")
    issuer = document.get("issuer")
    if isinstance(issuer, str):
        iri(issuer, "issuer")
    else:
        _profile(issuer, "issuer")
    for one in _list(document.get("evidence")):
        _of_type(one, "Evidence", "evidence")
    got = day_of(document.get("validFrom") or document.get("issuanceDate"), "validFrom")
    until = document.get("validUntil") or document.get("expirationDate")
    names, achievement = _subject(document.get("credentialSubject"))
    if not signed:
        _proof(document.get("proof"))
    awarded = document.get("awardedDate")
    kind = "course" if "Course" in _texts(achievement.get("achievementType")) else "certificate"
    ends = None if until is None else day_of(until, "validUntil")
    if ends is not None and ends <= got:
        raise Refused(
            "validUntil", until, "it ends on or before the day it begins", "a later moment, or nothing"
        )
    return Said(
        names, str(achievement["id"]), None, kind, day_of(awarded, "awardedDate") if awarded else got, ends
    )


def _vocabulary(context: object) -> None:
    named = [one for one in _list(context) if isinstance(one, str)]
    if not named or named[0] not in VOCABULARIES:
        raise Refused("@context", named[:1], "not the vocabulary of verifiable credentials", VOCABULARIES[0])
    if not any(one.startswith((OPEN_BADGES, *_OTHER_OPEN_BADGES)) for one in named):
        raise Refused(
            "@context", named, "not the vocabulary of Open Badges 3.0", f"{OPEN_BADGES}context-3.0.3.json"
        )


def _subject(subject: object) -> tuple[tuple[str, ...], Json]:
    """The names of whom it was given to, and the achievement. Raises Refused."""
    if not isinstance(subject, dict):
        raise Refused("credentialSubject", subject, "nobody and nothing is named", "an AchievementSubject")
    _of_type(subject, "AchievementSubject", "credentialSubject")
    names = []
    for one in _list(subject.get("identifier")):
        _of_type(one, "IdentityObject", "credentialSubject.identifier")
        if one.get("hashed") is False and isinstance(one.get("identityHash"), str):
            names.append(one["identityHash"])
    if isinstance(subject.get("id"), str):
        names.append(subject["id"])
    if not names:
        raise Refused("credentialSubject", "", "nothing readable says to whom it was given", "an id, or an identifier that is not hashed")  # fmt: skip
    if subject.get("source") is not None:
        _profile(subject["source"], "credentialSubject.source")
    for one in _list(subject.get("result")):
        _of_type(one, "Result", "credentialSubject.result")
    achievement = subject.get("achievement")
    if not isinstance(achievement, dict):
        raise Refused(
            "credentialSubject.achievement", achievement, "nothing says what was achieved", "an Achievement"
        )
    where = "credentialSubject.achievement"
    _of_type(achievement, "Achievement", where)
    iri(achievement.get("id"), f"{where}.id")
    for one in _list(achievement.get("resultDescription")):
        _of_type(one, "ResultDescription", f"{where}.resultDescription")
    if achievement.get("creator") is not None and not isinstance(achievement["creator"], str):
        _profile(achievement["creator"], f"{where}.creator")
    for name in ("name", "criteria"):
        if not achievement.get(name):
            raise Refused(f"{where}.{name}", "", f"an achievement without {name}", f"a {name}")
    return tuple(names), achievement


def _profile(said: object, where: str) -> None:
    """Raise Refused for what is no Profile, in itself or in what it belongs to."""
    if not isinstance(said, dict):
        raise Refused(
            where, said, "nobody is named" if said is None else "this is no Profile", "a Profile with an id"
        )
    iri(said.get("id"), f"{where}.id")
    _of_type(said, "Profile", where)
    for one in _list(said.get("otherIdentifier")):
        _of_type(one, "IdentifierEntry", f"{where}.otherIdentifier")
    if said.get("parentOrg") is not None:
        _profile(said["parentOrg"], f"{where}.parentOrg")


def _proof(proof: object) -> None:
    """Raise Refused for a credential that nobody signed, or whose key stands nowhere."""
    proofs = _list(proof)
    if not proofs:
        raise Refused("proof", "", "nobody signed it", "a proof")
    for one in proofs:
        if not isinstance(one, dict) or not one.get("proofValue"):
            raise Refused("proof", one, "this is no proof", "a proof with a proofValue")
        method = iri(one.get("verificationMethod"), "proof.verificationMethod")
        if not method.startswith(METHODS):
            raise Refused("proof.verificationMethod", method, "the key stands where nobody can find it", f"one of {', '.join(METHODS)}")  # fmt: skip


def _of_type(said: object, wanted: str, where: str) -> None:
    kinds = _texts(said.get("type")) if isinstance(said, dict) else ()
    if wanted not in kinds:
        raise Refused(where, ", ".join(kinds), f"this is no {wanted}", f"type {wanted}")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in _list(value) if isinstance(one, str))


def _list(value: object) -> Sequence[Any]:
    """One value or several, as several."""
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


COMPACT = re.compile(r"\s*[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\s*")
"""A JSON web token."""
