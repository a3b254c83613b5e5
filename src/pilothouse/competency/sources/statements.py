"""One xAPI statement as evidence, or the reason why it is none.

Checked as far as it says who did what, when, and with what outcome: xAPI 1.0.3 and 2.0 (IEEE 9274.1.1), "Data".
Source: docs/domains/competency.md, "Statements and badges".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote

from pilothouse.kernel import values

Json = Mapping[str, Any]
"""An object out of a JSON document; anything may stand in it."""

DONE = frozenset({"passed", "completed", "mastered", "earned", "achieved", "certified"})
"""Last words of the verbs that say that somebody can do something."""
ASSESSING = frozenset({"assessment", "performance", "simulation", "checklist"})
"""Last words of the types of activity that are an assessment, if an instructor is named."""
INTERACTIONS = frozenset({"true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric", "other"})  # fmt: skip
_IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_MAIL = re.compile(r"mailto:[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


class Refused(Exception):
    """The document is no evidence: where it is wrong, what stands there, what is wrong, what would be right."""

    def __init__(self, column: str, value: object, problem: str, expected: str) -> None:
        super().__init__(problem)
        self.column, self.value, self.problem, self.expected = column, value, problem, expected


@dataclass(frozen=True, slots=True)
class Said:
    """What a document says. names: of the person, the most certain first; thing: what was learnt, by its own name."""

    names: tuple[str, ...]
    thing: str
    level: int | None
    kind: str
    got: date
    expires: date | None = None
    assessor: tuple[str, ...] = ()


def statement(document: Json) -> Said:
    """A statement as evidence. Raises Refused."""
    actor = _object(document, "actor", "who did it: an Agent")
    if actor.get("objectType", "Agent") != "Agent":
        raise Refused("actor", actor.get("objectType"), "a group is no single person", "an Agent")
    names = agent(actor, "actor")
    verb = _object(document, "verb", "a verb with an id")
    verb_id = iri(verb.get("id"), "verb.id")
    language_map(verb.get("display"), "verb.display")
    target = _object(document, "object", "an Activity with an id")
    if target.get("objectType", "Activity") != "Activity":
        raise Refused("object", target.get("objectType"), "this is about no activity", "an Activity")
    thing = iri(target.get("id"), "object.id")
    kind = _definition(target)
    context = document.get("context") or {}
    _context(context)
    done = last_word(verb_id).lower()
    if done not in DONE:
        raise Refused("verb.id", verb_id, f"{done!r} does not say that anything can be done", f"one of {', '.join(sorted(DONE))}")  # fmt: skip
    result = document.get("result") or {}
    _result(result)
    if result.get("success") is False or result.get("completion") is False:
        raise Refused("result", "false", "without success, or not completed", "success and completion true, or unsaid")  # fmt: skip
    got = document.get("timestamp") or document.get("stored")
    instructor = context.get("instructor")
    assessor = agent(instructor, "context.instructor") if isinstance(instructor, dict) else ()
    definition = target.get("definition") or {}
    level = extension("level", definition, context, result)
    skill = extension("skill", definition, context, result)
    return Said(names, str(skill) if skill else thing, level_of(level), "assessment" if kind in ASSESSING and assessor else "course", day_of(got, "timestamp"), None, assessor)  # fmt: skip


def agent(said: object, where: str) -> tuple[str, ...]:
    """The names of an Agent: account name, mail address, openid or hash. Raises Refused."""
    if not isinstance(said, dict):
        raise Refused(where, said, "this is no Agent", "an object with mbox, mbox_sha1sum, openid or account")
    given = [name for name in _IDENTIFIERS if name in said]
    if len(given) != 1:
        problem = "nothing says who this is" if not given else f"{' and '.join(given)} at once"
        raise Refused(
            where, said.get("name", ""), problem, "exactly one of mbox, mbox_sha1sum, openid, account"
        )
    value = said[given[0]]
    if given[0] == "account":
        if (
            not isinstance(value, dict)
            or not _is_text(value.get("name"))
            or not _is_text(value.get("homePage"))
        ):
            raise Refused(f"{where}.account", value, "an account without a name or a home page", "homePage and name")  # fmt: skip
        iri(value["homePage"], f"{where}.account.homePage")
        return (f"{value['homePage']}::{value['name']}", value["name"])
    if not _is_text(value) or (given[0] == "mbox" and not _MAIL.fullmatch(value)):
        raise Refused(f"{where}.{given[0]}", value, "this names nobody", "mailto: and an address" if given[0] == "mbox" else "a text")  # fmt: skip
    return (value.removeprefix("mailto:"), value) if given[0] == "mbox" else (value,)


def iri(value: object, where: str) -> str:
    """An IRI. Raises Refused."""
    if not isinstance(value, str) or not _IRI.fullmatch(value):
        raise Refused(where, value, "this is no IRI" if value is not None else "it is missing", "an IRI such as https://example.org/pump")  # fmt: skip
    return value


def language_map(value: object, where: str) -> None:
    """A map of languages to texts, or nothing. Raises Refused."""
    if value is None:
        return
    if not isinstance(value, dict) or not all(_LANGUAGE.fullmatch(str(key)) and isinstance(text, str) for key, text in value.items()):  # fmt: skip
        raise Refused(where, value, "this is no map of languages to texts", '{"en": "a text"}')


def last_word(name: str) -> str:
    """The last part of an IRI: behind the last #, / or :."""
    return unquote(re.split(r"[#/:]", name.rstrip("#/:"))[-1])


