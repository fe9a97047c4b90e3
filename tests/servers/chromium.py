"""Debian's chromium, for the browser tests: a path, not a server.

Best is the one without a window of its own, which opens a page for a third of what the other takes.
"""

import os
import shutil
from pathlib import Path

from tests.servers import packages
from tests.servers.available import NotAvailable

NAME = "chromium"
SHELL = "chromium-headless-shell"
WHAT_TO_INSTALL = f"Chromium (Debian: apt-get install {SHELL}), or its path in PARVIS_TEST_CHROMIUM"


def find() -> Path | None:
    """``PARVIS_TEST_CHROMIUM``, or the program of this machine."""
    if given := os.environ.get("PARVIS_TEST_CHROMIUM"):
        return Path(given)
    for program in (SHELL, "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(program):
            return Path(found)
    return None


def make() -> Path:
    """Find the one that is best here, or install it as root on Debian; raises `NotAvailable` where there is none."""
    found = find()
    if found is not None and ("PARVIS_TEST_CHROMIUM" in os.environ or found.name == SHELL):
        return found
    try:
        packages.apt_install(NAME, [SHELL], WHAT_TO_INSTALL)
    except NotAvailable:
        if found is None:
            raise
    if found := find():
        return found
    raise NotAvailable(NAME, f"the package {SHELL} brought no program of that name", WHAT_TO_INSTALL)
