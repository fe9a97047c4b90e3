"""Mailboxes of returned mails: read in order, each mail cut to a bound, and left as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from services.chassis import urls
from services.chassis.bounces.imap import WINDOW, ImapBounces
from services.chassis.ports import Bounces, BouncesUnavailable, MailboxPlace
from services.chassis.ports.bounces import LARGEST_RETURN, MOST_RETURNS
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.proxy import Proxy
from tests.servers.smtp import SmtpServer


@pytest.fixture
def user() -> str:
    return f"u{uuid4().hex}"


def opened(url: str) -> Bounces:
    bounces = urls.open_bounces(url)
    assert bounces is not None
    return bounces


def mail(text: str) -> bytes:
    return f"Subject: {text}\r\n\r\n{text}\r\n".encode()


async def test_mails_are_read_in_order_a_few_at_a_time_and_stay_unseen(dovecot: Dovecot, user: str) -> None:
    bounces = opened(dovecot.mailbox(user))
    await bounces.ping()
    empty = await bounces.read(MailboxPlace())
    assert (list(empty.mails), empty.until.uid) == ([], 0)
    contents = [mail(str(number)) for number in range(MOST_RETURNS + 1)]
    dovecot.deliver(user, *contents)
    first = await bounces.read(empty.until)
    second = await bounces.read(first.until)
    assert [content for _, content in [*first.mails, *second.mails]] == contents
    assert [place.uid for place, _ in first.mails] == list(range(1, MOST_RETURNS + 1))
    assert first.until == first.mails[-1][0]
    assert (await bounces.read(second.until)).until == second.until
    await bounces.mark_seen([first.until, MailboxPlace(second.until.validity + 1, 1), second.until])
    await bounces.mark_seen([MailboxPlace(second.until.validity + 1, 2)])
    with dovecot.open(user) as mailbox:
        assert mailbox.uid("SEARCH", "SEEN") == ("OK", [b"20 21"])
    await bounces.close()


async def test_of_a_large_mail_the_beginning_is_read(dovecot: Dovecot, user: str) -> None:
    head = b"Subject: x\r\n\r\n"
    fits = head + b"x" * (LARGEST_RETURN - len(head))
    dovecot.deliver(user, fits, fits + b"y" * 3_000_000)
    found = await opened(dovecot.mailbox(user)).read(MailboxPlace())
    assert [content for _, content in found.mails] == [fits, fits]


async def test_gaps_and_a_mailbox_that_counts_anew(dovecot: Dovecot, user: str) -> None:
    """What was deleted is passed over, window by window; another validity is another mailbox (RFC 3501, 2.3.1.1)."""
    dovecot.deliver(user, *[mail(str(number)) for number in range(5)])
    with dovecot.open(user) as mailbox:
        mailbox.uid("STORE", "1:4", "+FLAGS", "(\\Deleted)")
        mailbox.expunge()
    bounces = opened(dovecot.mailbox(user))
    found = await bounces.read(MailboxPlace())
    assert [(place.uid, content) for place, content in found.mails] == [(5, mail("4"))]
    anew = await bounces.read(MailboxPlace(found.until.validity + 1, 5))
    assert list(anew.mails) == list(found.mails)
    assert WINDOW > MOST_RETURNS


@pytest.mark.parametrize("fault", [Proxy.blackhole, Proxy.cut, Proxy.lose_answers])
async def test_a_wire_that_fails_is_told_and_mended(
    dovecot: Dovecot, user: str, fault: Callable[[Proxy], None]
) -> None:
    dovecot.deliver(user, mail("1"))
    async with Proxy.before(dovecot.url) as proxy:
        impatient, patient = (
            ImapBounces("127.0.0.1", proxy.port, user=user, password=PASSWORD, tls=False, timeout=seconds)
            for seconds in (0.5, 60)
        )
        fault(proxy)
        with pytest.raises(BouncesUnavailable):
            await impatient.read(MailboxPlace())
        proxy.restore()
        assert len((await patient.read(MailboxPlace())).mails) == 1


async def test_who_is_not_let_in_is_told_without_a_word_of_the_password(dovecot: Dovecot, user: str) -> None:
    for url in (dovecot.mailbox(user).replace("p%40ss", "wr0ng"), dovecot.mailbox(user).replace("INBOX", "Else")):
        with pytest.raises(BouncesUnavailable) as told:
            await opened(url).ping()
        assert str(told.value) == "error"


@pytest.mark.parametrize(
    "answer",
    [
        b"* OK hello\r\n* BYE\r\n",
        b"garbage\r\n",
        b"* OK " + b"x" * 2_000_000,
        b"* OK [CAPABILITY IMAP4rev1] x\r\n* 1 FETCH {999999999}\r\n",
    ],
    ids=["bye", "garbage", "endless line", "endless literal"],
)
async def test_a_server_that_speaks_otherwise_is_none(answer: bytes) -> None:
    async def converse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        bounces = ImapBounces("127.0.0.1", port, user="kim", password="p", tls=False, timeout=2)
        with pytest.raises(BouncesUnavailable):
            await bounces.read(MailboxPlace())


async def test_a_server_that_drips_has_an_end() -> None:
    """One byte each time before the patience for an answer is over, of an answer that never ends."""

    left = asyncio.Event()

    async def converse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] x\r\n* OK ")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        left.set()

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        bounces = ImapBounces("127.0.0.1", port, user="kim", password="p", tls=False, timeout=60, longest=0.5)
        with pytest.raises(BouncesUnavailable):
            await bounces.read(MailboxPlace())
        await left.wait()


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async with SmtpServer(tls="implicit") as stranger:  # who has such a certificate; it comes to no word of mail
        bounces = ImapBounces("127.0.0.1", urlsplit(stranger.url).port or 0, user="kim", password="p", timeout=60)
        with pytest.raises(BouncesUnavailable) as told:
            await bounces.ping()
    assert str(told.value) == "SSLCertVerificationError"


@pytest.mark.parametrize(
    "url",
    [
        *("imaps:", "imaps://mx.example", "imaps://kim@mx.example", "imaps://kim:p@mx.example:x/INBOX", "none:x"),
        *("imaps://kim:p%0d%0a@mx.example", "imaps://kim:p@mx.example/INBOX?x", "imaps://kim:p@mx.example/%C3%A9"),
        "pop3://x",
    ],
)
def test_what_opens_no_mailbox(url: str) -> None:
    with pytest.raises(ValueError, match="bounces: "):
        urls.open_bounces(url)


def test_none_is_none() -> None:
    assert urls.open_bounces("none:") is None
