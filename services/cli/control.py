"""Commands that write: done by the embedded suite where one runs, else by the command's own process, which then is alone.

The suite takes orders at a socket of the machine in the folder of its stores, from its own user and root alone. An order
is a line of JSON, and the bytes of the files that it names; answers are lines, the last of which is the exit code. An order
whose answer was lost may be given again: what is marked `writes` must be safe to repeat.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import re
import socket
import struct
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, get_type_hints

import click
import structlog
from pydantic import BaseModel, Field, ValidationError, create_model
from pydantic_core import from_json, to_json

from services import SERVICES
from services.chassis import urls
from services.chassis.ports import PortError
from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.chassis.store.ownership import is_owned
from services.chassis.telemetry.logging import configure_logging
from services.cli.offline import beginning, missing_stores, opened

log = structlog.get_logger()

SOCKET: Final = "control"
MAX_ORDER: Final = 64 * 1024
"""Bytes of an order without its files."""
MAX_FILES: Final = 64 << 20
"""Bytes of an order's files, together."""
MAX_AT_ONCE: Final = 8
"""Orders that are under way; they are carried out one after the other."""
ANSWER_SECONDS: Final = 10.0
"""Within which an order must have come, and be accepted."""
END_SECONDS: Final = 3.0
"""What a suite that ends leaves to the order under way."""
_CHUNK: Final = 1 << 20

Suite = Mapping[str, Service]
Work = Callable[..., Awaitable[int]]


class Output(Protocol):
    """Where a command says what it does."""

    def line(self, text: str, *, error: bool = False) -> None:
        """Say a line, on standard output or standard error."""
        ...

    def progress(self, done: int, total: int) -> None:
        """Say how far it is."""
        ...


class Order(BaseModel):
    """What is asked of the suite; `files` are sizes in bytes, by the name of the argument."""

    command: str = Field(max_length=100)
    arguments: dict[str, Any]
    files: dict[str, Annotated[int, Field(ge=0)]]


class WritingCommand:
    """A coroutine function `work(suite, output, **arguments)` that answers an exit code, as a command of `run`."""

    def __init__(self, work: Work, services: Sequence[str], chosen_by: str | None, begins: bool) -> None:
        self.name = f"{work.__module__.rpartition('.')[2]}.{work.__name__}"
        self._work = work
        self._services = services
        self._chosen_by = chosen_by
        self._begins = begins
        hints = get_type_hints(work)
        del hints["return"], hints["suite"], hints["output"]
        fields: dict[str, Any] = {name: (hint, ...) for name, hint in hints.items()}
        self._arguments: type[BaseModel] = create_model("Arguments", **fields)
        self.files: Final = frozenset(name for name, hint in hints.items() if hint is Path)

    async def __call__(self, **arguments: Any) -> int:
        """Have it done; raises ClickException, PortError."""
        settings = Settings()
        configure_logging(settings)
        return await self.on(settings, _Terminal(), arguments)

    async def on(self, settings: Settings, output: Output, arguments: Mapping[str, Any]) -> int:
        """Have it done on the stores of these settings; raises ClickException, PortError."""
        folder = urls.sqlite_folder(settings.store, settings.data)
        if folder is not None and is_owned(folder):
            return await _ask(folder, self, arguments, output)
        names = self._services if self._chosen_by is None else [arguments[self._chosen_by]]
        if folder is not None and not self._begins:
            missing_stores(folder, names)
        try:
            parsed = self.parsed(arguments)
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise click.ClickException(told) from None
        if self._begins and (new := beginning(folder, names)):
            output.line(new, error=True)
        async with opened(settings, names) as suite:
            return await self.work(suite, output, parsed)

    def parsed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as they were before they became JSON; raises ValidationError."""
        model = self._arguments.model_validate(arguments)
        return {name: getattr(model, name) for name in self._arguments.model_fields}

    async def work(self, suite: Suite, output: Output, arguments: Mapping[str, Any]) -> int:
        """Do it on services that are open."""
        return await self._work(suite, output, **arguments)


def writes(*services: str, chosen_by: str | None = None, begins: bool = False) -> Callable[[Work], WritingCommand]:
    """Mark a command that writes to the stores of these services (default: all), or of the one that an argument names.

    `begins`: it may come before the first start; every other one wants stores that are there.
    Arguments are whatever JSON and type hints can carry; one of type Path is a file to read, whose bytes are sent.
    """
    return lambda work: WritingCommand(work, services or SERVICES, chosen_by, begins)


class _Terminal:
    def line(self, text: str, *, error: bool = False) -> None:
        click.echo(text, err=error)

    def progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done}/{total}", err=True, nl=done == total)


async def _ask(folder: Path, command: WritingCommand, arguments: Mapping[str, Any], output: Output) -> int:
    """Have the suite do it."""
    files = {name: Path(arguments[name]) for name in command.files}
    sizes = {name: path.stat().st_size for name, path in files.items()}
    if sum(sizes.values()) > MAX_FILES:
        raise click.ClickException(f"files of more than {MAX_FILES} bytes together: stop the suite first")
    rest = {name: value for name, value in arguments.items() if name not in files}
    order = to_json(Order(command=command.name, arguments=rest, files=sizes)) + b"\n"
    if len(order) > MAX_ORDER:
        raise click.ClickException("these are too many at once: give fewer, several times")
    try:
        with _short_path(folder) as path:
            reader, writer = await asyncio.open_unix_connection(path, limit=_CHUNK)
    except OSError:
        raise click.ClickException(
            f"a suite runs on {folder} and takes no orders: it starts, or ends, or is of several processes; "
            "try again, or stop it first"
        ) from None
    try:
        writer.write(order)
        for name, file in files.items():
            await _send(writer, file, sizes[name])
        await writer.drain()
        return await _answered(reader, output)
    except OSError:
        raise click.ClickException(
            "the suite ended before it had answered: once it runs, give the command again"
        ) from None
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, path: Path, size: int) -> None:
    with path.open("rb") as file:
        while size and (chunk := await asyncio.to_thread(file.read, min(size, _CHUNK))):
            size -= len(chunk)
            writer.write(chunk)
            async with asyncio.timeout(ANSWER_SECONDS):
                await writer.drain()
    if size:
        raise click.ClickException(f"{path} became shorter while it was read")


async def _answered(reader: asyncio.StreamReader, output: Output) -> int:
    """Repeat what the suite says until it says the exit code; raises ClickException, ConnectionError."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            said = await reader.readline()
    except TimeoutError:
        raise click.ClickException("the suite does not answer") from None
    while said:
        match from_json(said):
            case {"code": int(code)}:
                return code
            case {"line": str(text), "error": bool(error)}:
                output.line(text, error=error)
            case {"progress": [int(done), int(total)]}:
                output.progress(done, total)
        said = await reader.readline()
    raise ConnectionResetError


