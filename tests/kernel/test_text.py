"""Spellings of one word compare equal, and a mistyped word is answered with what was meant."""

from __future__ import annotations

import pytest

from pilothouse.kernel.text import fold, near_it, squash


@pytest.mark.parametrize(
    ("text", "words", "letters"),
    [
        (" Dräger-Evita  V500 ", "drager evita v500", "dragerevitav500"),
        ("Straße Ærø Łódź", "strasse aero lodz", "strasseaerolodz"),
        ("日本", "", ""),
    ],
)
def test_accents_case_and_punctuation_do_not_tell_words_apart(text: str, words: str, letters: str) -> None:
    assert (fold(text), squash(text)) == (words, letters)


def test_a_mistyped_word_is_answered_with_at_most_three_near_ones_as_they_are_spelt() -> None:
    assert near_it("SERIEL", {"Serial", "Model"}) == "; near it: Serial"
    assert near_it("tag", ["tag1", "tag2", "tag3", "tag4"]).count("tag") == 3
    assert near_it("serial", ["xyz"]) == ""
