"""From a delivery to the mail as it travels.

With the library's older classes: `EmailMessage` parses every header that it is given into a tree and folds it by that tree,
which takes ten times as long as all the rest of a mail's way.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from datetime import datetime
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr
from io import BytesIO
from typing import Final

from services.chassis.mail.addresses import wire_address
from services.chassis.ports import MailRefused, OutgoingMail
from services.mailer.domain.delivery import Delivery

_ADDRESS: Final = re.compile(r"""[^@\s<>()\[\],;:"]+@[^@\s<>()\[\],;:"]+""", re.ASCII)
_WIRE: Final = compat32.clone(linesep="\r\n", mangle_from_=False)


def one_mail(
    message_id: str,
    sender: tuple[str, str],
    delivery: Delivery,
    now: datetime,
    *,
    reply_to: str = "",
    bounces: str = "",
) -> OutgoingMail:
    """The mail as it travels: text and HTML, RFC 5322 (RFC 3834 says how an automatic one is marked).

    `sender` is its name and address, `reply_to` where answers go unless the delivery says so, `bounces` where other
    servers return what they cannot deliver (empty: to the sender). Raises MailRefused if an address cannot be written.
    """
    recipient, own_address = wire_address(delivery.address), wire_address(sender[1])
    message = MIMEMultipart("alternative", policy=_WIRE)
    message["From"] = _mailbox(sender[0], own_address)
    message["To"] = _mailbox(delivery.name, recipient)
    if answers := _answerable(delivery.reply_to) or _answerable(reply_to):
        message["Reply-To"] = answers
    message["Subject"] = Header(_one_line(delivery.letter.subject), header_name="Subject").encode()
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Content-Language"] = delivery.language
    message["Auto-Submitted"] = "auto-generated"
    # For servers that do not know RFC 3834: no notice of absence, but what could not be delivered is still told.
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message["X-Parvis-Kind"] = delivery.kind
    message.attach(_part("plain", delivery.letter.text))
    message.attach(_part("html", delivery.letter.html))
    content = BytesIO()
    BytesGenerator(content, policy=_WIRE).flatten(message)
    returned_to = wire_address(bounces) if bounces else own_address
    return OutgoingMail(message_id, returned_to, recipient, content.getvalue())


def _answerable(address: str) -> str:
    """The address as every server takes it in a header, or nothing: one that has no such form stops no mail."""
    try:
        plain = wire_address(address)
    except MailRefused:
        return ""
    return plain if plain.isascii() and _ADDRESS.fullmatch(plain) else ""


def _part(kind: str, text: str) -> Message:
    part = Message(policy=_WIRE)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.replace("\r\n", "\n").encode(), istext=True).decode("ascii"))
    return part


def _mailbox(name: str, address: str) -> str:
    """Name and address (RFC 5322 section 3.4), a name of other letters than ASCII as RFC 2047 says.

    An address of other letters goes out as it is, in UTF-8 (RFC 6532); the transport sees to it that the server takes it.
    """
    if address.isascii():
        return formataddr((_one_line(name), address))
    named = formataddr((_one_line(name), "@")).removesuffix("<@>").removesuffix("@")
    return f"{named}<{address}>".encode().decode("ascii", "surrogateescape")


def _one_line(text: str) -> str:
    """A header's value: no line break or other control character can start a header of its own."""
    clean = "".join(char if char.isprintable() or char in "\u00a0\u202f" else " " for char in text)
    return re.sub(" +", " ", clean).strip()
