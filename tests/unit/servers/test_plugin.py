"""A test whose server is not to be had is named at the end with what to install; on CI that is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.__main__ import speak_to_none
from tests.servers.available import NotAvailable
from tests.servers.clamd import Clamd

_TESTS = """
import pytest
from tests.servers.available import NotAvailable

@pytest.fixture
def flux():
    raise NotAvailable("flux", "no such thing here", "the package flux")

def test_in_a_fixture(flux):
    assert False

async def test_in_the_body():
    raise NotAvailable("flux", "no such thing here", "the package flux")

def test_beside_it():
    assert True
"""
_SHARED = """
import os, pytest
from pathlib import Path

@pytest.mark.parametrize("n", range(6))
def test_worker(nginx, shared_servers, n):
    url = shared_servers.get(nginx).url
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(f"{os.environ.get('PYTEST_XDIST_WORKER', 'alone')} {url} {shared_servers.folder}\\n")
"""

_GROUPED = """
import os, pytest

@pytest.mark.xdist_group("one cluster")
@pytest.mark.parametrize("n", range(6))
def test_worker(n):
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""

_DYING = """
def test_of_a_process(tmp_path):
    (tmp_path / "suite.log").write_text("long ago\\n" * 1000 + "why it died\\n")
    assert "passed" in str(tmp_path)

def test_of_another(tmp_path):
    (tmp_path / "quiet.log").write_text("nothing of interest\\n")
"""

_PLUGINS = [
    word
    for plugin in ("pytest_asyncio.plugin", "xdist.plugin", "tests.servers.plugin", "tests.evidence")
    for word in ("-p", plugin)
]


def run(folder: Path, text: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    kept = {
        name: value for name, value in os.environ.items() if name != "CI" and not name.startswith(("PYTEST", "COV"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", *_PLUGINS, f"--rootdir={folder}", *arguments, str(folder)],
        env={
            **kept,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # the others only cost time here
            **environment,
        },
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("workers", "environment", "exit_status"),
    [((), {}, 0), ((), {"CI": "true"}, 1), (("--numprocesses=2",), {"CI": "true"}, 1)],
)
def test_a_missing_server_is_said_at_the_end(
    tmp_path: Path, workers: tuple[str, ...], environment: dict[str, str], exit_status: int
) -> None:
    ended = run(tmp_path, _TESTS, *workers, **environment)
    assert ended.returncode == exit_status, ended.stdout
    assert "1 passed, 2 not run" in ended.stdout.splitlines()[-1]
    failure = "; a failure on CI" if exit_status else ""
    assert f"flux: no such thing here{failure}. To install: the package flux\n" in ended.stdout
    assert "test_it.py::test_in_a_fixture\n" in ended.stdout
    assert "test_it.py::test_in_the_body\n" in ended.stdout


def test_missing_data_that_are_not_ours_are_said_and_fail_nothing(tmp_path: Path) -> None:
    ended = run(tmp_path, _TESTS.replace("NotAvailable", "DataNotHere"), CI="true")
    assert ended.returncode == 0, ended.stdout
    assert "1 passed, 2 not run" in ended.stdout.splitlines()[-1]
    assert "flux: no such thing here. To install: the package flux\n" in ended.stdout


def test_other_failures_stay_failures(tmp_path: Path) -> None:
    ended = run(tmp_path, "def test_wrong():\n    assert False\n")
    assert ended.returncode == 1
    assert "1 failed" in ended.stdout.splitlines()[-1]
    assert "not run" not in ended.stdout


def test_a_failure_tells_what_the_processes_of_the_test_said_last(tmp_path: Path) -> None:
    ended = run(tmp_path, _DYING, f"--basetemp={tmp_path / 'temporary'}", "--numprocesses=2")
    assert ended.returncode == 1
    assert "End of suite.log" in ended.stdout and "why it died" in ended.stdout
    assert ended.stdout.count("long ago") < 1000 and "nothing of interest" not in ended.stdout


def test_workers_share_a_server_which_ends_with_the_session(tmp_path: Path, nginx: object) -> None:
    seen = tmp_path / "seen"
    ended = run(tmp_path, _SHARED, "--numprocesses=2", "--dist=each", SEEN=str(seen))
    assert ended.returncode == 0, ended.stdout
    workers, urls, folders = (
        set(column) for column in zip(*map(str.split, seen.read_text().splitlines()), strict=True)
    )
    assert workers == {"gw0", "gw1"}
    assert len(urls) == len(folders) == 1
    assert not Path(folders.pop()).exists()


def test_a_given_server_is_used_and_is_not_ours_to_end(clamd: Clamd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_TEST_CLAMD_URL", clamd.url)
    given = Clamd()
    given.start_now()
    assert given.url == clamd.url
    assert Clamd.make() == f"given: {clamd.url}"
    for verb in (given.freeze, given.thaw):
        with pytest.raises(NotAvailable, match="PARVIS_TEST_CLAMD_URL"):
            verb()
    given.close_now()


def test_a_group_stays_on_one_worker(tmp_path: Path) -> None:
    """Some versions of pytest and pytest-xdist agree on it only in words; each worker would start a cluster."""
    seen = tmp_path / "seen"
    done = run(tmp_path, _GROUPED, "-n", "2", "--dist", "loadgroup", SEEN=str(seen))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(set(seen.read_text().split())) == 1


@pytest.mark.parametrize(
    ("arguments", "none"),
    [
        ("", False),
        ("-q -x", False),
        ("tests/unit/offers -q", True),
        ("tests/unit/offers tests/architecture/test_tasks.py::test_x", True),
        ("tests/unit/offers tests/faults", False),
        ("tests/unit/servers", False),
    ],
)
def test_no_server_is_made_for_tests_that_speak_to_none(arguments: str, none: bool) -> None:
    assert speak_to_none(arguments.split()) is none
