"""Runs one server for the tests and lets nothing of it outlive them; standard library only, run by path.

``supervise.py [--at-end WORD ...] -- COMMAND ...`` reads its orders from file descriptor 3, one byte each,
and answers each with the same byte when it is carried out (but for ``K``, whose answer is its own end):
``T`` asks the server to stop (SIGTERM), ``K`` kills all of it at once, ``S`` freezes it, ``C`` thaws it. When the
other end of that descriptor closes, the tests are gone, however they went: all is killed and the ``--at-end``
command is run. The process is a child subreaper, so that daemons such as ``epmd`` cannot slip away.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

ORDERS = 3
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def stat(pid: int) -> list[str]:
    """State, parent and so on of a process (proc_pid_stat(5), from the third field on); empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def state(pid: int) -> str:
    return found[0] if (found := stat(pid)) else ""


def descendants() -> list[int]:
    """All processes below this one, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    queue = [os.getpid()]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def signal_all(number: int) -> None:
    for pid in descendants():
        send(pid, number)


def freeze_all() -> None:
    """Stop every process and those that were born meanwhile; returns when none runs any more."""
    while running := [pid for pid in descendants() if state(pid) not in {"T", "Z", ""}]:
        for pid in running:
            send(pid, signal.SIGSTOP)
        time.sleep(0.001)


def kill_all() -> None:
    """Kill and reap until nothing is left below this process."""
    while True:
        signal_all(signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        except ChildProcessError:
            return


def watch(server: subprocess.Popen[bytes]) -> bool:
    """Carry out orders until the server is to be cleared away; tells whether the tests are gone."""
    ended = os.pidfd_open(server.pid)
    while True:
        ready, _, _ = select.select([ORDERS, ended], [], [])
        if ORDERS in ready:
            match order := os.read(ORDERS, 1):
                case b"T":
                    server.send_signal(signal.SIGTERM)
                case b"S":
                    freeze_all()
                case b"C":
                    signal_all(signal.SIGCONT)
                case b"K":
                    return False
                case _:
                    return True
            with contextlib.suppress(BrokenPipeError):
                os.write(ORDERS, order)
        elif ended in ready:
            return False


def main(arguments: list[str]) -> int:
    split = arguments.index("--")
    at_end, command = arguments[:split], arguments[split + 1 :]
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which the server would inherit
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - there are no threads here
    )
    tests_are_gone = watch(server)
    kill_all()
    if tests_are_gone and at_end:
        subprocess.run(at_end[1:], stdin=subprocess.DEVNULL, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
