"""django-mama-cas with one person and one service; run in the environment that was made for it.

Arguments: the port, the beginning of the services' addresses, the person's name and password, the database.
"""

import re
import sys
from typing import Any
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

port, service, name, password, database = sys.argv[1:]


def attributes(user: Any, service: str) -> dict[str, str]:
    """What universities say of their students."""
    return {"sn": user.last_name, "givenName": user.first_name, "mail": f"{user.username}@etu.test"}


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "mama_cas",
    ],
    MAMA_CAS_SERVICES=[{"SERVICE": f"^{re.escape(service)}", "CALLBACKS": ["__main__.attributes"]}],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for tests",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True,
)
django.setup()
urlpatterns = [path("cas/", include("mama_cas.urls"))]

call_command("migrate", verbosity=0)
from django.contrib.auth.models import User  # noqa: E402 - only once Django is set up

User.objects.create_user(name, password=password, first_name="Zoé", last_name="Durand")
make_server("127.0.0.1", int(port), get_wsgi_application()).serve_forever()
