"""The SMTP server takes mail like any other, and misbehaves when it is told to."""

import ssl
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest

from tests.servers.smtp import Behaviour, SmtpServer


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "parvis@example.org"
    mail["To"] = "amina@example.org"
    mail["Subject"] = "Dossier déposé"
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content("Votre dossier est déposé.\n")
    return mail


async def send(server: SmtpServer, timeout: float = 10, **options: Any) -> None:
    port = int(server.url.rpartition(":")[2])
    await aiosmtplib.send(message(), hostname="127.0.0.1", port=port, timeout=timeout, **options)


async def test_a_mail_arrives(smtp: SmtpServer) -> None:
    await send(smtp)
    assert [envelope.rcpt_tos for envelope in smtp.messages] == [["amina@example.org"]]
    content = smtp.messages[0].content
    assert isinstance(content, bytes)
    assert b"Message-ID: <1@example.org>" in content


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (Behaviour.DEFER_RECIPIENT, 451),
        (Behaviour.REFUSE_RECIPIENT, 550),
        (Behaviour.DEFER, 451),
        (Behaviour.REFUSE, 554),
    ],
)
async def test_refusals(smtp: SmtpServer, behaviour: Behaviour, code: int) -> None:
    smtp.behaviour = behaviour
    with pytest.raises(aiosmtplib.SMTPException) as refusal:
        await send(smtp)
    error = refusal.value
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    assert isinstance(error, aiosmtplib.SMTPResponseException)
    assert error.code == code
    assert smtp.messages == []
    smtp.behaviour = Behaviour.ACCEPT
    await send(smtp)
    assert len(smtp.messages) == 1


@pytest.mark.parametrize(("behaviour", "taken"), [(Behaviour.DROP, 0), (Behaviour.LOSE_ANSWER, 1)])
async def test_connections_that_break_after_data(smtp: SmtpServer, behaviour: Behaviour, taken: int) -> None:
    smtp.behaviour = behaviour
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(smtp)
    assert len(smtp.messages) == taken


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.MUTE])
async def test_silence(smtp: SmtpServer, behaviour: Behaviour) -> None:
    smtp.behaviour = behaviour
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await send(smtp, timeout=0.3)
    assert smtp.messages == []


async def test_a_server_that_was_down_is_back_on_its_port(smtp: SmtpServer) -> None:
    await smtp.stop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(smtp)
    await smtp.start()
    await send(smtp)
    assert len(smtp.messages) == 1


@pytest.mark.parametrize(("tls", "options"), [("starttls", {"start_tls": True}), ("implicit", {"use_tls": True})])
async def test_tls_and_a_password(tls: str, options: dict[str, Any]) -> None:
    async with SmtpServer(tls=tls, user="parvis", password="secret") as server:
        trust = ssl.create_default_context(cafile=server.certificate)
        await send(server, tls_context=trust, username="parvis", password="secret", **options)
        assert len(server.messages) == 1
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await send(server, tls_context=trust, username="parvis", password="wrong", **options)
        with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
            await send(
                server, tls_context=ssl.create_default_context(), username="parvis", password="secret", **options
            )
        assert len(server.messages) == 1


async def test_without_starttls_nothing_is_taken() -> None:
    async with SmtpServer(tls="starttls") as server:
        with pytest.raises(aiosmtplib.SMTPException):
            await send(server, start_tls=False)
        assert server.messages == []
