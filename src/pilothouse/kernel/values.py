"""One cell's text as a value: MAC and IP addresses, serial numbers, dates. Amounts: `kernel.amounts`.

Every parser takes the stripped text of a filled cell and returns its value, or raises Unusable with what is
wrong and what would be right; nothing is mended in silence. Whole columns: `kernel.columns`.
Source of the rules: docs/domains/imports.md, "Values".
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

Shape = Literal["text", "identifier", "serials", "macs", "ips", "moment", "amount"]
"""What the texts of a column are read as."""


class Unusable(ValueError):
    """A cell whose text cannot be the value it should be."""

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = expected


EMPTY_WORDS = frozenset({"", "-", "--", "---", "?", ".", "n/a", "na", "n.a.", "none", "null", "nil", "nan", "nat", "unknown", "tbd", "#n/a", "[]", "0000-00-00"})  # fmt: skip
"""Texts that stand for no value in a column of addresses, dates or amounts, in lower case.

A serial number that reads `UNKNOWN` is kept: whether it may link is not for a reader to decide.
"""


def is_empty(text: str) -> bool:
    """Whether a cell of addresses, dates or amounts says in words that it holds none."""
    return text.lower() in EMPTY_WORDS


def listed(text: str) -> list[str] | None:
    """The texts of a JSON array in a cell, or None if the cell is no JSON array."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [str(item).strip() for item in items if item is not None and str(item).strip()]


# --- MAC addresses -----------------------------------------------------------------------------------------

_MAC = re.compile(
    r"[0-9a-f]{2}(?P<sep>[:-])[0-9a-f]{2}(?:(?P=sep)[0-9a-f]{2}){4}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12}",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[;,|\s]+")
_NOT_HEX = str.maketrans("", "", ":-.")


def macs(text: str) -> list[str]:
    """MAC addresses of a cell, each as `aa:bb:cc:dd:ee:ff`, in their order, each once.

    Notations: aa:bb:cc:dd:ee:ff, aa-bb-cc-dd-ee-ff, aabb.ccdd.eeff, aabbccddeeff; several parted by
    `;` `,` `|` or blanks, or a JSON array.
    """
    items = listed(text)
    found = []
    for part in _PARTS.split(text) if items is None else items:
        if part and not is_empty(part):
            found.append(_mac(part))
    return list(dict.fromkeys(found))


def _mac(part: str) -> str:
    if not _MAC.fullmatch(part):
        raise Unusable(f"{part!r} is no MAC address", "twelve hexadecimal digits such as 00:1a:2b:3c:4d:5e")
    digits = part.translate(_NOT_HEX).lower()
    return ":".join((digits[0:2], digits[2:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12]))


# --- IP addresses ------------------------------------------------------------------------------------------

_V4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}")


def ips(text: str) -> list[str]:
    """IP addresses of a cell in canonical form, v4 or v6; a prefix length or zone behind it is dropped."""
    if _V4.fullmatch(text):
        return [text]
    items = listed(text)
    found = []
    for part in _PARTS.split(text) if items is None else items:
        if part and not is_empty(part):
            found.append(_ip(part))
    return list(dict.fromkeys(found))


