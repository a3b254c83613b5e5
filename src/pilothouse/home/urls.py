"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.home import views

urlpatterns = [
    path("", views.helm, name="helm"),
    path("wall/", views.wall, name="wall"),
    path("my-work/", views.my_work, name="my_work"),
    path("search/", views.search, name="search"),
]
