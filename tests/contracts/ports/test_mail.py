"""What every mail transport does with a finished mail."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from services.chassis.ports import Mail, MailTemporary, OutgoingMail
from tests.contracts.ports.places import MailPlace


def mail_to(recipient: str, number: int = 1, text: str = "Bonjour Zoë,\n.\nà bientôt\n") -> OutgoingMail:
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{number}.{recipient}>"
    message["From"] = "Université <parvis@parvis.test>"
    message["To"] = recipient
    message["Subject"] = "Votre candidature a bien été reçue"
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return OutgoingMail(message["Message-ID"], "parvis@parvis.test", recipient, message.as_bytes())


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def test_a_mail_arrives_once_and_whole(mail: Mail, mail_place: MailPlace) -> None:
    sent = mail_to("camille@parvis.test")
    await mail.send(sent)
    (arrived,) = mail_place.received()
    assert arrived["Message-ID"] == sent.message_id
    assert arrived["Subject"] == "Votre candidature a bien été reçue"
    assert arrived["To"] == "camille@parvis.test"
    assert text_of(arrived) == "Bonjour Zoë,\n.\nà bientôt\n"
    assert await mail.was_sent(sent.message_id) in {True, None}
    assert await mail.was_sent("<another@parvis.test>") in {False, None}


async def test_a_long_mail_arrives_whole(mail: Mail, mail_place: MailPlace) -> None:
    text = "".join(f"ligne {number} été\n" for number in range(30_000))
    await mail.send(mail_to("camille@parvis.test", text=text))
    assert [text_of(arrived) for arrived in mail_place.received()] == [text]


async def test_twenty_senders_at_once(mail: Mail, mail_place: MailPlace) -> None:
    await asyncio.gather(*(mail.send(mail_to("camille@parvis.test", number)) for number in range(60)))
    arrived = sorted(message["Message-ID"] for message in mail_place.received())
    assert arrived == sorted(f"<{number}.camille@parvis.test>" for number in range(60))


async def test_ping_answers_until_the_transport_is_closed(mail: Mail) -> None:
    await mail.ping()
    await mail.close()
    await mail.close()
    with pytest.raises(MailTemporary):
        await mail.ping()
    with pytest.raises(MailTemporary):
        await mail.send(mail_to("camille@parvis.test"))