def _ip(part: str) -> str:
    bare = part.split("/", 1)[0].split("%", 1)[0].strip("[]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise Unusable(f"{part!r} is no IP address", "an address such as 10.20.30.40 or fe80::1") from None


# --- Identifiers -------------------------------------------------------------------------------------------

SCIENTIFIC = r"^\d(?:[.,]\d+[eE]\+?|[eE]\+)\d{1,3}$"
_SCIENTIFIC = re.compile(SCIENTIFIC)
SERIAL_SEPARATORS = r"[;|,/\n\r&\[]|\S{3}\s+\S{3}"
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_SURE = re.compile(r"[;|\n\r]+")
_WORDS = re.compile(r"\s+(?:and|und|et|y|&|/|\+)\s+", re.IGNORECASE)


def scientific() -> Unusable:
    """What a number like 1.23457E+11 in an identifier column means."""
    return Unusable(
        "a spreadsheet turned it into scientific notation, digits are lost; the value is not used",
        "the identifier as text, from the device or the original list",
    )


def identifier(text: str) -> str:
    """An identifier letter by letter; one that a spreadsheet turned into 1.2E+11 is unusable."""
    if _SCIENTIFIC.match(text):
        raise scientific()
    return text


def serials(text: str) -> list[str]:
    """Serial numbers of a cell, in their order, each once.

    A JSON array; else parted at `;` `|` line breaks; at a comma, ` / `, ` & `, ` and ` where each part holds
    a digit and three characters; at a bare slash or a blank only between numbers of one shape that begin
    alike (AB12345/AB12346) or are three at least, because 2019/00451 is one serial. Dashes never part.
    """
    items = listed(text)
    parts = items if items is not None else _serial_parts(text)
    if any(_SCIENTIFIC.match(part) for part in parts):
        raise scientific()
    return list(dict.fromkeys(parts))


def _serial_parts(text: str) -> list[str]:
    sure = [part.strip() for part in _SURE.split(text) if part.strip()]
    return [piece for part in sure for piece in _careful(part)] or [text]


def _careful(part: str) -> list[str]:
    """Parted at weaker separators, if every piece still reads as a serial number."""
    by_word = [piece.strip() for piece in _WORDS.split(part)]
    if len(by_word) > 1 and all(map(_is_serial_like, by_word)):
        return [piece for word in by_word for piece in _by_comma(word)]
    return _by_comma(part)


def _by_comma(part: str) -> list[str]:
    if "," in part and not _THOUSANDS.fullmatch(part) and not _SCIENTIFIC.match(part):
        pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
        if pieces and all(map(_is_serial_like, pieces)):
            return [found for piece in pieces for found in _by_slash(piece)]
    return _by_slash(part)


def _by_slash(part: str) -> list[str]:
    for separator in ("/", None):
        pieces = [piece.strip() for piece in part.split(separator) if piece.strip()]
        if len(pieces) > 1 and _are_alike(pieces):
            return pieces
    return [part]


def _are_alike(pieces: list[str]) -> bool:
    """Whether these read as serial numbers of one kind: one shape of five characters or more, one beginning."""
    if len(pieces[0]) < 5 or not any(c.isdigit() for c in pieces[0]) or len({_shape(p) for p in pieces}) > 1:
        return False
    return len(pieces) > 2 or len({piece[:2] for piece in pieces}) == 1


def _is_serial_like(piece: str) -> bool:
    return len(piece) >= 3 and any(c.isdigit() for c in piece)


def _shape(piece: str) -> str:
    return "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in piece)


# --- Dates -------------------------------------------------------------------------------------------------

_TIME = r"(?:[T@,\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"  # fmt: skip
_ISO = re.compile(rf"(?P<year>\d{{4}})(?P<s>[-/.])(?P<month>\d{{1,2}})(?P=s)(?P<day>\d{{1,2}}){_TIME}$")
_COMPACT = re.compile(rf"(?P<year>(?:19|20)\d{{2}})(?P<month>[01]\d)(?P<day>[0-3]\d){_TIME}$")
_NUMERIC = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<s>[-/.])\s?(?P<second_part>\d{{1,2}})(?P=s)\s?(?P<year>\d{{4}}|\d{{2}}){_TIME}$"
)
_DAY_WORD = re.compile(
    rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<day>\d{{1,2}})\.?[\s-](?P<name>[^\W\d_]{{3,10}})\.?,?[\s-](?P<year>\d{{4}}|\d{{2}}){_TIME}$"
)
_WORD_DAY = re.compile(
    rf"(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}$"
)
_SERIAL_DAY = re.compile(r"\d{5}(?:[.,]\d+)?$")
_EPOCH = re.compile(r"(?P<seconds>1\d{9})(?:\d{3}|\.\d+)?$")
_MONTHS = {name: i + 1 for i, names in enumerate((
    "jan januar january janv janvier ene enero", "feb februar february fev fevrier febrero", "mar mrz marz maerz march mars marzo",
    "apr april avr avril abr abril", "may mai mayo", "jun juni june juin junio", "jul juli july juil juillet julio",
    "aug august aout ago agosto", "sep sept september septembre septiembre", "oct okt october oktober octobre octubre",
    "nov november novembre noviembre", "dec dez december dezember decembre dic diciembre",
)) for name in names.split()}  # fmt: skip
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1950, 2100
EXPECTED_DATE = "a date such as 2024-11-02"


@dataclass(frozen=True, slots=True)
class DateOrder:
    """Whether 03/04/2024 is the third of April where this separator stands, and how we know.

    sure: some date decides it. agree, contradict: dates that can only be read in this order, or in the other.
    """

    separator: str
    day_first: bool
    sure: bool
    agree: int
    contradict: int


