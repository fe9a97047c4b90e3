"""Addresses as mail carries them, for who writes mails and for every transport."""

from __future__ import annotations

import idna

from services.chassis.ports import MailRefused, OutgoingMail


def wire_address(address: str) -> str:
    """The address with its domain in ASCII, as every server understands it; raises MailRefused if it has no such form.

    IDNA 2008 as UTS 46 prepares it, non-transitional, so that mail goes to the domain that was typed: straße.de is not
    strasse.de. A local part in other letters stays as it is (RFC 6531).
    """
    local, _, domain = address.rpartition("@")
    if not (local and domain):
        raise MailRefused("not an address")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True, transitional=False).decode('ascii')}"
    except idna.IDNAError:
        raise MailRefused("not a domain") from None


def check_addresses(mail: OutgoingMail) -> None:
    """Refuse, by MailRefused, addresses that could break out of their line (RFC 5321, 4.1.2)."""
    for address in (mail.sender, mail.recipient):
        if "@" not in address or any(character.isspace() or character in "<>\x00" for character in address):
            raise MailRefused("not an address")
