"""The marks of tests on the one cluster of the faults."""

from __future__ import annotations

import pytest


def cluster(*servers: str) -> list[pytest.MarkDecorator]:
    """All on one worker and one loop, which the proxies live on; `servers` are those that are the tests' own.

    Each of their waits has an end of its own, and many together take longer than one test may elsewhere.
    """
    return [
        pytest.mark.asyncio(loop_scope="session"),
        pytest.mark.servers(*servers, "mongodb", "s3", "nginx"),
        pytest.mark.timeout(3600),
        pytest.mark.xdist_group("faults"),
    ]
