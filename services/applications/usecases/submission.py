"""Handing the file over, by the last day or by what it was extended to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from services.applications.domain import deadline, submission
from services.applications.domain.events import Change
from services.applications.domain.hands import OWN, Hand
from services.applications.domain.held import without_expired
from services.applications.domain.model import Application, Moment
from services.applications.publications import receipt_claims
from services.applications.usecases.app import App
from services.applications.usecases.changing import MAX_TRIES
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.failpoints import failpoint
from services.chassis.ports import PortError
from services.contracts.api.receipts import SUBMISSION_RECEIPT
from services.contracts.refusals import BUSY, NOT_FOUND


async def submit(app: App, actor: Actor, id: str, command: CommandContext, *, hand: Hand = OWN) -> Outcome[Application]:
    """Hand the file over; the answer is the number of the submission among those of the application.

    The submission is signed and written first. That the application then names it is the one write that submits; if the
    application has changed meanwhile, what was written is taken back, and all of it is looked at again.
    """
    card = await app.cards.of(actor.account)
    if card is None:  # nobody opens an application without a card
        raise NOT_FOUND()
    moment = app.moment(command)
    for _ in range(MAX_TRIES):
        saved = await app.applications.of(actor, id)
        if saved is None:
            raise NOT_FOUND()
        if (known := app.applications.repeated(saved, command)) is not None:
            return known
        current, expired = without_expired(saved.state, moment)
        state, extension = await _in_time(app, current, moment)
        frozen = submission.freeze(state, card.steps, moment, hand)
        if frozen is None:  # handed over already
            decision, written = Decision(saved.state, (), len(saved.state.submissions) - 1), None
        else:
            claims = receipt_claims(id, state, frozen)
            signed = replace(frozen, receipt=app.signer.sign(claims, typ=SUBMISSION_RECEIPT))
            written = app.ids.new()
            await app.submissions.write(written, saved, signed)
            failpoint("applications.submission-written")
            after, domain_events = submission.submit(state, written, signed, command.acting, hand)
            decision = Decision(after, (*expired, *extension, *domain_events), len(after.submissions) - 1)
        outcome = await app.applications.save(saved, decision, command)
        if outcome is None:
            if written is not None:
                await app.submissions.take_back(written)
            continue
        if written is not None:
            with suppress(PortError):  # the file is handed over; what crashes have left goes another time
                await app.submissions.sweep(outcome.saved)
        return outcome
    raise BUSY(retry_after=1)


async def _in_time(app: App, state: Application, moment: Moment) -> Change:
    """The application, with its programme's last day if it is late by its own and that has been extended."""
    if not moment.is_past(state.submission_deadline):
        return state, ()
    day = deadline.effective_deadline(state, await app.programmes.of(state.programme.code))
    return deadline.extended(state, day)
