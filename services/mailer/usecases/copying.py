"""What other services tell is copied: where people are reached, what programmes are called."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document
from services.chassis.store.rows import each_of
from services.contracts.events.accounts import (
    AccountErased,
    AccountExpired,
    AddressChanged,
    ClosingChanged,
    StaffChanged,
)
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished, UnitPart
from services.contracts.refusals import RefusedError
from services.mailer.domain.mail_tests import KIND
from services.mailer.domain.states import State
from services.mailer.usecases.app import App


async def copy_address(app: App, event: AddressChanged, command: CommandContext) -> None:
    """Keep where and how to write to a person; who wants to say anew what has not arrived elsewhere is told so."""
    before = await app.directory.get(event.account)
    await app.directory.put(event.account, command.sequence, event.model_dump(mode="json", exclude={"account"}))
    known = await app.directory.get(event.account)
    if before is None or known is None or known["email"] != event.email:
        return
    async for row in app.deliveries.of_account(event.account):
        if row["state"] == State.FAILED.value:
            await app.deliveries.change(
                row["_id"], lambda delivery: Decision(*delivery.readdress(event.email)), command.by_itself()
            )


async def copy_closing(app: App, event: ClosingChanged, command: CommandContext) -> None:
    """Keep whether an account is closed: of its files nothing is mailed then."""
    await app.closed_accounts.keep(event, command.sequence)


async def copy_colleague(app: App, event: StaffChanged, command: CommandContext) -> None:
    """Keep where a member of staff is written to."""
    await app.colleagues.keep(event, command.sequence)


async def forget_person(app: App, event: AccountExpired | AccountErased, command: CommandContext) -> None:
    """The person is gone: whatever is heard of them later, nothing is kept, and nothing is sent any more.

    Raises NotYet while a mail to them is being handed over, or one is sent to themselves.
    """
    await app.directory.erase(event.account)
    await app.closed_accounts.erase(event.account)
    await app.colleagues.erase(event.account)
    if not await app.mail_tests.forget(event.account):
        raise NotYet("mail_tests")
    await erase_mails(app, event.account, command)
    if isinstance(event, AccountErased):
        await app.erasures.confirm(event.account, command)


async def erase_mails(app: App, account: str, command: CommandContext) -> None:
    """Take address, name and text out of all mails to an account, but for a farewell, of which nothing stays anyway.

    A test is none: of who was staff nothing more is sent to an address of their work.

    Raises NotYet as `forget_person` does.
    """

    async def erase(row: Document) -> None:
        if not row["address"] or (row.get("farewell") and row["kind"] != KIND):
            return
        try:
            await app.deliveries.change(
                row["_id"], lambda delivery: Decision(delivery.erase(command.now)), replace(command, event=None)
            )
        except RefusedError:
            raise NotYet("delivery") from None

    await each_of(app.deliveries.of_account(account), erase)


async def is_gone(app: App, account: str, command: CommandContext) -> bool:
    """Whether a person is gone; then the mail goes too that a life of this process may have queued when it died."""
    gone = await app.directory.is_erased(account)
    if gone:
        await erase_mails(app, account, command)
    return gone


async def copy_programme(app: App, event: ProgrammePublished | ProgrammeChanged, command: CommandContext) -> None:
    """Keep what mails say of a programme."""
    programme = event.programme
    content = {
        "title": programme.title.model_dump(exclude_none=True),
        "diploma": _label(programme.diploma),
        "centre": _label(programme.centre),
        "centre_code": programme.centre.code,
        "commission": None if programme.commission is None else programme.commission.code,
        "contact": programme.contact.email or "",
        "submission_deadline": programme.submission_deadline,
        "requirements": {piece.code: piece.label.model_dump(exclude_none=True) for piece in programme.requirements},
        "forms": {form.code: form.label.model_dump(exclude_none=True) for form in programme.forms or ()},
        "conditional": [piece.code for piece in programme.requirements if piece.conditional],
    }
    await app.programmes.put(event.code, programme.version, content)


def _label(unit: UnitPart) -> dict[str, str]:
    """What a centre or a diploma is called, by language; one that has no name is called by its code."""
    french = {"fr": unit.label or unit.code}
    return french | {"en": unit.label_en} if unit.label_en else french
