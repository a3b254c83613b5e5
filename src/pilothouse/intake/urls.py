"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.intake import views

urlpatterns = [
    path("review/", views.review, name="review"),
    path("review/<int:pk>/answer/", views.review_answer, name="review_answer"),
    path("review/<int:pk>/take-back/", views.review_take_back, name="review_take_back"),
]
