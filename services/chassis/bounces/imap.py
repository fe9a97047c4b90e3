"""A mailbox over IMAP (RFC 3501): opened for each round, read by what nobody has to lock, and left as it is."""

from __future__ import annotations

import asyncio
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from services.chassis.ports import BouncesUnavailable, MailboxPlace, ReturnedMails
from services.chassis.ports.bounces import LARGEST_RETURN, MOST_RETURNS

T = TypeVar("T")

TIMEOUT: Final = 20.0
"""Seconds for one answer of the server."""
LONGEST: Final = 300.0
"""Seconds for a round, however steadily a server drips its answers."""
WINDOW: Final = 1000
"""Numbers of mails that are looked through at once: mailboxes may have gaps of any size."""
WINDOWS: Final = 100
"""As many without a mail are looked through in one round."""
_LARGEST_LITERAL: Final = LARGEST_RETURN + 1024
_UID: Final = re.compile(rb"\bUID (\d+)")


class ImapBounces:
    """The mailbox `folder` of `user` at `host`:`port`; one round at a time, in a thread of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str,
        password: str,
        folder: str = "INBOX",
        tls: bool = True,
        timeout: float = TIMEOUT,
        longest: float = LONGEST,
    ) -> None:
        self._at = (host, port)
        self._login = (user, password)
        self._folder = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        self._tls = tls
        self._timeout = timeout
        self._longest = longest
        self._turn = asyncio.Lock()

    async def read(self, after: MailboxPlace) -> ReturnedMails:
        """Mails behind a place; raises BouncesUnavailable."""
        return await self._round(lambda mailbox: _read(mailbox, after), readonly=True)

    async def mark_seen(self, places: Sequence[MailboxPlace]) -> None:
        """Give them the flag, unless the mailbox counts anew by now; raises BouncesUnavailable."""

        def mark(mailbox: imaplib.IMAP4) -> None:
            validity = _number(mailbox, "UIDVALIDITY")
            if uids := ",".join(str(place.uid) for place in places if place.validity == validity):
                _done(mailbox.uid("STORE", uids, "+FLAGS.SILENT", "(\\Seen)"))

        await self._round(mark, readonly=False)

    async def ping(self) -> None:
        """Log in and open it; raises BouncesUnavailable."""
        await self._round(lambda _: None, readonly=True)

    async def close(self) -> None:
        """Nothing is held: each round has a connection of its own."""

    async def _round(self, work: Callable[[imaplib.IMAP4], T], *, readonly: bool) -> T:
        async with self._turn:
            try:
                return await asyncio.to_thread(self._within, work, readonly=readonly)
            except (imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
                # The server's own words are not told: some repeat what one has logged in with.
                raise BouncesUnavailable(type(error).__name__) from None

    def _within(self, work: Callable[[imaplib.IMAP4], T], *, readonly: bool) -> T:
        mailbox = self._connected()
        try:
            mailbox.login(*self._login)
            _done(mailbox.select(self._folder, readonly=readonly))
            return work(mailbox)
        finally:
            try:
                mailbox.logout()
            except (imaplib.IMAP4.error, OSError):
                mailbox.shutdown()

    def _connected(self) -> imaplib.IMAP4:
        if self._tls:
            context = ssl.create_default_context()
            return _Tls(*self._at, longest=self._longest, ssl_context=context, timeout=self._timeout)
        return _Bounded(*self._at, longest=self._longest, timeout=self._timeout)


class _Bounded(imaplib.IMAP4):
    """Takes no longer literal than was asked for, and is at its end after `longest` seconds, whoever waits for it."""

    def __init__(self, *args: Any, longest: float, **options: Any) -> None:
        self._end = threading.Timer(longest, self._cut)
        self._end.daemon = True
        super().__init__(*args, **options)

    def open(self, *args: Any, **options: Any) -> None:
        super().open(*args, **options)
        self._end.start()

    def read(self, size: int) -> bytes:
        if size > _LARGEST_LITERAL:
            raise self.abort("too long a literal")
        return super().read(size)

    def shutdown(self) -> None:
        self._end.cancel()
        super().shutdown()

    def _cut(self) -> None:
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # of TLS too: nothing is said to the server any more


class _Tls(_Bounded, imaplib.IMAP4_SSL):
    """With TLS."""


def _read(mailbox: imaplib.IMAP4, after: MailboxPlace) -> ReturnedMails:
    validity, following = _number(mailbox, "UIDVALIDITY"), _number(mailbox, "UIDNEXT")
    last = after.uid if after.validity == validity else 0
    for _ in range(WINDOWS):
        upper = min(last + WINDOW, following - 1)
        if upper <= last:
            break
        (found,) = _done(mailbox.uid("SEARCH", f"UID {last + 1}:{upper}"))
        uids = sorted({int(each) for each in (found or b"").split()} & set(range(last + 1, upper + 1)))
        if uids:
            mails = [(MailboxPlace(validity, uid), _content(mailbox, uid)) for uid in uids[:MOST_RETURNS]]
            until = uids[MOST_RETURNS - 1] if len(uids) > MOST_RETURNS else upper
            return ReturnedMails(mails, MailboxPlace(validity, until))
        last = upper
    return ReturnedMails((), MailboxPlace(validity, last))


def _content(mailbox: imaplib.IMAP4, uid: int) -> bytes:
    """The first bytes of a mail; nothing of one that is gone meanwhile. PEEK leaves it unseen."""
    for part in _done(mailbox.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{LARGEST_RETURN}>)")):
        if isinstance(part, tuple) and (named := _UID.search(part[0])) and int(named[1]) == uid:
            return bytes(part[1][:LARGEST_RETURN])
    return b""


def _number(mailbox: imaplib.IMAP4, name: str) -> int:
    """What the server has said of the mailbox as it was opened; raises ValueError if it has not."""
    said: Sequence[Any] = mailbox.response(name)[1]
    if not said or said[-1] is None:
        raise ValueError(name)
    number = int(said[-1])
    mailbox.untagged_responses[name] = [said[-1]]  # `response` takes it away
    return number


def _done(answer: tuple[str, Any]) -> Any:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer[0])
    return answer[1]
