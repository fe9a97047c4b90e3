"""Servers that are one package of Debian's: found where daemons lie, or installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

from tests.servers import packages
from tests.servers.place import Place
from tests.servers.server import Server


class PackagedServer(Server):
    """Its program is `daemon`, of the `package`; what is made is installed from then on."""

    daemon: ClassVar[str]
    package: ClassVar[str]

    @classmethod
    def _installed(cls) -> Place | None:
        found = shutil.which(cls.daemon) or shutil.which(cls.daemon, path="/usr/sbin:/usr/local/sbin")
        return Place(Path(found).parent) if found else None

    @classmethod
    def _made(cls) -> Place | None:
        return None

    @classmethod
    def _make(cls) -> Place:
        packages.apt_install(cls.name, [cls.package], cls.what_to_install)
        if place := cls._installed():
            return place
        raise packages.not_the_version(cls.name, cls.package, cls.what_to_install)
