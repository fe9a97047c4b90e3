"""What production refuses to start with, all listed at once."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from services.chassis.settings import Settings
from services.cli.run import ConfigurationError

DEVELOPMENT_ADAPTERS = {"store": "sqlite", "broker": "local", "objects": "file", "mail": "maildir", "scanner": "none"}
DEFAULT_SECRETS = frozenset({"", "guest", "password", "secret", "changeme", "parvis", "minioadmin", "admin"})


def unsafe_settings(settings: Settings) -> list[str]:
    """Each setting that production must not have, with the reason; nothing in development."""
    if settings.env != "production":
        return []
    wrong = []
    for name, scheme in DEVELOPMENT_ADAPTERS.items():
        url: str = getattr(settings, name)
        if url.partition(":")[0] == scheme:
            wrong.append(f"PARVIS_{name.upper()}: {scheme}: is for development")
        elif urlsplit(url).username is not None and (urlsplit(url).password or "") in DEFAULT_SECRETS:
            wrong.append(f"PARVIS_{name.upper()}: its secret is a default one")
    if urlsplit(settings.base_url).scheme != "https":
        wrong.append("PARVIS_PUBLIC_URL: people reach the suite by https only")
    if settings.clock != "system:":
        wrong.append("PARVIS_CLOCK: the clock is shifted")
    if settings.relay_pause:
        wrong.append("PARVIS_RELAY_PAUSE: the relay is slowed")
    if os.environ.get("PARVIS_CRASH_AT"):
        wrong.append("PARVIS_CRASH_AT: a crash is ordered")
    return wrong


def refuse_unsafe_settings(settings: Settings) -> None:
    """Raise ConfigurationError naming every unsafe setting."""
    if wrong := unsafe_settings(settings):
        raise ConfigurationError("refused in production:\n  " + "\n  ".join(wrong))
