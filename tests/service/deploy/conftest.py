"""The secrets of docker-compose.yml, as an operator makes them, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder; nobody writes in it."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(
        [sys.executable, ROOT / "deploy/env/make_secrets.py", folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    return folder
