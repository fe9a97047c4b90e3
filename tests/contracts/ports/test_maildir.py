"""What holds for the embedded transport alone: one file per Message-ID, and a page that reads them."""

from __future__ import annotations

import asyncio
import mailbox
import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.chassis.mail.maildir import Mailbox, MaildirMail
from services.chassis.ports import Mail, MailRefused, MailTemporary, OutgoingMail
from tests.contracts.ports.places import MaildirPlace, acknowledged, child
from tests.contracts.ports.test_mail import mail_to, text_of


@pytest.fixture
def mail_place(tmp_path: Path) -> MaildirPlace:
    return MaildirPlace("maildir:", tmp_path)


async def test_a_mail_sent_again_is_there_once(mail: Mail, mail_place: MaildirPlace) -> None:
    sent = mail_to("camille@parvis.test")
    assert await mail.was_sent(sent.message_id) is False
    await asyncio.gather(*(mail.send(sent) for _ in range(20)))
    assert await mail.was_sent(sent.message_id) is True
    assert len(mail_place.received()) == 1


@pytest.mark.parametrize("flags", ["", "S", "FRS"])
async def test_a_mail_that_was_read_is_not_sent_again(mail: Mail, mail_place: MaildirPlace, flags: str) -> None:
    sent = mail_to("camille@parvis.test")
    await mail.send(sent)
    box = mailbox.Maildir(mail_place.data / "mail", create=False)
    (key,) = box.keys()
    message = box.get_message(key)
    message.set_subdir("cur")
    message.set_flags(flags)
    box[key] = message
    assert await mail.was_sent(sent.message_id) is True
    await mail.send(sent)
    assert len(mail_place.received()) == 1


async def test_it_is_a_standard_maildir(mail: Mail, mail_place: MaildirPlace) -> None:
    await mail.send(mail_to("camille@parvis.test"))
    folder = mail_place.data / "mail"
    assert sorted(entry.name for entry in folder.iterdir()) == ["cur", "new", "tmp"]
    (path,) = (folder / "new").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    content = path.read_bytes()
    assert content.startswith(b"Return-Path: <parvis@parvis.test>\nDelivered-To: camille@parvis.test\nMessage-ID:")
    assert b"\r" not in content
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("address", ["a@parvis.test\nX-Evil: 1", "a@parvis.test\r"])
async def test_a_line_break_in_an_address_is_refused(mail: Mail, mail_place: MaildirPlace, address: str) -> None:
    sent = mail_to("camille@parvis.test")
    for sender, recipient in ((address, sent.recipient), (sent.sender, address)):
        with pytest.raises(MailRefused):
            await mail.send(OutgoingMail(sent.message_id, sender, recipient, sent.content))
    assert mail_place.received() == []


async def test_what_a_crash_tore_is_no_mail_and_goes_in_time(mail_place: MaildirPlace) -> None:
    folder = mail_place.data / "mail" / "tmp"
    folder.mkdir(parents=True)
    (folder / "old").write_text("Subject: torn")
    (folder / "fresh").write_text("Subject: in the making")
    os.utime(folder / "old", (0, 0))
    async with AsyncExitStack() as stack:
        await mail_place.open(stack)
        assert mail_place.received() == []
        assert await Mailbox(mail_place.data / "mail").newest(10) == []
        assert [path.name for path in folder.iterdir()] == ["fresh"]


async def test_what_was_acknowledged_survives_the_kill(mail_place: MaildirPlace) -> None:
    known: set[str] = set()
    for _ in range(2):
        async with child("send_mails", mail_place.url, mail_place.data) as process:
            known |= set(await acknowledged(process, 50))
    async with AsyncExitStack() as stack:
        mail = await mail_place.open(stack)
        assert all([await mail.was_sent(message_id) for message_id in known])
    arrived = mail_place.received()
    assert known <= {message["Message-ID"] for message in arrived}
    assert all(text_of(message).endswith("\nend\n") for message in arrived)


async def test_a_place_that_cannot_be_used_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(MailTemporary):
        MaildirMail(tmp_path / "mail")
    (tmp_path / "mail").unlink()
    mail = MaildirMail(tmp_path / "mail")
    (tmp_path / "mail" / "tmp").rmdir()
    with pytest.raises(MailTemporary):
        await mail.send(mail_to("camille@parvis.test"))
    with pytest.raises(MailTemporary):
        await mail.ping()
    await mail.close()


async def test_the_mailbox_shows_the_newest_first_and_one_in_full(mail: Mail, mail_place: MaildirPlace) -> None:
    folder = mail_place.data / "mail"
    for number in range(5):
        await mail.send(mail_to(f"{number}@parvis.test", number))
        for path in (folder / "new").iterdir():
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 1_000_000_000))
    reader = Mailbox(folder)
    newest = await reader.newest(3)
    assert [summary.recipient for summary in newest] == ["4@parvis.test", "3@parvis.test", "2@parvis.test"]
    assert {summary.subject for summary in newest} == {"Votre candidature a bien été reçue"}
    message = await reader.read(newest[0].name)
    assert message is not None
    assert text_of(message) == "Bonjour Zoë,\n.\nà bientôt\n"


@pytest.mark.parametrize("name", ["", "0" * 32, "../new/x", "0" * 31, "*"])
async def test_the_mailbox_knows_no_other_files(mail: Mail, mail_place: MaildirPlace, name: str) -> None:
    await mail.send(mail_to("camille@parvis.test"))
    assert await Mailbox(mail_place.data / "mail").read(name) is None


async def test_a_mailbox_before_the_first_mail_is_empty(mail_place: MaildirPlace) -> None:
    assert await Mailbox(mail_place.data / "mail").newest(10) == []
