"""The addresses of the room."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from pilothouse.governance.findings import views as findings


class Record(IntConverter):
    """An id that both databases can hold; a longer number is no address."""

    regex = "[0-9]{1,15}"


register_converter(Record, "record")

urlpatterns = [
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/<record:finding>/", findings.finding_page, name="finding_page"),
    path("findings/<record:finding>/undo/<record:revision>/", findings.finding_undo, name="finding_undo"),
    path(
        "findings/<record:finding>/comments/<record:note>/undo/",
        findings.finding_note_undo,
        name="finding_note_undo",
    ),
    path("findings/<record:finding>/<slug:deed>/", findings.finding_act, name="finding_act"),
]
