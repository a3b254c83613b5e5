"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.core.views import account, health, kit, palette, tokens

urlpatterns = [
    path("kit/", kit.kit_page, name="kit_page"),
    path("palette/", palette.palette, name="palette"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("account/", account.account_page, name="account_page"),
    path("account/look/", account.account_look, name="account_look"),
    path("account/tokens/new/", tokens.token_new, name="token_new"),
    path("account/tokens/<int:token_id>/withdraw/", tokens.token_withdraw, name="token_withdraw"),
    path("account/elsewhere/", account.sign_out_elsewhere, name="account_elsewhere"),
]
