"""What a returned mail says: RFC 3464, and whatever else flufl.bounce knows of the world's servers. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Final

from flufl.bounce import all_failures

from services.chassis.mail.addresses import wire_address
from services.chassis.ports import MailRefused

MOST_ADDRESSES: Final = 10
"""A notice about more people than these is about none of our mails, each of which goes to one."""
MOST_MAILS: Final = 5
"""The same of mails."""
MOST_PARTS: Final = 50
LONGEST_LINE: Final = 2000
"""RFC 5322 allows 998 bytes; what is longer is cut, for whoever looks for patterns in lines."""
_PART: Final = re.compile(rb"boundary\s*=|content-type\s*:", re.IGNORECASE)
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_HASH: Final = r"<([0-9a-f]{40})@"
_ASCII: Final = bytes(range(128)) + b"?" * 128
"""Headers that hold other bytes are no texts to the libraries; no address that we write to has any on the wire."""
_NOBODY: Final = "nobody@invalid"
"""Stands where no sender does: some detectors take for granted that there is one, and fail for all."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice: its own `id`, our `mails` that it is about, whom they have `failed` to reach and whom they are `delayed` to.

    Of addresses, in small letters, the `statuses` that are told. `written_at` is its own date, if it has one.
    """

    id: str
    mails: tuple[str, ...]
    failed: frozenset[str]
    delayed: frozenset[str]
    statuses: Mapping[str, str]
    status: str = ""
    written_at: datetime | None = None

    def status_of(self, address: str) -> str:
        """What is told of an address, or of the mail as a whole."""
        return self.statuses.get(address, self.status)


class UnreadableNoticeError(ValueError):
    """A mail that names one of ours, and of which the libraries cannot say what it is: by the type of their failure."""


def read_notice(content: bytes, domain: str) -> Notice | None:
    """The notice that a mail is, about mails whose Message-ID ends in `domain`; None if it is none.

    Raises UnreadableNoticeError.
    """
    if len(_PART.findall(content)) > MOST_PARTS:
        return None
    lines = b"\n".join(line[:LONGEST_LINE] for line in content.splitlines())
    mails = _mails(lines, domain)
    if not mails or len(mails) > MOST_MAILS:
        return None
    try:
        return _notice(content, lines, mails)
    except Exception as error:
        raise UnreadableNoticeError(type(error).__name__) from error


def _notice(content: bytes, lines: bytes, mails: tuple[str, ...]) -> Notice | None:
    message = message_from_bytes(lines.translate(_ASCII))
    if not getaddresses([message.get("From", "")]):
        del message["From"]
        message["From"] = _NOBODY
    late, failed = all_failures(message)
    addresses = _known(failed), _known(late)
    if not 0 < len(addresses[0] | addresses[1]) <= MOST_ADDRESSES:
        return None
    statuses = dict(_statuses(message))
    told = _STATUS.search(_text(message)) if not statuses else None
    own = str(message.get("Message-ID", "")).strip()
    id = sha256(own.encode("utf-8", "replace") if own else content).hexdigest()[:32]
    delayed, status = addresses[1] - addresses[0], told[1] if told else ""
    return Notice(id, mails, addresses[0], delayed, statuses, status, _date(str(message.get("Date", ""))))


def _date(text: str) -> datetime | None:
    """The instant of RFC 5322, 3.3; one of which nobody says where it holds is taken as UTC."""
    try:
        said = parsedate_to_datetime(text[:100])
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def comparable(address: str) -> str:
    """An address as notices name it; nothing where it has no such form."""
    try:
        return wire_address(address).lower()
    except MailRefused:
        return ""


def _mails(content: bytes, domain: str) -> tuple[str, ...]:
    """Ours among the mails that are named, in any part: some servers return headers, others quote them in a text."""
    found = re.findall((_HASH + re.escape(domain) + ">").encode(), content, re.IGNORECASE)
    return tuple(dict.fromkeys(each.decode("ascii").lower() for each in found))


def _known(addresses: frozenset[bytes]) -> frozenset[str]:
    return frozenset(each.decode("ascii", "replace").strip("<> ").lower() for each in addresses if b"@" in each)


def _statuses(message: Message) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        blocks = part.get_payload()
        if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
            continue
        for block in blocks[:MOST_PARTS]:
            if not isinstance(block, Message):
                continue
            status = _STATUS.search(str(block.get("Status", ""))[:200])
            for name in ("Final-Recipient", "Original-Recipient"):
                address = str(block.get(name, "")).rpartition(";")[2].strip("<> \r\n\t").lower()
                if status and address:
                    yield address, status[1]


def _text(message: Message) -> str:
    """The first words for people."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            return str(part.get_payload())[:4000]
    return ""
