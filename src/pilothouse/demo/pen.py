"""What hands, spreadsheets and scanners do to a value on its way into a source."""

from __future__ import annotations

from datetime import date

from pilothouse.demo.dice import Dice

PLACEHOLDERS = ("N/A", "0000", "UNKNOWN", "12345", "NONE", "n/a", "-", "TBD", "See label")
_EXCEL_DAY_0 = date(1899, 12, 30)
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def slip(dice: Dice, text: str) -> str:
    """The text with one slip of the pen: a sign replaced, left out, doubled or swapped with its neighbour.

    It falls on a digit of the second half, so that no leading zero hides it, and never turns 0 into O: what
    comes out differs from the text however it is spelt.
    """
    digits = [at for at, sign in enumerate(text) if sign.isdigit() and at >= len(text) // 2]
    at = dice.pick(digits)
    other = str((int(text[at]) + dice.between(1, 9)) % 10)
    kind = dice.below(100)
    if kind < 20:
        return text[:at] + text[at + 1 :]
    if kind < 40:
        return text[:at] + other + text[at:]
    if kind < 60 and at + 1 < len(text) and text[at + 1].isalnum() and text[at + 1] != text[at]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + other + text[at + 1 :]


def mac_slip(dice: Dice, mac: str) -> str:
    """A colon-separated address with one hex digit replaced or two neighbours swapped; its form stays whole."""
    digits = mac.replace(":", "")
    at = dice.between(6, 10)
    if dice.chance(0.4) and digits[at] != digits[at + 1]:
        wrong = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    else:
        other = f"{(int(digits[at], 16) + dice.between(1, 15)) % 16:X}"
        wrong = digits[:at] + other + digits[at + 1 :]
    return ":".join(wrong[place : place + 2] for place in range(0, 12, 2))


def mac_notation(dice: Dice, mac: str) -> str:
    """The address in one of the four notations."""
    kind = dice.below(4)
    if kind == 0:
        return mac
    digits = mac.replace(":", "")
    if kind == 1:
        return mac.replace(":", "-")
    if kind == 2:
        low = digits.lower()
        return f"{low[:4]}.{low[4:8]}.{low[8:]}"
    return digits.lower()


def spelt_serial(dice: Dice, serial: str) -> str:
    """The serial as a person copies it: with a prefix, O for 0, leading zeros lost, other punctuation or case."""
    kind = dice.below(100)
    if kind < 12:
        return dice.pick(("SN", "S/N ", "SN: ", "Ser# ", "S/N: ")) + serial
    if kind < 20 and "0" in serial[1:]:
        at = serial.index("0", 1)
        return f"{serial[:at]}O{serial[at + 1 :]}"
    if kind < 30 and serial[0] == "0":
        return serial.lstrip("0")
    if kind < 36:
        return serial.lower()
    if kind < 42 and len(serial) > 6:
        return f"{serial[:4]}{dice.pick((' ', '-'))}{serial[4:]}"
    if kind < 45:
        return serial.replace("-", "")
    return serial


def scientific(serial: str) -> str:
    """A long number as a spreadsheet shows it: most digits are lost."""
    return f"{float(serial):.5E}"


def typo(dice: Dice, text: str) -> str:
    """A word with one letter left out, doubled or swapped."""
    letters = [at for at, sign in enumerate(text[:-1]) if sign.isalpha() and at > 0]
    if not letters:
        return text
    at = dice.pick(letters)
    kind = dice.below(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def excel_day(day: date) -> str:
    """The number a spreadsheet keeps for a day."""
    return str((day - _EXCEL_DAY_0).days)


def us_day(day: date) -> str:
    """`11/2/2026`."""
    return f"{day.month}/{day.day}/{day.year}"


def german_day(day: date) -> str:
    """`02.11.2026`."""
    return f"{day.day:02d}.{day.month:02d}.{day.year}"


def decimal_comma(amount: int) -> str:
    """`12.400,00`."""
    return f"{amount:,}".replace(",", ".") + ",00"


def free_serial(dice: Dice) -> str:
    """A serial that belongs to nothing in the fleet: an accessory's, a module's."""
    return f"{dice.pick(_LETTERS)}{dice.pick(_LETTERS)}Q{dice.below(10**7):07d}"
