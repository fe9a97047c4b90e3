"""What staff do with files, each within the reach of who asks: what lies beyond is not there (acceptance 62, 92)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.applications.domain import review
from services.applications.domain.copies import HeldDocument, ProgrammeCopy
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.events import Change
from services.applications.domain.model import Application, Moment, Submission
from services.applications.domain.reach import Reach
from services.applications.domain.states import FileState
from services.applications.repository.applications import ACTIVE_INDEX
from services.applications.repository.places import RANK_INDEX
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.changing import MAX_TRIES
from services.applications.usecases.holding import follow_since, naming_registrar
from services.applications.usecases.incidents import unjudged
from services.applications.usecases.offers_joined import join
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.ports import Document as Row
from services.chassis.ports import DuplicateKey
from services.contracts.events.offers import DeadlinesMoved, ParametersChanged, ProgrammeChanged, ProgrammePublished
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals.applications import CAMPAIGN_CLOSED, RANK_TAKEN

MOVING: Final = (DeadlinesMoved, ProgrammePublished, ProgrammeChanged, ParametersChanged)
"""By these it is told until when one may submit; the last tells of maintenance windows, whose last days are honoured."""
UNDER_WAY: Final = timedelta(hours=1)
"""After the end of a last day: no submission that arrived on it is under way any more."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file as a decision is taken on it: within whose reach, what was submitted last, what its programme says now."""

    application: Application
    reach: Reach
    submitted: Submission | None
    offer: ProgrammeCopy | None
    entered: EnteredDecision | None = None
    """What is entered on it; of acts that ask for it."""
    held: Sequence[HeldDocument] = ()
    """What the registrar holds of its candidate, where it may come into their hands."""
    closed: bool = False
    """Whether the account of a file that is in its candidate's hands is closed."""
    over: bool = False
    """Whether its campaign is closed."""

    def check_campaign(self, *, deciding: bool) -> None:
        """Raise CAMPAIGN_CLOSED for an act of its examination once that is over; a decision that counts may be corrected."""
        check_campaign(self.application, over=self.over, deciding=deciding)


Decide = Callable[[Examined], Change]
"""What is done to a file: the domain's answer to it, which changes nothing by itself."""


def check_campaign(application: Application, *, over: bool, deciding: bool) -> None:
    """The same of a file whose campaign is `over`, or is not (ADR 128)."""
    if over and not (deciding and application.decision is not None):
        raise CAMPAIGN_CLOSED()


async def mark(
    app: App,
    actor: Actor,
    id: str,
    command: CommandContext,
    *,
    state: FileState,
    on: date | None,
    until: date | None,
) -> Outcome[Application]:
    """Put a file into a state of its examination; `until` is the last day of one that is given back."""
    return await change_examined(app, actor, id, command, marking(app, command, state=state, on=on, until=until))


def marking(
    app: App, command: CommandContext, *, state: FileState, on: date | None = None, until: date | None = None
) -> Decide:
    """What `mark` decides."""
    moment = app.moment(command)

    def decide(file: Examined) -> Change:
        return review.mark(
            file.application,
            state,
            file.submitted,
            file.offer,
            moment,
            role=file.reach.role,
            by=command.acting,
            on=on,
            until=until,
            held=file.held,
        )

    return decide


async def reopen(
    app: App, actor: Actor, id: str, command: CommandContext, *, reason: str, until: date | None
) -> Outcome[Application]:
    """Give a file back that was submitted by mistake."""
    return await change_examined(app, actor, id, command, reopening(app, command, reason=reason, until=until))


def reopening(app: App, command: CommandContext, *, reason: str, until: date | None = None) -> Decide:
    """What `reopen` decides."""
    moment = app.moment(command)

    def decide(file: Examined) -> Change:
        return review.reopen(
            file.application,
            reason,
            file.offer,
            moment,
            role=file.reach.role,
            by=command.acting,
            until=until,
            held=file.held,
        )

    return decide


async def extend(app: App, actor: Actor, id: str, command: CommandContext, *, day: date) -> Outcome[Application]:
    """Give one application a later last day; an earlier one has no effect (acceptance 73)."""
    return await change_examined(app, actor, id, command, extending(app, command, day=day))


def extending(app: App, command: CommandContext, *, day: date) -> Decide:
    """What `extend` decides."""
    moment = app.moment(command)

    def decide(file: Examined) -> Change:
        return review.extend(file.application, file.offer, day, moment, role=file.reach.role)

    return decide


