"""What is wrong with a chain of command, and what of it is worth a look."""

from pilothouse.governance.check.findings import findings, meeting_point
from pilothouse.governance.check.validity import errors

__all__ = ["errors", "findings", "meeting_point"]
