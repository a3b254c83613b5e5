"""Serials and addresses as functions of a number: unique, unrelated to each other, in the forms makers use."""

from __future__ import annotations

from pilothouse.demo.dice import Dice, scattered


def mac_text(prefix: str, number: int, shift: int) -> str:
    """The address `AA:BB:CC:DD:EE:FF` of this number under this prefix; no two numbers below 2^24 alike."""
    digits = f"{prefix}{scattered(number, 1 << 24, shift=shift):06X}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def serial_text(pattern: str, number: int, shift: int) -> str:
    """The pattern with its `#` filled; unique among all devices, as a number too large for it makes it longer."""
    places = pattern.count("#")
    size = 10**places
    digits = iter(f"{scattered(number % size, size, shift=shift):0{places}d}")
    text = "".join(next(digits) if sign == "#" else sign for sign in pattern)
    if number < size:
        return text
    head = pattern.index("#")
    return f"{text[:head]}{number // size}{text[head:]}"


def shift(seed: int, kind: str) -> int:
    """Where the numbering of this kind of identifier begins under this seed."""
    return Dice(seed).at(f"shift {kind}", 0).below(10**12)
