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

Doubt = Literal["", "empty", "placeholder", "scientific notation", "too short", "not a device address"]


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
        "DEMO",
        "SAMPLE",
        "DUMMY",
        "LOANER",
        "RENTAL",
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
        "LOST",
        "WORNOFF",
    ]
)
_COUNTED_UP = ("01234567890123456789", "98765432109876543210", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MAC = re.compile(r"[0-9a-f]{12}")
_HEX = re.compile(r"[^0-9a-f]")
_SHARED_MACS = ("00005e0001", "00005e0002", "00000c07ac", "00000c9ff", "0242", "3333", "020054554e4b")
"""Virtual router addresses (VRRP, HSRP), containers' bridges, IPv6 multicast: held by no device of their own."""
_HOST_WORDS = frozenset(
    [
        "LOCALHOST",
        "LOCALDOMAIN",
        "UNKNOWN",
        "NONE",
        "NA",
        "NULL",
        "HOST",
        "HOSTNAME",
        "DEFAULT",
        "NEW",
        "DESKTOP",
        "LAPTOP",
        "WORKGROUP",
    ]
)
_ADDRESS = re.compile(r"^[0-9.]+$|^[0-9a-fA-F]*:[0-9a-fA-F:]+$")
_HOST_PARTS = re.compile(r"[^A-Z0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_FIRST_ZEROS = re.compile(r"^0+(?=[0-9]|$)")


def _is_placeholder(key: str) -> bool:
    """Words for "nothing", one character repeated, or counting up or down from an end of the keyboard."""
    if key in _PLACEHOLDER_WORDS or len(set(key)) <= 1:
        return True
    if len(key) >= 4 and set(key) <= {"0", "X"}:
        return True
    return len(key) >= 4 and (
        key.startswith(("0123", "1234", "9876", "ABC")) and any(key in run for run in _COUNTED_UP)
    )


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

    `"S/N: 00l2-34O"` and `"12340"` have one key. Placeholders, scientific notation and fewer than three
    characters have none.
    """
    if text is None or not (plain := ascii_fold(text).strip()):
        return NOTHING
    if _PLAIN_SERIAL.fullmatch(plain) and not _is_placeholder(plain):
        return Identifier(plain)
    if is_scientific(plain):
        return Identifier("", "scientific notation")
    whole = _FLOAT_TAIL.match(plain)
    plain = whole.group(1) if whole else plain
    words = _NOT_ALNUM.sub("", plain.upper())
    if not words or _is_placeholder(words) or _CATALOGUE.match(plain):
        return Identifier("", "placeholder")
    while (prefix := _SERIAL_PREFIX.match(plain.upper())) and _DIGITS.search(plain, prefix.end()):
        plain = plain[prefix.end() :]
    while _GLUED_PREFIX.match(_NOT_ALNUM.sub("", plain.upper())) and plain[:2].upper() == "SN":
        plain = plain[2:]
    if not _DIGITS.search(plain):
        return Identifier(words) if len(words) >= 6 else Identifier("", "placeholder")
    key = _NOT_ALNUM.sub("", _letters_like_digits(plain))
    key = _FIRST_ZEROS.sub("", key)
    if not key or _is_placeholder(key):
        return Identifier("", "placeholder")
    return Identifier(key) if len(key) >= MIN_SERIAL else Identifier("", "too short")


def read_tag(text: str | None) -> Identifier:
    """An asset tag without the words around it, punctuation, case and leading zeros of its number.

    `"Tag # A-004711"` and `"A4711"` have one key.
    """
    if text is None or not (plain := ascii_fold(text).strip().upper()):
        return NOTHING
    if _PLAIN_TAG.fullmatch(plain) and not _is_placeholder(plain):
        return Identifier(plain)
    if is_scientific(plain):
        return Identifier("", "scientific notation")
    whole = _FLOAT_TAIL.match(plain)
    plain = whole.group(1) if whole else plain
    while (prefix := _TAG_PREFIX.match(plain)) and _DIGITS.search(plain, prefix.end()):
        plain = plain[prefix.end() :]
    key = _NOT_ALNUM.sub("", plain)
    if not _DIGITS.search(key):
        return Identifier("", "placeholder")
    key = _LEADING_ZEROS.sub("", key)
    if _is_placeholder(key) or key == "0":
        return Identifier("", "placeholder")
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
    multicast = int(key[1], 16) & 1
    if multicast or len(set(key)) == 1 or key.startswith(_SHARED_MACS) or key[6:] in ("000000", "ffffff"):
        return Identifier("", "not a device address")
    if key in ("001122334455", "123456789abc", "0123456789ab", "aabbccddeeff"):
        return Identifier("", "placeholder")
    return Identifier(key)


def read_uid(text: str | None) -> Identifier:
    """Another system's own id, if it is long enough to mean the same wherever it stands (running numbers are not)."""
    if text is None or not text.strip():
        return NOTHING
    key = _NOT_ALNUM.sub("", ascii_fold(text).upper())
    if _is_placeholder(key):
        return Identifier("", "placeholder")
    return Identifier(key) if len(key) >= 8 and _DIGITS.search(key) else Identifier("", "too short")


def read_host(text: str | None) -> Identifier:
    """A host name's first label in capitals: `"Pump-17.icu.example.org"` becomes `"PUMP-17"`.

    Addresses and names that every fresh machine has identify nothing.
    """
    if text is None or not (plain := ascii_fold(text).strip()):
        return NOTHING
    if _ADDRESS.match(plain):
        return Identifier("", "not a device address")
    label = plain.replace("\\", ".").split(".")[0].upper().strip("-_ ")
    if not label or label in _HOST_WORDS or _is_placeholder(_NOT_ALNUM.sub("", label)):
        return Identifier("", "placeholder")
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
