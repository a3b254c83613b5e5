"""The buyer's page: suppliers' scorecards, funnels, trends and events, as one file to print and send."""

from pilothouse.home.suppliers.facts import ScoreFacts
from pilothouse.home.suppliers.page import report

__all__ = ["ScoreFacts", "report"]
