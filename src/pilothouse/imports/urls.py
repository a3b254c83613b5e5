"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.imports import views

urlpatterns = [
    path("sources/", views.source_list, name="source_list"),
    path("sources/<str:key>/", views.source_page, name="source_page"),
    path("runs/<int:pk>/", views.run_page, name="run_page"),
    path("runs/<int:pk>/apply/", views.run_apply, name="run_apply"),
    path("runs/<int:pk>/undo/", views.run_undo, name="run_undo"),
    path("runs/<int:pk>/columns/", views.run_columns, name="run_columns"),
    path("runs/<int:pk>/to-correct.csv", views.run_rejected, name="run_rejected"),
]
