"""A few records as other systems hold them: xAPI statements of the learning platform, Open Badges of an academy.

They renew what their people hold anyway, so that the holes are the same with and without them. Invented throughout;
no key stands behind the badges' proofs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pilothouse.demo.dice import Dice
from pilothouse.demo.tables_out import save
from pilothouse.demo.training.holdings import SOON, Grant, Holdings

_PLATFORM = "https://learn.threerivers.example"
_ACADEMY = "https://badges.estuary-academy.example"
_STATEMENTS, _BADGES = 12, 6
_MEANINGS = ("what", "seen", "means", "level")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A document that is no evidence, on purpose. place: its number in its file, from 1."""

    file: str
    place: int
    what: str


def write_documents(folder: Path, held: Holdings) -> list[Wrong]:
    """Write statements.json, badges/ and meanings.csv; what is wrong with some of them."""
    chosen = _renewed(held)
    statements = [_statement(held, number, grant) for number, grant in enumerate(chosen[:_STATEMENTS])]
    _fail(statements[3])
    del statements[7]["timestamp"]
    _save(folder / "statements.json", statements)
    (folder / "badges").mkdir()
    badges = [_badge(held, number, grant) for number, grant in enumerate(chosen[_STATEMENTS:])]
    del badges[4]["proof"]
    for number, badge in enumerate(badges, 1):
        _save(folder / "badges" / f"badge-{number}.json", badge)
    save(folder / "meanings.csv", _MEANINGS, _meanings(chosen[_STATEMENTS:]))
    return [
        Wrong("statements.json", 4, "failed, not passed"),
        Wrong("statements.json", 8, "no moment"),
        Wrong("badges/badge-5.json", 1, "nobody signed it"),
    ]


def _renewed(held: Holdings) -> list[Grant]:
    """Entitlements of level 2 that last well beyond what any hole looks at."""
    beyond = held.crew.as_of + timedelta(days=SOON + 30)
    grants = [grant for grant in held if grant.level == 2 and grant.until > beyond]
    Dice(held.seed).at("documents", 0).shuffle(grants)
    return grants[: _STATEMENTS + _BADGES]


def _statement(held: Holdings, number: int, grant: Grant) -> Json:
    """One statement: passed an assessment under someone who may sign off."""
    dice = Dice(held.seed).at("statement", number)
    assessors = held.crew.educators if grant.skill.ladder == "user" else held.crew.leads
    day = held.crew.as_of - timedelta(days=dice.between(3, 60))
    return {
        "id": _uuid(held, "statement", number),
        "actor": {"objectType": "Agent", "account": _account(grant.person)},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": {"en": "passed"}},
        "object": {
            "objectType": "Activity",
            "id": f"{_PLATFORM}/courses/{_slug(grant)}",
            "definition": {
                "name": {"en": f"{grant.skill.name}, at the bedside"},
                "type": "http://adlnet.gov/expapi/activities/assessment",
                "extensions": {f"{_PLATFORM}/xapi/skill": grant.skill.name, f"{_PLATFORM}/xapi/level": grant.level},
            },
        },
        "result": {"success": True, "completion": True},
        "context": {"instructor": {"objectType": "Agent", "account": _account(dice.pick(sorted(assessors.values())))}},
        "timestamp": f"{day}T{dice.between(7, 16):02d}:{dice.below(60):02d}:00Z",
    }  # fmt: skip


def _fail(statement: Json) -> None:
    statement["verb"] = {"id": "http://adlnet.gov/expapi/verbs/failed", "display": {"en": "failed"}}
    statement["result"] = {"success": False, "completion": True}


def _account(person: str) -> Json:
    return {"homePage": _PLATFORM, "name": person}


def _badge(held: Holdings, number: int, grant: Grant) -> Json:
    """One badge: a certificate of an academy, with its own end."""
    start = held.crew.as_of - timedelta(days=20 + 9 * number)
    ends = start + timedelta(days=grant.skill.refresher_days)
    issuer = {"id": _ACADEMY, "type": ["Profile"], "name": "Estuary Academy of Medical Technology"}
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": f"urn:uuid:{_uuid(held, 'badge', number)}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": issuer,
        "validFrom": _moment(start),
        "validUntil": _moment(ends),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "identityHash": _mail(grant), "identityType": "emailAddress", "hashed": False}],
            "achievement": {
                "id": _achievement(grant),
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": f"Works alone: {grant.skill.name}",
                "description": "Has shown on the device, without help, what daily work with it asks for.",
                "criteria": {"narrative": "Set up, alarm, fault and cleaning, each done once under the eyes of a trainer."},
            },
        },
        "proof": [{
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": _moment(start),
            "proofPurpose": "assertionMethod",
            "verificationMethod": f"{_ACADEMY}/keys/demo",
            "proofValue": "z" + _uuid(held, "proof", number).replace("-", ""),
        }],
    }  # fmt: skip


def _meanings(badges: list[Grant]) -> Iterator[tuple[object, ...]]:
    """What the academy's names mean here: skills with their level, people by their address."""
    for grant in {_achievement(one): one for one in badges}.values():
        yield "skill", _achievement(grant), grant.skill.name, grant.level
    for grant in {one.person: one for one in badges}.values():
        yield "person", _mail(grant), grant.person, ""


def _achievement(grant: Grant) -> str:
    return f"{_ACADEMY}/achievements/{_slug(grant)}-{grant.level}"


def _mail(grant: Grant) -> str:
    return f"{grant.person}@threerivers.example"


def _slug(grant: Grant) -> str:
    return grant.skill.name.lower().replace(" ", "-")


def _moment(day: date) -> str:
    return f"{day}T00:00:00Z"


def _uuid(held: Holdings, kind: str, number: int) -> str:
    """A version 4 number of its own for each document."""
    dice = Dice(held.seed).at(f"uuid {kind}", number)
    digits = [f"{dice.below(16):x}" for _ in range(32)]
    digits[12], digits[16] = "4", dice.pick("89ab")
    text = "".join(digits)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _save(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
