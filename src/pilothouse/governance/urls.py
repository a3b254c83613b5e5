"""The addresses of the room."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from pilothouse.governance.command import views as chain
from pilothouse.governance.command.helm_view import helm_move
from pilothouse.governance.command.who_view import who_decides
from pilothouse.governance.findings import views as findings


class Record(IntConverter):
    """An id that both databases can hold; a longer number is no address."""

    regex = "[0-9]{1,15}"


register_converter(Record, "record")

urlpatterns = [
    path("who/", who_decides, name="who_decides"),
    path("chain/", chain.chain_page, name="chain_page"),
    path("chain/worth/", chain.chain_worth, name="chain_worth"),
    path("chain/files/", chain.chain_export, name="chain_export"),
    path("chain/add/", chain.chain_add, name="chain_add"),
    path("chain/helm/", helm_move, name="helm_move"),
    path("chain/away/<record:person>/", chain.person_away, name="person_away"),
    path("chain/end/<slug:kind>/<record:row>/", chain.chain_end, name="chain_end"),
    path("chain/undo/<record:revision>/", chain.chain_undo, name="chain_undo"),
    path("chain/<record:position>/", chain.position_page, name="position_page"),
    path("chain/<record:position>/<slug:verb>/", chain.position_change, name="position_change"),
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/undo/<record:revision>/", findings.findings_undo, name="findings_undo"),
    path("findings/<record:finding>/", findings.finding_page, name="finding_page"),
    path("findings/<record:finding>/owner/", findings.finding_owner, name="finding_owner"),
    path("findings/<record:finding>/undo/<record:revision>/", findings.finding_undo, name="finding_undo"),
    path(
        "findings/<record:finding>/comments/<record:note>/undo/",
        findings.finding_note_undo,
        name="finding_note_undo",
    ),
    path("findings/<record:finding>/<slug:deed>/", findings.finding_act, name="finding_act"),
]
