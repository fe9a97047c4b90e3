"""What holds for every test: real servers where it asks for them, and no word leaves this machine."""

import gc
import ipaddress
import os
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import structlog

from services import SERVICES
from services.chassis.telemetry.logging import OnlyDeclared
from services.chassis.telemetry.metrics import UNDECLARED_REFUSALS
from services.contracts.log_lines import EVENTS
from tests import forkserver, scratch
from tests.descriptors import forbid_second_descriptors

pytest_plugins = ["tests.servers.plugin", "tests.unchanged", "tests.evidence"]


class OutsideNetworkError(RuntimeError):
    """A test reached for an address other than loopback; tests bring their own servers."""


def _is_loopback(host: Any) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse_outside_network(event: str, arguments: tuple[Any, ...]) -> None:
    match event, arguments:
        case ("socket.connect" | "socket.sendto", (_, (host, *_))) | ("socket.getaddrinfo", (host, *_)):
            if not _is_loopback(host):
                raise OutsideNetworkError(f"{event} {host!r}: tests speak to loopback only")


LONGEST = ("tests/faults/", "tests/journeys/", "tests/screens/", "tests/contracts/api/test_services.py")
"""Where tests and groups of tests take minutes, the longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where workers share the tests what takes long is begun first: else one is alone with it when all others are done."""
    if hasattr(config, "workerinput"):
        items.sort(
            key=lambda item: next((at for at, each in enumerate(LONGEST) if item.nodeid.startswith(each)), len(LONGEST))
        )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What has been collected stays: to look for garbage among it again and again takes as long as many tests."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_sessionfinish() -> None:
    forkserver.end()


def _undeclared() -> float:
    samples = [sample for metric in UNDECLARED_REFUSALS.collect() for sample in metric.samples]
    return sum(each.value for each in samples if each.name.endswith("_total") and each.labels["service"] in SERVICES)


@pytest.fixture(autouse=True)
def every_refusal_is_declared() -> Iterator[None]:
    """A service that refuses what its endpoint does not declare fails the test, whatever that expects of the answer."""
    before = _undeclared()
    yield
    assert _undeclared() == before, "an endpoint has refused with a code that it does not declare: see the log"


# How fast this machine is at the moment is no fault of what is tested, nor a rare example that of what has just changed.
hypothesis.settings.register_profile(
    "parvis",
    deadline=None,
    derandomize=os.environ.get("PARVIS_TEST_RANDOM") != "1",
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("parvis")
scratch.choose()
# An audit hook sees every socket of the process, whichever library opens it, and cannot be taken off again.
sys.addaudithook(_refuse_outside_network)
forbid_second_descriptors()
# Here a line of the log that says what nobody has declared is an error; where Parvis runs it loses what is too much.
# Tracebacks are plain: those of the library take longer to draw than most tests run.
_console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(
    processors=[OnlyDeclared(EVENTS, strict=True), *structlog.get_config()["processors"][:-1], _console]
)
# Nothing that collection makes is garbage, and to look for it is a third of the work.
gc.disable()
