"""How people sign in: accounts are made by those who manage people, never by whoever comes by."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):
    """No signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account belongs to a person the house knows."""
        return False
