"""What all servers of the tests have in common: where they come from, and how they start, stop and disappear."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tests.servers import docker, packages
from tests.servers.available import DidNotStart, NotAvailable
from tests.servers.place import Place, removal
from tests.servers.process import Process

_START = 300.0


class Server(ABC):
    """A real server on a free loopback port with its data in a temporary folder.

    It comes from, in this order: ``PARVIS_TEST_<NAME>_URL``, an installed program, a Docker engine, Debian packages
    (`packages`). ``async with`` starts it and clears it away. `stop`, `kill` and then `start` again keep its port and
    its data; `close` ends both. It dies with the process that started it, even after a ``kill -9`` of that one.
    """

    name: ClassVar[str]
    what_to_install: ClassVar[str]
    image: ClassVar[str | None] = None

    def __init__(self, lifeline: int | None = None) -> None:
        self._lifeline = lifeline
        self._shared = lifeline is not None
        self._state: dict[str, str] = {}
        self._place: Place | None = None
        self._container: str | None = None
        self._folder: Path | None = None
        self._processes: list[Process] = []

    # What a test uses.

    @property
    def url(self) -> str:
        """Where it answers, in the words of Parvis' settings (``amqp://``, ``mongodb://``, ``s3+http://`` ...)."""
        return self._state["url"]

    @property
    def log(self) -> str:
        """The last 200 lines of what the server printed."""
        return "\n".join(process.tail(200) for process in self._processes)

    async def start(self) -> Self:
        """Start it and wait until it answers; the second time on the same port and data.

        Raises `NotAvailable` when it can neither be found nor made, `DidNotStart` when it does not answer in five minutes.
        """
        await asyncio.to_thread(self.start_now)
        return self

    async def stop(self) -> None:
        """SIGTERM, SIGKILL after 30 s; the data stay."""
        await asyncio.to_thread(self._end, "stop")

    async def kill(self) -> None:
        """SIGKILL to every process of it at once; the data stay as they are."""
        await asyncio.to_thread(self._end, "kill")

    async def restart(self) -> None:
        """`stop` and `start` on the same port and data."""
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """SIGSTOP: its connections stay open and nothing answers, until `thaw`."""
        for process in self._own("freeze"):
            process.freeze()

    def thaw(self) -> None:
        """SIGCONT."""
        for process in self._own("thaw"):
            process.thaw()

    async def close(self) -> None:
        """Kill it and clear its data away."""
        await asyncio.to_thread(self.close_now)

    async def __aenter__(self) -> Self:
        try:
            return await self.start()
        except BaseException:
            await self.close()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # The same without a loop, for fixtures and the command line.

    def start_now(self) -> None:
        """`start`, blocking."""
        if not self._state:
            self._open()
        if self._folder is None:
            self._wait()
            return
        self._processes = self._launch()
        self._wait()

    def close_now(self) -> None:
        """`close`, blocking."""
        for process in reversed(self._processes):
            process.kill()
        self._processes = []
        if self._container is not None:
            subprocess.run(docker.removal(self._container), capture_output=True, check=False)
            self._container = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self._state = {}

    def state(self) -> dict[str, str]:
        """All that another process needs to use this server: see `attached`."""
        return dict(self._state)

    def supervisors(self) -> list[int]:
        """The process ids that are gone when everything of this server is gone."""
        return [process.pid for process in self._processes]

    @classmethod
    def attached(cls, state: Mapping[str, str]) -> Self:
        """A server that another process has started."""
        server = cls()
        server._state = dict(state)
        server._shared = True
        return server

    @classmethod
    def make(cls) -> str:
        """Install or build what is missing, without starting it; returns where it comes from.

        Raises `NotAvailable`.
        """
        if given := cls.given():
            return f"given: {given}"
        if place := cls._installed():
            return f"installed: {place.name()}"
        if cls.image and docker.answers():
            return f"docker: {cls.image}"
        return f"made: {cls._make().name()}"

    @classmethod
    def origin(cls) -> str:
        """Where it would come from, with nothing made: one line for people."""
        if given := cls.given():
            return f"given: {given}"
        if place := cls._installed():
            return f"installed: {place.name()}"
        if cls.image and docker.answers():
            return f"docker: {cls.image}"
        if place := cls._made():
            return f"made: {place.name()}"
        why = packages.why_nothing_is_made()
        return f"not available: {why} ({cls.what_to_install})" if why else "to be made from packages"

    @classmethod
    def given(cls) -> str | None:
        """The URL of a server that the person who runs the tests provides."""
        return os.environ.get(f"PARVIS_TEST_{cls.name.upper()}_URL") or None

    # What each server says for itself.

    @classmethod
    @abstractmethod
    def _installed(cls) -> Place | None:
        """The program of this machine, if it has one of the right version."""

    @classmethod
    @abstractmethod
    def _made(cls) -> Place | None:
        """What `_make` has made before."""

    @classmethod
    @abstractmethod
    def _make(cls) -> Place:
        """Make it from packages, if it is not made yet; raises `NotAvailable`."""

    @abstractmethod
    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        """Choose ports, write the configuration; returns the state."""

    @abstractmethod
    def _launch(self) -> list[Process]:
        """Start the processes."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it serves what it is there for."""

    def _attach(self, url: str) -> dict[str, str]:
        """The state of a server that is given by its URL."""
        return {"url": url}

    def _create(self, image: str) -> tuple[str, dict[str, str]]:
        """Create a container; returns its id and the state."""
        raise NotImplementedError

    # How it goes.

    def _open(self) -> None:
        if given := self.given():
            self._state = self._attach(given)
            return
        place = self._installed()
        if place is None and self.image and docker.answers():
            try:
                self._container, self._state = self._create(self.image)
            except docker.ImageMissing:
                place = self._make()
            else:
                self._folder = Path(tempfile.mkdtemp(prefix=f"parvis-{self.name}-"))
                return
        self._place = place or self._make()
        self._folder = self._place.new_folder(self.name)
        self._state = self._configure(self._place, self._folder)

    def _spawn_container(self) -> list[Process]:
        assert self._container is not None
        assert self._folder is not None
        return [docker.ContainerProcess(self._container, folder=self._folder, lifeline=self._lifeline)]

    def _spawn(self, label: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Process:
        assert self._folder is not None
        return Process(
            command,
            log=self._folder / f"{label}.log",
            environment=environment,
            lifeline=self._lifeline,
            at_end=removal(self._folder),
        )

    def _wait(self) -> None:
        self._wait_for(self._answers)

    def _wait_for(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START
        while not ready():
            ended = [process for process in self._processes if not process.running()]
            if ended or time.monotonic() > deadline:
                why = "it ended by itself" if ended else f"no answer in {_START:.0f} s"
                raise DidNotStart(f"{self.name}: {why}\n{self.log}")
            time.sleep(0.05)

    def _end(self, how: str) -> None:
        for process in reversed(self._own(how)):
            if how == "stop":
                process.stop()
            else:
                process.kill()
        self._processes = []

    def _own(self, verb: str) -> list[Process]:
        if self._shared:
            raise RuntimeError(f"{verb} the session's {self.name}? Start one of the test's own")
        if self._folder is None:
            raise NotAvailable(
                self.name,
                f"to {verb} it needs a server of the test's own, and this one is given",
                f"leave PARVIS_TEST_{self.name.upper()}_URL unset; {self.what_to_install}",
            )
        return self._processes
