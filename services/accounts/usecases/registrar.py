"""Asking the registrar for somebody's record, and taking it over: never while anybody waits (acceptance 26, 28)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from services.accounts.domain import birth_dates, steps, student_number, throttles
from services.accounts.domain.account import Account
from services.accounts.domain.profile import Baccalaureate, Identity, Profile
from services.accounts.domain.registrar import HeldDocument, InternalStudies, RegistrarRecord
from services.accounts.domain.states import Action
from services.accounts.domain.taking_records import release_record, take_record
from services.accounts.domain.text import bare, unlinked
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.repository.lookups import Lookup, lookup_of
from services.accounts.usecases.app import App
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document, RecordsUnavailable, WrongRecord
from services.contracts import student_records
from services.contracts.api.profile import RecordRequest
from services.contracts.backoff import Backoff
from services.contracts.instants import calendar_day, instant
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.accounts import ACCOUNT_NOT_VALIDATED, RECORDS_NOT_OFFERED, TOO_MANY_RECORD_REQUESTS
from services.contracts.student_records import StudentRecord

log = structlog.get_logger()

PAUSES: Final = Backoff(timedelta(minutes=1), timedelta(hours=6))
MAX_FAILURES: Final = 16
"""Of one question, over two days and a half; then it is asked again when the person comes again, or asks."""
RENEWALS: Final = Backoff(timedelta(days=1), timedelta(days=16))
"""How long until a record that was taken over is asked for again by itself: each time longer, until its person comes."""
MAX_RENEWALS: Final = 24
"""Of one record, over most of a year: a campaign is over by then."""
ABSENT_FOR: Final = timedelta(days=1)
"""How long a record that is kept here must not be found until it is let go of: the registrar's own may lack a part."""
WHOLE_DATE: Final = 10
"""Characters of a birth date that holds a day: no other tells people apart."""


def contact(app: App, profile: Profile) -> str:
    """Whom somebody writes to about what the registrar manages."""
    centre = profile.registrar.centre if profile.registrar is not None else ""
    return app.parameters.in_force.institution.registrar_of(centre)


async def ask(app: App, actor: Actor, body: RecordRequest, client: Client | None, command: CommandContext) -> None:
    """Have the record of who asks asked for, who certifies to be that person; answered alike whoever they are.

    Raises SESSION_ENDED, RECORDS_NOT_OFFERED, ACCOUNT_NOT_VALIDATED, INVALID_FIELDS, TOO_MANY_RECORD_REQUESTS, BUSY.
    """
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    if not app.records_offered:
        raise RECORDS_NOT_OFFERED()
    if not saved.state.allows(Action.CHANGE_PROFILE):
        raise ACCOUNT_NOT_VALIDATED()
    lookup, faults = checked_request(saved.id, saved.state, body)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    bounds = throttles.records(saved.id, client.address if client else None, client.network if client else None)
    if wait := await app.throttles.count(bounds, command.now):
        raise TOO_MANY_RECORD_REQUESTS(retry_after=wait, seconds=wait, contact=contact(app, saved.state.profile))
    log.info("records.certified", account=saved.id)
    await _ask(app, lookup, command)


def checked_request(id: str, account: Account, body: RecordRequest) -> tuple[Lookup, list[FieldError]]:
    """Whom to ask for, and what is wrong with what is said of them."""
    uncertified = [] if body.certified else [FieldError("certified", "not-certified")]
    if account.ent is not None and account.ent.student_number and body.national_student_number is None:
        return Lookup(id, student_number=account.ent.student_number), uncertified
    faults = []
    number = student_number.as_typed(body.national_student_number or "")
    born = birth_dates.as_typed(body.birth_date or "")
    if rule := student_number.fault(number) if number else "required":
        faults.append(FieldError("national_student_number", rule))
    if not body.birth_date:
        faults.append(FieldError("birth_date", "required"))
    elif born is None or len(born) != WHOLE_DATE:
        faults.append(FieldError("birth_date", "not-a-date"))
    return Lookup(id, national_number=number, birth_date=born or ""), [*faults, *uncertified]


async def faults(app: App, actor: Actor, body: RecordRequest, command: CommandContext) -> list[FieldError]:
    """What is wrong with what is said; raises SESSION_ENDED."""
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    return checked_request(saved.id, saved.state, body)[1]


async def note_entry(app: App, account: str, number: str, command: CommandContext) -> None:
    """Somebody has come in by the ENT, which says that this is their student number, if it says one."""
    if app.records_offered and number:
        await _ask(app, Lookup(account, student_number=number), command)


async def _ask(app: App, lookup: Lookup, command: CommandContext) -> None:
    await app.lookups.ask(lookup, command.now)
    app.looking_up.set()


# --- the timer --------------------------------------------------------------------------------------------------------


