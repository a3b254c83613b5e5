"""Which claim of a field counts, and by which rule. Pure; the server, imports and the engine on files decide alike.

Source of the order: the contracts of the command line ("winner"); forms of values: docs/domains/intake.md. What a person set
by hand comes before everything: docs/domains/equipment.md, "Which claim wins".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Final, Literal, NamedTuple

from pilothouse.equipment.fields import BY_NAME
from pilothouse.equipment.identifiers import (
    Identifier,
    has_other_script,
    read_host,
    read_mac,
    read_serial,
    read_tag,
    read_uid,
)
from pilothouse.equipment.makers import MakerNames
from pilothouse.equipment.model_names import is_similar_model, read_model
from pilothouse.imports.fields import Preference
from pilothouse.kernel.text import fold
from pilothouse.kernel.versions import is_known_version, version_key

NOT_COMPARED: Final = ("uid", "seen", "name")
"""Each source has its own id, its own last look, its own words for what a thing is: no conflict."""
PREFERRED_KINDS: Final[Mapping[Preference, tuple[str, ...]]] = {
    "cmms": ("cmms",),
    "network": ("network", "security"),
}
HAND: Final = "hand"
"""Key and kind of the source of what people set by hand."""
LIST: Final = "; "
"""What parts the values of a list in one text."""

_LISTS: Final[Mapping[str, Callable[[str], Identifier]]] = {
    "serial": read_serial,
    "mac": read_mac,
    "ip": Identifier,
}
_READERS: Final[Mapping[str, Callable[[str], Identifier]]] = {"serial": read_serial, "mac": read_mac, "tag": read_tag, "uid": read_uid, "host": read_host}  # fmt: skip
_NOTHING: Final = frozenset({"", "na", "n a", "none", "null", "nil", "unknown", "unk", "tbd", "tba", "not available", "not applicable", "not known", "see label", "x", "xx", "xxx", "various", "default", "undefined"})  # fmt: skip
_MOST_REMEMBERED: Final = 200_000


# --- How values compare ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """How a value compares, and what it is worth: a placeholder never wins, a last resort where nothing else is said."""

    same_as: str
    worth: Literal["real", "last resort", "placeholder"]


def compared_form(field: str, value: str) -> Form:
    """The form in which a value of a field compares that is no single identifier, maker or model; what it is worth."""
    if field in _LISTS:
        found = [_LISTS[field](part) for part in value.split(LIST)]
        if keys := sorted(one.key for one in found if one.key):
            return Form(LIST.join(keys), "real")
        says = any(one.doubt not in ("placeholder", "empty") for one in found)
        return Form(value.lower(), "last resort" if says else "placeholder")
    if field == "firmware" and is_known_version(value):
        return Form(version_key(value), "real")
    if has_other_script(value):
        return Form("".join(value.casefold().split()), "real")
    if field == "firmware":
        return Form(value.lower(), "placeholder")
    folded = fold(value)
    return Form(folded.replace(" ", "") or value, "placeholder" if folded in _NOTHING else "real")


def identified_form(field: str, value: str, found: Identifier) -> Form:
    """The form of a value that was read as one identifier, maker or model.

    What has no key is told all the same: a tag such as 7 is a tag. What is damaged, or could be anybody's, is a last resort.
    """
    if found.key:
        return Form(found.key, "real")
    if found.doubt in ("too short", "not Latin script") or (field == "tag" and found.doubt == "too plain"):
        return Form(value.lower(), "real")
    return Form(value.lower(), "placeholder" if found.doubt in ("placeholder", "empty") else "last resort")


def is_conflict(field: str, one: str, other: str) -> bool:
    """Whether two compared forms of one field are more than two ways to say it.

    Lists (serials, MACs, addresses) conflict when they have nothing in common; models when they are not similar;
    an operating system or a facility when neither says the other more fully; everything else when unequal.
    """
    if one == other:
        return False
    if field in ("mac", "ip", "serial"):
        return not set(one.split(LIST)) & set(other.split(LIST))
    if field == "model":
        return not is_similar_model(one, other)
    if field in ("os", "facility"):
        return not (one.startswith(other) or other.startswith(one))
    return True


@dataclass(slots=True)
class Forms:
    """The forms of values, each distinct one read once.

    usual: a maker's text or key to the key it counts as, where lists taught so (misspelt makers).
    """

    makers: MakerNames
    usual: Mapping[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], Form] = field(default_factory=dict)

    def of(self, field: str, value: str, maker: str = "") -> Form:
        """The form of a field's value; maker: what the same record says the maker is, by which models are read."""
        asked = (field, value, maker if field == "model" else "")
        known = self._known.get(asked)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[asked] = self._read(*asked)
        return known

    def _read(self, field: str, value: str, maker: str) -> Form:
        if field in ("seen", "name"):
            return Form(value, "real")
        if field in _READERS and not (field in _LISTS and LIST in value):
            return identified_form(field, value, _READERS[field](value))
        if field == "maker":
            key = self.usual.get(value) or self.makers.resolve(value)
            return identified_form(field, value, Identifier(key) if key else _unnamed(value))
        if field == "model":
            of_maker = self.usual.get(maker) or self.makers.resolve(maker or None)
            key = read_model(value, of_maker, maker or None)
            return identified_form(field, value, Identifier(key) if key else _unnamed(value))
        return compared_form(field, value)


