"""What applications promises of its data: every submission is there as it was, proved by its receipt and told to others."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.applications.domain.model import Application, Submission
from services.applications.domain.receipts import receipt_digest
from services.applications.domain.states import FileState
from services.applications.publications import receipt_claims
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.audit import AUDIT, Trail
from services.applications.repository.ballots import BALLOTS
from services.applications.repository.decisions import DECISIONS
from services.applications.repository.exports import EXPORTS
from services.applications.repository.listing import LISTING, MARKED
from services.applications.repository.meetings import AGENDA
from services.applications.repository.pre_enrolments import PRE_ENROLMENTS
from services.applications.repository.recusals import RECUSALS
from services.applications.repository.sheets import SHEETS
from services.applications.repository.submissions import SUBMISSIONS
from services.applications.usecases.app import App
from services.applications.views.receipts import BadReceipt, verify_receipt
from services.chassis.context import Actor
from services.chassis.events.record import Record, every
from services.chassis.ports import Store
from services.chassis.service.service import Ports
from services.chassis.store.rows import UnreadableRow
from services.contracts.events.accounts import AccountErased, AccountRegistered
from services.contracts.events.applications import ApplicationSubmitted
from services.contracts.instants import instant_text

UNSUBMITTED = frozenset({FileState.DRAFT, FileState.CANCELLED})


async def violations(ports: Ports, app: App, record: Record) -> AsyncIterator[str]:
    """The promises that do not hold; takes memory for each submission, some hundred bytes."""
    told, owners = {}, {}
    async for _, event in record.events(ApplicationSubmitted):
        owners[event.application, event.receipt_sha256] = event.account
        told[event.application, event.receipt_sha256] = [
            (piece.piece, piece.document, piece.sha256) for piece in event.pieces
        ]
    async for row in every(ports.store, APPLICATIONS.name):
        id, application = row["_id"], app.applications.loaded(row).state
        handed_over = application.submissions or application.was_made_complete
        if not handed_over and application.state not in UNSUBMITTED:
            yield f"application {id} is {application.state.value} and was never submitted"
        for ref in application.submissions:
            at = instant_text(ref.submitted_at)
            try:
                submission = await app.submissions.of(Actor(application.account), ref)
            except UnreadableRow as error:
                yield f"application {id}: its submission of {at} cannot be read: {error.reason}"
                told.pop((id, ref.receipt_sha256), None)
                continue
            if (why := await _unproved(app, id, application, submission)) is not None:
                yield f"application {id}: its receipt of {at} proves nothing: {why}"
            key = (id, receipt_digest(submission.receipt))
            held = [(code, document.id, document.sha256) for code, document in submission.pieces.items()]
            if told.pop(key, None) != held:
                yield f"application {id}: its submission of {at} was told otherwise, or not at all"
    gone = {event.account async for _, event in record.events(AccountErased)} if told else set()
    for id, digest in told:
        if owners[id, digest] in gone:
            continue
        yield f"application {id} was submitted and is not there as it was"
    async for line in _of_nobody(ports.store, app, record):
        yield line
    async for line in broken_chains(ports.store):
        yield line


def broken_chains(store: Store) -> AsyncIterator[str]:
    """The first entry of each file's audit trail that is not as it was written."""
    return Trail(store).damaged(
        (APPLICATIONS.name, SHEETS.name, DECISIONS.name, PRE_ENROLMENTS.name, EXPORTS.name, RECUSALS.name)
    )


async def _of_nobody(store: Store, app: App, record: Record) -> AsyncIterator[str]:
    """What is here of accounts of which accounts tells nothing, and of people who are gone."""
    known = {event.account async for _, event in record.events(AccountRegistered)}
    async for row in every(store, APPLICATIONS.name, fields=("account",)):
        if row["account"] not in known:
            yield f"application {row['_id']} is of account {row['account']}, of which accounts tells nothing"
    beside = (SUBMISSIONS, DECISIONS, SHEETS, PRE_ENROLMENTS, AUDIT, LISTING, MARKED, RECUSALS, AGENDA, BALLOTS)
    for collection in (APPLICATIONS.name, *(each.name for each in beside)):
        async for row in every(store, collection, fields=("account", "state", "due_at")):
            if collection == PRE_ENROLMENTS.name and row.get("state") == "cancelled" and "due_at" in row:
                continue  # the student records are to let go of them yet (ADR 79)
            if await app.cards.is_erased(row.get("account", "")):
                yield f"{collection} {row['_id']} is of an account that was erased"


async def _unproved(app: App, id: str, application: Application, submission: Submission) -> str | None:
    """Why a receipt does not prove this submission, if it does not."""
    await app.signer.refresh()
    try:
        claims = verify_receipt(submission.receipt, app.signer.jwks()).model_dump(
            mode="json", exclude={"iss"}, exclude_none=True
        )
    except BadReceipt as error:
        return str(error)
    return None if claims == receipt_claims(id, application, submission) else "it says something else"
