"""How people sign in: accounts are made by those who manage people, never by whoever comes by."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class Adapter(DefaultAccountAdapter):
    """No signing up. Words of the house for what goes wrong."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "Name and password do not fit. After five wrong tries you have to wait five minutes.",
        "email_password_mismatch": "Name and password do not fit. After five wrong tries you have to wait five minutes.",
        "too_many_login_attempts": "Too many wrong tries. Wait five minutes.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your password.",
        "account_inactive": "This account is closed.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account belongs to a person the house knows."""
        return False

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **told: Any) -> HttpResponse | None:
        """Who has left is refused, whatever their account says. `Any`: allauth's arguments."""
        if user.person.left:
            user.is_active = False
        return super().pre_login(request, user, **told)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's own page."""
        return reverse("account_page")

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Only what one does not see anyway: that one has signed in or out, one sees. `Any`: allauth's arguments."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, *args, **kwargs)

    def get_user_display(self, user: AbstractBaseUser) -> str:
        """A person's name."""
        return str(user.person)


def _renamed(form: Any, labels: dict[str, str]) -> None:
    """Give a form's fields our words; placeholders go, as they vanish when one types. `Any`: allauth's forms."""
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class LoginForm(forms.LoginForm):
    """Name or e-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _renamed(self, {"login": "Sign-in name or e-mail", "password": "Password"})
        self.fields["login"].widget.attrs.update(
            autofocus=True, autocapitalize="none", spellcheck="false", autocomplete="username"
        )
        self.fields["password"].help_text = ""


class ChangePasswordForm(forms.ChangePasswordForm):
    """The old password and twice the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _renamed(
            self,
            {"oldpassword": "Password now", "password1": "New password", "password2": "New password again"},
        )


class ResetPasswordForm(forms.ResetPasswordForm):
    """The e-mail of an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _renamed(self, {"email": "E-mail of your account"})


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    """Twice the new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _renamed(self, {"password1": "New password", "password2": "New password again"})


class PasswordAgainForm(forms.ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _renamed(self, {"password": "Password"})
        self.fields["password"].widget.attrs["autofocus"] = True


def _code(form: Any, label: str, help_text: str) -> None:
    _renamed(form, {"code": label})
    field = form.fields["code"]
    field.help_text = help_text
    field.widget.attrs.update(autofocus=True, autocomplete="one-time-code", spellcheck="false")


class CodeForm(AuthenticateForm):
    """The second factor when signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "Code", "Six digits of your authenticator app, or one of your recovery codes.")


class CodeAgainForm(ReauthenticateForm):
    """The second factor once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "Code", "Six digits of your authenticator app.")


class FirstCodeForm(ActivateTOTPForm):
    """The first code of a new authenticator app, which proves that it took the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "Code", "The six digits that the app shows now.")
