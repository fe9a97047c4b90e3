"""What holds for SMTP alone: each failure by the phase in which it came, TLS, and connections used again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.chassis import urls
from services.chassis.mail.smtp import CONNECTIONS, SmtpMail
from services.chassis.ports import MailRefused, MailTemporary, MailUnknown, OutgoingMail
from tests.contracts.ports.test_mail import mail_to
from tests.servers.proxy import Proxy
from tests.servers.smtp import Behaviour, SmtpServer


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def client(url: str, timeout: float = 60) -> SmtpMail:
    """A transport that waits so long for each answer."""
    return SmtpMail("127.0.0.1", port_of(url), tls=False, user=None, password=None, timeout=timeout)


@pytest.fixture
async def mail(smtp: SmtpServer) -> AsyncIterator[SmtpMail]:
    mail = client(smtp.url)
    yield mail
    await mail.close()


@pytest.mark.parametrize(
    ("behaviour", "outcome", "arrived"),
    [
        (Behaviour.DEFER_RECIPIENT, MailTemporary, 0),
        (Behaviour.REFUSE_RECIPIENT, MailRefused, 0),
        (Behaviour.DEFER, MailTemporary, 0),
        (Behaviour.REFUSE, MailRefused, 0),
        (Behaviour.DROP, MailUnknown, 0),
        (Behaviour.LOSE_ANSWER, MailUnknown, 1),
        (Behaviour.SILENT, MailUnknown, 0),
        (Behaviour.MUTE, MailTemporary, 0),
    ],
)
async def test_each_failure_is_told_by_its_phase_and_the_next_mail_goes_through(
    mail: SmtpMail, smtp: SmtpServer, behaviour: Behaviour, outcome: type[Exception], arrived: int
) -> None:
    patience = {Behaviour.SILENT: 5, Behaviour.MUTE: 1}.get(behaviour)
    first = mail if patience is None else client(smtp.url, timeout=patience)
    smtp.behaviour = behaviour
    with pytest.raises(outcome):
        await first.send(mail_to("camille@parvis.test", 1))
    assert len(smtp.messages) == arrived
    smtp.behaviour = Behaviour.ACCEPT
    await mail.send(mail_to("camille@parvis.test", 2))
    assert len(smtp.messages) == arrived + 1
    await first.close()


async def test_an_address_with_accents_goes_to_a_server_that_takes_it_and_is_refused_for_good_elsewhere() -> None:
    """RFC 6531: SMTPUTF8 is for the server to offer; the domain of an address is in ASCII by then (acceptance 107)."""
    accented = replace(mail_to("zoe@xn--mller-kva.example", 1), recipient="zoé@xn--mller-kva.example")
    async with SmtpServer() as knows, SmtpServer(utf8=False) as knows_not:
        there, here = client(knows.url), client(knows_not.url)
        await there.send(accented)
        assert [envelope.rcpt_tos for envelope in knows.messages] == [["zoé@xn--mller-kva.example"]]
        with pytest.raises(MailRefused):
            await here.send(accented)
        await here.send(mail_to("zoe@xn--mller-kva.example", 2))
        assert [envelope.rcpt_tos for envelope in knows_not.messages] == [["zoe@xn--mller-kva.example"]]
        await there.close()
        await here.close()


async def test_the_next_mail_on_a_kept_connection_fails_by_its_phase_too(mail: SmtpMail, smtp: SmtpServer) -> None:
    await mail.send(mail_to("camille@parvis.test", 1))
    for behaviour, outcome in (
        (Behaviour.REFUSE_RECIPIENT, MailRefused),
        (Behaviour.DEFER, MailTemporary),
        (Behaviour.LOSE_ANSWER, MailUnknown),
    ):
        smtp.behaviour = behaviour
        with pytest.raises(outcome):
            await mail.send(mail_to("camille@parvis.test", 2))
        smtp.behaviour = Behaviour.ACCEPT
        await mail.send(mail_to("camille@parvis.test", 3))


async def test_a_server_that_is_away_is_temporary(mail: SmtpMail, smtp: SmtpServer) -> None:
    await smtp.stop()
    with pytest.raises(MailTemporary):
        await mail.send(mail_to("camille@parvis.test"))
    with pytest.raises(MailTemporary):
        await mail.ping()
    await smtp.start()
    await mail.ping()
    await mail.send(mail_to("camille@parvis.test"))
    assert len(smtp.messages) == 1


async def test_a_session_that_the_server_ended_while_idle_is_not_a_failure(smtp: SmtpServer) -> None:
    async with Proxy.before(smtp.url) as proxy:
        mail = client(proxy.through(smtp.url), timeout=5)
        await mail.send(mail_to("camille@parvis.test", 1))
        proxy.half_open()
        await mail.send(mail_to("camille@parvis.test", 2))
        await mail.close()
    assert len(smtp.messages) == 2


async def test_connections_are_few_and_used_again(mail: SmtpMail, smtp: SmtpServer) -> None:
    async def hand_over(number: int) -> None:
        async with mail.turn():
            await mail.send(mail_to("camille@parvis.test", number))

    await asyncio.gather(*(hand_over(number) for number in range(100)))
    assert len(smtp.messages) == 100
    assert smtp.connections <= CONNECTIONS


async def test_a_connection_has_a_hundred_mails_and_not_one_more(mail: SmtpMail, smtp: SmtpServer) -> None:
    for number in range(100):
        await mail.send(mail_to("camille@parvis.test", number))
    assert smtp.connections == 1
    await mail.send(mail_to("camille@parvis.test", 101))
    assert smtp.connections == 2


async def test_a_caller_that_is_cancelled_leaves_no_half_session_behind(mail: SmtpMail, smtp: SmtpServer) -> None:
    smtp.behaviour = Behaviour.SILENT
    sending = [asyncio.create_task(mail.send(mail_to("camille@parvis.test", number))) for number in range(CONNECTIONS)]
    while smtp.deliveries < CONNECTIONS:  # each waits for its answer, in which a caller's end is never lost
        await asyncio.sleep(0.01)
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)
    smtp.behaviour = Behaviour.ACCEPT
    await asyncio.gather(*(mail.send(mail_to("camille@parvis.test", number)) for number in range(CONNECTIONS)))
    assert len(smtp.messages) == CONNECTIONS


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_password_goes_over_tls(monkeypatch: pytest.MonkeyPatch, tls: str) -> None:
    async with SmtpServer(tls=tls, user="parvis", password="s3cret") as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        mail = urls.open_mail(server.url, server.certificate.parent)
        await mail.ping()
        await mail.send(mail_to("camille@parvis.test"))
        await mail.close()
        assert len(server.messages) == 1
        wrong = urls.open_mail(server.url.replace("s3cret", "wr0ng"), server.certificate.parent)
        with pytest.raises(MailTemporary) as refusal:
            await wrong.send(mail_to("camille@parvis.test"))
        assert "wr0ng" not in str(refusal.value)
        await wrong.close()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_that_is_not_trusted_is_not_spoken_to(tls: str) -> None:
    async with SmtpServer(tls=tls, user="parvis", password="s3cret") as server:
        mail = urls.open_mail(server.url, server.certificate.parent)
        with pytest.raises(MailTemporary):
            await mail.send(mail_to("camille@parvis.test"))
        await mail.close()
        assert server.messages == []


async def test_a_server_that_wants_a_password_of_us_does_not_make_a_mail_undeliverable() -> None:
    async with SmtpServer(user="parvis", password="s3cret") as server:
        mail = client(server.url.replace("parvis:s3cret@", ""))
        with pytest.raises(MailTemporary, match="530"):
            await mail.send(mail_to("camille@parvis.test"))
        await mail.close()


async def test_without_tls_there_is_no_password(smtp: SmtpServer) -> None:
    mail = SmtpMail("127.0.0.1", port_of(smtp.url), tls=False, user="parvis", password="s3cret", timeout=5)
    with pytest.raises(MailTemporary):
        await mail.send(mail_to("camille@parvis.test"))
    await mail.close()
    assert smtp.messages == []


async def test_the_envelope_is_what_the_mail_says(mail: SmtpMail, smtp: SmtpServer) -> None:
    await mail.send(replace(mail_to("zoe@parvis.test"), recipient="zoë@parvis.test"))
    (envelope,) = smtp.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == ("parvis@parvis.test", ["zoë@parvis.test"])
    assert "SMTPUTF8" in envelope.mail_options


@pytest.mark.parametrize("address", ["", "a", "a@b\r\nRCPT TO:<c@d>", "a@b> SIZE=1", "a b@c", "a@b\x00"])
async def test_what_is_no_address_is_refused_before_it_is_said(mail: SmtpMail, smtp: SmtpServer, address: str) -> None:
    sent = mail_to("camille@parvis.test")
    for sender, recipient in ((address, sent.recipient), (sent.sender, address)):
        with pytest.raises(MailRefused):
            await mail.send(OutgoingMail(sent.message_id, sender, recipient, sent.content))
    assert smtp.connections == 0


@pytest.mark.parametrize("url", ["smtp:", "smtp://user@host:25", "smtp://host:25/s3cret", "smtps://host:s3cret"])
def test_a_url_without_host_or_with_half_a_login_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^mail: smtps?: ") as refusal:
        urls.open_mail(url, None)  # type: ignore[arg-type]
    assert "s3cret" not in str(refusal.value)
