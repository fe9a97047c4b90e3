"""Mails as they were caught on the way to people, for `parvis demo`: in a Maildir, or by Mailpit."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp
import click


class CaughtMails(Protocol):
    """Where mails are found; `where` names the place."""

    where: str

    async def texts(self, address: str) -> Sequence[str]:
        """The text parts of the mails to one address."""
        ...


class MaildirMails:
    """The mails in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.where = str(folder)

    async def texts(self, address: str) -> Sequence[str]:
        """See `CaughtMails`."""
        return await asyncio.to_thread(self._read, address)

    def _read(self, address: str) -> list[str]:
        texts = []
        for path in [*self._folder.glob("new/*"), *self._folder.glob("cur/*")]:
            content = path.read_bytes()
            if address.encode() not in content:
                continue
            message = email.message_from_bytes(content, policy=email.policy.default)
            body = message.get_body(("plain",))
            if body is not None and address in str(message["To"]):
                texts.append(str(body.get_content()))
        return texts


class MailpitMails:
    """The mails that a Mailpit has taken, by its HTTP API."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client = client
        self.where = url

    async def texts(self, address: str) -> Sequence[str]:
        """See `CaughtMails`; raises aiohttp.ClientError."""
        found = await self._get(f"search?query={quote(f'to:{address}')}")
        mails = [await self._get(f"message/{mail['ID']}") for mail in found["messages"]]
        return [mail["Text"] for mail in mails if address in [to["Address"] for to in mail["To"]]]

    async def _get(self, path: str) -> Any:
        async with self._client.get(f"{self.where}/api/v1/{path}", raise_for_status=True) as answer:
            return await answer.json()


def caught_mails(at: str | None, folder: Path, client: aiohttp.ClientSession) -> CaughtMails:
    """Those at `maildir:FOLDER` or `mailpit:URL`, else those in `folder`; raises click.BadParameter."""
    scheme, _, place = (at or f"maildir:{folder}").partition(":")
    if scheme == "maildir":
        return MaildirMails(Path(place) if place else folder)
    if scheme == "mailpit" and place.startswith(("http://", "https://")):
        return MailpitMails(client, place.rstrip("/"))
    raise click.BadParameter("maildir:FOLDER or mailpit:URL", param_hint="--mail")
