"""The servers of a rehearsal in the production size: named in a file of its own, called a rehearsal's, and empty."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import DirectoryPath, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from services import SERVICES
from services.chassis import urls
from services.chassis.broker.admin.management import Management
from services.chassis.store.mongo import MongoStore

OWN: Final = "rehearsal"
"""With this begin the names of the database, the virtual host and the bucket of every rehearsal, and of nothing else."""


class NotOurs(Exception):
    """Servers on which nothing is played; the text says what of them may be somebody's."""


@dataclass(frozen=True)
class Servers:
    """What a file of settings names: URLs as in the settings of the suite, and the Maildir of the mail server."""

    store: str
    broker: str
    broker_admin: str
    objects: str
    mail: str
    mails: Path

    @property
    def amqp(self) -> str:
        """The broker's address, without user and virtual host."""
        parts = urlsplit(self.broker)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    async def check(self) -> None:
        """Change nothing, and raise NotOurs, PortError for what may be a live suite's: by its name or by what it holds."""
        taken = [
            f"{name}: {part or 'no name'} does not begin with {OWN}"
            for name, part in (
                ("PARVIS_STORE", _place(self.store)),
                ("PARVIS_BROKER", _place(self.broker)),
                ("PARVIS_BROKER_ADMIN", _place(self.broker_admin)),
                ("PARVIS_OBJECTS", _place(self.objects)),
            )
            if not part.startswith(OWN)
        ]
        if _place(self.broker) != _place(self.broker_admin):
            taken.append("PARVIS_BROKER_ADMIN: another virtual host than that of PARVIS_BROKER")
        if not taken:
            taken = [*await self._stores(), *await self._broker(), *await self._objects(), *await self._mails()]
        if taken:
            raise NotOurs("\n  ".join(taken))

    async def _stores(self) -> list[str]:
        taken = []
        for service in SERVICES:
            store = MongoStore(self.store, service)
            try:
                if not await store.is_empty():
                    taken.append(f"PARVIS_STORE: {_place(self.store)}_{service} is not empty")
            finally:
                await store.close()
        return taken

    async def _broker(self) -> list[str]:
        async with Management(self.broker_admin) as broker:
            if await broker.ask("GET", "vhosts", broker.vhost) is None:
                return []
            there = [row["name"] for row in await broker.ask("GET", "queues", broker.vhost)]
            names = [row["name"] for row in await broker.ask("GET", "exchanges", broker.vhost)]
            there += [name for name in names if name and not name.startswith("amq.")]
        return [f"PARVIS_BROKER: {_place(self.broker)} is not empty"] if there else []

    async def _objects(self) -> list[str]:
        objects = urls.open_objects(self.objects, Path(), read_only=True)
        try:
            there = await objects.list(limit=1)
        finally:
            await objects.close()
        return [f"PARVIS_OBJECTS: {_place(self.objects)} is not empty"] if there else []

    async def _mails(self) -> list[str]:
        there = await asyncio.to_thread(lambda: [*self.mails.glob("new/*"), *self.mails.glob("cur/*")])
        return [f"PARVIS_MAILS: {self.mails} is not empty"] if there else []


def servers_of(file: Path) -> Servers:
    """What a file names; raises ValueError with what is missing in it or means no server, and repeats no password."""

    class Named(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="PARVIS_", hide_input_in_errors=True)

        store: str
        broker: str
        broker_admin: str
        objects: str
        mail: str
        mails: DirectoryPath

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """The file alone: what a shell holds is likely to be a live suite's."""
            return (DotEnvSettingsSource(settings_cls, env_file=file),)

    try:
        named = Named()
    except ValidationError as error:
        lines = [f"{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
        raise ValueError(
            "\n  ".join(line if line.startswith("PARVIS_") else f"PARVIS_{line}" for line in lines)
        ) from None
    schemes = {"store": ("mongodb", "mongodb+srv"), "broker": ("amqp", "amqps"), "broker_admin": ("http", "https")}
    schemes |= {"objects": ("s3+http", "s3+https"), "mail": ("smtp", "smtps")}
    wrong = [
        f"PARVIS_{name.upper()}: the URL must begin with {' or '.join(f'{scheme}:' for scheme in those)}"
        for name, those in schemes.items()
        if urlsplit(getattr(named, name)).scheme not in those
    ]
    if wrong:
        raise ValueError("\n  ".join(wrong))
    return Servers(**named.model_dump())


def _place(url: str) -> str:
    """The database, virtual host or bucket that a URL ends in."""
    return unquote(urlsplit(url).path).strip("/")
