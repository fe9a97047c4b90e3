"""Giving the documents of who was handed over to the student records, by night: nobody waits for them (ADR 115)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from services.chassis.context import Actor, CommandContext
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.ports import Document as Row
from services.chassis.ports import DocumentAnswer, ObjectsUnavailable, PreEnrolments, PreEnrolmentsUnavailable
from services.chassis.telemetry import metrics
from services.contracts.actors import Role
from services.contracts.events.applications import FileChanged, PreEnrolmentCancelled, PreEnrolmentCompleted
from services.contracts.pre_enrolment_documents import DocumentEntry
from services.contracts.refusals import NOT_FOUND
from services.documents.domain import hand_overs
from services.documents.domain.document import Document
from services.documents.domain.hand_overs import DAMAGED, QUARANTINED, UNREADABLE, Handed, HandedState, HandOver
from services.documents.domain.states import State
from services.documents.usecases.app import App

log = structlog.get_logger()

CLAIMED: Final = timedelta(minutes=30)
"""How long who tells of one person has."""
LAST_BEGUN: Final = timedelta(minutes=20)
"""After which no further document of theirs is begun: the last one may be slow, and nobody else may begin beside it."""
VALIDATED: Final = "validated"


async def begin(app: App, event: PreEnrolmentCompleted, command: CommandContext) -> None:
    """Who was handed over is to be followed by their documents, as soon as the institution wants them."""
    if await app.gone.is_erased(event.account):
        return
    begun = HandOver(event.account, event.campaign, event.programme)
    wanted = await _wanted(app, event.application)
    await app.hand_overs.change(
        event.application,
        lambda record: hand_overs.follow(replace(record, stands=True), wanted, command.now),
        begun,
    )
    if await app.gone.is_erased(event.account):  # since we looked
        await _forget(app, event.application, command)


async def end(app: App, event: PreEnrolmentCancelled, command: CommandContext) -> None:
    """Who was called off has nothing more given, and what was given dropped."""
    await app.hand_overs.change(
        event.application, lambda record: hand_overs.follow(replace(record, stands=False), {}, command.now)
    )


async def follow(app: App, event: FileChanged, command: CommandContext) -> None:
    """A file has changed, perhaps in what was validated of it."""
    if await app.hand_overs.get(event.application) is None:
        return
    wanted = await _wanted(app, event.application)
    await app.hand_overs.change(event.application, lambda record: hand_overs.follow(record, wanted, command.now))


async def erase(app: App, account: str, command: CommandContext) -> None:
    """Have dropped what was given of somebody who is forgotten; till that is told there are ids, and nobody's."""
    await app.hand_overs.of_account(account, lambda application: _forget(app, application, command))


async def _forget(app: App, application: str, command: CommandContext) -> None:
    await app.hand_overs.change(application, lambda record: hand_overs.erased(record, command.now))


async def retry(app: App, actor: Actor, application: str, command: CommandContext) -> HandOver:
    """Have what was refused given anew, in the coming night; sent again nothing more is done. Raises NOT_FOUND."""
    if await app.papers.file(actor, application, (Role.MANAGER,)) is None:
        raise NOT_FOUND()
    after = await app.hand_overs.change(application, lambda record: hand_overs.retried(record, command.now))
    if after is None:
        raise NOT_FOUND()
    return after


async def _wanted(app: App, application: str) -> Mapping[str, str]:
    """Documents that were validated, each with its piece; what the registrar holds is theirs already."""
    file = await app.papers.told(application)
    slots = () if file is None else file.pieces
    return {
        slot.document.id: slot.code
        for slot in slots
        if slot.document is not None and slot.held is None and slot.state == VALIDATED
    }


def chosen_pieces(app: App) -> hand_overs.Chosen:
    """Of which pieces documents go now."""
    rules = app.parameters.in_force.enrolment
    return rules.documents_pieces if rules.documents == "yes" else None


# --- the timer --------------------------------------------------------------------------------------------------------


async def due(app: App, command: CommandContext) -> AsyncIterator[Row]:
    """Of whom something is to be told by now: by night, until so many have gone. What is to be dropped comes first and is
    not counted, for nobody may keep it; without the institution's wish it is all.
    """
    rules = app.parameters.in_force.enrolment
    if not hand_overs.is_night(command.now, app.zone):
        return
    async for row in app.hand_overs.due(command.now, calls_off=True):
        yield row
    if await app.hand_overs.sent(hand_overs.night_of(command.now, app.zone)) >= rules.documents_per_night:
        return
    if rules.documents != "no":
        async for row in app.hand_overs.due(command.now):
            if not row.get("calls_off"):
                yield row


