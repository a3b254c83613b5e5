"""Unique device identifiers of all three issuing agencies, from what was scanned or typed. Pure.

GS1: element strings with FNC1 or in brackets; HIBCC: primary and secondary data with their check characters; ICCBBA: ISBT 128
data structures. Sources: GS1 General Specifications, sections 3, 7.9 and 7.12; ANSI/HIBC 2.6; ISBT 128 Standard ST-001; the
agencies' UDI formats as accredited by FDA. Rules and examples: docs/domains/equipment.md, "UDI".
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

Agency = Literal["GS1", "HIBCC", "ICCBBA"]
LONGEST: Final = 400
GS: Final = "\x1d"
_SEPARATORS = re.compile(
    r"<GS>|\{GS\}|\[GS\]|<FNC1>|\{FNC1\}|\[FNC1\]|\\x1d|\\u001d|\\F|\^\]|␝|↔", re.IGNORECASE
)
_SYMBOLOGY = re.compile(r"^\](?P<kind>[A-Za-z])(?P<modifier>[0-9A-Za-z])")
_DASHES = str.maketrans(
    dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}", "-")
)
_ZERO_WIDTH = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u200e\u200f\x02\x03\x04\x1e"))


class NoUdi(ValueError):
    """The text is no UDI. place: the letter, from 1, at which it stops to be one."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(f"{message} (at letter {place})")
        self.place = place


@dataclass(slots=True)
class Udi:
    """What a UDI says. di: the device identifier, which names the kind of device; the rest is of this one device or its batch."""

    agency: Agency
    di: str = ""
    lot: str = ""
    serial: str = ""
    expires: date | None = None
    made: date | None = None
    donation: str = ""
    quantity: int | None = None
    version: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What it says, with a name for each part."""
        told = [("device", self.di), ("serial", self.serial), ("lot", self.lot), ("made", _day(self.made)), ("expires", _day(self.expires)), ("donation", self.donation), ("software", self.version)]  # fmt: skip
        return [(label, value) for label, value in told if value]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def read_udi(text: str, *, today: date) -> Udi:
    """The UDI in a text that was scanned or typed. Raises NoUdi with the place.

    today: by which a year of two digits is read. Blanks, control letters of scanners, AIM symbology identifiers, the stars
    of Code 39 and the label "UDI:" around it are dropped.
    """
    if len(text) > LONGEST:
        raise NoUdi(f"A UDI has at most {LONGEST} letters", LONGEST + 1)
    plain = _SEPARATORS.sub(GS, text.translate(_ZERO_WIDTH).translate(_DASHES)).strip()
    plain = re.sub(r"^(?:UDI|HIBC|GTIN)\s*[:=]\s*(?=[(+=&\]\d*])", "", plain, flags=re.IGNORECASE).strip()
    symbology = _SYMBOLOGY.match(plain)
    plain = _SYMBOLOGY.sub("", plain).strip(" \t\r\n")
    if not plain.strip(GS):
        raise NoUdi("There is nothing to read", 1)
    bare = plain.strip("*")
    if bare.startswith("+"):
        return _hibcc(bare, today)
    if bare.startswith(("=", "&")):
        return _iccbba(re.sub(r"\s", "", bare), today)
    if plain.lstrip(GS).startswith("(") or (symbology is None and "(01)" in plain):
        return _bracketed(plain.lstrip(GS), today)
    if plain.lstrip(GS)[:1].isdigit():
        return _element_string(re.sub(r"[^\S\x1d]", "", plain), today)
    raise NoUdi("A UDI begins with (01) or 01, with +, or with =", 1)


# --- GS1 ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Element:
    """An application identifier's value: numbers only or any letters, of one length or up to it."""

    most: int
    exact: bool = False
    digits: bool = False


