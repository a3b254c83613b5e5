"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.exposure.views import advisories, names

urlpatterns = [
    path("advisories/", advisories.advisory_list, name="advisory_list"),
    path("advisories/feeds/", advisories.feed_page, name="feed_page"),
    path("advisories/sync/", advisories.sync_now, name="sync_now"),
    path("advisories/<int:number>/", advisories.advisory_page, name="advisory_page"),
    path("advisories/<int:number>/devices/", advisories.advisory_devices, name="advisory_devices"),
    path("names/", names.name_list, name="name_list"),
    path("names/decide/", names.name_decide, name="name_decide"),
    path("names/<int:number>/undo/", names.name_undo, name="name_undo"),
]
