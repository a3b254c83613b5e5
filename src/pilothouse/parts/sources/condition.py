"""The check of a part's condition, which several lists of the room share."""

from __future__ import annotations

from pilothouse.imports.checks import one_of
from pilothouse.parts.rates import CONDITIONS

CONDITION = one_of("condition", CONDITIONS)
