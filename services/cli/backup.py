"""`parvis backup` and `parvis restore`: a folder of sqlite files and objects, whichever size it comes from or goes to."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import click

from services import SERVICES, VERSION
from services.chassis import urls
from services.chassis.fsync import make_folder, sync_folder
from services.chassis.ports import ObjectExists, Objects
from services.chassis.settings import Settings
from services.chassis.store.files import fold_logs
from services.chassis.store.ownership import LOCK, held_alone, visited
from services.chassis.store.snapshot import snapshot
from services.chassis.telemetry.logging import configure_logging
from services.cli.copying import copy_stores, must_be_empty, put_back
from services.cli.offline import missing_stores, opened, opened_to_read
from services.cli.run import ConfigurationError
from services.contracts.instants import instant_text

MANIFEST: Final = "manifest.json"
PAGE: Final = 1000
CHUNK: Final = 1 << 20
PASSING: Final = ("exports/", "bundles/")
"""Objects that are gone within a day, and with whom they tell of: no copy of them is to outlive them."""
PROGRESS_SECONDS: Final = 5.0


# --- backup -----------------------------------------------------------------------------------------------------


async def backup(*, folder: Path) -> int:
    """Copy all that the suite keeps into a new folder; the manifest comes last, so that a torn copy has none.

    Objects are copied before and after the stores: every document of the copied stores has its bytes in the copy.
    """
    settings = Settings()
    configure_logging(settings)
    store = urls.sqlite_folder(settings.store, settings.data)
    if store is not None:
        missing_stores(store, SERVICES)
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty")
    make_folder(folder)
    begun = instant_text(urls.open_clock(settings.clock).now())
    await _copy_objects_of(settings, folder)
    if store is None:
        await _copy_stores(settings, folder)
    else:
        async with visited(store):
            await asyncio.to_thread(snapshot, [store / f"{service}.sqlite" for service in SERVICES], folder)
    await asyncio.to_thread(fold_logs, folder)
    await _copy_objects_of(settings, folder)
    if (mail := urls.maildir_folder(settings.mail, settings.data)) is not None:
        await asyncio.to_thread(_copy_mail, mail, folder / "mail")
    manifest = {"parvis": VERSION, "made_at": begun, "files": await asyncio.to_thread(_sums, folder)}
    await asyncio.to_thread(_write, folder / MANIFEST, json.dumps(manifest, indent=1).encode())
    click.echo(f"{len(manifest['files'])} files, {_size(manifest)} bytes, as of {begun}: {folder}")
    return 0


async def _copy_stores(settings: Settings, folder: Path) -> None:
    """Copy the stores of a server into files, document by document."""
    async with opened_to_read(settings) as suite, AsyncExitStack() as stack:
        copies = {}
        for name, service in suite.items():
            copies[name] = urls.open_store("sqlite:", service=name, data=folder)
            stack.push_async_callback(copies[name].close)
            await copies[name].prepare(service.kept)
        await copy_stores(suite, copies, Progress().documents)


async def _copy_objects_of(settings: Settings, folder: Path) -> None:
    source = urls.open_objects(settings.objects, settings.data, read_only=True)
    await copy_objects(source, urls.open_objects("file:", folder))


async def copy_objects(source: Objects, target: Objects) -> None:
    """Copy the objects that are not there yet; one that goes away meanwhile belongs to a document that was erased."""
    progress, done = Progress(), 0
    try:
        after = ""
        while page := await source.list(after=after, limit=PAGE):
            after = page[-1].key
            for info in page:
                if not info.key.startswith(PASSING) and await target.info(info.key) is None:
                    await _copy_object(source, target, info.key, info.size)
            done += len(page)
            progress.objects(done)
    finally:
        await source.close()
        await target.close()


async def _copy_object(source: Objects, target: Objects, key: str, size: int) -> None:
    async with target.stage(size) as stage:
        try:
            async for chunk in source.read(key):
                await stage.write(chunk)
        except KeyError:
            return
        try:
            await stage.commit(key, "application/octet-stream")
        except ObjectExists:
            return


def _copy_mail(source: Path, target: Path) -> None:
    for part in ("new", "cur", "tmp"):
        make_folder(target / part)
    for part in ("new", "cur"):
        for path in sorted((source / part).glob("*")):
            try:
                shutil.copyfile(path, target / part / path.name)
            except FileNotFoundError:  # a reader has moved it, or thrown it away
                continue


# --- restore ----------------------------------------------------------------------------------------------------


async def restore(*, folder: Path) -> int:
    """Make PARVIS_DATA of a backup, whole or not at all, or fill servers; nothing may be there, and no suite wait for it."""
    settings = Settings()
    configure_logging(settings)
    if urls.sqlite_folder(settings.store, settings.data) is None:
        return await _restore_to_servers(folder, settings)
    # A mail server keeps nothing that could be put back.
    mail = settings.mail if settings.mail.startswith("maildir:") else "maildir:"
    for name, value, scheme in (
        ("STORE", settings.store, "sqlite:"),
        ("OBJECTS", settings.objects, "file:"),
        ("MAIL", mail, "maildir:"),
    ):
        if value != scheme:
            raise ConfigurationError(
                f"PARVIS_{name}: parvis restore makes a whole PARVIS_DATA, so this must be {scheme}"
            )
    manifest = await asyncio.to_thread(checked_backup, folder)
    async with held_alone(settings.data) as alone:
        if not alone:
            raise click.ClickException(f"a suite runs on {settings.data}: stop it first")
        await asyncio.to_thread(make_data, folder, settings.data, list(manifest["files"]))
    click.echo(f"restored to {settings.data} as of {manifest['made_at']}; start the suite, then run parvis verify all")
    return 0


async def _restore_to_servers(folder: Path, settings: Settings) -> int:
    """Objects first, so that no document is ever without its bytes; what is torn is to be emptied and begun again."""
    manifest = await asyncio.to_thread(checked_backup, folder)
    async with opened(settings) as suite, AsyncExitStack() as stack:
        copies = {}
        for name, service in suite.items():
            copies[name] = urls.open_store("sqlite:", service=name, data=folder, read_only=True)
            stack.push_async_callback(copies[name].close)
            copies[name].declare(service.kept)
        await must_be_empty(suite)
        source = urls.open_objects("file:", folder, read_only=True)
        await copy_objects(source, urls.open_objects(settings.objects, settings.data))
        await put_back(suite, copies, Progress().documents)
    click.echo(f"restored as of {manifest['made_at']}; start the services, then run parvis verify all")
    return 0


def checked_backup(folder: Path) -> dict[str, Any]:
    """The manifest, once every file is as it says."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{folder} is not a whole backup: {error}") from None
    wrong = sorted(set(manifest["files"].items()) ^ set(_sums(folder).items()))
    if wrong:
        raise click.ClickException(f"{folder} is damaged: {', '.join(dict.fromkeys(name for name, _ in wrong))}")
    return manifest