_DATE: Final = _Element(6, exact=True, digits=True)
ELEMENTS: Final[dict[str, _Element]] = {
    "00": _Element(18, True, True), "01": _Element(14, True, True), "02": _Element(14, True, True), "10": _Element(20),
    "11": _DATE, "12": _DATE, "13": _DATE, "15": _DATE, "16": _DATE, "17": _DATE, "20": _Element(2, True, True),
    "21": _Element(20), "22": _Element(20), "30": _Element(8, digits=True), "37": _Element(8, digits=True),
    "235": _Element(28), "240": _Element(30), "241": _Element(30), "242": _Element(6, digits=True), "243": _Element(20),
    "250": _Element(30), "251": _Element(30), "253": _Element(30), "254": _Element(20), "400": _Element(30),
    "410": _Element(13, True, True), "411": _Element(13, True, True), "412": _Element(13, True, True),
    "413": _Element(13, True, True), "414": _Element(13, True, True), "415": _Element(13, True, True), "416": _Element(13, True, True),
    "422": _Element(3, True, True), "7003": _Element(10, True, True), "710": _Element(20), "711": _Element(20), "712": _Element(20),
    "713": _Element(20), "714": _Element(20), "715": _Element(20), "8004": _Element(30), "8008": _Element(12, digits=True),
    "8012": _Element(20), "8013": _Element(25), "8018": _Element(18, True, True), "90": _Element(30),
    **{str(n): _Element(90) for n in range(91, 100)},
}  # fmt: skip
"""The application identifiers that stand on devices and their packages. Source: GS1 General Specifications, section 3.2."""
_NO_SEPARATOR: Final = ("00", "01", "02", "03", "04", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "31", "32", "33", "34", "35", "36", "41")  # fmt: skip
"""Beginnings of identifiers of predefined length, after which none needs a separator. Source: section 7.8.5."""
_LETTERS_82 = re.compile(r"[A-Za-z0-9!\"%&'()*+,\-./:;<=>?_]*")
_BRACKET = re.compile(r"\(\s*(\d{2,4})\s*\)")


def _bracketed(text: str, today: date) -> Udi:
    """`(01)00208851107345(17)150331`: what people read below the bars. A bracket that names no identifier is part of a value."""
    marks = [mark for mark in _BRACKET.finditer(text) if mark[1] in ELEMENTS]
    if not marks or text[: marks[0].start()].strip():
        raise NoUdi("A UDI of GS1 begins with an identifier in brackets such as (01)", 1)
    found = Udi("GS1")
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        end = following.start() if following else len(text)
        value = text[mark.end() : end].strip().strip(GS)
        if ELEMENTS[mark[1]].digits:
            value = re.sub(r"[\s-]", "", value)
        _take(found, mark[1], value, mark.end() + 1, today)
    return _whole(found)


def _element_string(text: str, today: date) -> Udi:
    """`0100208851107345171503311012345` with FNC1 behind values of no fixed length, as a scanner sends it."""
    found = Udi("GS1")
    place = 0
    while place < len(text):
        if text[place] == GS:
            place += 1
            continue
        name = _identifier(text, place)
        element = ELEMENTS[name]
        start = place + len(name)
        if element.exact:
            end = start + element.most
        else:
            stop = text.find(GS, start)
            end = len(text) if stop < 0 else stop
        _take(found, name, text[start:end], start + 1, today)
        place = end
        if place < len(text) and text[place] != GS and not name.startswith(_NO_SEPARATOR):
            raise NoUdi(f"The separator behind identifier {name} is missing", place + 1)
    return _whole(found)


def _identifier(text: str, place: int) -> str:
    for length in (2, 3, 4):
        if (name := text[place : place + length]) in ELEMENTS:
            return name
    raise NoUdi(
        f"{text[place : place + 4]!r} begins with no identifier of GS1 that stands on devices", place + 1
    )


