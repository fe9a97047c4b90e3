"""An SMTP server through aiosmtplib: STARTTLS where it is offered, connections kept and used again.

Up to DATA a failure means that nothing was sent. From DATA on, without an answer, nobody knows (RFC 5321, 4.5.3.2.6).
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from services.chassis.mail.addresses import check_addresses
from services.chassis.ports import MailRefused, MailTemporary, MailUnknown, OutgoingMail

TIMEOUT: Final = 30.0
"""Seconds for each answer of the server."""

CONNECTIONS: Final = 4
_MAILS_PER_CONNECTION: Final = 100
_IDLE_SECONDS: Final = 20.0


class _Connection:
    """One session, with what is needed to know whether it is worth using again."""

    def __init__(self, client: SMTP) -> None:
        self.client = client
        self.mails = 0
        self.idle_since = 0.0


class SmtpMail:
    """Hands mails to the server at `host`:`port`; `user` and `password` only go over TLS."""

    def __init__(
        self, host: str, port: int, *, tls: bool, user: str | None, password: str | None, timeout: float = TIMEOUT
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._user = user
        self._password = password
        self._timeout = timeout
        self._idle: deque[_Connection] = deque()
        self._places = asyncio.Semaphore(CONNECTIONS)
        self._closed = False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of `CONNECTIONS` places."""
        async with self._places:
            yield

    async def send(self, mail: OutgoingMail, begun: Callable[[], object] | None = None) -> None:
        """Hand over one mail; MailTemporary, MailRefused or MailUnknown by what was answered, and when."""
        check_addresses(mail)
        connection = await self._greet(mail)
        try:
            if begun is not None:
                begun()
            await connection.client.data(mail.content)
        except SMTPResponseException as error:
            raise _refusal(error) from error
        except (SMTPException, OSError) as error:
            raise MailUnknown(type(error).__name__) from error
        else:
            connection.mails += 1
            self._keep(connection)
        finally:
            if connection not in self._idle:
                connection.client.close()

    async def was_sent(self, message_id: str) -> bool | None:
        """SMTP cannot tell."""
        return None

    async def ping(self) -> None:
        """Return if the server greets and answers; raises MailTemporary."""
        async with self._places:
            connection = self._take() or await self._connect()
            try:
                await connection.client.noop()
            except (SMTPException, OSError) as error:
                connection.client.close()
                raise MailTemporary(type(error).__name__) from error
            self._keep(connection)

    async def close(self) -> None:
        """Say goodbye on every connection."""
        self._closed = True
        while (connection := self._take()) is not None:
            with suppress(SMTPException, OSError):
                await connection.client.quit()

    async def _greet(self, mail: OutgoingMail) -> _Connection:
        """A session that has accepted sender and recipient; nothing of the mail itself has been sent."""
        while True:
            kept = self._take()
            connection = kept or await self._connect()
            try:
                await self._envelope(connection.client, mail)
            except (SMTPSenderRefused, SMTPRecipientRefused) as error:
                connection.client.close()
                raise _refusal(error) from error
            except (SMTPException, OSError) as error:
                connection.client.close()
                if kept is None:
                    raise MailTemporary(type(error).__name__) from error
                continue  # the server had ended a session that lay idle
            except BaseException:
                connection.client.close()
                raise
            return connection

    async def _envelope(self, client: SMTP, mail: OutgoingMail) -> None:
        options = []
        encoding = "ascii"
        if not (mail.sender + mail.recipient).isascii():
            if not client.supports_extension("smtputf8"):
                raise SMTPRecipientRefused(550, "the server takes no address with accents", mail.recipient)
            options.append("SMTPUTF8")
            encoding = "utf-8"
        if not mail.content.isascii() and client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        await client.mail(mail.sender, options=options, encoding=encoding)
        await client.rcpt(mail.recipient, encoding=encoding)

    async def _connect(self) -> _Connection:
        client = SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            # A password is never sent in the clear: without STARTTLS there is no session.
            start_tls=False if self._tls else (True if self._user else None),
            username=self._user,
            password=self._password,
            local_hostname=socket.gethostname(),
            timeout=self._timeout,
        )
        try:
            if self._closed:
                raise MailTemporary("closed")
            await client.connect()
            await client.ehlo()
        except SMTPAuthenticationError as error:
            client.close()
            raise MailTemporary("the server does not accept our password") from error
        except (SMTPException, OSError) as error:
            client.close()
            raise MailTemporary(type(error).__name__) from error
        except BaseException:
            client.close()
            raise
        return _Connection(client)

    def _take(self) -> _Connection | None:
        """The session used last, if the server is likely to still know it."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.client.is_connected and now - connection.idle_since < _IDLE_SECONDS:
                return connection
            connection.client.close()
        return None

    def _keep(self, connection: _Connection) -> None:
        if connection.mails < _MAILS_PER_CONNECTION and connection.client.is_connected and not self._closed:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.client.close()


def _refusal(error: SMTPResponseException) -> MailRefused | MailTemporary | MailUnknown:
    """By the first digit of the answer (RFC 5321, 4.2.1), but for 530, which is about us and not about the mail."""
    text = f"{type(error).__name__} {error.code}"
    if error.code == 530 or error.code // 100 == 4:
        return MailTemporary(text)
    return MailRefused(text) if error.code // 100 == 5 else MailUnknown(text)
