"""Numbers, times and names as the pages write them: 12,418; 4.2; 97 %; Fri 4 Dec 2026, 11:00.

Pure; every page and the report use these and no other spelling. Source: docs/look.md, "Voice".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
UNKNOWN = "unknown"


def count(number: int) -> str:
    """A whole number with commas: `12,418`, and a true minus sign."""
    return f"{number:,}".replace("-", MINUS)


def decimal(number: float, places: int = 1) -> str:
    """A number with a fixed count of decimals: `4.2`."""
    return f"{number:,.{places}f}".replace("-", MINUS)


def percent(part: float, whole: float = 1) -> str:
    """A share, in whole percent; one decimal where that would hide that it is not none or not all.

    `unknown` when there is nothing to be a share of.
    """
    if not whole:
        return UNKNOWN
    share = 100 * part / whole
    if 0 < share < 1:
        text = "under 0.1" if share < 0.1 else f"{share:.1f}"
    elif 99 < share < 100:
        text = f"{min(share, 99.9):.1f}"
    else:
        text = f"{share:.0f}"
    return f"{text}{NBSP}%"


def counted(number: int, noun: str, plural: str = "") -> str:
    """The number with its noun: `1 device`, `12,418 devices`; plural defaults to noun + s."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def are(number: int) -> str:
    """The verb that goes with a number."""
    return "is" if number == 1 else "are"


def day(when: date, today: date | None = None) -> str:
    """A fixed day: `Fri 4 Dec 2026`; without the year when it is today's year."""
    text = f"{when:%a} {when.day} {when:%b}"
    return text if today and today.year == when.year else f"{text} {when.year}"


def moment(when: datetime) -> str:
    """A fixed moment on a 24-hour clock: `Fri 4 Dec 2026, 11:00`."""
    return f"{day(when)}, {when:%H:%M}"


def listed(words: list[str], last: str = "and") -> str:
    """Words in a row: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def initials(name: str) -> str:
    """The letters of an owner's mark: first and last word, `Grace W.` becomes GW; one word gives two letters."""
    words = [w for w in name.replace(".", " ").split() if w[:1].isalnum()]
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


SEVERITIES = ("critical", "high", "medium", "low", "none")
"""From worst to harmless; `none` is both a base score of 0 and one that is not known."""

CVSS_FLOORS = (("critical", 9.0), ("high", 7.0), ("medium", 4.0), ("low", 0.1))
"""The lowest base score of each severity. Source: CVSS v3.1 specification, section 5, and CVSS v4.0, section 6."""


def severity(cvss: float | None) -> str:
    """The severity a CVSS base score stands for."""
    if cvss is None:
        return "none"
    return next((name for name, floor in CVSS_FLOORS if cvss >= floor), "none")


def lasting(span: timedelta) -> str:
    """A length of time: `12 min`, `14 h 20 min`, `10 d 2 h`, from a fortnight on `18 d`; parts that are 0 are left out."""
    minutes = int(span.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days >= 14:
        return f"{count(days)} d"
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "under 1 min"


def ago(when: datetime, now: datetime) -> str:
    """How long ago something was, or until it comes: `12 min ago`, `in 3 d`."""
    return f"{lasting(now - when)} ago" if when <= now else f"in {lasting(when - now)}"


def stamp(when: datetime, now: datetime) -> str:
    """A fixed moment, as short as it can be: `08:55` today, `Mon 19:00` this week, `20 Nov` this year, `20 Nov 2025`.

    Both in the reader's time zone.
    """
    days = (now.date() - when.date()).days
    if days == 0:
        return f"{when:%H:%M}"
    if 0 < days < 7 or -7 < days < 0:
        return f"{when:%a %H:%M}"
    text = f"{when.day} {when:%b}"
    return text if when.year == now.year else f"{text} {when.year}"
