"""Spellings, legal forms and former names of makers come to one key; names that only resemble do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.equipment.makers import MakerNames, Name, repaired
from pilothouse.kernel.errors import UnreadableInput


@pytest.fixture(scope="module")
def makers() -> MakerNames:
    return MakerNames.load()


@pytest.mark.parametrize(
    "spellings",
    [
        ("Philips", "Phillips", "PHILIPS MEDICAL SYSTEMS", "Philips Healthcare", "Koninklijke Philips N.V."),
        (
            "BD",
            "Becton, Dickinson and Company (BD)",
            "CareFusion 303, Inc.",
            "Alaris",
            "Becton Dickinson & Co.",
        ),
        (
            "GE Healthcare",
            "GE MEDICAL SYSTEMS",
            "GE Medical Systems",
            "G.E. Medical Systems",
            "General Electric (GE)",
        ),
        ("Baxter", "Hill-Rom, Inc.", "WELCH ALLYN INC", "Baxter Healthcare Corp"),
        ("ICU Medical", "Hospira, Inc.", "Smiths Medical ASD, Inc."),
        ("Johnson & Johnson", "Johnson and Johnson"),
        ("Medtronic", "Covidien LP", "Covidien"),
        ("GE Healthcare", "GE MEDICAL SYSTEMS ISRAEL", "GE Vingmed Ultrasound"),
        ("Softneta", "UAB Softneta"),
        ("Baxter", "Welch Allyn Protocol", "Gambro Lundia AB"),
        ("Dräger", "DrÃ¤ger", "Draegerwerk AG & Co. KGaA"),
        ("Contec Health", "Contec Medical Systems Co., Ltd."),
    ],
)
def test_spellings_of_one_maker_share_a_key(makers: MakerNames, spellings: tuple[str, ...]) -> None:
    assert len({makers.resolve(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), [("Alaris", "Talaris"), ("Philips", "Philipps Elektro"), ("Hologic", "Holologic"), ("Fresenius Kabi", "Fresenius Medical Care")])  # fmt: skip
def test_a_name_that_merely_resembles_is_another_maker(makers: MakerNames, one: str, other: str) -> None:
    assert makers.resolve(one) != makers.resolve(other)


@pytest.mark.parametrize("nobody", [None, "", "  ", "N/A", "unknown", "-"])
def test_a_placeholder_names_nobody(makers: MakerNames, nobody: str | None) -> None:
    assert makers.resolve(nobody) is None
    assert makers.resolve_all(nobody) == ()


@pytest.mark.parametrize(
    ("vendor", "named"),
    [
        ("Silex Technology and GE Healthcare", ("silex", "ge healthcare")),
        ("Hillrom and ELI, Baxter International Inc.", ("baxter",)),
        ("Johnson & Johnson", ("johnson johnson",)),
        ("Becton, Dickinson and Company (BD)", ("becton dickinson",)),
        ("SOOIL Developments Co, Ltd.", ("sooil",)),
    ],
)
def test_a_joint_vendor_names_each_of_its_makers(
    makers: MakerNames, vendor: str, named: tuple[str, ...]
) -> None:
    assert makers.resolve_all(vendor) == named


def test_ones_own_decision_vetoes_a_shipped_name() -> None:
    apart = Name("maker", "Phillips", "Philips", "different", "Ana", "2026-11-01")
    shipped = Name("maker", "Phillips", "Philips", "same", "Pilothouse", "2026-01-01")
    assert MakerNames.of([shipped]).resolve("Phillips") == "philips"
    assert MakerNames.of([shipped, apart]).resolve("Phillips") == "phillips"


def test_a_circle_of_names_ends() -> None:
    names = [Name("maker", a, b, "same", "", "") for a, b in (("A1", "B1"), ("B1", "A1"))]
    assert MakerNames.of(names).resolve("A1") in {"a1", "b1"}


def test_mojibake_is_repaired_and_sound_text_left_alone() -> None:
    assert repaired("Innokas YhtymÃ¤ Oy") == "Innokas Yhtymä Oy"
    assert repaired("Dräger À la carte") == "Dräger À la carte"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("brand,a,b,same,,", "kind"),
        ("maker,a,b,maybe,,", "decision"),
        ("maker,,b,same,,", "filled"),
    ],
)
def test_a_wrong_line_of_ones_own_names_is_refused_with_its_place(
    tmp_path: Path, line: str, problem: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"kind,seen,means,decision,by,on\n{line}\n", encoding="utf-8")
    with pytest.raises(UnreadableInput, match=f"line 2.*{problem}"):
        MakerNames.load(path)
