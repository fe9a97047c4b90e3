"""The examples for campus systems, ready to run: each by its language, made from packages in the cache."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.servers import packages
from tests.servers.available import NotAvailable

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs/subscribers"


def _python() -> list[str]:
    return [sys.executable, str(FOLDER / "subscriber.py")]


def _javascript() -> list[str]:
    node, npm = _program("node", "Node.js 20 or newer"), _program("npm", "npm")

    def make(folder: Path) -> None:
        for name in ("package.json", "subscriber.mjs"):
            shutil.copy(FOLDER / name, folder)
        _run("npm", [npm, "install", "--no-package-lock", "--no-audit", "--no-fund"], folder)

    return [node, str(_made("subscriber-javascript", ("package.json", "subscriber.mjs"), make) / "subscriber.mjs")]


def _go() -> list[str]:
    go = shutil.which("go") or _program("/usr/local/go/bin/go", "Go 1.21 or newer")

    def make(folder: Path) -> None:
        _run(
            "go",
            [go, "build", "-C", str(FOLDER / "go"), "-mod=readonly", "-o", str(folder / "subscriber"), "."],
            folder,
        )

    files = ("go/go.mod", "go/go.sum", "go/subscriber.go")
    return [str(_made("subscriber-go", files, make) / "subscriber")]


def _java() -> list[str]:
    java, maven = _program("java", "a JDK, 17 or newer"), _program("mvn", "Maven")

    def make(folder: Path) -> None:
        shutil.copy(FOLDER / "pom.xml", folder)
        _run("mvn", [maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}/lib"], folder)

    return [java, "-cp", f"{_made('subscriber-java', ('pom.xml',), make)}/lib/*", str(FOLDER / "Subscriber.java")]


_MAKERS: Final[dict[str, Callable[[], list[str]]]] = {
    "python": _python,
    "javascript": _javascript,
    "go": _go,
    "java": _java,
}
LANGUAGES: Final = tuple(_MAKERS)
NAMES: Final = tuple(f"example-{language}" for language in LANGUAGES)


def make(name: str) -> list[str]:
    """Prepare one; the command line that runs it, but for URL and queue. Raises `NotAvailable`."""
    return _MAKERS[name.removeprefix("example-")]()


def _made(name: str, files: tuple[str, ...], make: Callable[[Path], None]) -> Path:
    """A folder of the cache that `make` has filled for these files of the examples, once."""
    recipe = hashlib.sha256(b"".join((FOLDER / file).read_bytes() for file in files)).hexdigest()[:12]
    folder = packages.cache() / f"{name}-{recipe}"
    with packages.locked(folder.name):
        if not folder.exists():
            packages.say(f"{name} ...")
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            make(part)
            part.rename(folder)
    return folder


def _program(name: str, what_to_install: str) -> str:
    if found := shutil.which(name):
        return found
    raise NotAvailable(name, "not installed", what_to_install)


def _run(name: str, command: list[str], folder: Path) -> None:
    ended = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last = " / ".join((ended.stdout + ended.stderr).strip().splitlines()[-3:])
        raise NotAvailable(name, f"exit {ended.returncode}: {last}", "access to the packages that the example names")
