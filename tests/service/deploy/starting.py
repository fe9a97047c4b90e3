"""`parvis` as it is typed, with settings that a test chooses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests import forkserver
from tests.processes import COMMAND_SECONDS, ROOT

SAFE = {
    "PARVIS_ENV": "production",
    "PARVIS_PUBLIC_URL": "https://candidatures.univ.test",
    "PARVIS_STORE": "mongodb://parvis:4v8mZ1tWq0r7Xc2Lp9@db.univ.test:27017/parvis?tls=true",
    "PARVIS_BROKER": "amqps://parvis:4v8mZ1tWq0r7Xc2Lp9@mq.univ.test/parvis",
    "PARVIS_OBJECTS": "s3+https://parvis:4v8mZ1tWq0r7Xc2Lp9@s3.univ.test/documents",
    "PARVIS_MAIL": "smtps://parvis:4v8mZ1tWq0r7Xc2Lp9@mail.univ.test",
    "PARVIS_LINK_SECRET": "4v8mZ1tWq0r7Xc2Lp9",
    "PARVIS_SESSION_SECRET": "4v8mZ1tWq0r7Xc2Lp9",
    "PARVIS_SCANNER": "clamd://127.0.0.1:3310",
    "PARVIS_KEYSETS_URL": "https://candidatures.univ.test/api/{service}/jwks.json",
    "PARVIS_API_URL": "https://candidatures.univ.test",
    "PARVIS_INSTITUTION": "Université de Test",
    "PARVIS_CONTACT": "candidatures@univ.test",
    "PARVIS_MAILER_SENDER": "candidatures@univ.test",
    "PARVIS_MAILER_DOMAIN": "univ.test",
}
"""Settings of production with which nothing is wrong."""


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings of Parvis and no others."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    return {**own, "PYTHONPATH": str(ROOT), **settings}


def parvis(*arguments: str, settings: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return forkserver.run("services", *arguments, cwd=folder, env=environment(settings), timeout=COMMAND_SECONDS)
