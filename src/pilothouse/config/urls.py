"""Every address of the server, room by room."""

from __future__ import annotations

from django.urls import include, path

from pilothouse.config import api_page
from pilothouse.config.api import api

ROOMS = ("core", "imports", "equipment", "governance", "intake", "exposure", "home")

urlpatterns = [
    path("sign-in/", include("pilothouse.core.sign_in_urls")),
    path("api/v1/docs", api_page.page, name="api_page"),
    path("api/v1/", api.urls),
    *(path("", include(f"pilothouse.{room}.urls")) for room in ROOMS),
]

handler400 = "pilothouse.core.answering.bad_request"
handler403 = "pilothouse.core.answering.forbidden"
handler404 = "pilothouse.core.answering.not_found"
handler500 = "pilothouse.core.answering.broken"
