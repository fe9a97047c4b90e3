"""ENTs that others have written: a CAS server and an OpenID provider, each with one person."""

import hashlib
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import urlsplit

from tests.servers import packages
from tests.servers.available import NotAvailable
from tests.servers.place import Place
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

PAGE: Final = "https://parvis.test/connexion/ent/retour"
"""Where people are sent back to; nobody goes there."""
USER, PASSWORD = "zdurand", "a password for tests"
CLIENT, SECRET = "parvis", "a-secret-of-the-tests-alone"

_FOLDER: Final = Path(__file__).with_name("ents")


class _EntServer(Server):
    """What both have in common: a folder of the cache, filled once from packages of their language."""

    files: ClassVar[tuple[str, ...]]

    @classmethod
    def _installed(cls) -> Place | None:
        return None

    @classmethod
    def _made(cls) -> Place | None:
        return Place(folder) if (folder := cls._folder_of_recipe()).exists() else None

    @classmethod
    def _make(cls) -> Place:
        folder = cls._folder_of_recipe()
        with packages.locked(folder.name):
            if not folder.exists():
                packages.say(f"{cls.name} ...")
                part = folder.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                for file in cls.files:
                    shutil.copy(_FOLDER / file, part)
                cls._fill(part)
                part.rename(folder)
        return Place(folder)

    @classmethod
    def _fill(cls, folder: Path) -> None:
        raise NotImplementedError

    @classmethod
    def _folder_of_recipe(cls) -> Path:
        recipe = hashlib.sha256(b"".join((_FOLDER / file).read_bytes() for file in cls.files)).hexdigest()[:12]
        return packages.cache() / f"{cls.name}-{recipe}"

    @classmethod
    def _run(cls, command: Sequence[str], folder: Path) -> None:
        ended = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            last = " / ".join((ended.stdout + ended.stderr).strip().splitlines()[-3:])
            raise NotAvailable(cls.name, f"exit {ended.returncode}: {last}", cls.what_to_install)

    def _page(self) -> str:
        """A page that is there once it serves."""
        raise NotImplementedError

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._page(), timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _port(self) -> str:
        return str(urlsplit(self.url).port)


class MamaCas(_EntServer):
    """django-mama-cas below ``/cas``, with a Django that it accepts, in an environment of its own."""

    name = "mamacas"
    what_to_install = "Python 3.11 or 3.12 with venv, and access to the packages of tests/servers/ents/requirements.txt"
    files = ("requirements.txt", "cas.py")

    @classmethod
    def _fill(cls, folder: Path) -> None:
        # An environment knows where it was made: it stays at the name that it will have.
        cls._run([sys.executable, "-m", "venv", "--without-pip", str(folder / "environment")], folder)
        target = next((folder / "environment/lib").glob("python*/site-packages"))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
        cls._run([*pip, "--target", str(target), "-r", "requirements.txt"], folder)

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        return {"url": f"cas+http://127.0.0.1:{free_port()}/cas"}

    def _launch(self) -> list[Process]:
        assert self._place is not None and self._folder is not None
        program = str(self._place.programs / "cas.py")
        python = str(self._place.programs / "environment/bin/python")
        database = self._folder / "cas.sqlite"
        return [self._spawn("cas", [python, program, self._port(), PAGE, USER, PASSWORD, str(database)])]

    def _page(self) -> str:
        return f"{self.url.removeprefix('cas+')}/login"


class OidcProvider(_EntServer):
    """npm's oidc-provider, which is certified, on the Node of this machine."""

    name = "oidcprovider"
    what_to_install = "Node.js 20 or newer with npm, and access to the package of tests/servers/ents/package.json"
    files = ("package.json", "provider.mjs")

    @classmethod
    def _fill(cls, folder: Path) -> None:
        if not shutil.which("node") or (npm := shutil.which("npm")) is None:
            raise NotAvailable(cls.name, "not installed", cls.what_to_install)
        cls._run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"], folder)

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        return {"url": f"oidc+http://{CLIENT}:{SECRET}@127.0.0.1:{free_port()}"}

    def _launch(self) -> list[Process]:
        assert self._place is not None
        program = str(self._place.programs / "provider.mjs")
        return [self._spawn("provider", [shutil.which("node") or "node", program, self._port(), PAGE, CLIENT, SECRET])]

    def _page(self) -> str:
        return f"http://127.0.0.1:{self._port()}/.well-known/openid-configuration"
