"""What staff do in the place of a candidate: they open an application, or offer a place (acceptance 47; ADR 78)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date

from services.applications.domain import decisions, opening
from services.applications.domain.copies import ProfileCopy, ProgrammeCopy
from services.applications.domain.decisions import Said
from services.applications.domain.events import Change
from services.applications.domain.grouping import groups_for
from services.applications.domain.model import Application
from services.applications.domain.states import DecisionKind
from services.applications.repository.decisions import Entry
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.decisions import of_staff, types_in_force
from services.applications.usecases.in_place import check_open
from services.applications.usecases.offers_joined import join
from services.applications.usecases.opening import Way, new_id, opened
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts import file_numbers
from services.contracts.actors import Role
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError, RefusedError


@dataclass(frozen=True, slots=True)
class Offer:
    """What goes with the favourable decision of a place that is offered."""

    type: str | None = None
    reason: str | None = None
    comment: str | None = None
    group: str | None = None


async def person(app: App, account: str | None, file_number: str | None) -> ProfileCopy:
    """The card of the person of that account, or of that file number; raises INVALID_FIELDS without either, NOT_FOUND."""
    if account is None and file_number is None:
        raise INVALID_FIELDS(fields=[FieldError("file_number", "required")])
    number = None if file_number is None else file_numbers.as_typed(file_number) or ""
    card = await (app.cards.numbered(number or "") if account is None else app.cards.of(account))
    if card is None or number not in (None, card.file_number):
        raise NOT_FOUND()
    return card


async def open_for(
    app: App,
    actor: Actor,
    card: ProfileCopy,
    programme: str,
    command: CommandContext,
    *,
    offer: Offer | None,
    until: date | None,
) -> Outcome[Application]:
    """Open an application for a person, with the place that is offered where there is an `offer`.

    Raises NOT_FOUND for a programme beyond reach, CANDIDATE_ACCOUNT_CLOSED, ALREADY_APPLIED, BUSY, and whatever the
    domain's do.
    """
    reaches = [reach for reach in await app.programmes.reaches(actor) if reach.role is Role.MANAGER]
    if not any(reach.holds(programme) for reach in reaches):
        raise NOT_FOUND()
    if offer is not None and until is not None:
        raise INVALID_FIELDS(fields=[FieldError("submission_deadline", "not-of-kind")])
    # Whoever acts in somebody's place is remembered as staff are: the candidate's day of commands is not theirs.
    whose = Actor(card.account)
    id, moment = new_id(app, command), app.moment(command)
    own = replace(taking_part(command, id), personal=False)  # in a file that is not there yet everybody has a part
    acting = replace(own, on_behalf_of=whose)

    async def begin(card: ProfileCopy, there: ProgrammeCopy, slot: str) -> Change:
        await check_open(app, card.account)
        by, role = acting.acting, Role.MANAGER
        if offer is None:
            return opening.open_for(card, there, slot, moment, role=role, by=by, until=until)
        scope = opening.Scope(app.parameters.in_force.applications.max_active_per)
        slot = opening.offer_slot(card, there, scope)
        complete = opening.open_complete(card, there, slot, moment, role=role, by=by)
        await _enter(app, id, complete[0], own, offer, there=there)
        return complete

    way = Way(opening.check_outside_dates, begin, by_candidate=False)
    try:
        outcome = await opened(app, id, whose, programme, acting, way=way)
    except RefusedError:
        if offer is not None and not await app.applications.is_there(id):
            # It was entered before somebody was faster, or the programme was closed.
            await app.decisions.take_back(id)
        raise
    if offer is not None:  # its person may have applied while it was looked whether they had
        await join(app, card.account, programme, card.campaign, command)
    return outcome


async def _enter(
    app: App, id: str, application: Application, command: CommandContext, offer: Offer, *, there: ProgrammeCopy
) -> None:
    """Enter the decision before the application is there: nobody ever sees the one without the other."""
    moment, decision, types = app.moment(command), app.ids.new(), types_in_force(app)
    groups = groups_for(application, there)
    said = Said(DecisionKind.FAVOURABLE, **{each.name: getattr(offer, each.name) for each in fields(Offer)})

    def decide(entry: Entry) -> Decision[Entry]:
        given, reasoned = said.entered(decision, moment, command.acting, types, groups=groups)
        entered = decisions.enter(
            application, entry.entered, given, moment, role=Role.MANAGER, instead_of=None, reasoned=reasoned
        )
        return Decision(replace(entry, entered=entered))

    await app.decisions.change_or_add(id, Entry(application.account), decide, of_staff(command))