async def lapsing(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Files that were given back and whose last day is over; none while a move of it may not have been heard.

    Those of days that nobody has judged yet are left out, so that they keep no others from their turn.
    """
    if (settled := await settled_moment(app, command, measures=False)) is not None:
        awaited = {day.isoformat() for day in settled.unjudged}
        async for row in app.applications.lapsing(settled.due):
            if row["lapses_after"] not in awaited:
                yield row


async def lapse(app: App, row: Row, command: CommandContext) -> bool:
    """Let the last submission of such a file count; answer whether a step was taken."""
    saved = app.applications.loaded(row)
    settled = await settled_moment(app, command)
    if settled is None:
        return False
    submitted, offer = await _submitted(app, saved.state), await app.programmes.of(saved.state.programme.code)
    after, domain_events = review.lapse(saved.state, submitted, offer, settled, command.acting)
    outcome = await app.applications.save(saved, Decision(after, domain_events), command)
    return outcome is not None and bool(outcome.events)


async def untold(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Files whose candidates have waited long enough for what staff have said of pieces; none where states alone tell it."""
    if (before := _gathered_until(app, command)) is not None:
        async for row in app.applications.untold(before):
            yield row


async def gather(app: App, row: Row, command: CommandContext) -> int:
    """Tell one candidate in one what staff have said of pieces."""
    if (before := _gathered_until(app, command)) is None:
        return 0
    outcome = await app.applications.change(
        row["_id"], lambda file: Decision(*review.gather(file, before), silent=True), command
    )
    return outcome is not None and bool(outcome.events)


def _gathered_until(app: App, command: CommandContext) -> datetime | None:
    minutes = app.parameters.in_force.applications.verdicts_minutes
    return command.now - timedelta(minutes=minutes) if minutes else None


async def change_examined(
    app: App,
    actor: Actor,
    id: str,
    command: CommandContext,
    decide: Decide,
    *,
    deciding: bool = False,
    afterwards: bool = False,
) -> Outcome[Application]:
    """Decide on a file within the actor's reach; raises NOT_FOUND, BUSY, CAMPAIGN_CLOSED and whatever `decide` does."""
    reaches = await app.programmes.reaches(actor)
    return await change_within(app, reaches, id, command, decide, deciding=deciding, afterwards=afterwards)


async def change_within(
    app: App,
    reaches: Sequence[Reach],
    id: str,
    command: CommandContext,
    decide: Decide,
    *,
    answer: Callable[[Examined, Change], Any] | None = None,
    deciding: bool = False,
    silent: bool = False,
    afterwards: bool = False,
) -> Outcome[Application]:
    """Decide on a file within one of these reaches, and anew where it has changed meanwhile.

    `deciding` asks for what is entered, which is read last: others may take it away until then. `answer` is what
    is to be remembered with the command's key; a `silent` change makes nothing stale; what is done `afterwards` goes on
    when the campaign is closed (ADR 128). Raises NOT_FOUND, BUSY, CAMPAIGN_CLOSED, STALE_VERSION, KEY_REUSED, RANK_TAKEN,
    RECUSED, and whatever `decide` raises.
    """
    # A person's day of commands is the candidate's; of staff the newest keys are remembered beside them.
    command = replace(command, personal=False)
    for _ in range(MAX_TRIES):
        saved, reach = await reached_within(app, reaches, id)
        own = taking_part(command, id, reach)
        if (known := app.applications.repeated(saved, own)) is not None:
            return known
        file = await examined(app, saved.state, reach)
        if not afterwards:
            file.check_campaign(deciding=deciding)
        if deciding:
            file = replace(file, entered=await app.decisions.entered(id))
        with naming_registrar(app, saved.state):
            after, happened = decide(file)
        remembered = None if answer is None else answer(file, (after, happened))
        try:
            outcome = await app.applications.save(saved, Decision(after, happened, remembered, silent=silent), own)
        except DuplicateKey as error:
            if (
                error.index == ACTIVE_INDEX
            ):  # its person has opened one of their own, to which what is entered goes over
                of = saved.state
                await join(app, of.account, of.programme.code, of.campaign, command)
                continue
            if error.index != RANK_INDEX or after.decision is None:
                raise
            raise RANK_TAKEN(rank=after.decision.entered.rank) from None
        if outcome is not None:
            given_back = outcome.saved.state.is_editable and not saved.state.is_editable
            return await follow_since(app, outcome, file.held, command) if given_back else outcome
    raise BUSY(retry_after=1)


async def reached(app: App, actor: Actor, id: str) -> tuple[Versioned[Application], Reach]:
    """The file, and within whose reach; raises NOT_FOUND."""
    return await reached_within(app, await app.programmes.reaches(actor), id)


async def reached_within(app: App, reaches: Sequence[Reach], id: str) -> tuple[Versioned[Application], Reach]:
    """The same within the first of these that holds it; raises NOT_FOUND."""
    for reach in reaches:
        if (saved := await app.applications.reached(id, reach)) is not None:
            return saved, reach
    raise NOT_FOUND()


async def examined(app: App, application: Application, reach: Reach) -> Examined:
    """A file with all that a decision on it asks for."""
    submitted, offer = await _submitted(app, application), await app.programmes.of(application.programme.code)
    card = None if application.is_editable else await app.cards.of(application.account)
    held = () if card is None else card.held
    closed = application.is_editable and await app.closed_accounts.of(application.account) is not None
    over = await app.closed.holds(application.campaign)
    return Examined(application, reach, submitted, offer, held=held, closed=closed, over=over)


async def _submitted(app: App, application: Application) -> Submission | None:
    """What was submitted last, where the file is with the candidate and may have been changed since."""
    if not application.is_editable or not application.submissions:
        return None
    return await app.submissions.of(Actor(application.account), application.submissions[-1])


async def settled_moment(app: App, command: CommandContext, *, measures: bool = True) -> Moment | None:
    """This moment, and the days up to which every submission has been seen and every move of a last day been heard.

    That nothing was heard of a later day means that there is none only up to then; None as long as that is not known. On
    last days that an incident touched nothing is done before somebody has judged it (ADR 110). Who takes no step by it does
    not look for a gap that ends this very moment: nothing is written then.
    """
    heard = await app.heard.until(*MOVING)
    if heard is None:
        return None
    settled = min(heard, command.now - UNDER_WAY)
    awaited = await (unjudged(app, command) if measures else app.extensions.unjudged(command.now))
    return replace(app.moment(replace(command, now=settled)), instant=command.now, unjudged=awaited)
