"""What comes first: surely before perhaps, exploited before severe, severe before many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core.words import SEVERITIES
from pilothouse.home.report.figures import Holder, Question
from pilothouse.home.report.first import exposure_tasks, urgency


def question(
    advisory: str = "A",
    *,
    affected: int = 1,
    possible: int = 0,
    severity: str = "high",
    cvss: float | None = 7.5,
    kev: bool = False,
) -> Question:
    holder = Holder("p", "o", affected, possible)
    return Question(advisory, (holder,), severity, cvss, kev and affected > 0, kev, 1, "CVE-1", "Pump", False)


questions = st.builds(
    lambda affected, possible, severity, kev, cvss, advisory: question(advisory, affected=affected, possible=possible + (affected == 0), severity=severity, kev=kev, cvss=cvss),
    st.integers(0, 50), st.integers(0, 50), st.sampled_from(SEVERITIES), st.booleans(), st.none() | st.floats(0, 10), st.text("ABC", min_size=1, max_size=3),
)  # fmt: skip


@given(questions, questions)
def test_what_is_exploited_and_surely_here_comes_before_all_else(a: Question, b: Question) -> None:
    if a.kev and a.affected and not (b.kev and b.affected):
        assert urgency(a) < urgency(b)


@given(questions, questions)
def test_of_equal_severity_surely_comes_before_perhaps(a: Question, b: Question) -> None:
    if a.severity == b.severity and not a.kev_any and not b.kev_any and a.affected and not b.affected:
        assert urgency(a) < urgency(b)


def test_of_equal_severity_and_score_more_devices_come_first() -> None:
    few, many = question("A", affected=2), question("B", affected=9)
    assert [task.amount for task in exposure_tasks((few, many))] == [9, 2]


def test_a_task_says_what_to_do_and_why() -> None:
    decide, find_out = exposure_tasks(
        (
            question("ADV-1", affected=0, possible=3),
            question("ADV-2", affected=41, possible=1, severity="critical", kev=True),
        )
    )
    assert (decide.do, decide.why, decide.kev) == (
        "Decide on Pump: 41 are affected, 1 more may be",
        "CVE-1 in ADV-2",
        True,
    )
    assert find_out.do == "Find out the version of Pump: 3 may be affected"
