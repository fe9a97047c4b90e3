"""Envelope addresses, for every transport."""

from __future__ import annotations

from services.chassis.ports import MailRefused, OutgoingMail


def check_addresses(mail: OutgoingMail) -> None:
    """Refuse, by MailRefused, addresses that could break out of their line (RFC 5321, 4.1.2)."""
    for address in (mail.sender, mail.recipient):
        if "@" not in address or any(character.isspace() or character in "<>\x00" for character in address):
            raise MailRefused("not an address")
