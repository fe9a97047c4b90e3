"""nginx with a configuration of the test's own."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import packages
from tests.servers.packaged import PackagedServer
from tests.servers.place import Place
from tests.servers.ports import free_port, listens
from tests.servers.process import Process

_PLAIN = """\
events {{}}
http {{
  {paths}
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 200 "ok\\n"; }}
  }}
}}
"""


def plain(port: int, folder: Path) -> str:
    """A whole configuration that answers 200 ``ok`` to everything."""
    return _PLAIN.format(port=port, paths=paths(folder))


def paths(folder: Path) -> str:
    """The directives of the ``http`` block that keep all that nginx writes in the folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "\n  ".join([*(f"{kind}_temp_path {folder}/{kind};" for kind in kinds), f"access_log {folder}/access.log;"])


class Nginx(PackagedServer):
    """nginx in the foreground.

    ``render(port, folder)`` gives the whole ``nginx.conf``: it listens on 127.0.0.1:port, writes below the folder only
    (`paths`), and leaves ``daemon``, ``pid`` and the main ``error_log`` to this class. It is asked anew at each start
    and `reload`.
    """

    name = "nginx"
    daemon = "nginx"
    package = "nginx"
    what_to_install = "nginx (Debian: apt-get install nginx)"

    def __init__(self, render: Callable[[int, Path], str] = plain, lifeline: int | None = None) -> None:
        super().__init__(lifeline)
        self._render = render

    def check(self) -> str:
        """What ``nginx -t`` says of the configuration, after a start; raises `subprocess.CalledProcessError`."""
        self._own("check a configuration")
        self._write()
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=True, timeout=30).stderr

    def reload(self) -> None:
        """Write the configuration anew and have nginx take it over without dropping a connection."""
        self._own("reload")
        self.check()
        pid = int((Path(self._state["folder"]) / "nginx.pid").read_text())
        os.kill(pid, signal.SIGHUP)

    @classmethod
    def program(cls) -> str:
        """The program of this machine; raises `LookupError` if it has none."""
        if (place := cls._installed()) is None:
            raise LookupError(cls.what_to_install)
        return str(place.programs / "nginx")

    @classmethod
    def given(cls) -> str | None:
        """None: nginx is a program to which each test gives its configuration."""
        return None

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        folder.chmod(0o755)  # nginx started by root has workers of another user
        return {"url": f"http://127.0.0.1:{free_port()}", "folder": str(folder)}

    def _write(self) -> None:
        assert self._place is not None
        folder = Path(self._state["folder"])
        seen = Path(self._place.inside(folder))
        (folder / "nginx.conf").write_text(self._render(urlsplit(self.url).port or 80, seen))

    def _command(self) -> list[str]:
        assert self._place is not None
        folder = self._place.inside(Path(self._state["folder"]))
        own = f"daemon off; pid {folder}/nginx.pid;"
        return self._place.command("nginx", "-p", folder, "-e", "stderr", "-c", f"{folder}/nginx.conf", "-g", own)

    def _launch(self) -> list[Process]:
        self._write()
        return [self._spawn("nginx", self._command())]

    def _answers(self) -> bool:
        return listens(urlsplit(self.url).port or 80)


class NewerNginx(Nginx):
    """nginx 1.27.3 or newer, which asks for names again, from a newer Debian in a folder."""

    name = "newer-nginx"
    what_to_install = "nginx 1.27.3 or newer (Debian forky: apt-get install nginx)"

    @classmethod
    def _installed(cls) -> Place | None:
        return None  # what a machine has is older

    @classmethod
    def _made(cls) -> Place | None:
        return _foreign(root) if (root := packages.debian_folder()).exists() else None

    @classmethod
    def _make(cls) -> Place:
        return _foreign(packages.make_debian_folder(cls.name, cls.what_to_install))


def _foreign(root: Path) -> Place:
    return Place(Path("/usr/sbin"), root=root, user="www-data")
