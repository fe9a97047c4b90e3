"""An SMTP server in the test's own process that misbehaves on demand."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import warnings
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIMIT = 32 * 1024 * 1024


class Behaviour(Enum):
    """What the server does with the next messages."""

    ACCEPT = "takes the message and says 250"
    DEFER_RECIPIENT = "451 to RCPT TO"
    REFUSE_RECIPIENT = "550 to RCPT TO"
    DEFER = "451 after DATA, the message is not taken"
    REFUSE = "554 after DATA, the message is not taken"
    DROP = "closes the connection after DATA, the message is not taken"
    LOSE_ANSWER = "takes the message and closes the connection without an answer"
    SLOW = "takes the message and says 250 after a moment"
    SILENT = "takes no message and never answers DATA"
    MUTE = "accepts connections and does not even greet"


class SmtpServer:
    """aiosmtpd on a free loopback port, ``async with``.

    ``tls``: None speaks in the clear, ``starttls`` offers and requires STARTTLS, ``implicit`` is ``smtps://``. With
    ``user`` and ``password`` it requires AUTH. Without ``utf8`` it takes no address with accents.
    ``messages`` are the envelopes it has taken, in order, answered or not; ``deliveries`` how often it got all of one.
    """

    def __init__(
        self, *, tls: str | None = None, user: str | None = None, password: str | None = None, utf8: bool = True
    ) -> None:
        self.behaviour = Behaviour.ACCEPT
        self.messages: list[Envelope] = []
        self.connections = 0
        self.deliveries = 0
        self._tls = tls
        self._utf8 = utf8
        self._login = (user, password) if user is not None else None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()
        self._port = 0
        self._folder: TemporaryDirectory[str] | None = None
        self._context: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """``smtp://`` or ``smtps://`` with user and password, if any."""
        login = "{}:{}@".format(*self._login) if self._login else ""
        return f"{'smtps' if self._tls == 'implicit' else 'smtp'}://{login}127.0.0.1:{self._port}"

    @property
    def certificate(self) -> Path:
        """The self-signed certificate of 127.0.0.1 and localhost, for the client to trust."""
        assert self._folder is not None, "a server without TLS has no certificate"
        return Path(self._folder.name) / "certificate.pem"

    async def __aenter__(self) -> Self:
        if self._tls is not None:
            self._folder = TemporaryDirectory(prefix="parvis-smtp-")
            self._context = _self_signed(Path(self._folder.name))
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    async def start(self) -> None:
        """Listen, after `stop` on the same port as before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._connected,
            "127.0.0.1",
            self._port,
            ssl=self._context if self._tls == "implicit" else None,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        self._server.close()
        for transport in tuple(self._open):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        await self._server.wait_closed()
        self._open.clear()
        await asyncio.sleep(0)  # the sessions learn of it in the next turn of the loop
        self._server = None

    def _connected(self) -> asyncio.BaseProtocol:
        self.connections += 1
        if self.behaviour is Behaviour.MUTE:
            return _Mute(self._open)
        with warnings.catch_warnings():
            # aiosmtpd does not see the TLS of smtps://, and a test on loopback may well do without.
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
            return _Connection(self, self._open)

    def options(self) -> dict[str, Any]:
        """What aiosmtpd is told."""
        options: dict[str, Any] = {"data_size_limit": _LIMIT, "enable_SMTPUTF8": self._utf8, "hostname": "localhost"}
        if self._tls == "starttls":
            options |= {"tls_context": self._context, "require_starttls": True}
        if self._login is not None:
            options |= {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": self._tls == "starttls",
            }
        return options

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        expected = self._login
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == expected, handled=False)


class _Handler:
    """aiosmtpd's hooks, by their names."""

    def __init__(self, owner: SmtpServer) -> None:
        self._owner = owner

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        match self._owner.behaviour:
            case Behaviour.DEFER_RECIPIENT:
                return "451 4.3.0 Try again later"
            case Behaviour.REFUSE_RECIPIENT:
                return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._owner.deliveries += 1
        match self._owner.behaviour:
            case Behaviour.DEFER:
                return "451 4.3.0 Try again later"
            case Behaviour.REFUSE:
                return "554 5.6.0 Message refused"
            case Behaviour.DROP:
                await _vanish(server)
            case Behaviour.LOSE_ANSWER:
                self._owner.messages.append(envelope)
                await _vanish(server)
            case Behaviour.SILENT:
                await asyncio.Event().wait()
            case Behaviour.SLOW:
                await asyncio.sleep(0.2)
                self._owner.messages.append(envelope)
            case _:
                self._owner.messages.append(envelope)
        return "250 OK"


class _Connection(SMTP):
    """One session, which its server knows of."""

    def __init__(self, owner: SmtpServer, sessions: "set[asyncio.BaseTransport]") -> None:
        super().__init__(_Handler(owner), loop=asyncio.get_running_loop(), **owner.options())
        self._sessions = sessions
        self._transports: set[asyncio.BaseTransport] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)  # two of them after STARTTLS
        self._sessions.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sessions -= self._transports
        super().connection_lost(error)


class _Mute(asyncio.Protocol):
    """A session in which nothing is ever said."""

    def __init__(self, sessions: "set[asyncio.BaseTransport]") -> None:
        self._sessions = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._sessions.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sessions.discard(self._transport)


async def _vanish(session: SMTP) -> None:
    """Reset the connection and never come back: losing it cancels the session."""
    if isinstance(session.transport, asyncio.WriteTransport):
        session.transport.abort()
    await asyncio.Event().wait()


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
