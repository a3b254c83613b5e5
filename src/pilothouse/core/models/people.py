"""People, how they sign in, and what they may see where."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from pilothouse.core.models.kept import Kept, Past, Text
from pilothouse.core.models.places import Facility, Unit
from pilothouse.kernel.times import ALWAYS, OPEN


class PersonFields(models.Model):
    """key: the id that chain files use. veil: salted hash of the personal texts, which alone can be erased (ADR 0011)."""

    key = Text()
    name = Text()
    email = Text()
    phone = Text()
    pager = Text()
    tested_on = Text()
    test_ok = Text()
    salt = Text()
    veil = Text()
    left = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Person(PersonFields, Kept):
    """Somebody who works here; need not be able to sign in."""

    unsealed = ("name", "email", "phone", "pager", "salt")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="core_person_key")]

    def __str__(self) -> str:
        return self.name or self.key


class PersonPast(PersonFields, Past):
    """A person as they were known."""

    of = Person


class Role(models.TextChoices):
    """What somebody is here to do; what each may is told by `permissions.TABLE`."""

    HELM = "helm", "Helm"
    HTM_MANAGER = "htm_manager", "HTM manager"
    TECHNICIAN = "technician", "Biomedical technician"
    SECURITY_ANALYST = "security_analyst", "Security analyst"
    NURSE_MANAGER = "nurse_manager", "Nurse manager"
    BUYER = "buyer", "Buyer"
    AUDITOR = "auditor", "Auditor"
    KEEPER = "keeper", "Keeper of the system"


class MembershipFields(models.Model):
    """A role at a place: the system when neither facility nor unit is named. Valid from start until end (instants)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="%(class)s_rows")
    role = models.CharField(max_length=30, choices=Role.choices)
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, related_name="%(class)s_rows")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="%(class)s_rows")
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)

    class Meta:
        abstract = True


class Membership(MembershipFields, Kept):
    """Who may see and do what, where."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(facility=None) | models.Q(unit=None), name="core_membership_one_place"
            )
        ]


class MembershipPast(MembershipFields, Past):
    """A membership as it was."""

    of = Membership


class Accounts(BaseUserManager["Account"]):
    """Looks accounts up by the name they sign in with."""

    def create_user(self, login: str, email: str = "", password: str | None = None, **rest: Any) -> Account:
        """A new account with its password hashed. `Any`: further columns of the table."""
        account = self.model(login=login, email=self.normalize_email(email), **rest)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person's sign-in. Passwords and the last sign-in change without a revision, so this is no kept table.

    one_time_until: the password was given out by somebody else, is good until then, and must be changed first of all.
    """

    login = models.CharField(max_length=150, unique=True)
    email = models.EmailField(blank=True, default="")
    person = models.OneToOneField(Person, models.PROTECT, related_name="account", db_constraint=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    one_time_until = models.DateTimeField(null=True, blank=True)
    choices = models.JSONField(default=dict)

    objects = Accounts()
    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    def get_session_auth_hash(self) -> str:
        """What a session must know: changes with the password and when one signs out everywhere else."""
        turn = str(self.choices.get("turn", 0))
        return salted_hmac("pilothouse.session", self.password + turn, algorithm="sha256").hexdigest()


class Token(models.Model):
    """A key for the API: only its hash is stored. scopes: permissions it may use, at most its person's own."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    hashed = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
