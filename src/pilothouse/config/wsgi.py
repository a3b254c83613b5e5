"""The door for a WSGI server: `gunicorn pilothouse.config.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from pilothouse.config.wiring import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.config.settings")
application = get_wsgi_application()
load()
