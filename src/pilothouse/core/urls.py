"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.core.views import account, kit, palette

urlpatterns = [
    path("kit/", kit.kit_page, name="kit_page"),
    path("palette/", palette.palette, name="palette"),
    path("account/", account.account_page, name="account_page"),
    path("account/look/", account.account_look, name="account_look"),
    path("account/elsewhere/", account.sign_out_elsewhere, name="account_elsewhere"),
]