def _unnamed(text: str) -> Identifier:
    return Identifier("", "not Latin script" if has_other_script(text) else "placeholder")


@cache
def usual_forms() -> Forms:
    """Forms by the makers' names that ship with the house."""
    return Forms(MakerNames.load())


# --- One field among a few claims --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """What one row says of one field: the value as it compares, and where and when it was said.

    seen: when the row was last true, None if unknown. real: False for a placeholder and for a last_resort, which is
    damaged or could be anybody's and counts where nothing better is said.
    """

    value: str
    ordinal: int
    row: int
    kind: str
    seen: datetime | None = None
    real: bool = True
    last_resort: bool = False


def winner(claims: Sequence[Claim], prefer: Preference) -> Claim | None:
    """The claim that counts for a field; None when none says anything.

    prefer: `cmms` first, `network` (or security) first, or what most sources say; then the newest, then the order
    of the command line, then of the rows.
    """
    real = [claim for claim in claims if claim.real] or [claim for claim in claims if claim.last_resort]
    if not real:
        return None
    files: Counter[str] = Counter(value for value, _ in {(claim.value, claim.ordinal) for claim in real})

    def rank(claim: Claim) -> tuple[int, float, int, int]:
        if prefer == "agreement":
            first = -files[claim.value]
        else:
            first = claim.kind not in PREFERRED_KINDS[prefer]
        return first, -claim.seen.timestamp() if claim.seen else float("inf"), claim.ordinal, claim.row

    return min(real, key=rank)


# --- All fields of a device --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What one record says of a device. kind: of its source; ordinal: of its source, each its own, the smaller one first.

    seen: ISO day or UTC time as text, "" if unknown; row: the order of records of one source; doc: field to value, filled
    ones only; aside: fields whose identifier many devices of the list share, so that it counts where nothing better is said.
    """

    id: int
    kind: str
    ordinal: int
    seen: str
    doc: Mapping[str, str]
    row: int = 0
    aside: frozenset[str] = frozenset()


class Loser(NamedTuple):
    """A claim that did not win its field. agrees: it says the same in another spelling or from another source."""

    claim: Said
    value: str
    agrees: bool
    rule: str


class Decided(NamedTuple):
    """What counts for a field. value: "" and claim None where there are placeholders only."""

    value: str
    claim: Said | None
    rule: str
    losers: tuple[Loser, ...] = ()


PLACEHOLDER: Final = "a placeholder says nothing"
LAST_RESORT: Final = "counts only where nothing better is said"
BY_HAND: Final = "set by hand"
ONLY: Final = "the only claim"
_NO_KIND: Final = {"cmms": "no CMMS row says it; the newest counts", "network": "no network or security row says it; the newest counts"}  # fmt: skip
_ASKED_FIRST: Final = {
    f.name: f"the CMMS is asked first for: {f.label.lower()}" if f.prefer == "cmms" else f"network and security lists are asked first for: {f.label}"
    for f in BY_NAME.values()
}  # fmt: skip
_BY_AGREEMENT: Final[tuple[Preference, tuple[str, ...]]] = ("agreement", ())
_PREFERENCE: Final[Mapping[str, tuple[Preference, tuple[str, ...]]]] = {
    f.name: (f.prefer, PREFERRED_KINDS.get(f.prefer, ())) for f in BY_NAME.values()
}