def extension(word: str, *where: Json) -> object:
    """The value of an extension whose IRI ends in a word."""
    for one in where:
        extensions = one.get("extensions")
        for name, value in extensions.items() if isinstance(extensions, dict) else ():
            if last_word(str(name)).lower() == word:
                return value
    return None


def level_of(value: object) -> int | None:
    """A level as a whole number from 1, or None where nothing is said. Raises Refused."""
    if value is None:
        return None
    text = str(value)
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise Refused("level", value, "this is no level", "a whole number from 1 on")
    return int(text)


def day_of(value: object, where: str) -> date:
    """The day of a moment. Raises Refused."""
    if not isinstance(value, str):
        raise Refused(where, value, "no moment is given" if value is None else "this is no moment", "such as 2026-11-02T07:30:00Z")  # fmt: skip
    try:
        return values.moment(value).date()
    except values.Unusable as wrong:
        raise Refused(where, value, wrong.problem, wrong.expected) from None


def _object(document: Json, name: str, expected: str) -> Json:
    value = document.get(name)
    if not isinstance(value, dict):
        raise Refused(name, value, f"there is no {name}" if value is None else f"this is no {name}", expected)
    return value


def _definition(target: Json) -> str:
    """The last word of the activity's type, lower case. Raises Refused for a definition that is none."""
    definition = target.get("definition")
    if definition is None:
        return ""
    if not isinstance(definition, dict):
        raise Refused("object.definition", definition, "this is no definition", "an object")
    language_map(definition.get("name"), "object.definition.name")
    language_map(definition.get("description"), "object.definition.description")
    interaction = definition.get("interactionType")
    if interaction is not None and (not isinstance(interaction, str) or interaction not in INTERACTIONS):
        raise Refused("object.definition.interactionType", interaction, "this is no type of interaction", f"one of {', '.join(sorted(INTERACTIONS))}")  # fmt: skip
    for name in ("choices", "scale", "source", "target", "steps"):
        for part in definition.get(name) or ():
            language_map(
                part.get("description") if isinstance(part, dict) else part, f"object.definition.{name}"
            )
    kind = definition.get("type")
    return last_word(iri(kind, "object.definition.type")).lower() if kind is not None else ""


def _context(context: object) -> None:
    """Raise Refused for a context that is none, or names an activity without an id."""
    if not isinstance(context, dict):
        raise Refused("context", context, "this is no context", "an object")
    groups = context.get("contextActivities") or {}
    for name, group in groups.items() if isinstance(groups, dict) else (("contextActivities", groups),):
        for one in group if isinstance(group, list) else [group]:
            if not isinstance(one, dict):
                raise Refused(f"context.contextActivities.{name}", one, "this is no activity", "an object with an id")  # fmt: skip
            iri(one.get("id"), f"context.contextActivities.{name}.id")


def _result(result: object) -> None:
    if not isinstance(result, dict) or any(not isinstance(result.get(name, True), bool) for name in ("success", "completion")):  # fmt: skip
        raise Refused("result", result, "this is no result", "success and completion true or false")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
