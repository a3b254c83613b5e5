"""How the report was made, in words: enough to make it again. Pure."""

from __future__ import annotations

from pilothouse.core import words
from pilothouse.home.report.facts import AdvisoryFacts, ReportFacts
from pilothouse.home.report.figures import Figures


def made(figures: Figures, facts: ReportFacts) -> list[tuple[str, str]]:
    """What it is and its words, line by line."""
    lines = [("Made", words.moment(facts.made_at))]
    if facts.as_of:
        lines.append(("As of", f"{words.day(facts.as_of)}, the newest of the lists"))
    lines.append(
        (
            "Linked",
            f"{words.counted(figures.pairs_matched, 'pair')} of rows as one device each; {words.counted(figures.pairs_to_review, 'pair')} left to a person",
        )
    )
    if figures.unmatched:
        lines.append(
            (
                "On one list only",
                f"{words.counted(figures.unmatched, 'row')} found no counterpart; unmatched.csv says why",
            )
        )
    if facts.advisories:
        lines += _of_advisories(facts.advisories)
    if figures.clear_lines:
        lines.append(
            (
                "Not affected",
                f"{words.counted(figures.clear_lines, 'answer')} with the reason in exposures.csv",
            )
        )
    if facts.asked_at:
        lines.append(("Owners", f"asked for {facts.topic} as of {words.moment(facts.asked_at)}"))
    if facts.command:
        lines.append(("Command", facts.command))
    if facts.versions:
        lines.append(("Versions", ", ".join(f"{name} {version}" for name, version in facts.versions.items())))
    return lines


def _of_advisories(a: AdvisoryFacts) -> list[tuple[str, str]]:
    parts = [words.counted(a.advisories, "advisory", "advisories")]
    if a.vulnerabilities:
        parts.append(words.counted(a.vulnerabilities, "vulnerability", "vulnerabilities"))
    if a.newest:
        parts.append(f"newest {words.day(a.newest)}")
    if a.replaced:
        parts.append(f"{words.counted(a.replaced, 'older revision')} set aside")
    if a.passed_over:
        parts.append(f"{words.counted(a.passed_over, 'file')} passed over")
    lines = [("Advisories", ", ".join(parts))]
    lines.append(
        (
            "Known exploited",
            f"KEV with {words.counted(a.known_exploited, 'entry', 'entries')}"
            if a.known_exploited is not None
            else "no KEV list given, so unknown",
        )
    )
    if a.epss_scores is not None:
        lines.append(("Likelihood", f"EPSS with {words.counted(a.epss_scores, 'score')}"))
    if a.candidates:
        lines.append(
            (
                "Similar names",
                f"{words.counted(a.candidates, 'device bears', 'devices bear')} a name that merely resembles a product; exposures.candidates.csv lists them",
            )
        )
    return lines
