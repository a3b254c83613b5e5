"""What the board paper is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pilothouse.masterplan.draws import Survival
from pilothouse.masterplan.rules import Plan
from pilothouse.masterplan.scenarios import Scenario
from pilothouse.masterplan.sources.wish import Wish

LESS = 0.1
"""The share of all money that one question of the paper takes away."""


@dataclass(frozen=True, eq=False)
class BoardFacts:
    """less: the plan with a tenth less of all money, None where no limit is money; rejected: rows left out."""

    wish: Wish
    plan: Plan
    survival: Survival | None
    scenarios: tuple[Scenario, ...]
    less: Scenario | None
    made_at: datetime
    command: str
    rejected: int
