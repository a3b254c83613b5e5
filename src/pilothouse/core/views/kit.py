"""The kit page: every part with all its states, drawn by the partials that the rooms use. All of it is a specimen."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace as Made
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from pilothouse.core import clocks, palette, pictures, waterfall
from pilothouse.core.as_of import as_of
from pilothouse.core.drawing import Stop
from pilothouse.core.palette import Group, Row

_DAY = timedelta(days=1)
ROLES = [
    "ground",
    "panel",
    "well",
    "lift",
    "hover",
    "pick",
    "line",
    "line-2",
    "edge",
    "ink",
    "ink-2",
    "ink-3",
    "accent",
    "accent-strong",
    "crit",
    "crit-fill",
    "crit-tint",
    "high",
    "high-fill",
    "high-tint",
    "med",
    "med-fill",
    "med-tint",
    "low",
    "low-fill",
    "low-tint",
    "ok",
    "ok-fill",
    "ok-tint",
]


class Specimen(forms.Form):
    """A form with help, a unit, a choice and what is wrong."""

    serial = forms.CharField(
        label="Serial number",
        help_text="As printed on the plate, not from a spreadsheet.",
        widget=forms.TextInput({"class": "code"}),
    )
    interval = forms.IntegerField(
        label="Interval",
        min_value=1,
        max_value=12,
        error_messages={"max_value": "14 months is longer than the maker allows. Enter 1 to 12."},
    )
    state = forms.ChoiceField(
        label="State", choices=[("use", "In use"), ("store", "In store"), ("gone", "Retired")]
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea({"rows": 2}))
    wipe = forms.BooleanField(
        label="Open a wipe order", required=False, help_text="NIST SP 800-88 Rev. 2, purge"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interval"].unit = "months"
        self.fields["interval"].widget.attrs["class"] = "num"


@require_GET
def kit_page(request: HttpRequest) -> HttpResponse:
    """Every part of the kit; also the band of another day."""
    as_of(request)
    return render(
        request, "core/kit.html", {"roles": ROLES, **_clocks(), **_chain(), **_pictures(), **_rest()}
    )


def _clocks() -> dict[str, Any]:
    now = timezone.now()
    three = [
        clocks.clock(now - 50 * _DAY, now + 10 * _DAY + timedelta(hours=2), now),
        clocks.clock(now - 13 * _DAY, now + timedelta(hours=14), now),
        clocks.clock(now - 18 * _DAY, now - 5 * _DAY, now),
        clocks.clock(now - 4 * _DAY, now + 11 * _DAY, now, paused=True, reason="waits for the maker"),
        clocks.clock(now - 4 * _DAY, None, now, reason="next upgrade"),
    ]
    words = (
        "Battery modules keep credentials",
        "Vue PACS answers on the guest network",
        "Recall: PS500 power supply",
        "Unknown device on VLAN 412",
        "Firmware is old",
    )
    severities = ("medium", "critical", "high", "low", "none")
    people = (
        ("Ben O.", "Security analyst"),
        ("Dev S.", "IT security lead"),
        ("Carla M.", "HTM manager"),
        ("Ben O.", "Security analyst"),
        ("Ana R.", "Technician"),
    )
    pauses = [(now - 28 * _DAY, now - 21 * _DAY)]
    return {
        "clocks": three,
        "axis": clocks.axis(now, three),
        "lines": [
            Made(clock=c, words=w, severity=s, owner=o, post=p)
            for c, w, s, (o, p) in zip(three, words, severities, people, strict=True)
        ],
        "big": clocks.clock(now - 57 * _DAY, now + 10 * _DAY + timedelta(hours=2), now, pauses=pauses),
        "late": clocks.clock(now - 18 * _DAY, now - 5 * _DAY, now),
        "moments": [
            Made(
                at=now - timedelta(hours=1),
                text="Climbed to you. The post of deputy is empty.",
                url="#",
                kind="owner",
            ),
            Made(
                at=now - _DAY,
                text="No result from three gateways. 41 messages are queued, none is lost.",
                url="",
                kind="breach",
            ),
            Made(at=now - 9 * _DAY, text="14 new devices. 11 were linked, 3 need a person.", url="", kind=""),
            Made(at=now + 3 * _DAY, text="Look back at the isolation.", url="", kind="plan"),
        ],
    }


def _chain() -> dict[str, Any]:
    return {
        "stops": [
            Stop("Sources", "CISA, CNA, NVD", "done", "/kit/#thread"),
            Stop("Register", "126 pumps, 10 units", "done", "/kit/#thread"),
            Stop("Finding", "F-2193, 28 Sep", "done", "/kit/#thread"),
            Stop("Owner", "Ben O., 57 d", "now", "/kit/#thread"),
            Stop("Decision", "due 4 Dec", "todo"),
            Stop("Work", "none yet", "todo"),
            Stop("Evidence", "none yet", "todo"),
        ],
        "rungs": [
            Made(state="above", post="The helm", holder="Finn T.", words="Next after Dev S. lets it run out"),
            Made(
                state="above", post="IT security lead", holder="Dev S.", words="Next in line on 4 Dec, 11:00"
            ),
            Made(
                state="holds",
                post="Device security analyst",
                holder="Ben O.",
                words="Mandate: exposure, all sites",
            ),
            Made(
                state="passed",
                post="Security technician",
                holder="",
                words="Empty since 1 Sep 2026, so it climbed",
            ),
        ],
        "posts": [
            _post(
                "The helm",
                "Finn T.",
                3,
                helm=True,
                under=[
                    _post(
                        "Deputy, equipment and IT",
                        "",
                        0,
                        words="empty since 2 Nov",
                        under=[
                            _post(
                                "HTM manager",
                                "Carla M.",
                                9,
                                under=[_post("Technician, ICU", "Ana R.", 6, me=True)],
                            ),
                            _post(
                                "IT security lead",
                                "Dev S.",
                                5,
                                away=True,
                                under=[_post("Security technician", "", 0, words="empty since 1 Sep")],
                            ),
                        ],
                    ),
                ],
            ),
        ],
        "reach": [
            ("phone", "Phone", "4417"),
            ("pager", "Pager", "217, 07:00 to 19:00"),
            ("mail", "E-mail", "ben@example.org"),
            ("clock", "Away", "27 Nov, Dev S. covers"),
        ],
    }


def _post(title: str, holder: str, questions: int, **rest: Any) -> Made:
    """A post of the specimen chart. `Any`: its further marks."""
    return Made(
        **{
            "title": title,
            "holder": holder,
            "open": questions,
            "url": "",
            "me": False,
            "helm": False,
            "away": False,
            "words": "",
            "under": [],
            **rest,
        }
    )


def _pictures() -> dict[str, Any]:
    weeks = [
        "25 May",
        "8 Jun",
        "22 Jun",
        "6 Jul",
        "20 Jul",
        "3 Aug",
        "17 Aug",
        "31 Aug",
        "14 Sep",
        "28 Sep",
        "12 Oct",
        "26 Oct",
        "9 Nov",
        "23 Nov",
    ]
    return {
        "line": pictures.line("Open exposures", "devices affected or possibly affected", weeks, [
            pictures.Series("medium", (118, 120, 119, 126, 124, 121, 118, 114, 112, 109, 108, 106, 104, 103), soft=True),
            pictures.Series("high", (61, 61, 62, 70, 66, 61, 55, 50, 46, 42, 40, 38, 36, 34), "high"),
            pictures.Series("critical", (14, 15, 14, 22, 18, 15, 12, 10, 9, 8, 7, 6, 6, 5), "critical"),
        ]),
        "dots": pictures.dots("Ready for the next 24 hours", "staff signed off, percent", [("ICU B4", 94), ("Operating rooms", 91), ("Emergency", 88), ("Neonatal ICU", 83), ("ICU B5", 71), ("Step-down", 64)], floor=80, unit=" %"),
        "heat": Made(title="Share of staff signed off, by unit and device", corner="Unit", heads=["Ventilator", "Pump", "Monitor", "Dialysis"], rows=[
            Made(name="ICU B4", cells=[_cell("5", "96"), _cell("4", "88"), _cell("5", "97"), _cell("2", "61")]),
            Made(name="ICU B5", cells=[_cell("1", "42", gap=True), _cell("3", "71"), _cell("4", "84"), _cell("na", "not used")]),
            Made(name="Emergency", cells=[_cell("0", "0"), _cell("4", "82"), _cell("3", "77"), _cell("1", "48", gap=True)]),
        ]),
        "fall": waterfall.fall("CMMS", "xDome", -13.6, [
            waterfall.Compared("Model", "8015", "Alaris PC Unit 8015", 4.8, "near"),
            waterfall.Compared("Maker", "CareFusion", "BD", 2.1, "near"),
            waterfall.Compared("Serial", "13764092", "13764029", 9.4, "near"),
            waterfall.Compared("Host name", "HTM-002903", "alaris-htm002903", 5.1, "same"),
            waterfall.Compared("Unit", "Annex", "Emergency", -1.9, "differs"),
        ], prior_words="1 pair in 12,400 is a match", answer_words="98.3 %: a person decides"),
    }  # fmt: skip


def _cell(step: str, figure: str, *, gap: bool = False) -> Made:
    return Made(step=step, figure=figure, gap=gap, url="")


def _rest() -> dict[str, Any]:
    alaris = ["alaris", "em"]
    return {
        "form": Specimen({"serial": "7731904", "interval": "14", "state": "use"}, auto_id="kit_%s"),
        "diff": [("-", "unit", "ICU B5"), ("+", "unit", "ICU B4"), ("", "serial", "7731904"), ("+", "firmware", "22D24")],
        "groups": [
            Group("Equipment", (
                Row("k0", "#palette-part", "list", palette.marked("BD Alaris 8015, Emergency", alaris), "HTM-002903", True),
                Row("k1", "#palette-part", "list", palette.marked("BD Alaris 8015, Emergency", alaris), "HTM-002904", False),
            )),
            Group("Findings", (Row("k2", "#palette-part", "warn", palette.marked("ICSMA-20-317-01, 61 Alaris PC units", alaris), "Ben O.", False),)),
            Group("Go to", (Row("k3", "#palette-part", "right", mark_safe("Equipment"), "g e", False),)),
        ],
        "ghosts": ("s", "l", "m"),
    }  # fmt: skip
