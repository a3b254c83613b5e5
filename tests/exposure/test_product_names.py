"""When a device's name is a product's name, and when it merely resembles it."""

from __future__ import annotations

import pytest

from tests.exposure.test_engine import advisory, lines


def is_product(
    product: str, model: str, name: str = "", *, vendor: str = "Philips", maker: str = "Philips"
) -> bool:
    """Whether a device of this name gets a line from an advisory that names the product."""
    return bool(lines([{"maker": maker, "model": model, "name": name}], advisory((product, "*", "affected"), vendor=vendor)))  # fmt: skip


@pytest.mark.parametrize(
    ("product", "model", "name"),
    [
        ("IntelliVue patient monitor MX400-MX850", "IntelliVue MX450", ""),
        ("IntelliVue patient monitor MX400-MX850", "MX-450", "Patient monitor"),
        ("IntelliVue MP monitors MX800/700/600 ((865240/41/42) WLAN", "865241", "IntelliVue MX700"),
        ("PageWriter TC10 TC20 TC30 TC50 TC70 Cardiographs", "PAGEWRITER TC 50", "ECG"),
        ("IntelliBridge EC 40 Hub", "IntelliBridge EC40", ""),
        ("Valleylab FT10 Energy Platform (VLFT10GEN)", "VLFT10GEN", "Generator"),
        ("Efficia CM Series", "Efficia CM12", ""),
        ("Innova IGS 5x0", "Innova IGS 530", ""),
        ("Patient Information Center iX (PICiX)", "PIC iX", "Central station"),
        ("SIMATIC RF600R family", "SIMATIC RF680R", ""),
        ("Pulsera (718095) and Endura (718075)", "Endura", "C-arm"),
        ("Infinity Delta", "Infinity Delta (with docking station)", ""),
        ("Infinity Delta", "Infinity Delta", "Monitor [docking station]"),
        ("Q04/06/13/26UDPVCPU", "Q06UDPVCPU", "CPU"),
        ("XGK-CPUU/H/A/S/E", "XGK-CPUH", ""),
        ("EMAxxx", "EMA115", "ePDU"),
        ("ControlWave Micro [ProConOS v.4.01.280] firmware", "ControlWave Micro", ""),
        ("FactoryTalk View Site Edition", "FactoryTalk View SE", "Site Edition"),
        ("Vivid products, not including EchoPAC", "Vivid iq", "Ultrasound"),
        ("Nexus Control Panel", "Nexus", "Control panel, tube station"),
        ("Philips HealthSuite Health Android App", "HealthSuite Health Android App", ""),
    ],
)
def test_a_name_that_holds_what_identifies_the_product_is_it(product: str, model: str, name: str) -> None:
    assert is_product(product, model, name)


@pytest.mark.parametrize(
    ("product", "model", "name"),
    [
        ("IntelliVue patient monitor MX400-MX850", "IntelliVue MX40", ""),
        ("IntelliVue patient monitor MX400-MX850", "IntelliVue", "Patient monitor"),
        ("Luna CPAP Machine", "Luna II CPAP", ""),
        ("LOGIQ, not including LOGIQ 100 Pro", "LOGIQ 100 Pro", ""),
        ("Infinity Delta", "Infinity Delta docking station", ""),
        ("SIMATIC PN/MF Coupler", "SIMATIC PN/PN Coupler", ""),
        ("Patient monitor", "Vital signs monitor", ""),
        ("Xhibit Telemetry Receiver (XTR) Model number 96280", "96102", "Xhibit XTR"),
        ("Q04/06/13/26UDPVCPU", "Q06UDVCPU", "CPU"),
        ("NOTI-FIRE-NET Web Server (NWS-3)", "NWS-4", "NOTI-FIRE-NET Web Server"),
        ("Revolution CT", "Revolution Maxima", "CT scanner"),
    ],
)
def test_a_name_that_merely_resembles_is_not_a_match(product: str, model: str, name: str) -> None:
    assert not is_product(product, model, name)


def test_the_same_name_of_another_maker_is_not_a_match() -> None:
    assert not is_product("Ellipse", "Ellipse", vendor="Abbott", maker="Medtronic")
    assert is_product("Ellipse", "Ellipse", vendor="Abbott", maker="St. Jude Medical")


def test_the_longer_name_of_two_products_of_one_maker_wins() -> None:
    both = advisory(("MedStation ES", "*", "affected"), vendor="BD", tracking_id="A-1"), advisory(("MedStation ES Server", "*", "affected"), vendor="BD", tracking_id="A-2")  # fmt: skip
    found = lines([{"maker": "BD", "model": "Pyxis MedStation ES Server"}], *both)
    assert [line["advisory"] for line in found] == ["A-2"]


def test_an_umbrella_in_front_of_a_number_does_not_make_it_another_umbrellas_product() -> None:
    products = advisory(("Pyxis Anesthesia System 3500", "*", "affected"), ("Pyxis MedStation 4000", "*", "affected"), ("Pyxis MedStation ES", "*", "affected"), vendor="BD")  # fmt: skip
    assert not lines([{"maker": "BD", "model": "Pyxis MedStation 3500"}], products)
    assert lines([{"maker": "BD", "model": "Pyxis", "name": "Anesthesia System 3500"}], products)


def test_an_operating_system_in_the_devices_own_name_counts() -> None:
    product = advisory(("SPECT Systems Windows XP-Based", "*", "affected"), vendor="Siemens")
    told = lines([{"maker": "Siemens", "model": "SPECT System", "name": "Camera, Windows XP"}], product)
    assert [line["status"] for line in told] == ["affected"]


def test_an_operating_system_in_the_name_is_a_condition() -> None:
    product = advisory(("SPECT Systems Windows XP-Based", "*", "affected"), vendor="Siemens")
    told = [lines([{"maker": "Siemens", "model": "SPECT System", "os": os}], product)[0]["status"] for os in ("Windows XP SP3", "", "Windows 10")]  # fmt: skip
    assert told == ["affected", "possible", "not_affected"]
