"""Model names: spellings meet, different models stay apart."""

from __future__ import annotations

import pytest

from pilothouse.equipment.model_names import is_similar_model, product_called, read_model


@pytest.mark.parametrize(
    "text",
    ["IntelliVue MX800", "INTELLIVUE MX-800", "Philips IntelliVue MX800", "IntelliVue MX800 (with stand)", "IntelliVue MX800 Rev. B", "Model: IntelliVue MX 800", "IntelliVue MX800 w/ wall mount"],
)  # fmt: skip
def test_spellings_of_one_model_have_one_key(text: str) -> None:
    assert read_model(text, "philips", "Philips Healthcare") == "intellivuemx800"


def test_neighbouring_models_stay_apart() -> None:
    assert read_model("MX700") != read_model("MX800")
    assert read_model("Evita V300") != read_model("Evita V500")


@pytest.mark.parametrize("text", ["", None, "N/A", "unknown", "-", "Various"])
def test_a_placeholder_names_no_model(text: str | None) -> None:
    assert read_model(text) == ""


def test_the_makers_name_stays_if_nothing_else_does() -> None:
    assert read_model("Baxter", "baxter") == "baxter"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("mx800", "intellivuemx800", True), ("mx80", "mx800", False), ("mx700", "mx800", False), ("spectrumiq", "spectrmiq", True), ("evita", "evitav500", True), ("v60", "v60plus", True), ("perseus", "perseusa500", True), ("rad7", "rad97", False)],
)  # fmt: skip
def test_similar_models_say_one_name_more_or_less_fully(left: str, right: str, expected: bool) -> None:
    assert is_similar_model(left, right) is expected
    assert is_similar_model(right, left) is expected


@pytest.mark.parametrize(
    ("maker", "model", "called"),
    [("BD", "BD Pyxis ES", "BD Pyxis ES"), ("Philips Healthcare", "PHILIPS IntelliVue MX800", "PHILIPS IntelliVue MX800"), ("B. Braun", "B.Braun Infusomat", "B.Braun Infusomat"), ("BD Alaris", "Alaris 8015", "BD Alaris 8015"), ("Philips", "Philips", "Philips"), ("Dräger", "Draeger", "Dräger Draeger"), ("GE Healthcare", "GEM 5000", "GE Healthcare GEM 5000"), ("General Electric", "Generator X", "General Electric Generator X"), ("Philips", "", "Philips"), ("", "V60", "V60"), ("", "", "")],
)  # fmt: skip
def test_a_maker_is_not_said_twice(maker: str, model: str, called: str) -> None:
    assert product_called(maker, model) == called
