"""A Docker engine as a source of servers, where one answers."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.servers.process import Process


@cache
def answers() -> bool:
    """Whether a Docker engine can be used from here."""
    if not shutil.which("docker"):
        return False
    try:
        asked = subprocess.run(["docker", "version"], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def create(
    image: str, *, ports: Mapping[int, int], environment: Mapping[str, str], arguments: Sequence[str] = ()
) -> str:
    """Create a container that is not started yet; returns its id. ``ports``: on 127.0.0.1, to the port within."""
    command = ["docker", "create"]
    for outside, within in ports.items():
        command += ["--publish", f"127.0.0.1:{outside}:{within}"]
    for name, value in environment.items():
        command += ["--env", f"{name}={value}"]
    made = subprocess.run([*command, image, *arguments], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise ImageMissing(made.stderr.strip())
    return made.stdout.strip()


class ImageMissing(Exception):
    """The engine has no such image and cannot fetch it."""


class ContainerProcess(Process):
    """A container of `create`, attached: it keeps its data from one start to the next, until `remove`."""

    def __init__(self, container: str, *, folder: Path, lifeline: int | None = None) -> None:
        self._container = container
        super().__init__(
            ["docker", "start", "--attach", container],
            log=folder / "container.log",
            lifeline=lifeline,
            at_end=["sh", "-c", f'{" ".join(removal(container))}; rm -rf "$0"', str(folder)],
        )

    def stop(self) -> None:
        """SIGTERM to the container's main process, SIGKILL after 30 s."""
        self._docker("stop", "--time", "30")
        super().stop()

    def kill(self) -> None:
        """SIGKILL to the whole container."""
        self._docker("kill")
        super().kill()

    def freeze(self) -> None:
        """Freeze the container's processes."""
        self._docker("pause")

    def thaw(self) -> None:
        """Let them go on."""
        self._docker("unpause")

    def _docker(self, *words: str) -> None:
        # One that has ended by itself is refused here, and that is as well.
        subprocess.run(["docker", *words, self._container], capture_output=True, check=False)


def removal(container: str) -> Sequence[str]:
    """The command that removes a container, its processes and its data."""
    return ("docker", "rm", "--force", "--volumes", container)