def _take(found: Udi, name: str, value: str, place: int, today: date) -> None:
    element = ELEMENTS[name]
    if not value:
        raise NoUdi(f"Identifier {name} has no value", place)
    if element.digits and not (value.isascii() and value.isdigit()):
        wrong = next(i for i, letter in enumerate(value) if not (letter.isascii() and letter.isdigit()))
        raise NoUdi(f"Identifier {name} holds digits only", place + wrong)
    if len(value) > element.most or (element.exact and len(value) < element.most):
        needed = f"{element.most}" if element.exact else f"at most {element.most}"
        raise NoUdi(f"Identifier {name} needs {needed} letters and has {len(value)}; a separator may be missing", place + min(len(value), element.most))  # fmt: skip
    if (match := _LETTERS_82.match(value)) and match.end() < len(value):
        raise NoUdi(f"{value[match.end()]!r} cannot stand in a code of GS1", place + match.end())
    if name in ("01", "02", "00") and gs1_check_digit(value[:-1]) != value[-1]:
        raise NoUdi(f"The check digit of {value} is {value[-1]} and should be {gs1_check_digit(value[:-1])}: a digit is misread", place + len(value) - 1)  # fmt: skip
    _GS1.get(name, _ignored)(found, value, place, today)


def gs1_check_digit(digits: str) -> str:
    """The check digit behind a GTIN's or SSCC's digits. Source: GS1 General Specifications, section 7.9."""
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _ignored(found: Udi, value: str, place: int, today: date) -> None:
    """An identifier that says nothing of the device's identity."""


def _di(found: Udi, value: str, place: int, today: date) -> None:
    if found.di and found.di != value:
        raise NoUdi("It names two kinds of devices", place)
    found.di = value


def _lot(found: Udi, value: str, place: int, today: date) -> None:
    found.lot = value


def _serial(found: Udi, value: str, place: int, today: date) -> None:
    found.serial = value


def _made(found: Udi, value: str, place: int, today: date) -> None:
    found.made = six_digit_day(value[:6], place, today)


def _expires(found: Udi, value: str, place: int, today: date) -> None:
    found.expires = six_digit_day(value[:6], place, today)


def _quantity(found: Udi, value: str, place: int, today: date) -> None:
    found.quantity = int(value)


def _version(found: Udi, value: str, place: int, today: date) -> None:
    found.version = value


_GS1: Final[dict[str, Callable[[Udi, str, int, date], None]]] = {"01": _di, "10": _lot, "11": _made, "17": _expires, "7003": _expires, "8008": _made, "21": _serial, "30": _quantity, "8012": _version}  # fmt: skip


def _whole(found: Udi) -> Udi:
    if not found.di:
        raise NoUdi("It names no kind of device: identifier 01 is missing", 1)
    return found


def six_digit_day(digits: str, place: int, today: date) -> date:
    """YYMMDD; day 00 is the last of the month. Raises NoUdi for what is no day."""
    return _built(full_year(int(digits[:2]), today), int(digits[2:4]), int(digits[4:6]), place)


def full_year(two_digits: int, today: date) -> int:
    """The year nearest to today's: from 49 years before it to 50 years after. Source: GS1 General Specifications, section 7.12."""
    year = today.year - today.year % 100 + two_digits
    if year - today.year > 50:
        return year - 100
    return year + 100 if year - today.year < -49 else year


def _built(year: int, month: int, day: int, place: int) -> date:
    if not 1 <= month <= 12:
        raise NoUdi(f"There is no month {month:02}", place)
    last = monthrange(year, month)[1]
    if day > last:
        raise NoUdi(f"Month {month:02} of {year} has no day {day}", place)
    return date(year, month, day or last)


# --- HIBCC -------------------------------------------------------------------------------------------------

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_PRIMARY = re.compile(r"\+(?P<lic>[A-Z][A-Z0-9]{3})(?P<pcn>[A-Z0-9]{1,18})(?P<unit>[0-9])")


def hibc_check(text: str) -> str:
    """The check character of a HIBC text, by sum modulo 43. Raises NoUdi for a letter that HIBC has not."""
    total = 0
    for place, letter in enumerate(text, start=1):
        value = _ALPHABET.find(letter)
        if value < 0:
            raise NoUdi(f"{letter!r} cannot stand in a code of HIBCC", place)
        total += value
    return _ALPHABET[total % 43]


