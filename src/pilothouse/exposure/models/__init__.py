"""The tables of exposure: what the advisories say, whom they touch, what was decided of names. ADR 0021."""

from pilothouse.exposure.models.advisories import (
    Advisory,
    AdvisoryPast,
    Cve,
    CvePast,
    Document,
    DocumentPast,
    Feed,
    Vulnerability,
    VulnerabilityPast,
)
from pilothouse.exposure.models.names import Bearer, Candidate, NameDecision, NameDecisionPast
from pilothouse.exposure.models.standing import (
    Exposure,
    ExposurePast,
    Link,
    Matched,
    Profile,
    ProfilePast,
    Status,
    Tally,
)

__all__ = [
    "Advisory", "AdvisoryPast", "Bearer", "Candidate", "Cve", "CvePast", "Document", "DocumentPast", "Exposure", "ExposurePast", "Feed", "Link",
    "Matched", "NameDecision", "NameDecisionPast", "Profile", "ProfilePast", "Status", "Tally", "Vulnerability", "VulnerabilityPast",
]  # fmt: skip