class _Line:
    """Says everything to who has given the order, as long as he listens."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._percent = -1

    def say(self, what: Mapping[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(to_json(what) + b"\n")

    def line(self, text: str, *, error: bool = False) -> None:
        self.say({"line": text, "error": error})

    def progress(self, done: int, total: int) -> None:
        percent = 100 * done // total if total else 100
        if percent != self._percent:
            self._percent = percent
            self.say({"progress": [done, total]})


class _Refused(Exception):
    """An order that is not carried out; the text says why."""


class ControlSocket:
    """Carries out orders on the services of this process while it is entered."""

    def __init__(self, folder: Path, suite: Suite) -> None:
        """`folder` is owned by this process."""
        self._folder = folder
        self._suite = suite
        self._turn = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Take orders; at the end, let the one under way come to its end, or cut it off after three seconds."""
        (self._folder / SOCKET).unlink(missing_ok=True)  # of a suite that was killed
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            with _short_path(self._folder) as path:
                listening.bind(path)
            (self._folder / SOCKET).chmod(0o600)  # before anybody is listened to
            server = await asyncio.start_unix_server(self._connected, sock=listening, limit=MAX_ORDER)
            try:
                yield
            finally:
                server.close()
                (self._folder / SOCKET).unlink(missing_ok=True)
                await self._end()

    async def _end(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=END_SECONDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._talk(reader, writer))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, _Line(writer), may_ask=_is_own_user(writer))
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await writer.drain()
                    while await reader.read(MAX_ORDER):
                        pass  # what was not wanted, as closing before it is read takes the answer away
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, output: _Line, *, may_ask: bool) -> None:
        with ExitStack() as stack:
            try:
                if not may_ask:
                    raise _Refused("the suite takes orders from its own user and root alone")
                if len(self._under_way) > MAX_AT_ONCE:
                    raise _Refused(f"{MAX_AT_ONCE} commands are under way: try again when they are through")
                command, arguments = await self._order(reader, stack)
                output.say({"accepted": command.name})
                async with self._turn:
                    log.warning("control.order", command=command.name)
                    code = await command.work(self._suite, output, arguments)
            except click.ClickException as error:
                output.line(f"Error: {error.format_message()}", error=True)
                code = error.exit_code
            except (PortError, _Refused) as error:
                output.line(f"Error: {error}", error=True)
                code = 1
            except Exception as error:  # a command's own failure is told to who gave it, and ends no suite
                log.exception("control.failed")
                output.line(f"Error: {type(error).__name__}; the suite's log says more", error=True)
                code = 1
            output.say({"code": code})

    async def _order(self, reader: asyncio.StreamReader, stack: ExitStack) -> tuple[WritingCommand, dict[str, Any]]:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                order = Order.model_validate_json(await reader.readline())
            command = _command(order.command)
            if command.files != set(order.files) or sum(order.files.values()) > MAX_FILES:
                raise _Refused("an order with other files than the command takes")
            files = {name: await self._file(reader, size, stack) for name, size in order.files.items()}
            return command, command.parsed(order.arguments | files)
        except (ValueError, TimeoutError, EOFError):
            raise _Refused("an order that this suite does not understand: is it of another version?") from None

    async def _file(self, reader: asyncio.StreamReader, size: int, stack: ExitStack) -> Path:
        """What was sent, in a file without a name, which goes with its descriptor."""
        file = stack.enter_context(tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 - the stack closes it
        while size:
            async with asyncio.timeout(ANSWER_SECONDS):
                chunk = await reader.readexactly(min(size, MAX_ORDER))
            size -= len(chunk)
            await asyncio.to_thread(file.write, chunk)
        file.flush()
        return Path(f"/proc/self/fd/{file.fileno()}")


def _command(name: str) -> WritingCommand:
    module, _, function = name.partition(".")
    if re.fullmatch(r"[a-z_]+", module) and importlib.util.find_spec(f"services.cli.{module}") is not None:
        command = getattr(importlib.import_module(f"services.cli.{module}"), function, None)
        if isinstance(command, WritingCommand):
            return command
    raise _Refused(f"{name}: the suite that runs has no such command: is it of another version?")


def _is_own_user(writer: asyncio.StreamWriter) -> bool:
    line: socket.socket = writer.get_extra_info("socket")
    _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return user in (0, os.geteuid())


@contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """The socket's path, for a call that takes no more than 107 bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)
