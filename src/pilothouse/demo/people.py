"""The people of the demo health system: invented names, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pilothouse.demo.dice import Dice

_FIRST = (
    "Ana", "Ben", "Carmen", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Ingrid", "Jamal", "Kateryna", "Luis", "Maren", "Nadia", "Omar",
    "Priya", "Quentin", "Rosa", "Samuel", "Thandi", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Abara", "Bergström", "Castillo", "Dubois", "Eze", "Fischer", "Gupta", "Haddad", "Ivanova", "Jensen", "Kowalski", "Lindqvist",
    "Moreau", "Nakamura", "O'Neill", "Petrov", "Quispe", "Rahman", "Santos", "Tanaka", "Uddin", "Vasquez", "Whitaker", "Yilmaz", "Zhang",
)  # fmt: skip
_ASCII = str.maketrans("öëü'", "oeu.")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may hold an office. email and phone may be empty: nobody can reach them then."""

    key: str
    name: str
    email: str
    phone: str
    tested_on: str
    test_ok: str


_NAMES = len(_FIRST) * len(_LAST)


def full_name(seed: int, number: int) -> str:
    """The name of person `number` (from 0), no two alike: a middle initial tells apart those beyond all pairs."""
    first, last = _pair(seed, number)
    return f"{first} {last}" if number < _NAMES else f"{first} {chr(ord('A') + number // _NAMES)}. {last}"


def _pair(seed: int, number: int) -> tuple[str, str]:
    place = (number * 211 + Dice(seed).at("staff", 0).below(_NAMES)) % _NAMES
    return _FIRST[place % len(_FIRST)], _LAST[place // len(_FIRST)]


class Staff:
    """People, one after the other, no two of one name."""

    def __init__(self, seed: int, as_of: date) -> None:
        self._dice, self._as_of, self._seed = Dice(seed), as_of, seed
        self.hired: list[Person] = []

    def hire(self) -> Person:
        """The next person; a few of them have no way to be reached or one that was tested long ago."""
        number = len(self.hired)
        first, last = _pair(self._seed, number)
        dice = self._dice.at("person", number)
        unreachable = dice.chance(0.015)
        tested = self._as_of - timedelta(
            days=dice.between(5, 75) if dice.chance(0.94) else dice.between(100, 300)
        )
        address = f"{first}.{last}".lower().translate(_ASCII).replace("..", ".")
        person = Person(
            f"p{number + 1:03d}", f"{first} {last}", "" if unreachable else f"{address}@threerivers.example",
            "" if unreachable else f"+1 555 01{dice.below(100):02d} x{1000 + number}", str(tested), "no" if dice.chance(0.02) else "yes",
        )  # fmt: skip
        self.hired.append(person)
        return person
