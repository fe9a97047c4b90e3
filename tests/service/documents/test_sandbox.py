"""What a process that looks into files can do besides: tried from within, layer by layer, and read off a running one."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.documents.domain.uploads import PDF, Rules
from services.documents.usecases.inspection.pool import Bounds, Inspectors
from services.documents.usecases.inspection.sandbox import LANDLOCK, NAMESPACES, SECCOMP
from tests.service.documents.test_inspectors import inspector
from tests.unit.documents import files

ROOT = Path(__file__).parents[3]
RULES = Rules((PDF,), 5 * 2**20, 1_000_000)

# In a process of its own, as the inspector does: isolate, fork, confine. What is tried answers "done" or why not.
_PROBE = """
import ctypes, errno, json, os, platform, resource, socket, sys, threading
from services.documents.usecases.inspection import fork, sandbox

secret, folder, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
suite = os.getpid()  # the fork may not even ask for it
attempts = {
    "read a key": lambda: open(secret).read(),
    "write over it": lambda: open(secret, "r+").close(),
    "make a file": lambda: open(folder + "/new", "w").close(),
    "delete": lambda: os.unlink(secret),
    "call out": lambda: socket.create_connection(("127.0.0.1", port), 2).close(),
    "send a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
    "start a program": lambda: os.execv("/bin/true", ["true"]),
    "fork": lambda: os._exit(0) if os.fork() == 0 else None,
    "begin a process": lambda: called(56, 220, 17, 0, 0, 0, 0) or os._exit(0),
    "begin a process anew": lambda: called(435, 435, 0, 0),
    "end the suite": lambda: os.kill(suite, 0),
    "signal a thread of the suite": lambda: called(234, 131, suite, suite, 0),
    "signal any thread": lambda: called(200, 130, suite, 0),
    "bound the suite": lambda: resource.prlimit(suite, resource.RLIMIT_CPU),
    "look into the suite": lambda: called(310, 270, suite, 0, 0, 0, 0, 0),
    "hold the suite": lambda: called(101, 117, 0x4206, suite, 0, 0),
}

# Everybody may do so to oneself: that is how a parser that stumbles ends, and how each file is bounded.
to_itself = {
    "signal": lambda: called(234, 131, os.getpid(), threading.get_native_id(), 0),
    "bound": lambda: resource.prlimit(0, resource.RLIMIT_CPU),
    "begin a thread": lambda: threading.Thread(target=int).start(),
    "bound by number": lambda: resource.prlimit(os.getpid(), resource.RLIMIT_CPU),
}

def called(x86_64, aarch64, *arguments):
    number = x86_64 if platform.machine() == "x86_64" else aarch64
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")

def is_open(number):
    try:
        os.lseek(number, 0, os.SEEK_CUR)
    except OSError as error:
        return error.errno != errno.EBADF
    return True

libc = ctypes.CDLL(None, use_errno=True)

def tried(names, attempts=attempts):
    found = {}
    for name in names:
        try:
            attempts[name]()
            found[name] = "done"
        except OSError:
            found[name] = "refused"
    return found

active = sandbox.isolate()
ours, theirs = socket.socketpair()
isolated = tried(("make a file", "delete", "call out", "send a datagram")) if sandbox.NAMESPACES in active else {}
if os.fork() == 0:
    fork.confine(2**30, theirs.fileno())
    left = [number for number in range(3, 64) if number != theirs.fileno() and is_open(number)]
    found = {"confined": tried(attempts), "to itself": tried(to_itself, to_itself), "descriptors": left}
    theirs.sendall(json.dumps(found).encode())
    os._exit(0)
theirs.close()
print(json.dumps({"active": active, "isolated": isolated, **json.loads(ours.recv(65536))}))
"""


async def probe(tmp_path: Path) -> dict[str, Any]:
    secret = tmp_path / "key"
    secret.write_text("secret")
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", _PROBE, str(secret), str(tmp_path), str(listener.getsockname()[1])),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={},
        )
        said, _ = await process.communicate()
    return dict(json.loads(said))


def of_process(id: int) -> dict[str, str]:
    lines = Path(f"/proc/{id}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def network(id: int) -> str:
    return str(Path(f"/proc/{id}/ns/net").readlink())


async def test_a_fork_opens_writes_and_calls_nothing(tmp_path: Path) -> None:
    """Whatever a file makes of its parser, there is nothing to reach from it."""
    found = await probe(tmp_path)
    assert found["descriptors"] == []
    if SECCOMP in found["active"]:
        assert set(found["confined"].values()) == {"refused"}, found["confined"]
    assert set(found["to itself"].values()) == {"done"}
    if LANDLOCK in found["active"]:
        assert {found["confined"][name] for name in ("read a key", "write over it", "make a file", "delete")} == {
            "refused"
        }
    if NAMESPACES in found["active"]:
        assert set(found["isolated"].values()) == {"refused"}
    assert found["confined"]["make a file"] == "refused"


async def looked_at_a_fork(process: psutil.Process, confined: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Environment and network of a fork that is confined; one may end while it is looked at, another not yet be so far."""
    async with asyncio.timeout(120):
        while True:
            for fork in process.children():
                with suppress(psutil.Error, OSError):
                    if confined.items() <= of_process(fork.pid).items():
                        return fork.environ(), network(fork.pid)
            await asyncio.sleep(0.01)


async def test_a_running_inspector_has_no_environment_and_its_forks_no_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for parsers")
    file = tmp_path / "cv.pdf"
    file.write_bytes(files.pdf())
    among = Inspectors(Bounds(at_once=2, cpu_seconds=10, quick_seconds=5, seconds=30, bytes=2**30, queue_seconds=30))
    async with among.open():
        await among.inspect(file, PDF, RULES, "ann")
        process = inspector()
        confined = {"NoNewPrivs": "1"} | ({"Seccomp": "2"} if SECCOMP in among.sandbox else {})
        environment, network_of_fork = await looked_at_a_fork(process, confined)
        assert process.environ() == environment == {}
        assert process.cwd() == "/"
        if NAMESPACES in among.sandbox:
            assert network_of_fork != network(os.getpid())
