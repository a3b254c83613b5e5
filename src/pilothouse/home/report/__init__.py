"""The report on plain files: one self-contained page of what the lists hold, who is exposed and who answers."""

from pilothouse.home.report.facts import AdvisoryFacts, FileFacts, ReportFacts
from pilothouse.home.report.page import report, write_report

__all__ = ["AdvisoryFacts", "FileFacts", "ReportFacts", "report", "write_report"]
