"""veraPDF, which says whether a PDF keeps PDF/UA-1: a program, not a server, of packages for the Java of this machine."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers import packages
from tests.servers.available import NotAvailable

NAME: Final = "verapdf"
WHAT_TO_INSTALL: Final = (
    "a JDK, 17 or newer, with Maven, and access to the packages of tests/servers/accessible/pom.xml"
)

_FOLDER: Final = Path(__file__).with_name("accessible")
_FILES: Final = ("pom.xml", "jars.sha256", "Accessible.java")
_SECONDS: Final = 300
_SECONDS_TO_MAKE: Final = 600


@dataclass(frozen=True)
class VeraPdf:
    """Where it is: a folder of the cache."""

    folder: Path

    def broken(self, files: Sequence[Path]) -> dict[Path, list[str]]:
        """The rules that each file does not keep, with what they ask for; nothing of one that keeps them all."""
        java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{self.folder}/out:{self.folder}/lib/*"]
        ended = subprocess.run(
            [*java, "Accessible", *map(str, files)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        lines = ended.stdout.splitlines()
        assert ended.returncode == 0 and len(lines) == len(files), ended.stderr
        found: dict[Path, list[str]] = {}
        for file, line in zip(files, lines, strict=True):
            verdict, *rules = line.rstrip("\t").split("\t")
            assert (verdict == "broken") == bool(rules), line
            found[file] = rules
        return found


def find() -> Path | None:
    """The folder, if it was made."""
    return folder if (folder := _folder()).exists() else None


def make() -> VeraPdf:
    """Make it once; raises `NotAvailable` without Java or its packages, or when these are not those that are pinned."""
    folder, maven, compiler = _folder(), shutil.which("mvn"), shutil.which("javac")
    if not folder.exists():
        if maven is None or compiler is None or not shutil.which("java"):
            raise NotAvailable(NAME, "not installed", WHAT_TO_INSTALL)
        with packages.locked(folder.name):
            if not folder.exists():
                packages.say(f"{NAME} ...")
                part = folder.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                for file in _FILES:
                    shutil.copy(_FOLDER / file, part)
                _run([maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={part}/lib"], part)
                _check(part)
                _run([compiler, "-cp", f"{part}/lib/*", "-d", str(part / "out"), "Accessible.java"], part)
                part.rename(folder)
    if not shutil.which("java"):
        raise NotAvailable(NAME, "made, and there is no Java to run it", WHAT_TO_INSTALL)
    return VeraPdf(folder)


def _folder() -> Path:
    recipe = hashlib.sha256(b"".join((_FOLDER / file).read_bytes() for file in _FILES)).hexdigest()[:12]
    return packages.cache() / f"{NAME}-{recipe}"


def _check(part: Path) -> None:
    """Every jar is one that is pinned, and none is missing."""
    pinned = dict(line.split()[::-1] for line in (part / "jars.sha256").read_text().splitlines())
    there = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in (part / "lib").iterdir()}
    if other := sorted(name for name in pinned.keys() | there.keys() if pinned.get(name) != there.get(name)):
        raise NotAvailable(NAME, f"not the packages that are pinned: {', '.join(other)}", WHAT_TO_INSTALL)


def _run(command: Sequence[str], folder: Path) -> None:
    ended = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_TO_MAKE,
    )
    if ended.returncode != 0:
        last = " / ".join((ended.stdout + ended.stderr).strip().splitlines()[-3:])
        raise NotAvailable(NAME, f"exit {ended.returncode}: {last}", WHAT_TO_INSTALL)