def make_data(folder: Path, data: Path, files: list[str]) -> None:
    """Copy the files of a backup to a new PARVIS_DATA, whole or not at all; blocks, and raises ClickException."""
    if data.exists() and {entry.name for entry in data.iterdir()} - {LOCK}:
        raise click.ClickException(f"{data} is not empty: move it away first")
    data = data.resolve()  # a link stays one
    fresh = data.parent / f".{data.name}-{secrets.token_hex(4)}"
    make_folder(data.parent)
    try:
        for part in ("objects", "mail/new", "mail/cur", "mail/tmp"):
            make_folder(fresh / part)
        for name in files:
            make_folder((fresh / name).parent)
            with (folder / name).open("rb") as source, open(fresh / name, "xb", opener=_private) as target:
                shutil.copyfileobj(source, target, CHUNK)
                target.flush()
                os.fsync(target.fileno())
        for path in [fresh, *fresh.rglob("*")]:
            if path.is_dir():
                sync_folder(path)
        if data.exists():
            (data / LOCK).unlink(missing_ok=True)
            data.rmdir()
        fresh.rename(data)
        sync_folder(data.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


# --- progress ---------------------------------------------------------------------------------------------------


class Progress:
    """How far a long copy is, a line every few seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_SECONDS

    async def documents(self, service: str, done: int) -> None:
        """So many documents of a service."""
        self._say(f"{service}: {done} documents")

    def objects(self, done: int) -> None:
        """So many objects."""
        self._say(f"{done} objects")

    def _say(self, text: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            click.echo(text, err=True)


# --- files ------------------------------------------------------------------------------------------------------


def _sums(folder: Path) -> dict[str, str]:
    """Each file's size and SHA-256, by path."""
    sums = {}
    for path in sorted(_files(folder)):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        sums[path.relative_to(folder).as_posix()] = f"{path.stat().st_size} {digest.hexdigest()}"
    return sums


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)


def _size(manifest: dict[str, Any]) -> int:
    return sum(int(said.split()[0]) for said in manifest["files"].values())


def _write(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