def decide(claims: Sequence[Said], forms: Forms | None = None) -> dict[str, Decided]:
    """For each field that any claim names: the value that counts, whose it is, by which rule, and who lost.

    The same claims in another order give the same answer.
    """
    read = forms or usual_forms()
    if len(claims) == 1:
        return {name: _only(read, claims[0], name, value) for name, value in claims[0].doc.items() if value}
    told: dict[str, list[Said]] = {}
    for claim in claims:
        for name, value in claim.doc.items():
            if value:
                told.setdefault(name, []).append(claim)
    return {
        name: _only(read, of[0], name, of[0].doc[name]) if len(of) == 1 else _among(read, of, name)
        for name, of in told.items()
    }


def _only(forms: Forms, claim: Said, name: str, value: str) -> Decided:
    if claim.kind == HAND:
        return Decided(value, claim, BY_HAND)
    if forms.of(name, value, claim.doc.get("maker", "")).worth == "placeholder":
        return Decided("", None, PLACEHOLDER, (Loser(claim, value, False, PLACEHOLDER),))
    return Decided(value, claim, ONLY)


class _Voice(NamedTuple):
    """One claim of a contested field."""

    claim: Said
    value: str
    same_as: str
    real: bool
    last_resort: bool


def _among(forms: Forms, claims: Sequence[Said], name: str) -> Decided:
    """A field of which there is more than one claim."""
    voices = [_voice(forms, claim, name) for claim in claims]
    if not any(voice.real for voice in voices):
        voices = [voice._replace(real=voice.last_resort) for voice in voices]
    real = [voice for voice in voices if voice.real]
    if not real:
        lost = tuple(Loser(v.claim, v.value, False, PLACEHOLDER) for v in _ordered(voices))
        return Decided("", None, PLACEHOLDER, lost)
    by_hand = [voice for voice in real if voice.claim.kind == HAND]
    best, rule = (_newest(by_hand), BY_HAND) if by_hand else _best(name, real)
    losers = tuple(
        Loser(v.claim, v.value, v.real and v.same_as == best.same_as, _why(v, rule))
        for v in _ordered(voices)
        if v is not best
    )
    return Decided(best.value, best.claim, rule, losers)


def _voice(forms: Forms, claim: Said, name: str) -> _Voice:
    value = claim.doc[name]
    form = forms.of(name, value, claim.doc.get("maker", ""))
    if claim.kind == HAND:
        return _Voice(claim, value, form.same_as, True, False)
    if name in claim.aside and form.worth == "real":
        return _Voice(claim, value, form.same_as, False, True)
    return _Voice(claim, value, form.same_as, form.worth == "real", form.worth == "last resort")


def _best(name: str, real: Sequence[_Voice]) -> tuple[_Voice, str]:
    """The winner among real claims, and the rule in words."""
    prefer, kinds = _PREFERENCE.get(name, _BY_AGREEMENT)
    sources = len({voice.claim.ordinal for voice in real})
    if len({voice.same_as for voice in real}) == 1:
        best = _newest(real, None if prefer == "agreement" else lambda v: v.claim.kind not in kinds)
        return best, "one source says it" if sources == 1 else f"all {sources} sources agree"
    if prefer == "agreement":
        votes = Counter(same_as for same_as, _ in {(v.same_as, v.claim.ordinal) for v in real})
        best = _newest(real, lambda v: -votes[v.same_as])
        agreeing = votes[best.same_as]
        return best, f"{agreeing} of {sources} sources agree" if agreeing > 1 else "sources differ; the newest counts"  # fmt: skip
    best = _newest(real, lambda v: v.claim.kind not in kinds)
    return best, _ASKED_FIRST[name] if best.claim.kind in kinds else _NO_KIND[prefer]


def _newest(voices: Sequence[_Voice], first: Callable[[_Voice], int] | None = None) -> _Voice:
    """By `first`, then the newest (an unknown time is the oldest), then the order of sources and of records."""
    left = voices
    if first is not None and len(left) > 1:
        places = [first(voice) for voice in left]
        best = min(places)
        left = [voice for voice, place in zip(left, places, strict=True) if place == best]
    if len(left) > 1:
        latest = max(voice.claim.seen for voice in left)
        left = [voice for voice in left if voice.claim.seen == latest]
    return left[0] if len(left) == 1 else min(left, key=lambda v: (v.claim.ordinal, v.claim.row, v.value))


def _why(voice: _Voice, rule: str) -> str:
    if voice.real:
        return rule
    return LAST_RESORT if voice.last_resort else PLACEHOLDER


def _ordered(voices: Sequence[_Voice]) -> list[_Voice]:
    return sorted(voices, key=_place)


def _place(voice: _Voice) -> tuple[int, int, int]:
    return voice.claim.ordinal, voice.claim.row, voice.claim.id
