"""What holds for the tests of services: those that share a suite for a module run on one worker, which starts it once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if not str(item.path).startswith(f"{here}{os.sep}") or item.get_closest_marker("xdist_group") is not None:
            continue
        loop = item.get_closest_marker("asyncio")
        if loop is not None and loop.kwargs.get("loop_scope") == "module":
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(here).with_suffix("").as_posix()))
