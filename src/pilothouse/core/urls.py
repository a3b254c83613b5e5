"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.core.views import health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]
