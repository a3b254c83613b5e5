"""Django's settings: safe by default, everything an operator may change comes from `environment`."""

from __future__ import annotations

import os
from pathlib import Path

from pilothouse.config import environment

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # gives memory back between jobs

HOME = environment.home()
CORE = Path(__file__).parents[1] / "core"
SECRET_KEY = environment.secret_key(HOME)
DEBUG = environment.is_on("PILOTHOUSE_DEBUG")
PUBLIC_URL = os.environ.get("PILOTHOUSE_URL", "http://127.0.0.1:8000").rstrip("/")
BEHIND_TLS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = environment.words("PILOTHOUSE_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "pilothouse.core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pilothouse.imports",
    "pilothouse.equipment",
    "pilothouse.governance",
    "pilothouse.intake",
    "pilothouse.exposure",
    "pilothouse.home",
    "pilothouse.config",
]
MIDDLEWARE = [
    "pilothouse.core.calls.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pilothouse.core.headers.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pilothouse.core.one_time.OneTimeMiddleware",
    "pilothouse.core.middleware.ViewerMiddleware",
    "pilothouse.core.second_factor.SecondFactorMiddleware",
    "pilothouse.core.answering.WordsMiddleware",
]
ROOT_URLCONF = "pilothouse.config.urls"
WSGI_APPLICATION = "pilothouse.config.wsgi.application"
FORM_RENDERER = "pilothouse.core.form_look.FormLook"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["pilothouse.core.marks"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pilothouse.core.frame.frame",
            ],
        },
    }
]

DATABASES = {"default": environment.database(os.environ.get("DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "pilothouse.core.shared_cache.SharedCache"}}

AUTH_USER_MODEL = "core.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "pilothouse.core.signing.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
ACCOUNT_FORMS = {
    "login": "pilothouse.core.signing.LoginForm",
    "change_password": "pilothouse.core.signing.ChangePasswordForm",
    "reset_password": "pilothouse.core.signing.ResetPasswordForm",
    "reset_password_from_key": "pilothouse.core.signing.ResetPasswordKeyForm",
    "reauthenticate": "pilothouse.core.signing.PasswordAgainForm",
}
ACCOUNT_SESSION_REMEMBER = False  # workstations on a ward are shared
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
MFA_FORMS = {
    "authenticate": "pilothouse.core.signing.CodeForm",
    "reauthenticate": "pilothouse.core.signing.CodeAgainForm",
    "activate_totp": "pilothouse.core.signing.FirstCodeForm",
}
MFA_TOTP_ISSUER = "Pilothouse"
MAIL = environment.mail(os.environ.get("PILOTHOUSE_MAIL", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL else 'locmem'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL or (
    "",
    25,
    "",
    "",
    False,
    False,
)
DEFAULT_FROM_EMAIL = os.environ.get("PILOTHOUSE_MAIL_FROM", "pilothouse@localhost")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "pilothouse.core.sessions"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
if environment.is_on("PILOTHOUSE_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # tries of a password are counted by who made them, not by the proxy
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [("pilothouse", CORE / "look"), ("pilothouse/fonts", CORE / "fonts")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "pilothouse.core.assets.Assets"},
}
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]  # fonts that were never cut
CSRF_FAILURE_VIEW = "pilothouse.core.answering.stale_form"
MEDIA_ROOT = HOME / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

FEEDS_ONLINE = environment.is_on("PILOTHOUSE_ONLINE")
_CISA = "https://raw.githubusercontent.com/cisagov/CSAF/develop/csaf_files/OT/white/cisa-csaf-ot-feed-tlp-white.json"
_KEV = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
_EPSS = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
FEEDS = {
    "csaf": environment.words("PILOTHOUSE_FEED_CSAF", _CISA),
    "kev": os.environ.get("PILOTHOUSE_FEED_KEV", _KEV).strip(),
    "epss": os.environ.get("PILOTHOUSE_FEED_EPSS", _EPSS).strip(),
}

USE_TZ = True
ZONE_IS_SET = bool(os.environ.get("PILOTHOUSE_TZ"))
TIME_ZONE = os.environ.get("PILOTHOUSE_TZ") or "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
