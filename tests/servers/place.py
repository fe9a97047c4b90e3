"""Where the programs of a server are: on this machine, or in a folder that holds another Debian."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """``programs`` is the folder of the server's programs, as its processes see it.

    ``root``: the folder that holds the other Debian, None for this machine; ``user``: who runs them there.
    """

    programs: Path
    root: Path | None = None
    user: str | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line that runs a program of this place from outside."""
        argv = [str(self.programs / program), *arguments]
        if self.root is None:
            return argv
        # The mounts live and die with the process: nothing stays mounted, even after a kill -9.
        enter = 'mount -t proc proc "$0/proc" && exec chroot --userspec="$1" "$0" "${@:2}"'
        user = f"{self.user}:{self.user}"
        return ["unshare", "--mount", "bash", "-c", enter, str(self.root), user, *argv]

    def new_folder(self, name: str) -> Path:
        """A fresh folder that the server's user can write, seen from outside."""
        if self.root is None:
            return Path(tempfile.mkdtemp(prefix=f"parvis-{name}-"))
        folder = Path(tempfile.mkdtemp(prefix=f"parvis-{name}-", dir=self.root / "srv"))
        self.own(folder)
        return folder

    def own(self, path: Path) -> None:
        """Give a file or folder made from outside to the server's user."""
        if self.root is None:
            return
        for line in (self.root / "etc/passwd").read_text("utf-8").splitlines():
            name, _, uid, gid, *_ = line.split(":")
            if name == self.user:
                shutil.chown(path, int(uid), int(gid))
                return
        raise LookupError(f"{self.root} has no user {self.user}")

    def inside(self, path: Path) -> str:
        """The path as the server's processes see it."""
        return str(path if self.root is None else Path("/") / path.relative_to(self.root))

    def name(self) -> str:
        """Where it is, for people."""
        return f"{self.programs}" if self.root is None else f"{self.programs} in {self.root}"


def removal(folder: Path) -> Sequence[str]:
    """The command that clears a server's folder away after the tests are gone."""
    return ("rm", "-rf", str(folder))