async def hand_over(app: App, records: PreEnrolments, row: Row, command: CommandContext) -> int:
    """Tell of the documents of one person, one after the other, and keep the answers as they come; how many were told.

    Raises PreEnrolmentsUnavailable where there was no answer, ObjectsUnavailable.
    """
    application, now, rules = row["_id"], app.clock.now(), app.parameters.in_force.enrolment
    chosen = chosen_pieces(app)
    if not hand_overs.is_night(now, app.zone):  # the round began in it, and those before were slow
        return 0
    record = await app.hand_overs.claim(row, now, now + CLAIMED)
    if record is None:
        return 0
    night, most = hand_overs.night_of(now, app.zone), rules.documents_per_night
    later = hand_overs.next_night(now, app.zone)
    told = 0
    try:
        for asked in hand_overs.due(record, now, chosen):
            begun = app.clock.now()
            if begun - now >= LAST_BEGUN or not hand_overs.is_night(begun, app.zone):
                break
            if asked.state is not HandedState.CALLED_OFF and not await app.hand_overs.take_one(night, most):
                break
            await _tell(app, records, application, asked)
            told += 1
    finally:
        await app.hand_overs.change(application, lambda there: hand_overs.passed_over(there, now, later, chosen))
    return told


async def _tell(app: App, records: PreEnrolments, application: str, asked: Handed) -> None:
    """Tell of one document, unless something else is wanted by now. Raises PreEnrolmentsUnavailable, ObjectsUnavailable."""
    there = await app.hand_overs.change(application, lambda record: hand_overs.trying(record, asked))
    current = None if there is None else next((each for each in there.documents if _is_same(each, asked)), None)
    if there is None or current is None:
        return
    try:
        answer = await _answer(app, records, application, there, current)
    except ObjectsUnavailable:  # perhaps for ever, and of this one alone: it must not stand before all others
        now = app.clock.now()
        await app.hand_overs.change(
            application, lambda record: hand_overs.unanswered(record, current, now, reason=UNREADABLE)
        )
        log.warning("hand_over.unanswered", application=application, document=asked.document, why="bytes-unavailable")
        raise
    now = app.clock.now()
    keep = {
        "taken": partial(hand_overs.taken, asked=current, now=now),
        "refused": partial(hand_overs.refused, asked=current, reason=answer.reason, now=now),
        "unanswered": partial(hand_overs.unanswered, asked=current, now=now),
    }
    after = await app.hand_overs.change(application, keep[answer.what])
    if (
        after is not None
        and answer.what != "taken"
        and not any(each.document == current.document for each in after.documents)
    ):
        # Of somebody who is gone: what they say of why may name them, and a log forgets nobody.
        why = "refused" if answer.what == "refused" else "no-answer"
        log.error("hand_over.left-there", application=application, document=current.document, why=why)
    if answer.what == "unanswered":
        log.warning("hand_over.unanswered", application=application, document=asked.document, why=answer.reason)
        raise PreEnrolmentsUnavailable(answer.reason)


def _is_same(each: Handed, asked: Handed) -> bool:
    return (each.document, each.revision) == (asked.document, asked.revision) and each.due is not None


async def _answer(
    app: App, records: PreEnrolments, application: str, record: HandOver, asked: Handed
) -> DocumentAnswer:
    entry = DocumentEntry(
        reference=application,
        document=asked.document,
        revision=asked.revision,
        action="drop",
        campaign=record.campaign,
        programme=record.programme,
    )
    if asked.state is HandedState.CALLED_OFF:
        try:
            return await records.drop_document(entry)
        except PreEnrolmentsUnavailable as error:
            return DocumentAnswer("unanswered", str(error))
    saved = await app.documents.get(asked.document)
    file = await app.papers.told(application)
    if saved is None or file is None or saved.state.state is not State.STORED or saved.state.object is None:
        return _kept_back(asked, QUARANTINED)
    document = saved.state
    if not await _is_whole(app, document):
        log.critical("documents.bytes-damaged", document=asked.document)
        metrics.OBJECTS_DAMAGED.labels("documents").inc()
        return _kept_back(asked, DAMAGED)
    label = next((slot.label.fr for slot in file.pieces if slot.code == asked.piece), None)
    entry = entry.model_copy(
        update={
            "action": "put",
            "file_number": file.file_number,
            "piece": asked.piece,
            "piece_label": label,
            "filename": document.filename,
            "media_type": document.media_type,
            "size": document.size,
            "sha256": document.sha256,
        }
    )
    try:
        return await records.put_document(entry, _bytes(app, document))
    except PreEnrolmentsUnavailable as error:
        return DocumentAnswer("unanswered", str(error))


def _kept_back(asked: Handed, why: str) -> DocumentAnswer:
    log.error("hand_over.kept-back", document=asked.document, why=why)
    return DocumentAnswer("refused", why)


async def _is_whole(app: App, document: Document) -> bool:
    """Whether the bytes are those that were given, read once before anybody is given any. Raises ObjectsUnavailable."""
    try:
        async for _ in _bytes(app, document):
            pass
    except (KeyError, DamagedObject):
        return False
    return True


def _bytes(app: App, document: Document) -> AsyncIterator[bytes]:
    return whole(app.objects.read(document.object or ""), size=document.size, sha256=document.sha256)
