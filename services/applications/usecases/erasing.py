"""Forgetting a person whose account was erased."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from services.applications.domain import meetings as domain
from services.applications.domain.counting import share_of
from services.applications.domain.model import Application
from services.applications.publications import without_person
from services.applications.publications.meetings import without_minutes
from services.applications.repository.audit import AuditedRepository
from services.applications.usecases import bulk_runs, exports, places, pre_enrolments
from services.applications.usecases.app import App
from services.applications.usecases.listing import keep_readable, keep_row
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of
from services.contracts.events.accounts import AccountErased, AccountExpired

LOOK_AGAIN: Final = timedelta(hours=1)
"""After the erasure of a person: no request of before is under way any more."""


async def erase_account(app: App, event: AccountErased, command: CommandContext) -> None:
    """Forget a person: card, applications, submissions and what was told of them go.

    Exports go too, everybody's: they may tell of them.

    Raises NotYet while something of them is still to be told. The mark is there first, for openings that are under
    way; what a crash leaves of those is found when it is looked again.
    """
    await app.cards.erase(event.account, command.now + LOOK_AGAIN)
    await app.staff.erase(event.account)
    await app.closed_accounts.erase(event.account)
    await _forget(app, event.account, command)
    # Behind all else: an export that was asked for since tells of them no more.
    await exports.background(app).forget(app.exports.rows(), command)
    await app.erasures.confirm(event.account, command)


async def forget_newcomer(app: App, event: AccountExpired, command: CommandContext) -> None:
    """Forget who has registered and never came: of them there is but the language in which they were written to."""
    await app.languages.erase(event.account)


def erased_lately(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Those who are gone, and of whom something may have been left."""
    return app.cards.erased(command.now)


async def look_again(app: App, mark: Row, command: CommandContext) -> bool:
    """Forget what was left of one who is gone; answer whether all of it could go that can by now.

    While the student records have not let go of somebody, it is looked again after `LOOK_AGAIN`.
    """
    try:
        if await _forget(app, mark["_id"], command):
            await app.cards.erase(mark["_id"], command.now + LOOK_AGAIN)
            return True
    except NotYet:
        return False
    await app.cards.looked_again(mark)
    return True


async def forget_shares(app: App, row: Row, command: CommandContext) -> bool:
    """Forget what each file that is gone has added to the counts, once nobody can count it again; the counts stay."""
    return await app.counts.forget(row, command.now, partial(_is_gone, app))


async def _count(app: App, saved: Versioned[Application], command: CommandContext) -> None:
    """Count a file before it goes, so that counts are the same without it (acceptance 99)."""
    await app.counts.add(saved.id, saved.state, share_of(saved.state, app.zone), command.now, partial(_is_gone, app))


async def _is_gone(app: App, id: str) -> bool:
    return not await app.applications.is_there(id) and await app.listing.centre_of(id) is None


async def _rewrite_codes(app: App, row: Row) -> None:
    """Take the codes away that the mailer was told of."""
    if row.get("outbox"):
        raise NotYet("pre_enrolment")  # as of applications
    await app.told.rewrite(app.pre_enrolments.order_key(row["_id"]), without_person)


async def _forget_on_meeting(app: App, command: CommandContext, note: Row) -> None:
    """Take a file off a meeting, and what was decided on it out of the minutes, which are told anew without it."""
    id = note["meeting"]
    saved = await app.meetings.get(id)
    if saved is not None and saved.outbox:
        raise NotYet("meeting")  # as of applications
    if saved is not None and domain.forget(saved.state, {note["file"]})[1]:
        await app.told.rewrite(app.meetings.order_key(id), without_minutes)
    command = replace(command, key=None, event=None)
    await app.meetings.change(id, lambda at: Decision(*domain.forget(at, {note["file"]})), command)
    await app.meetings.forget_note(note["_id"])


async def _forget(app: App, account: str, command: CommandContext) -> bool:
    """Answer whether something is kept for the student records, who are to let go of this person yet."""
    left = False

    async def remove(row: Row) -> None:
        if row.get("outbox"):
            raise NotYet("application")  # what is still to be told is rewritten once it stands in the journal
        await app.told.rewrite(app.applications.order_key(row["_id"]), without_person)
        saved = app.applications.loaded(row)  # one that cannot be read is named before anything of it is gone
        place = await places.keep_leaving(app, row, command)
        closed = await app.applications.close(row, command)
        if closed is not None:
            await _count(app, saved, command)
        if closed is None or not await app.applications.remove(closed["_id"], closed["version"]):
            raise NotYet("application")
        await keep_row(app, row["_id"])
        if place is not None:
            await places.settle_soon(app, place, command)

    async def remove_beside(kept: AuditedRepository[Any], row: Row) -> None:
        closed = await kept.close(row, command)
        if closed is None or not await kept.remove(closed["_id"], closed["version"]):
            raise NotYet(kept.collection.name)

    async def remove_pre_enrolment(row: Row) -> None:
        nonlocal left
        await _rewrite_codes(app, row)
        saved = await pre_enrolments.let_go(app, row["_id"], command)
        if saved is not None and pre_enrolments.is_kept(app, saved.state):
            left = True
            await app.pre_enrolments.strip(saved)
        elif saved is not None:
            await remove_beside(app.pre_enrolments, dict(saved.document))

    await app.languages.erase(account)  # also when it is looked again: a release before this one knows nothing of them
    await app.shelves.forget(account)
    await exports.background(app).forget(app.exports.rows_of(account), command)
    await bulk_runs.background(app).forget(app.bulk_runs.rows_of(account), command)
    await app.run_files.forget(account)
    try:
        await each_of(app.applications.rows_of(account), remove)
    finally:
        await app.submissions.erase(account)
        # By the rows too: what a stop has left of one whose application is gone is found by nothing else.
        async for id in app.listing.ids_of(account):
            await keep_readable(app, id)
        await each_of(app.decisions.rows_of(account), partial(remove_beside, app.decisions))
        await each_of(app.sheets.rows_of(account), partial(remove_beside, app.sheets))
        await each_of(app.recusals.rows_of(account), partial(remove_beside, app.recusals))
        await app.ballots.forget(account)
        await each_of(app.meetings.notes_of(account), partial(_forget_on_meeting, app, command))
        await each_of(app.pre_enrolments.rows_of(account), remove_pre_enrolment)
        await app.trail.forget(account)
    return left