def _hibcc(text: str, today: date) -> Udi:
    """`+A99912345/$$52001510X3/S77` and its check character; primary and secondary data in one code or in two."""
    codes = [code.strip("*") for code in re.split(r"[\s\x1d]+(?=\*?\+)", text.upper())]
    found = Udi("HIBCC")
    before = ""
    place = 1
    for code in codes:
        code = code.replace("_", " ").rstrip()
        if (
            hibc_check(code[:-1]) != code[-1:] and hibc_check(code) == " "
        ):  # a check character that is a blank, lost at the end of the line
            code += " "
        _hibc_code(found, code, before, place, today)
        before = code[-1]
        place += len(code) + 1
    if not found.di:
        raise NoUdi(
            "It names no kind of device: the primary data that begins with + and a letter is missing", 1
        )
    return found


def _hibc_code(found: Udi, code: str, link: str, place: int, today: date) -> None:
    """One code with its check character. A secondary code of its own also carries the primary's, as a link."""
    if len(code) < 4:
        raise NoUdi("The code of HIBCC is too short", place + len(code))
    expected = hibc_check(code[:-1])
    if code[-1] != expected:
        raise NoUdi(f"The check character is {code[-1]!r} and should be {expected!r}: a letter is misread or missing", place + len(code) - 1)  # fmt: skip
    body = code[:-1]
    if body[1].isalpha():
        primary, slash, secondary = body.partition("/")
        match = _PRIMARY.fullmatch(primary)
        if match is None:
            raise NoUdi(
                "The primary data should be a labeler of four letters, up to 18 letters and a digit",
                place + 1,
            )
        found.di = primary[1:]
        if slash:
            _hibc_parts(found, secondary, place + len(primary) + 1, today)
        return
    if link and body[-1] != link:
        raise NoUdi(
            f"The two codes are not of one label: {body[-1]!r} should be {link!r}", place + len(body) - 1
        )
    _hibc_parts(found, body[1:-1], place + 1, today)


def _hibc_parts(found: Udi, text: str, place: int, today: date) -> None:
    """The secondary data and what is appended to it, parted by slashes."""
    first = True
    for part in text.split("/"):
        _hibc_part(found, part, place, today, first)
        first = False
        place += len(part) + 1


def _hibc_part(found: Udi, part: str, place: int, today: date, first: bool) -> None:
    if match := re.fullmatch(r"(?P<kind>14|16)D(?P<day>\d{8})", part):
        day = _built(int(part[3:7]), int(part[7:9]), int(part[9:11]), place + 3)
        if match["kind"] == "14":
            found.expires = day
        else:
            found.made = day
    elif re.fullmatch(r"Q\d{1,5}", part):
        found.quantity = int(part[1:])
    elif re.fullmatch(r"S.{1,20}", part):
        found.serial = part[1:]
    elif part.startswith("$$"):
        _hibc_dated(found, part, place, today)
    elif part.startswith("$+"):
        found.serial = part[2:]
    elif part.startswith("$"):
        found.lot = part[1:]
    elif first and re.match(r"\d{5}", part):
        found.expires = _julian(part[:5], place, today)
        found.lot = part[5:]
    elif part:
        raise NoUdi(f"{part!r} is no secondary data of HIBCC", place)


_HIBC_DATES: Final = {"2": 6, "3": 6, "4": 8, "5": 5, "6": 7}
"""Flags of dates, and how many digits follow."""


def _hibc_dated(found: Udi, part: str, place: int, today: date) -> None:
    """`$$` or `$$+`, a quantity, a date by its flag, then the lot or the serial number."""
    is_serial = part.startswith("$$+")
    at = 3 if is_serial else 2
    if part[at : at + 1] in ("8", "9"):
        length = 2 if part[at] == "8" else 5
        found.quantity = int(_digits(part, at + 1, length, place))
        at += 1 + length
    flag = part[at : at + 1]
    if flag in ("0", "1"):
        digits = _digits(part, at, 4, place)
        found.expires = _built(full_year(int(digits[2:]), today), int(digits[:2]), 0, place + at)
        at += 4
    elif flag in _HIBC_DATES:
        digits = _digits(part, at + 1, _HIBC_DATES[flag], place)
        found.expires = _hibc_day(flag, digits, place + at + 1, today)
        at += 1 + len(digits)
    elif flag == "7":
        at += 1
    rest = part[at:]
    if len(rest) > 20:
        raise NoUdi("A lot or serial number has at most 20 letters", place + at + 20)
    if is_serial:
        found.serial = rest
    else:
        found.lot = rest


