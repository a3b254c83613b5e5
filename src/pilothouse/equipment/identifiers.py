"""Identifiers as they are compared: serials, tags, MACs and host names, whatever their spelling.

Each reader returns an `Identifier`: a canonical `key` that equals another's when both are spellings of one
identifier, or no key and the `doubt` that keeps it from ever linking anything. Pure; meant to be called once
for each distinct spelling. Source of every rule: docs/domains/intake.md, "Identifiers".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pilothouse.kernel.text import ascii_fold

Doubt = Literal["", "empty", "placeholder", "scientific notation", "too short", "too plain", "a catalogue number", "not Latin script", "not a device address"]  # fmt: skip
"""Only an empty text and a placeholder say nothing. All others are what somebody wrote, and are told as such."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A canonical key, or the doubt in words why the text identifies nothing (then `key` is empty)."""

    key: str
    doubt: Doubt = ""


NOTHING = Identifier("", "empty")

MIN_SERIAL = 3
MIN_TAG_DIGITS = 3
"""Below these lengths an identifier coincides with others too easily to identify anything."""

_SERIAL_PREFIX = re.compile(
    r"^(?:(?:MFR|MFG|OEM)[\s.]*)?"
    r"(?:S\s*[/\\]\s*N|S\.\s*N\.?|SERIAL|SERIE[NS]?|SER\.?|SN|NO\.?|NR\.?|#)"
    r"(?:\s*(?:NO|NR|NUM|NUMBER|NUMMER|#)\b\.?)?"
    r"(?:[\s.:#=_-]+|(?=\d))"
)
_PLAIN_SERIAL = re.compile(r"(?!S|NO|NR|MF|OEM)[A-HJ-NP-Z]{0,5}[1-9][0-9]{4,}[A-HJ-NP-Z]{0,3}")
_PLAIN_TAG = re.compile(r"(?!ASSET|TAG|EQ|CON|CT|ID|NO)[A-Z]{0,4}[1-9][0-9]{3,}")
"""What is its own key already, as most are: read without the long way."""
_GLUED_PREFIX = re.compile(r"^SN(?=[A-Z0-9]{6,}$)(?=(?:[A-Z]*[0-9]){4})", re.IGNORECASE)
"""`SNDE12340`: taken off every such serial alike, so that one that truly begins so still equals itself."""
_CATALOGUE = re.compile(r"^(?:REF|CAT|P/?N|MODEL|MDL|LOT|GTIN|UDI)\b[\s.:#-]*(?:NO\b)?", re.IGNORECASE)
"""What follows is printed on every device of a kind: no serial."""
_TAG_PREFIX = re.compile(r"^(?:ASSET|TAG|EQUIP(?:MENT)?|CONTROL|CTRL|ID|NO|#)\.?(?:[\s.:#=_-]+|(?=\d))")
_NOT_ALNUM = re.compile(r"[^A-Z0-9]+")
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[Ee]\s*\+\s*\d{1,3}$|^[+-]?\d[.,]\d+[Ee]\d{1,3}$")
_FLOAT_TAIL = re.compile(r"^(\d+)[.,]0+$")
_SPELT_ALIKE = str.maketrans("OI", "01")
_PLACEHOLDER_WORDS = frozenset(
    [
        "NA",
        "NONE",
        "NULL",
        "NIL",
        "UNKNOWN",
        "UNK",
        "UNKN",
        "UNKNWN",
        "UKNOWN",
        "TBD",
        "TBA",
        "TBC",
        "PENDING",
        "NOTAVAILABLE",
        "NOTAPPLICABLE",
        "NOTFOUND",
        "NOTVISIBLE",
        "NOTREADABLE",
        "NOTLEGIBLE",
        "NOTASSIGNED",
        "NOTSET",
        "NOTSPECIFIED",
        "NOTPROVIDED",
        "NOTRECORDED",
        "UNREADABLE",
        "ILLEGIBLE",
        "MISSING",
        "BLANK",
        "EMPTY",
        "NOSERIAL",
        "NOSERIALNUMBER",
        "NOSERIALNO",
        "NOSN",
        "NOSER",
        "NOTAG",
        "UNTAGGED",
        "NOTTAGGED",
        "SEELABEL",
        "SEENOTE",
        "SEENOTES",
        "SEEDEVICE",
        "VARIOUS",
        "MULTIPLE",
        "MULTI",
        "OTHER",
        "DEFAULT",
        "TEST",
        "TESTING",
        "DUMMY",
        "SERIAL",
        "SERIALNUMBER",
        "SERIALNO",
        "NUMBER",
        "NAN",
        "XX",
        "TOBEFILLEDBYOEM",
        "DEFAULTSTRING",
        "SYSTEMSERIALNUMBER",
        "CHASSISSERIALNUMBER",
        "OEM",
        "INVALID",
        "ERROR",
        "REF",
        "VALUE",
        "UNBEKANNT",
        "OHNE",
        "KEINE",
        "KEIN",
        "KA",
        "INCONNU",
        "DESCONOCIDO",
        "SINSERIE",
        "SINNUMERO",
        "SN",
        "NOTKNOWN",
        "NONUMBER",
        "NODATA",
        "UNDEFINED",
        "WORNOFF",
    ]
)
_COUNTED_UP = ("01234567890123456789", "98765432109876543210", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MAC = re.compile(r"[0-9a-f]{12}")
_HEX = re.compile(r"[^0-9a-f]")
_SHARED_MACS = ("00005e0001", "00005e0002", "00000c07ac", "00000c9ff", "0242", "3333", "020054554e4b")
"""Virtual router addresses (VRRP, HSRP), containers' bridges, IPv6 multicast: held by no device of their own."""
_HOST_NOTHING = frozenset(["HOST", "HOSTNAME"])
_HOST_PLAIN = frozenset(["LOCALHOST", "LOCALDOMAIN", "NEW", "DESKTOP", "LAPTOP", "WORKGROUP"])
"""Names that every fresh machine has."""
_ADDRESS = re.compile(r"^[0-9.]+$|^[0-9a-fA-F]*:[0-9a-fA-F:]+$")
_HOST_PARTS = re.compile(r"[^A-Z0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_FIRST_ZEROS = re.compile(r"^0+(?=[0-9]|$)")


def _is_placeholder(key: str) -> bool:
    """Words for "nothing", no letter or digit, or only zeros and crosses."""
    return key in _PLACEHOLDER_WORDS or (set(key) <= {"0", "X"} and (len(set(key)) <= 1 or len(key) >= 4))


def _is_plain(key: str) -> bool:
    """One character repeated, or counting up or down from an end of the keyboard: somebody's tag, and anybody's filler."""
    return len(set(key)) <= 1 or (
        len(key) >= 4
        and key.startswith(("0123", "1234", "9876", "ABC"))
        and any(key in run for run in _COUNTED_UP)
    )


def _doubt(key: str) -> Doubt:
    """Why a text of these letters and digits identifies nothing; empty if it may."""
    return "placeholder" if _is_placeholder(key) else "too plain" if _is_plain(key) else ""


def _unreadable(text: str | None) -> Identifier:
    """What has no letter or digit of the Latin script: nothing, or a word in another one."""
    return Identifier("", "not Latin script") if has_other_script(text) else NOTHING


def has_other_script(text: str | None) -> bool:
    """Whether a text has letters or digits that have no counterpart in the Latin script."""
    return text is not None and not text.isascii() and any(c.isalnum() and not ascii_fold(c) for c in text)


def is_scientific(text: str) -> bool:
    """A spreadsheet has turned the digits into `1.23457E+11`: the last ones are lost."""
    return _SCIENTIFIC.match(text.strip()) is not None


def _letters_like_digits(text: str) -> str:
    """O for 0, I and small l for 1: only where digits stand too, and `l` only where no other small letter does."""
    small = [c for c in text if c.islower()]
    if small and set(small) == {"l"}:
        text = text.replace("l", "1")
    return text.upper().translate(_SPELT_ALIKE)


def read_serial(text: str | None) -> Identifier:
    """A serial number without prefix, punctuation and case; O as 0 and I as 1; without zeros before its first digit.

    `"S/N: 00l2-34O"` and `"12340"` have one key. Placeholders, scientific notation, what anybody may have typed
    (`"12345"`) and fewer than three characters have none.
    """
    if text is None or not (plain := ascii_fold(text).strip()):
        return _unreadable(text)
    if _PLAIN_SERIAL.fullmatch(plain) and not _doubt(plain):
        return Identifier(plain)
    if is_scientific(plain):
        return Identifier("", "scientific notation")
    whole = _FLOAT_TAIL.match(plain)
    plain = whole.group(1) if whole else plain
    words = _NOT_ALNUM.sub("", plain.upper())
    if not words:
        return Identifier("", "not Latin script" if has_other_script(text) else "placeholder")
    if doubt := _doubt(words):
        return Identifier("", doubt)
    if _CATALOGUE.match(plain):
        return Identifier("", "a catalogue number")
    while (prefix := _SERIAL_PREFIX.match(plain.upper())) and _DIGITS.search(plain, prefix.end()):
        plain = plain[prefix.end() :]
    while _GLUED_PREFIX.match(_NOT_ALNUM.sub("", plain.upper())) and plain[:2].upper() == "SN":
        plain = plain[2:]
    if not _DIGITS.search(plain):
        return _of_letters(words, plain[prefix.end() :] if prefix else plain)
    key = _NOT_ALNUM.sub("", _letters_like_digits(plain))
    key = _FIRST_ZEROS.sub("", key)
    if doubt := _doubt(key):
        return Identifier("", doubt)
    return Identifier(key) if len(key) >= MIN_SERIAL else Identifier("", "too short")


def _of_letters(words: str, without_prefix: str) -> Identifier:
    """A serial without a digit: a long one may be one (`MXKLQWE`), `SN: N/A` is a placeholder."""
    if _is_placeholder(_NOT_ALNUM.sub("", without_prefix.upper())):
        return Identifier("", "placeholder")
    return Identifier(words) if len(words) >= 6 else Identifier("", "too plain")


def read_tag(text: str | None) -> Identifier:
    """An asset tag without the words around it, punctuation, case and leading zeros of its number.

    `"Tag # A-004711"` and `"A4711"` have one key. `"7"`, `"12345"` and `"STAND"` have none: they are tags, and too many
    lists have them.
    """
    if text is None or not (plain := ascii_fold(text).strip().upper()):
        return _unreadable(text)
    if _PLAIN_TAG.fullmatch(plain) and not _doubt(plain):
        return Identifier(plain)
    if is_scientific(plain):
        return Identifier("", "scientific notation")
    whole = _FLOAT_TAIL.match(plain)
    plain = whole.group(1) if whole else plain
    while (prefix := _TAG_PREFIX.match(plain)) and _DIGITS.search(plain, prefix.end()):
        plain = plain[prefix.end() :]
    key = _NOT_ALNUM.sub("", plain)
    if not key and has_other_script(text):
        return Identifier("", "not Latin script")
    if _is_placeholder(key) or (prefix and _is_placeholder(_NOT_ALNUM.sub("", plain[prefix.end() :]))):
        return Identifier("", "placeholder")
    key = _LEADING_ZEROS.sub("", key)
    if len(key) < MIN_SERIAL:
        return Identifier("", "too short")
    if _is_plain(key) or not _DIGITS.search(key):
        return Identifier("", "too plain")
    return Identifier(key) if len(key) >= MIN_SERIAL else Identifier("", "too short")


def read_mac(text: str | None) -> Identifier:
    """A MAC address as twelve small hexadecimal digits.

    All zeros, broadcast, multicast, virtual router and container addresses belong to no device. Locally
    administered addresses stay: many adapters are set so, and one that many rows share loses its weight.
    """
    if text is None or not text.strip():
        return NOTHING
    key = text.lower().replace(":", "")
    if not _MAC.fullmatch(key):
        key = _HEX.sub("", key)
    if len(key) != 12:
        return Identifier("", "not a device address")
    if len(set(key)) == 1:
        return Identifier("", "placeholder")
    multicast = int(key[1], 16) & 1
    if multicast or key.startswith(_SHARED_MACS) or key[6:] in ("000000", "ffffff"):
        return Identifier("", "not a device address")
    if key in ("001122334455", "123456789abc", "0123456789ab", "aabbccddeeff"):
        return Identifier("", "placeholder")
    return Identifier(key)


def read_uid(text: str | None) -> Identifier:
    """Another system's own id, if it is long enough to mean the same wherever it stands (running numbers are not)."""
    if text is None or not text.strip():
        return NOTHING
    key = _NOT_ALNUM.sub("", ascii_fold(text).upper())
    if not key:
        return _unreadable(text) if has_other_script(text) else Identifier("", "placeholder")
    if doubt := _doubt(key):
        return Identifier("", doubt)
    return Identifier(key) if len(key) >= 8 and _DIGITS.search(key) else Identifier("", "too short")


def read_host(text: str | None) -> Identifier:
    """A host name's first label in capitals: `"Pump-17.icu.example.org"` becomes `"PUMP-17"`.

    Addresses and names that every fresh machine has identify nothing.
    """
    if text is None or not (plain := ascii_fold(text).strip()):
        return _unreadable(text)
    if _ADDRESS.match(plain):
        return Identifier("", "not a device address")
    label = plain.replace("\\", ".").split(".")[0].upper().strip("-_ ")
    if doubt := "placeholder" if label in _HOST_NOTHING else _doubt(_NOT_ALNUM.sub("", label)):
        return Identifier("", doubt)
    if label in _HOST_PLAIN:
        return Identifier("", "too plain")
    return Identifier(label) if len(label) >= MIN_SERIAL else Identifier("", "too short")


def tag_number(key: str) -> str:
    """The longest run of digits of a tag's key, from which a host name may have been made; empty if too short."""
    longest = max(_DIGITS.findall(key), key=len, default="").lstrip("0")
    return longest if len(longest) >= MIN_TAG_DIGITS else ""


def tags_in_host(label: str) -> tuple[str, ...]:
    """What may be an asset tag inside a host name's label, as tags' keys; whether there is such a tag is another question.

    `"ICU-MON-A004711"` gives, among others, `"A4711"` and `"4711"`.
    """
    parts = _HOST_PARTS.split(label)
    if len(parts) > 1:
        parts.append("".join(parts))
    found: dict[str, None] = {}
    for part in parts:
        if start := _DIGITS.search(part):
            found[_LEADING_ZEROS.sub("", part)] = None
            found[_LEADING_ZEROS.sub("", part[start.start() :])] = None
            found[tag_number(part)] = None
    return tuple(candidate for candidate in found if len(candidate) >= MIN_SERIAL)


def one_slip(left: str, right: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns one key into the other.

    Equal keys are none. Source: the contracts of the command line, "contradiction".
    """
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    if len(left) > len(right):
        left, right = right, left
    start = 0
    while start < len(left) and left[start] == right[start]:
        start += 1
    if len(left) < len(right):
        return left[start:] == right[start + 1 :]
    swapped = right[start + 1 : start + 2] + right[start : start + 1]
    return left[start + 1 :] == right[start + 1 :] or (
        left[start : start + 2] == swapped and left[start + 2 :] == right[start + 2 :]
    )
