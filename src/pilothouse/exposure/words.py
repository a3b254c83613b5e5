"""The words of product names: which describe, which tell products apart, which name an accessory.

Met in the product names of every CISA advisory and in the nomenclature of hospital inventories.
Source: docs/domains/exposure.md, "Product names".
"""

from __future__ import annotations

from typing import Final


def singular(word: str) -> str:
    """The singular of a regular plural, by its spelling: `monitors`, `batteries`; names such as Alaris stay."""
    if word == "series" or len(word) < 4 or not word.isalpha() or not word.endswith("s") or word[-2] in "sui":
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 5 else word[:-1]


def _words(text: str) -> frozenset[str]:
    return frozenset(singular(word) for word in text.split())


DESCRIBING: Final = _words(
    """
    hub reader generator receiver programmer camera
    a an and the of for with to in on or by its all only any new model series system product family
    line type unit device equipment machine instrument apparatus appliance platform version release
    software firmware application app program programme programmes operating control number no part
    solution suite package edition standard medical clinical hospital healthcare health care patient
    bedside portable mobile handheld wearable wireless wired wlan wifi network networked connected
    digital electronic automated automatic smart infusion injection syringe volumetric large volume
    lvp pump ambulatory monitor monitoring monitored vital sign physiological physiologic
    multiparameter parameter fetal maternal obstetric neonatal pediatric adult icu ccu nicu er ed
    ward critical acute anesthesia anaesthesia ventilator ventilation respirator respiratory
    breathing cpap bipap defibrillator aed pacemaker implantable cardiac cardiology cardiovascular
    cardiograph electrocardiograph ecg ekg holter telemetry ultrasound ultrasonic sonography imaging
    image diagnostic diagnosis radiology radiography radiographic xray ray mri mr ct pet spect
    computed tomography tomograph magnetic resonance scanner scan mammography fluoroscopy
    angiography xr nm dialysis hemodialysis haemodialysis delivery insulin glucose diabetes meter
    analyzer analyser laboratory lab bed icd crt crtd d programmer recorder transmitter receiver
    controller computer pc workstation work desktop client database reader generator electrosurgical
    energy surgical resting stress testing test management information data point infusor worn
    extended automation processing review remote cart trolley central surveillance dispensing
    cabinet dispenser medication pharmacy supply gas air tester interface communication
    communications camera ip power industrial ethernet switch module plc hmi library server web
    build builds vascular surgery endoscopy endoscope microscope embedded removable integrated based
    nuclear medicine gamma relay cpu variant scada rtu
    processor thermostat router printer
    """
)
"""Words that describe and do not identify: they may be missing in a device's name, and added to it.

Some of them identify where nothing else does; a name of nothing but such words needs all of them.
"""

DISTINGUISHING: Final = _words(
    """
    gateway station workstation server client viewer module pc central link web database controller
    remote cardiovascular information ct mr mri pet spect nm xr anesthesia supply medication data
    """
)
"""Of the describing words, those that tell products of one brand apart: needed where the product's name has them."""

GLUE: Final = _words(
    "a an and the of for with to in on or all model series version product system device family"
)
"""Words that even a name of describing words does not need."""

ACCESSORIES: Final = _words(
    """
    accessory adapter adaptor battery bracket cable cap charger clamp cover cradle cuff dock docking
    filter handle holder hose kit lead leads mount mounting paper pole probe sensor spare stand
    strap tubing tube
    """
)
"""A device whose name holds one of these is not the product that it belongs to."""

NETWORKING: Final = _words("wireless wifi wlan network ethernet serial lan usb bluetooth")
"""An adapter of these is a device, not an accessory."""

VARIANTS: Final = _words(
    """
    ii iii iv v vi vii viii ix x xl plus pro max mini lite light se le ex ng next neo ultra advanced
    premium elite junior compact
    """
)
"""Words behind a name that make another product of it."""
