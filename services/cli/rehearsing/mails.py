"""The mails of a campaign that is played, as they lie in the suite's folder: by address and kind, with their links."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections import Counter
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

_LINK = re.compile(r"https?://\S+[?&]token=([\w.~-]+)")


class MailFolder:
    """A Maildir that only grows; each mail is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = asyncio.Lock()
        self._read: set[str] = set()
        self._ids: set[str] = set()
        self.twice: list[str] = []
        """Message-IDs that came more than once."""
        self.kinds: dict[str, Counter[str]] = {}
        self.tokens: dict[str, str] = {}
        """By address, that of the link that came last."""

    async def look(self) -> None:
        """Read what has come since; several may ask at once."""
        async with self._turn:
            await asyncio.to_thread(self._look)

    def _look(self) -> None:
        for path in [*self._folder.glob("new/*"), *self._folder.glob("cur/*")]:
            if path.name in self._read:
                continue
            self._read.add(path.name)
            self._take(email.message_from_bytes(path.read_bytes(), policy=email.policy.default))

    def _take(self, mail: EmailMessage) -> None:
        address, id = parseaddr(str(mail["To"]))[1], str(mail["Message-ID"])
        if id in self._ids:
            self.twice.append(f"{id} to {address}")
        self._ids.add(id)
        self.kinds.setdefault(address, Counter())[str(mail["X-Parvis-Kind"])] += 1
        body = mail.get_body(("plain",))
        if body is not None and (link := _LINK.search(str(body.get_content()))):
            self.tokens[address] = link[1]