def _hibc_day(flag: str, digits: str, place: int, today: date) -> date:
    if flag == "2":
        return _built(full_year(int(digits[4:6]), today), int(digits[:2]), int(digits[2:4]), place)
    return (
        six_digit_day(digits[:6], place, today) if flag in ("3", "4") else _julian(digits[:5], place, today)
    )


def _digits(part: str, start: int, length: int, place: int) -> str:
    found = part[start : start + length]
    if len(found) < length or not (found.isascii() and found.isdigit()):
        raise NoUdi(f"{length} digits should stand here", place + start)
    return found


def _julian(digits: str, place: int, today: date) -> date:
    """YYJJJ: the day of the year."""
    return _day_of_year(full_year(int(digits[:2]), today), int(digits[2:5]), place)


def _day_of_year(year: int, number: int, place: int) -> date:
    day = date(year, 1, 1) + timedelta(days=number - 1)
    if number < 1 or day.year != year:
        raise NoUdi(f"{year} has no day {number}", place)
    return day


# --- ICCBBA ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Structure:
    """A data structure of ISBT 128: what it begins with, its length, what it says."""

    name: str
    begins: str
    length: int
    says: str


STRUCTURES: Final = (
    _Structure("device identifier", "=/", 16, "di"),
    _Structure("serial number", "=,", 6, "serial"),
    _Structure("expiry day", "=>", 6, "expires"),
    _Structure("day of production", "=}", 6, "made"),
    _Structure("lot number", "&,1", 18, "lot"),
    _Structure("container's identifier", "=)", 10, "di"),
    _Structure("container's lot number", "&)", 10, "lot"),
    _Structure("compound message", "=+", 5, ""),
    _Structure("donation", "=", 15, "donation"),
)
"""The structures of UDIs, longer beginnings first. Source: ISBT 128 ST-001, data structures 034, 032, 004, 017, 035, 023, 001."""
_ISBT_VALUE = re.compile(r"[A-Z0-9]*")


def _iccbba(text: str, today: date) -> Udi:
    """`=/A9999XYZ100T0944=,000025=>014032`: each structure tells by its first letters what follows."""
    found = Udi("ICCBBA")
    for structure, value, place in _structures(text.upper()):
        if structure.says in ("expires", "made"):
            setattr(found, structure.says, _isbt_day(value, place, today))
        elif structure.says == "di" and found.di and found.di != value:
            raise NoUdi("It names two kinds of devices", place)
        elif structure.says == "lot":
            found.lot = value.lstrip("0") or value
        elif structure.says:
            setattr(found, structure.says, value)
    if not found.di:
        raise NoUdi("It names no kind of device: the structure that begins with =/ is missing", 1)
    return found


def _structures(text: str) -> Iterator[tuple[_Structure, str, int]]:
    place = 0
    while place < len(text):
        if text[place] == GS:
            place += 1
            continue
        structure = next((one for one in STRUCTURES if text.startswith(one.begins, place)), None)
        if structure is None:
            raise NoUdi(
                f"{text[place : place + 2]!r} begins no structure of ISBT 128 that stands on devices",
                place + 1,
            )
        start = place + len(structure.begins)
        value = text[start : start + structure.length]
        match = _ISBT_VALUE.match(value)
        good = match.end() if match else 0
        if good < structure.length:
            raise NoUdi(f"The {structure.name} needs {structure.length} letters or digits", start + good + 1)
        yield structure, value, start + 1
        place = start + structure.length


def _isbt_day(value: str, place: int, today: date) -> date:
    """cYYJJJ: century, year and day of the year; the century is the third digit of the year."""
    if not (value.isascii() and value.isdigit()):
        raise NoUdi("A day of ISBT 128 has six digits", place)
    year = 2000 + int(value[:3]) if value[0] != "9" else 1000 + int(value[:3])
    return _day_of_year(year, int(value[3:]), place)