def date_orders(texts: Iterable[str], *, day_first_hint: bool = False) -> list[DateOrder]:
    """The order of day and month in a column, for each separator that leaves it open, from its distinct texts.

    A first number above 12 speaks for the day, a second one for the month; the majority decides. Where none
    does: a dot means day first; a slash or a dash what the file's other habits suggest, and that is not sure.
    """
    day: Counter[str] = Counter()
    month: Counter[str] = Counter()
    either: Counter[str] = Counter()
    for text in texts:
        match = _NUMERIC.match(text)
        if match is not None:
            first, second = int(match["first"]), int(match["second_part"])
            counter = day if first > 12 >= second else month if second > 12 >= first else either
            counter[match["s"]] += first != second
    orders = []
    for mark in sorted({*day, *month, *either}):
        usual = mark == "." or day_first_hint
        is_day = day[mark] > month[mark] if day[mark] != month[mark] else usual
        agree, contradict = (day[mark], month[mark]) if is_day else (month[mark], day[mark])
        sure = agree != contradict or mark == "." or not either[mark]
        orders.append(DateOrder(mark, is_day, sure, agree, contradict))
    return orders


def moment(text: str, *, day_first: str = "") -> datetime:
    """A date or a time as seconds of UTC; a date is its midnight, a time without a zone is taken as UTC.

    Kinds: ISO 8601 (with offset), day and month in the order of the column, month names, Excel's serial
    days (five digits), seconds or milliseconds since 1970. A list: the latest of it.
    day_first: the separators behind which the day stands first, such as "./".
    """
    items = listed(text)
    if items is not None:
        filled = [item for item in items if not is_empty(item)]
        if not filled:
            raise Unusable("the list holds no date", EXPECTED_DATE)
        return max(moment(item, day_first=day_first) for item in filled)
    for pattern in (_ISO, _NUMERIC, _COMPACT, _DAY_WORD, _WORD_DAY):
        if match := pattern.match(text):
            return _built(text, match.groupdict(), day_first)
    if _SERIAL_DAY.match(text):
        return _serial_day(text)
    if match := _EPOCH.match(text):
        return datetime.fromtimestamp(int(match["seconds"]), UTC)
    raise Unusable(f"{text!r} is no date", EXPECTED_DATE)


def _built(text: str, parts: dict[str, str | None], day_first: str) -> datetime:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 2000 if year < 69 else 1900  # POSIX's pivot
    numeric = bool(parts.get("first"))
    is_day_first = numeric and (parts["s"] or "") in day_first
    if numeric:
        order = (parts["first"], parts["second_part"])
        day, month = order if is_day_first else order[::-1]
    else:
        day, month = parts["day"], parts.get("month") or _month(text, parts["name"] or "")
    try:
        built = datetime(year, int(month or 0), int(day or 0), *_clock(parts), tzinfo=_zone(parts["zone"]))
    except ValueError:
        words = f" in a column that reads {'day, month' if is_day_first else 'month, day'}" if numeric else ""
        raise Unusable(f"{text!r} is no day of the calendar{words}", EXPECTED_DATE) from None
    return _within(text, built).astimezone(UTC)


def _month(text: str, name: str) -> str:
    number = _MONTHS.get(name.lower().replace("é", "e").replace("û", "u").replace("ä", "a"))
    if number is None:
        raise Unusable(f"{text!r} is no date", EXPECTED_DATE)
    return str(number)


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int]:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("hour")
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, int(parts["minute"] or 0), int(parts["second"] or 0)


def _zone(text: str | None) -> timezone:
    if not text or text in ("Z", "UTC", "GMT"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _serial_day(text: str) -> datetime:
    days = float(text.replace(",", "."))
    built = _EXCEL_EPOCH + timedelta(seconds=round(days * 86400))
    return _within(text, built)


def _within(text: str, built: datetime) -> datetime:
    if not _FIRST_YEAR <= built.year <= _LAST_YEAR:
        raise Unusable(f"{text!r} is outside {_FIRST_YEAR} to {_LAST_YEAR}", EXPECTED_DATE)
    return built


def is_date_like(text: str) -> bool:
    """Whether a text has the shape of a written date (a bare number has not)."""
    return any(pattern.match(text) for pattern in (_ISO, _NUMERIC, _DAY_WORD, _WORD_DAY))
