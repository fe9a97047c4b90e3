"""Nothing of a server outlives the tests, however they end."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.servers.nginx import Nginx
from tests.servers.process import Process
from tests.servers.session import SessionOwner, SharedServers

# A server with a daemon that leaves its session and its process group, as epmd does.
_SERVER = """
trap 'echo stopped >> {log}; exit 0' TERM
setsid sleep 3600 &
setsid -f sleep 3601
echo "$!" > {pids}
while true; do sleep 0.05; done
"""


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.02)


def below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def statuses(pid: int) -> set[str]:
    """Of the living: one that ended under a frozen parent stays a zombie until the thaw."""
    return {str(child.status()) for child in below(pid)} - {psutil.STATUS_ZOMBIE}


def command(folder: Path) -> list[str]:
    return ["sh", "-c", _SERVER.format(log=folder / "stops", pids=folder / "pids")]


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_stopped_server_leaves_no_daemon(tmp_path: Path, how: str) -> None:
    server = Process(command(tmp_path), log=tmp_path / "log")
    await until((tmp_path / "pids").exists)
    await until(lambda: sum(child.name() == "sleep" for child in below(server.pid)) >= 2)
    all_of_it = below(server.pid)
    await asyncio.to_thread(getattr(server, how))
    assert not server.running()
    assert [process for process in all_of_it if process.is_running()] == []
    assert (tmp_path / "stops").exists() == (how == "stop")


async def test_a_frozen_server_goes_on_after_thaw(tmp_path: Path) -> None:
    server = Process(["sh", "-c", "while true; do sleep 0.01; echo beat; done"], log=tmp_path / "log")
    await until(lambda: "beat" in server.tail())
    server.freeze()
    await until(lambda: statuses(server.pid) == {psutil.STATUS_STOPPED})
    server.thaw()
    beats = (tmp_path / "log").stat().st_size
    await until(lambda: (tmp_path / "log").stat().st_size > beats)
    await asyncio.to_thread(server.kill)


async def test_a_server_dies_with_the_tests_even_after_kill_9(tmp_path: Path) -> None:
    mortal = (
        "import sys, time; from pathlib import Path; from tests.servers.process import Process;"
        "folder = Path(sys.argv[1]);"
        "server = Process(sys.argv[2:], log=folder / 'log', at_end=['touch', str(folder / 'cleared')]);"
        "print(server.pid, flush=True); time.sleep(600)"
    )
    tests = await asyncio.create_subprocess_exec(
        sys.executable, "-c", mortal, str(tmp_path), *command(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert tests.stdout is not None
    supervisor = int(await tests.stdout.readline())
    await until((tmp_path / "pids").exists)
    all_of_it = [psutil.Process(supervisor), *below(supervisor)]
    tests.kill()
    await tests.wait()
    await until(lambda: not any(process.is_running() and process.status() != "zombie" for process in all_of_it))
    assert (tmp_path / "cleared").exists()


async def test_a_server_that_ends_by_itself_is_seen(tmp_path: Path) -> None:
    server = Process(["sh", "-c", "echo no such luck; exit 3"], log=tmp_path / "log")
    await until(lambda: not server.running())
    assert "no such luck" in server.tail()
    server.kill()


def test_the_session_shares_one_server_and_ends_it(nginx: type[Nginx]) -> None:
    owner = SessionOwner()
    one, other = SharedServers(owner.folder), SharedServers(owner.folder)
    first, second = one.get(nginx), other.get(nginx)
    assert first.url == second.url
    with pytest.raises(RuntimeError, match="test's own"):
        second.reload()
    folder = first.state()["folder"]
    served = [
        process for process in psutil.process_iter(["cmdline"]) if folder in " ".join(process.info["cmdline"] or ())
    ]
    assert served
    one.close()
    other.close()
    owner.close()
    assert [process for process in served if process.is_running() and process.status() != "zombie"] == []
    assert not Path(first.state()["folder"]).exists()
    assert not owner.folder.exists()


def test_signals_reach_a_server_as_if_it_ran_alone(tmp_path: Path) -> None:
    """What the supervisor does with signals is not inherited: the server's SIGTERM and SIGHUP are the default ones."""
    server = Process(["sleep", "3600"], log=tmp_path / "log")
    while not (children := below(server.pid)):
        pass
    while server.running():
        # Until it has become the program that it is to run it is the supervisor still, which listens to no signal.
        with suppress(ProcessLookupError):
            os.kill(children[0].pid, signal.SIGHUP)
        time.sleep(0.01)
    server.kill()
