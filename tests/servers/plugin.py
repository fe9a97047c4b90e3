"""pytest's side of the real servers: fixtures that start them lazily, and the account of the tests that were not run.

A shared server is started by the first test that asks for it, once for all workers (`session`). Tests keep apart by
`new_vhost`, `new_database`, `new_bucket`. A test that stops, kills or freezes a server starts one of its own
(``async with MongoDB() as server``) and is marked ``@pytest.mark.servers("mongodb")``.

A test that meets `NotAvailable`, in a fixture or in its body, is *not run*: it is named at the end with what to
install, and with ``CI`` set that fails the session. What the fixtures and marks of the collected tests name is
prepared before the first test, outside the tests' time limits.
"""

import os
from collections.abc import AsyncIterator, Generator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.servers import catalogue, chromium, verapdf
from tests.servers.available import DataNotHere, NotAvailable
from tests.servers.clamd import Clamd
from tests.servers.dovecot import Dovecot
from tests.servers.ent import MamaCas, OidcProvider
from tests.servers.mongodb import MongoDB
from tests.servers.nginx import NewerNginx, Nginx
from tests.servers.rabbitmq import RabbitMQ, RabbitMQ3, RabbitMQ4
from tests.servers.s3 import S3
from tests.servers.session import SessionOwner, SharedServers
from tests.servers.smtp import SmtpServer
from tests.servers.verapdf import VeraPdf

_NOT_RUN = "not run"
_PROPERTY = "server not available"
_WORKER_INPUT = "parvis_servers"
_owner = pytest.StashKey[SessionOwner]()
_shared = pytest.StashKey[SharedServers]()


# Fixtures.


@pytest.fixture(scope="session")
def shared_servers(pytestconfig: pytest.Config) -> SharedServers:
    """The servers of this session."""
    return pytestconfig.stash[_shared]


@pytest.fixture(scope="session")
def rabbitmq3(shared_servers: SharedServers) -> RabbitMQ3:
    """RabbitMQ 3.10, shared: `new_vhost`."""
    return shared_servers.get(RabbitMQ3)


@pytest.fixture(scope="session")
def rabbitmq4(shared_servers: SharedServers) -> RabbitMQ4:
    """RabbitMQ 4, shared: `new_vhost`."""
    return shared_servers.get(RabbitMQ4)


@pytest.fixture(scope="session", params=["rabbitmq3", "rabbitmq4"])
def rabbitmq(request: pytest.FixtureRequest, shared_servers: SharedServers) -> RabbitMQ:
    """Each version in turn, shared: what asks for it runs twice."""
    return shared_servers.get(RabbitMQ3) if request.param == "rabbitmq3" else shared_servers.get(RabbitMQ4)


@pytest.fixture(scope="session")
def mongodb(shared_servers: SharedServers) -> MongoDB:
    """A server of the MongoDB protocol, shared: `new_database`."""
    return shared_servers.get(MongoDB)


@pytest.fixture(scope="session")
def s3(shared_servers: SharedServers) -> S3:
    """An S3 object store, shared: `new_bucket`."""
    return shared_servers.get(S3)


@pytest.fixture(scope="session")
def mamacas(shared_servers: SharedServers) -> MamaCas:
    """A CAS server, shared."""
    return shared_servers.get(MamaCas)


@pytest.fixture(scope="session")
def oidcprovider(shared_servers: SharedServers) -> OidcProvider:
    """An OpenID provider, shared."""
    return shared_servers.get(OidcProvider)


@pytest.fixture(scope="session")
def clamd(shared_servers: SharedServers) -> Clamd:
    """ClamAV's daemon, shared."""
    return shared_servers.get(Clamd)


@pytest.fixture(scope="session")
def dovecot(shared_servers: SharedServers) -> Dovecot:
    """Dovecot, shared; each test has a mailbox of its own."""
    return shared_servers.get(Dovecot)


@pytest.fixture(scope="session")
def nginx() -> type[Nginx]:
    """The class, on a machine that has nginx: ``async with nginx(render) as gateway``."""
    Nginx.make()
    return Nginx


@pytest.fixture(scope="session")
def newer_nginx() -> type[NewerNginx]:
    """The same, of a version that asks for names again."""
    NewerNginx.make()
    return NewerNginx


@pytest.fixture(scope="session", name="chromium")
def chromium_path() -> Path:
    """The browser's program."""
    return chromium.make()


@pytest.fixture(scope="session", name="verapdf")
def verapdf_program() -> VeraPdf:
    """The validator of PDF/UA."""
    return verapdf.make()


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    """An SMTP server of the test's own."""
    async with SmtpServer() as server:
        yield server


# The session.


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "servers(*names): real servers that the test starts itself")
    worker_input = getattr(config, "workerinput", None)
    if worker_input is None:
        config.stash[_owner] = SessionOwner()
        config.stash[_shared] = SharedServers(config.stash[_owner].folder)
    else:
        config.stash[_shared] = SharedServers(Path(worker_input[_WORKER_INPUT]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist is about to start a worker."""
    node.workerinput[_WORKER_INPUT] = str(node.config.stash[_owner].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if shared := config.stash.get(_shared, None):
        shared.close()
    if owner := config.stash.get(_owner, None):
        owner.close()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare what the collected tests will ask for."""
    if session.config.option.collectonly:
        return
    names: set[str] = set()
    for item in session.items:
        names.update(getattr(item, "fixturenames", ()))
        for mark in item.iter_markers("servers"):
            names.update(mark.args)
    if "rabbitmq" in names:
        names |= {"rabbitmq3", "rabbitmq4"}
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        for name in names.intersection(catalogue.NAMES):
            try:
                catalogue.make(name)
            except NotAvailable:
                continue  # the tests that need it will say so


# Tests that were not run.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    missing = call.excinfo.value if call.excinfo else None
    if isinstance(missing, NotAvailable):
        path, line, _ = item.location
        report.outcome = "skipped"
        report.longrepr = (path, line or 0, str(missing))
        fails = "; a failure on CI" if _on_ci() and not isinstance(missing, DataNotHere) else ""
        report.user_properties.append((_PROPERTY, [missing.server, missing.why, fails, missing.what_to_install]))
    return report


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    if report.skipped and _missing(report):
        return _NOT_RUN, "N", "NOT RUN"
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    passing = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    not_run = reporter.stats.get(_NOT_RUN, ()) if reporter else ()
    if any(_missing(report)[2] for report in not_run) and session.exitstatus in passing:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tests: dict[tuple[str, ...], list[str]] = {}
    for report in terminalreporter.stats.get(_NOT_RUN, []):
        tests.setdefault(_missing(report), []).append(report.nodeid)
    if not tests:
        return
    terminalreporter.section("tests not run for want of what they need")
    for (server, why, failure, what_to_install), names in sorted(tests.items()):
        terminalreporter.line(f"{server}: {why}{failure}. To install: {what_to_install}")
        for name in names:
            terminalreporter.line(f"  {name}")


def _missing(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, ...]:
    for name, value in getattr(report, "user_properties", ()):
        if name == _PROPERTY and isinstance(value, list | tuple):
            return tuple(value)
    return ()


def _on_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}
