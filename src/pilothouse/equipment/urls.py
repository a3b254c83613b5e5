"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.equipment.views import lists

urlpatterns = [
    path("equipment/", lists.equipment_list, name="equipment_list"),
    path("places/", lists.place_list, name="place_list"),
]