def due(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """What is to be asked of the registrar by now."""
    app.looking_up.clear()
    return app.lookups.due(command.now)


async def look_up(app: App, row: Document, command: CommandContext) -> int:
    """Ask for one record and take it over; where the registrar is away, again later, for as long as `MAX_FAILURES` say.

    Raises RecordsUnavailable, so that those behind it are not asked about in vain.
    """
    lookup = lookup_of(row)
    if row.get("renewals") and not await _is_kept(app, lookup):  # another record was taken over, or none is kept
        await app.lookups.found(row)
        return 1
    try:
        record = await _asked(app, lookup)
        if record is not None and lookup.national_number and not await _is_named(app, lookup, record):
            record = None
        if record is not None:
            await _take(app, lookup.account, record, command)
    except WrongRecord as error:
        log.warning("records.wrong", account=lookup.account, why=str(error))
        await _end_without(app, row, command)
        return 1
    except RecordsUnavailable as error:
        failures = row["failures"] + 1
        log.warning("records.unavailable", account=lookup.account, failures=failures, why=str(error))
        if failures >= MAX_FAILURES:
            await _end_without(app, row, command)
        else:
            await app.lookups.defer(row, command.now + PAUSES.after(failures))
        raise
    if record is not None:
        await _renew(app, row, record.student_number, command)
        return 1
    if await _is_kept(app, lookup):
        missed_at = row.get("missed_at", "")
        since = instant(missed_at) if missed_at else command.now
        if command.now < since + ABSENT_FOR:
            await app.lookups.miss(row, since, since + ABSENT_FOR)
            return 1
        await _release(app, lookup, command)
    await app.lookups.end(row, "not-found")
    return 1


async def _renew(app: App, row: Document, student_number: str, command: CommandContext) -> None:
    """Have a record asked for again by itself, later each time; who comes again begins anew."""
    done = row.get("renewals", 0)
    if done >= MAX_RENEWALS:
        await app.lookups.found(row)
    else:
        await app.lookups.renew(row, student_number, command.now + RENEWALS.after(done + 1))


async def _end_without(app: App, row: Document, command: CommandContext) -> None:
    """Nothing came of a question; who did not ask it is not told, and what was taken over stays."""
    if row.get("renewals"):
        await _renew(app, row, row["student_number"], command)
    else:
        await app.lookups.end(row, "unavailable")


async def _asked(app: App, lookup: Lookup) -> StudentRecord | None:
    if lookup.student_number:
        return await app.records.by_student_number(lookup.student_number)
    return await app.records.by_national_number(lookup.national_number, lookup.birth_date)


async def _is_named(app: App, lookup: Lookup, record: StudentRecord) -> bool:
    """Whether an account bears a name of the record: number and date stand on papers that others see."""
    saved = await app.accounts.get(lookup.account)
    if saved is None:
        return False
    identity, said = saved.state.profile.identity, record.identity
    names = {saved.state.person.family_name, (identity and identity.usual_name) or ""}
    wanted = {said.family_name, said.usual_name or ""}
    return bool({bare(name) for name in names} & {bare(name) for name in wanted} - {""})


async def _take(app: App, account: str, record: StudentRecord, command: CommandContext) -> None:
    """Give what the record says as its steps; raises WrongRecord for what no step can be."""
    identity, baccalaureate = _identity(record), _baccalaureate(record)
    today = app.today(command)
    faults = steps.identity_faults(identity, Profile(), today=today, from_year=0)
    if baccalaureate is not None:
        faults += steps.baccalaureate_faults(baccalaureate, today=today)
    if faults:
        raise WrongRecord("no step: " + ", ".join(f"{fault.field} {fault.slug}" for fault in faults))
    from_year = app.rules.student_number_from
    studies = tuple(
        sorted((InternalStudies(**row.model_dump()) for row in record.internal_record), key=lambda row: -row.year)
    )
    documents = tuple(map(_document, record.documents))
    managed = RegistrarRecord(record.student_number, record.centre or "", studies=studies, documents=documents)

    def decide(there: Account) -> Decision[Account]:
        return Decision(*take_record(there, managed, identity, baccalaureate, from_year=from_year))

    await app.accounts.change(account, decide, replace(command, key=None))
    for step in ("identity", "baccalaureate") if baccalaureate is not None else ("identity",):
        await app.drafts.forget(account, step)


def _document(said: student_records.HeldDocument) -> HeldDocument:
    on, expires_on = (None if day is None else calendar_day(day) for day in (said.on, said.expires_on))
    return HeldDocument(said.code, said.label, on, expires_on, said.file)


def _bears(account: Account, lookup: Lookup) -> bool:
    """Whether the record that was asked for is the one that is kept, not somebody else's."""
    record = account.profile.registrar
    return record is not None and record.student_number == lookup.student_number


async def _is_kept(app: App, lookup: Lookup) -> bool:
    saved = await app.accounts.get(lookup.account)
    return saved is not None and _bears(saved.state, lookup)


async def _release(app: App, lookup: Lookup, command: CommandContext) -> None:
    """Let go of a record whose student the registrar knows no more."""
    from_year = app.rules.student_number_from

    def decide(there: Account) -> Decision[Account]:
        if not _bears(there, lookup):
            return Decision(there)
        return Decision(*release_record(there, from_year=from_year))

    await app.accounts.change(lookup.account, decide, replace(command, key=None))


def _identity(record: StudentRecord) -> Identity:
    said = record.identity
    return Identity(
        title=said.title,
        family_name=unlinked(said.family_name),
        given_name=unlinked(said.given_name) if said.given_name else None,
        birth_date=birth_dates.as_typed(said.birth_date) or said.birth_date,
        birth_country=said.birth_country.upper(),
        birth_place=unlinked(said.birth_place),
        nationality=said.nationality.upper(),
        usual_name=unlinked(said.usual_name) if said.usual_name else None,
        other_given_names=unlinked(said.other_given_names) if said.other_given_names else None,
        national_student_number=student_number.as_typed(said.national_student_number or "") or None,
    )


def _baccalaureate(record: StudentRecord) -> Baccalaureate | None:
    said = record.baccalaureate
    if said is None:
        return None
    return Baccalaureate(
        kind=said.kind,
        series=said.series or None,
        year=said.year,
        honours=said.honours or None,
        institution=said.institution or None,
        country=said.country.upper() if said.country else None,
    )
