"""A fork of the loaded server is to a test what a fresh interpreter would be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.forkserver import Child, ForkServer, run, start
from tests.processes import ROOT

SLEEPS = "import time\nprint('awake', flush=True)\ntime.sleep(600)"


def put(folder: Path, program: str) -> str:
    (folder / "program.py").write_text(program, encoding="utf-8")
    return "program"


def asleep(folder: Path, start: Callable[..., Child] = start) -> Child:
    """A child that sleeps; it has got as far as that."""
    said = folder / "said"
    with said.open("wb") as to:
        module = put(folder, SLEEPS)
        child = start(module, cwd=folder, env={}, stdout=to.fileno(), stderr=to.fileno())
    while said.read_text() != "awake\n":
        time.sleep(0.01)
    return child


def gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:  # also one that ends while it is asked
        return True


def test_parvis_is_loaded_and_its_command_line_runs(tmp_path: Path) -> None:
    said = run("services", "--version", cwd=tmp_path, env={}, timeout=60)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("parvis, version ")
    loaded = "import sys\nprint('services.cli.up' in sys.modules, 'services.__main__' in sys.modules)"
    assert run(put(tmp_path, loaded), cwd=tmp_path, env={}, timeout=60).stdout == "True False\n"


@pytest.mark.parametrize(
    "program",
    [
        "print('done')",
        "import sys\nsys.exit(3)",
        "import sys\nsys.exit('in words')",
        "1 / 0",
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "import atexit\natexit.register(print, 'at the end')\nprint('before')",
        "import threading, time\nthreading.Timer(0.2, print, ['of a thread']).start()",
        "import os\nos._exit(5)",
        "import os, sys\nprint(sys.argv[1:], os.getcwd(), sorted(os.environ.items()), os.listdir('/proc/self/fd'))",
        "import signal\nprint([signal.getsignal(each) for each in signal.valid_signals()])",
        "import os\nprint(os.getpgrp(), os.getsid(0), __name__)",
        "import sys, time\nprint(sys.path[0], time.tzname, sys.stdin.read(), sys.stdout.isatty(), sys.stderr.isatty())",
        "import sys, __main__\nprint(__main__.__spec__.name, __file__ == __main__.__file__ == sys.argv[0])",
    ],
)
def test_it_ends_and_sees_what_a_fresh_interpreter_does(tmp_path: Path, program: str) -> None:
    module, environment = put(tmp_path, program), {"TZ": "Pacific/Auckland", "LC_CTYPE": "C.UTF-8", "A": "é"}
    fresh = subprocess.run(
        [sys.executable, "-m", module, "an", "argument"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    forked = run(module, "an", "argument", cwd=tmp_path, env=environment, timeout=60)
    assert (forked.returncode, forked.stdout) == (fresh.returncode, fresh.stdout)
    assert forked.stderr.splitlines()[-1:] == fresh.stderr.splitlines()[-1:]


def test_chance_is_another_in_each(tmp_path: Path) -> None:
    module = put(tmp_path, "import random, uuid\nprint(random.random(), uuid.uuid4())")
    first, second = (run(module, cwd=tmp_path, env={}, timeout=60).stdout for _ in range(2))
    assert first != second


def test_it_lives_sleeps_and_is_killed(tmp_path: Path) -> None:
    child = asleep(tmp_path)
    assert child.poll() is None
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)
    assert child.returncode is None
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(60) == child.poll() == child.returncode == -signal.SIGKILL


def test_a_command_that_hangs_is_killed(tmp_path: Path) -> None:
    module = put(tmp_path, "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)")
    with pytest.raises(subprocess.TimeoutExpired):
        run(module, cwd=tmp_path, env={}, timeout=1)
    assert gone(int((tmp_path / "pid").read_text()))


def test_nobody_has_its_number_before_its_end_was_heard_of(tmp_path: Path) -> None:
    child = asleep(tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    process = psutil.Process(child.pid)
    while process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    with (tmp_path / "other").open("wb") as to:  # the server has had its turn, and more than one
        other = start("this", cwd=tmp_path, env={}, stdout=to.fileno(), stderr=to.fileno())
    assert other.wait(60) == 0
    assert process.status() == psutil.STATUS_ZOMBIE
    assert child.wait(60) == -signal.SIGKILL
    while psutil.pid_exists(child.pid):
        time.sleep(0.01)


def test_its_children_die_with_the_server(tmp_path: Path) -> None:
    server = ForkServer()
    child = asleep(tmp_path, server.start)
    os.kill(server.pid, signal.SIGKILL)
    assert child.wait(60) == -signal.SIGKILL
    while not gone(child.pid):
        time.sleep(0.01)
    server.close()


def test_nothing_is_left_when_it_is_closed(tmp_path: Path) -> None:
    one, other = ForkServer(), ForkServer()
    children = [asleep(tmp_path, server.start) for server in (one, other, one)]
    one.close()
    assert [gone(child.pid) for child in children] == [True, False, True]
    other.close()
    assert gone(children[1].pid)


def test_who_asks_at_once_for_the_first_time_asks_one_server(tmp_path: Path) -> None:
    put(tmp_path, "import os\nprint(os.getppid())")
    first = (
        "import pathlib; from concurrent.futures import ThreadPoolExecutor; from tests import forkserver;"
        f"ask = lambda _: forkserver.run('program', cwd=pathlib.Path({str(tmp_path)!r}), env={{}}, timeout=60).stdout;"
        "print(*set(ThreadPoolExecutor(8).map(ask, range(8)))); forkserver.end()"
    )
    said = subprocess.run([sys.executable, "-c", first], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(said.split()) == 1


def test_nothing_is_left_when_the_tests_are_killed(tmp_path: Path) -> None:
    put(tmp_path, SLEEPS)
    mortal = (
        "import os, pathlib, time; from tests.forkserver import ForkServer;"
        f"server = ForkServer(); folder = pathlib.Path({str(tmp_path)!r});"
        "child = server.start('program', cwd=folder, env={}, stdout=1, stderr=2);"
        "print(server.pid, child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", mortal], cwd=ROOT, stdout=subprocess.PIPE) as tests:
        assert tests.stdout is not None
        left = {
            int(number) for number in b"".join(tests.stdout.readline() for _ in range(2)).split() if number.isdigit()
        }
        tests.kill()
    assert len(left) == 2
    while not all(gone(pid) for pid in left):
        time.sleep(0.01)
