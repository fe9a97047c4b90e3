"""What other services tell is copied: where people are reached, what programmes are called."""

from __future__ import annotations

from services.chassis.commands import Command
from services.contracts.events.accounts import AccountErased, AccountExpired, AddressChanged
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.mailer.usecases.app import Mailer


async def copy_address(app: Mailer, event: AddressChanged, command: Command) -> None:
    """Keep where and how to write to a person."""
    await app.directory.put(event.account, command.sequence, event.model_dump(mode="json", exclude={"account"}))


async def forget_address(app: Mailer, event: AccountExpired | AccountErased, command: Command) -> None:
    """The person is gone; what is still queued has its own address."""
    await app.directory.erase(event.account)


async def copy_programme(app: Mailer, event: ProgrammePublished | ProgrammeChanged, command: Command) -> None:
    """Keep what mails say of a programme."""
    programme = event.programme
    content = {
        "title": programme.title,
        "centre": programme.centre.get("label", programme.centre["code"]),
        "contact": programme.contact.get("email", ""),
        "submission_deadline": programme.submission_deadline,
        "requirements": {piece.code: piece.label for piece in programme.requirements},
    }
    await app.programmes.put(event.code, programme.version, content)
