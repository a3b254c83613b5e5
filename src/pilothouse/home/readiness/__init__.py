"""The page of a ward's readiness: who can use what today, what breaks soon, who stands alone, who can teach whom."""

from pilothouse.home.readiness.facts import ReadinessFacts
from pilothouse.home.readiness.page import readiness

__all__ = ["ReadinessFacts", "readiness"]
