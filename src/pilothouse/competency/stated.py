"""The problem of a training plan as numbers: sessions, choices, and what they bring. Pure.

Source: docs/domains/competency.md, "Training plan".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pilothouse.competency.spans import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions in order of the list. hours in 1 / 1000; end: first day on which the course no longer counts."""

    skill: Ints
    level: Ints
    day: Ints
    end: Ints
    hours: Ints
    places: Ints

    def __len__(self) -> int:
        return len(self.skill)


@dataclass(frozen=True, slots=True)
class Problem:
    """Choices and what they bring.

    A choice is a person and a session that they may take and that helps. A gain is a person and a wanted skill and
    level which they do not hold on the horizon. choice_person ascends, then choice_session. gives: pairs of choice and
    gain. fills: pairs of gain and need. before: pairs of a choice that needs an earlier one, and such an earlier one;
    whoever takes the first takes at least one of its second. short: by need. courses: by session a number for its skill and
    level, -1 where the course may lapse before it is needed, so that taking it twice may help.
    """

    sessions: Sessions
    hours: int
    short: Ints
    choice_person: Ints
    choice_session: Ints
    needs_earlier: Bools
    gives_choice: Ints
    gives_gain: Ints
    fills_gain: Ints
    fills_need: Ints
    before_choice: Ints
    before_earlier: Ints
    courses: Ints

    @property
    def choices(self) -> int:
        """How many choices there are."""
        return len(self.choice_person)

    @property
    def gains(self) -> int:
        """How many gains there are."""
        return int(self.fills_gain.max(initial=-1)) + 1
