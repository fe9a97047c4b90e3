"""`make smoke`: install, `parvis demo` and the unit tests on each CPython from 3.11 to 3.14 that is on this machine.

Warnings of deprecation are errors. Versions that are not there are named. `make smoke ARGS=/a/python` looks at one alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.ports import free_port

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".cache/interpreters"
UV = Path(sys.executable).parent / "uv"
START_SECONDS = 120
UNIT = [
    "-m",
    "pytest",
    "-q",
    "--numprocesses",
    "0",
    "-p",
    "no:cacheprovider",
    "tests/unit",
    "--ignore=tests/unit/servers",
    "--ignore=tests/unit/load",
]


def promised() -> list[str]:
    """The versions that pyproject.toml names, `3.11`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [
        name.rpartition(" ")[2]
        for name in project["classifiers"]
        if name.startswith("Programming Language :: Python ::")
    ]


def version_of(python: str) -> str | None:
    """`3.13` of an interpreter that starts and is CPython, else None."""
    asked = "import sys; print(*sys.version_info[:2], sep='.', end='' if sys.implementation.name == 'cpython' else '?')"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def found(given: Sequence[str]) -> dict[str, str]:
    """Version -> interpreter: those that are given, or one of each that is on the path."""
    candidates = given or [path for version in promised() for path in on_path(f"python{version}")] + on_path("python3")
    there: dict[str, str] = {}
    for python in candidates:
        if (version := version_of(python)) in promised():
            there.setdefault(version, python)
    return there


def on_path(name: str) -> list[str]:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [path for folder in folders if (path := shutil.which(name, path=folder))]


def install(python: str, folder: Path) -> None:
    """What the tests need, by hash and from wheels alone."""
    subprocess.run([UV, "venv", "--quiet", "--clear", "--python", python, folder], check=True)
    into: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", folder / "bin/python"]
    locked: list[str | Path] = ["--require-hashes", "--no-build", "--requirement", ROOT / "requirements-dev.lock"]
    subprocess.run([*into, *locked], check=True)
    subprocess.run([*into, "--no-deps", "--no-build-isolation", "--editable", ROOT], check=True)


def demo(folder: Path) -> None:
    """A candidate's whole way against a suite that runs on it, and its end by SIGTERM."""
    with tempfile.TemporaryDirectory() as data, suite(folder, data) as environment:
        parvis = str(folder / "bin/parvis")
        subprocess.run([parvis, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)


@contextmanager
def suite(folder: Path, data: str) -> Iterator[dict[str, str]]:
    """`parvis up` on free ports; the environment for whoever speaks to it."""
    port, ops = free_port(), free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    own |= {"PARVIS_DATA": data, "PARVIS_PORT": str(port), "PARVIS_OPS_PORT": str(ops)}
    own |= {"PYTHONWARNINGS": "error::DeprecationWarning,error::PendingDeprecationWarning"}
    process = subprocess.Popen([folder / "bin/parvis", "up"], env=own, cwd=data)
    try:
        await_ready(process, f"http://127.0.0.1:{ops}/readyz")
        yield own
        process.send_signal(signal.SIGTERM)
        if process.wait(START_SECONDS):
            raise subprocess.CalledProcessError(process.returncode, "parvis up")
    finally:
        process.kill()
        process.wait()


def await_ready(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise subprocess.CalledProcessError(process.returncode or 1, "parvis up")


def unit_tests(folder: Path) -> None:
    """All but those of the servers and of the benchmarks, which are tools of the tests."""
    with tempfile.TemporaryDirectory() as data:
        subprocess.run([folder / "bin/python", *UNIT, f"--basetemp={data}/tests"], cwd=ROOT, check=True)


def smoke(python: str, folder: Path) -> bool:
    """All three, told one by one; False if one failed."""
    steps: dict[str, Callable[[], None]] = {
        "install": lambda: install(python, folder),
        "demo": lambda: demo(folder),
        "unit tests": lambda: unit_tests(folder),
    }
    for name, step in steps.items():
        began = time.monotonic()
        try:
            step()
        except (subprocess.SubprocessError, OSError) as error:
            print(f"{folder.name}: {name} FAILED: {error}", flush=True)
            return False
        print(f"{folder.name}: {name} done in {time.monotonic() - began:.0f} s", flush=True)
    return True


def main(given: Sequence[str]) -> int:
    there = found(given)
    good = [smoke(python, PLACE / version) for version, python in there.items()]
    for version in promised():
        if version not in there and not given:
            print(f"{version}: not on this machine, not looked at")
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
